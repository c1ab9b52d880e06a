//! `#[config]`: a struct or an enum inside a source's configuration, and what `#[source]` shares with it.

mod attribute;
mod choice;
mod field;
mod shape;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, LitStr, parse_quote};

use crate::args::Arguments;
use crate::derive::{CONFIG, with_derives};
use crate::diag::Errors;
use crate::fields::check_conditions;
use crate::item;
use crate::path::Runtime;
use crate::value::parse_literal;
use crate::vocabulary::CONFIG as VOCABULARY;

pub(crate) use shape::{ConfigStruct, check_generics};

/// The expansion of `#[config]`.
pub(crate) fn expand(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let mut args = Arguments::parse(args, &VOCABULARY, &mut errors);
    let runtime = Runtime::new(args.take("crate", &mut errors, Runtime::parse));
    let tag: Option<LitStr> = args.take("tag", &mut errors, parse_literal);
    let output = match item::parse("config", &tokens, &mut errors) {
        Some(item) => expand_item(&args, tag, &item, &runtime, &mut errors),
        None => tokens,
    };
    let errors = errors.finish();
    quote!(#output #errors)
}

fn expand_item(
    args: &Arguments,
    tag: Option<LitStr>,
    item: &DeriveInput,
    runtime: &Runtime,
    errors: &mut Errors,
) -> TokenStream {
    shape::check_generics("config", item, errors);
    check_conditions(item, errors);
    match &item.data {
        Data::Enum(data) => {
            let choice = choice::Choice::resolve(item, data, tag, errors);
            let output = with_config_derives(&choice.rewritten, runtime);
            let generated = choice.expand(runtime, errors);
            quote!(#generated #output)
        }
        Data::Struct(_) => {
            if let Some(tag) = args.key("tag") {
                errors.at(tag, format!("`tag` on a struct has no meaning\nhelp: remove it; only an enum has variants to tell apart, and `{}` is a struct", item.ident));
            }
            let config = ConfigStruct::resolve("config", item, errors);
            let output = with_config_derives(&config.rewritten, runtime);
            let generated = config.expand(runtime, errors);
            // What is no config field is reported before what serde says of it.
            quote!(#generated #output)
        }
        Data::Union(_) => {
            errors.at(
                &item.ident,
                format!(
                    "config `{}` is a union, which a user cannot fill in\nhelp: make it a `struct` or an `enum`",
                    item.ident
                ),
            );
            let item = item::without_attribute(item, "config");
            quote!(#item)
        }
    }
}

/// The item with `Deserialize`; its fields are read by the engine through their JSON, which rustc does not see.
pub(crate) fn with_config_derives(item: &DeriveInput, runtime: &Runtime) -> TokenStream {
    let mut item = item.clone();
    item.attrs.push(parse_quote!(#[allow(dead_code)]));
    with_derives(&item, CONFIG, runtime)
}
