//! `#[stream(…)]`: parse what was written, resolve what it means, check it, expand it.

mod check;
mod expand;
mod parse;
mod partition;
mod resolve;

use proc_macro2::TokenStream;
use quote::quote;

use crate::diag::Errors;
use crate::item;
use parse::StreamArgs;
use resolve::Stream;

/// The expansion of `#[stream]`: the item with its derives, its impls, the rules; or the errors and a fallback.
pub(crate) fn expand(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let args = StreamArgs::parse(args, &mut errors);
    let output = match item::parse("stream", &tokens, &mut errors) {
        Some(item) => {
            let stream = Stream::resolve(&args, &item, &mut errors);
            check::check(&args, &item, &stream, &mut errors);
            if errors.any() { expand::fallback(&item, &stream) } else { expand::expand(&item, &stream) }
        }
        None => tokens,
    };
    let errors = errors.finish();
    quote!(#output #errors)
}
