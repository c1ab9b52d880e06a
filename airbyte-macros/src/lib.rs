//! The macros of `airbyte-runtime`: [`macro@source`], [`macro@stream`], [`macro@config`], [`macro@record`] and `manifest!`.
//!
//! Use and read about them through `airbyte-runtime`, which re-exports them with their reference: what stood as a doc
//! comment on a macro here would be appended to it.
//!
//! An attribute goes through four steps, in the order of the files in `stream/`: `parse` (what was written), `resolve`
//! (what it means), `check` (what is wrong with it), `expand` (const data and constructor chains).
//! Nothing here knows the name of a component: paginators and the like are calls that rustc resolves in the runtime.

#![forbid(unsafe_code)]
#![allow(missing_docs)]

mod args;
mod component;
mod config;
mod derive;
mod diag;
mod fields;
mod item;
#[cfg(feature = "manifest")]
mod manifest;
mod map;
mod names;
mod path;
mod record;
mod reference;
mod requester;
mod select;
mod source;
mod stream;
mod template;
mod value;
mod vocabulary;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

// Turns a struct into a source: its fields are the configuration, the attribute says what is read.
#[proc_macro_attribute]
pub fn source(args: TokenStream, item: TokenStream) -> TokenStream {
    source::expand(args.into(), item.into()).into()
}

// Turns a struct into a stream of a source: its fields are the columns, the attribute says how records are asked for.
#[proc_macro_attribute]
pub fn stream(args: TokenStream, item: TokenStream) -> TokenStream {
    stream::expand(args.into(), item.into()).into()
}

// Makes a struct or an enum a part of a source's configuration.
#[proc_macro_attribute]
pub fn config(args: TokenStream, item: TokenStream) -> TokenStream {
    config::expand(args.into(), item.into()).into()
}

// Makes a struct or an enum a part of a stream's records.
#[proc_macro_attribute]
pub fn record(args: TokenStream, item: TokenStream) -> TokenStream {
    record::expand(args.into(), item.into()).into()
}

// Checks a `manifest.yaml` and puts it into the binary.
#[cfg(feature = "manifest")]
#[proc_macro]
pub fn manifest(tokens: TokenStream) -> TokenStream {
    manifest::expand(tokens.into()).into()
}
