//! The derives that an attribute adds, with the runtime's own serde and schemars, so that users need one dependency.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Field, Path, Token};

use crate::fields::{cfg_tokens, has_serde};
use crate::path::Runtime;
use crate::reference::last_span;

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

/// The item of a record below the question whether its fields' types can be in one.
pub(crate) fn with_columns(item: &DeriveInput, runtime: &Runtime) -> TokenStream {
    let output = with_derives(item, RECORD, runtime);
    // With these, serde does not ask the fields for its traits.
    let replaced = ["from", "try_from", "into", "remote"].iter().any(|name| has_serde(&item.attrs, name));
    if replaced || !item.generics.params.is_empty() {
        return output;
    }
    // An attribute of serde's or schemars' may take the place of the type's own traits.
    let has_own = |attrs: &[Attribute]| {
        attrs.iter().any(|attr| ["serde", "schemars"].iter().any(|name| attr.path().is_ident(name)))
    };
    let fields: Vec<&Field> = match &item.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => {
            let variants = data.variants.iter().filter(|variant| !has_own(&variant.attrs));
            variants.flat_map(|variant| &variant.fields).collect()
        }
        Data::Union(_) => Vec::new(),
    };
    let plain = |field: &&Field| !has_own(&field.attrs) && !names_self(field.ty.to_token_stream());
    let cfg = cfg_tokens(&item.attrs);
    let columns = fields.into_iter().filter(plain).map(|field| {
        let (ty, span, field_cfg) = (&field.ty, last_span(&field.ty), cfg_tokens(&field.attrs));
        let define = runtime.define_at(span);
        let column = quote_spanned!(span=> #define::record::column::<#ty>());
        quote!(#cfg #field_cfg #[allow(deprecated)] const _: () = #column;)
    });
    quote!(#(#columns)* #output)
}

fn names_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => names_self(group.stream()),
        TokenTree::Ident(ident) => ident == "Self",
        _ => false,
    })
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
