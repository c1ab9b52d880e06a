//! `#[source(…)]`: parse what was written, check it, expand it. The fields are the configuration, see `config`.

mod budget;
mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::config::ConfigStruct;
use crate::diag::Errors;
use crate::item;
use crate::value::Rewrite;
use parse::SourceArgs;

/// The expansion of `#[source]`: the item with its derives, its impls, the rules; or the errors and a fallback.
pub(crate) fn expand(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let args = SourceArgs::parse(args, &mut errors);
    let output = match item::parse("source", &tokens, &mut errors) {
        Some(item) => {
            let config = ConfigStruct::resolve("source", &item, &mut errors);
            let mut rewrite = Rewrite::new(&args.runtime, &item.ident, None);
            rewrite.config = config.names();
            let setters = args.expand_setters(&item.ident, &mut rewrite, &mut errors);
            let templates = rewrite.templates;
            check::check(&args, &item, &templates, &mut errors);
            expand::expand(&args, &config, &setters, &templates, &mut errors)
        }
        None => tokens,
    };
    let errors = errors.finish();
    quote!(#output #errors)
}
