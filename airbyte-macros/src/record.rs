//! `#[record]`: a type inside records. It adds derives, and asks first whether the fields fit.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Data;

use crate::args::Arguments;
use crate::derive::with_columns;
use crate::diag::Errors;
use crate::item;
use crate::path::Runtime;
use crate::vocabulary::RECORD as VOCABULARY;

/// The expansion of `#[record]`.
pub(crate) fn expand(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let mut args = Arguments::parse(args, &VOCABULARY, &mut errors);
    let runtime = Runtime::new(args.take("crate", &mut errors, Runtime::parse));
    let output = match item::parse("record", &tokens, &mut errors) {
        Some(item) if matches!(item.data, Data::Union(_)) => {
            errors.at(
                &item.ident,
                format!(
                    "record `{}` is a union, which JSON cannot hold\nhelp: make it a `struct` or an `enum`",
                    item.ident
                ),
            );
            quote!(#item)
        }
        Some(item) => with_columns(&item, &runtime),
        None => tokens,
    };
    let errors = errors.finish();
    quote!(#output #errors)
}
