//! The derives that an attribute adds, with the runtime's own serde and schemars, so that users need one dependency.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Path, Token};

use crate::fields::has_serde;
use crate::path::Runtime;

/// A trait that can be derived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derive {
    Serialize,
    Deserialize,
    JsonSchema,
}

/// What a record derives.
pub(crate) const RECORD: &[Derive] = &[Derive::Serialize, Derive::Deserialize, Derive::JsonSchema];
/// What a part of a configuration derives.
pub(crate) const CONFIG: &[Derive] = &[Derive::Deserialize];

impl Derive {
    fn name(self) -> &'static str {
        match self {
            Self::Serialize => "Serialize",
            Self::Deserialize => "Deserialize",
            Self::JsonSchema => "JsonSchema",
        }
    }

    fn path(self, private: &TokenStream) -> TokenStream {
        match self {
            Self::Serialize => quote!(#private::serde::Serialize),
            Self::Deserialize => quote!(#private::serde::Deserialize),
            Self::JsonSchema => quote!(#private::schemars::JsonSchema),
        }
    }
}

/// The item below the derives that it lacks.
///
/// The derives come first: an attribute such as `#[serde(rename_all = "…")]` may only stand below its derive.
pub(crate) fn with_derives(item: &DeriveInput, wanted: &[Derive], runtime: &Runtime) -> TokenStream {
    let present = derived(&item.attrs);
    let missing: Vec<Derive> =
        wanted.iter().copied().filter(|derive| !present.iter().any(|name| name == derive.name())).collect();
    let private = runtime.private();
    let paths = missing.iter().map(|derive| derive.path(&private));
    let derives = (!missing.is_empty()).then(|| quote!(#[derive(#(#paths),*)]));
    let has = |derive: Derive| missing.contains(&derive);
    let serde = (has(Derive::Serialize) || has(Derive::Deserialize)) && !has_serde(&item.attrs, "crate");
    let serde = serde.then(|| {
        let path = runtime.reexport("serde");
        quote!(#[serde(crate = #path)])
    });
    let schemars = has(Derive::JsonSchema) && !names_schemars(&item.attrs);
    let schemars = schemars.then(|| {
        let path = runtime.reexport("schemars");
        quote!(#[schemars(crate = #path)])
    });
    let item = item.to_token_stream();
    quote!(#derives #serde #schemars #item)
}

/// The last segments of everything in `#[derive(…)]`.
fn derived(attrs: &[Attribute]) -> Vec<String> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("derive"))
        .filter_map(|attr| attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok())
        .flatten()
        .filter_map(|path| path.segments.last().map(|segment| segment.ident.to_string()))
        .collect()
}

fn names_schemars(attrs: &[Attribute]) -> bool {
    attrs.iter().filter(|attr| attr.path().is_ident("schemars")).any(|attr| {
        let mut found = false;
        // Whatever cannot be parsed here is schemars' to refuse.
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("crate");
            if meta.input.peek(Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
        found
    })
}
