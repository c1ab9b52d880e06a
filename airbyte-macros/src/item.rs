//! The annotated item: parsed, and written back without the attributes that only this crate understands.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Data, DataStruct, DeriveInput, Token};

use crate::diag::Errors;

/// Parses the item; says what the attribute is for if it stands on something that is no type.
pub(crate) fn parse(attribute: &str, tokens: &TokenStream, errors: &mut Errors) -> Option<DeriveInput> {
    if let Ok(item) = syn::parse2::<DeriveInput>(tokens.clone()) {
        return Some(item);
    }
    // What is broken in a struct is rustc's to say; anything else is the wrong place for the attribute.
    match syn::parse2::<syn::Item>(tokens.clone()) {
        Ok(_) => errors.at(
            first_token(tokens),
            format!("`#[{attribute}]` stands on something that is not a struct\nhelp: write it above a `struct`"),
        ),
        Err(error) => errors.push(error),
    }
    None
}

/// The word for what was annotated, with its article.
pub(crate) fn kind(item: &DeriveInput) -> &'static str {
    match &item.data {
        Data::Struct(data) => match data.fields {
            syn::Fields::Named(_) => "a struct with named fields",
            syn::Fields::Unnamed(_) => "a tuple struct",
            syn::Fields::Unit => "a struct without fields",
        },
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    }
}

/// A union as a struct with the same fields, for what is written in place of an item that was refused.
pub(crate) fn without_union(item: &DeriveInput) -> DeriveInput {
    let mut item = item.clone();
    if let Data::Union(data) = &item.data {
        item.data = Data::Struct(DataStruct {
            struct_token: Token![struct](data.union_token.span),
            fields: syn::Fields::Named(data.fields.clone()),
            semi_token: None,
        });
    }
    item
}

/// Removes every attribute of this name from the fields and variants, and returns the item.
pub(crate) fn without_attribute(item: &DeriveInput, name: &str) -> DeriveInput {
    let mut item = item.clone();
    let strip = |attrs: &mut Vec<Attribute>| attrs.retain(|attr| !attr.path().is_ident(name));
    match &mut item.data {
        Data::Struct(data) => data.fields.iter_mut().for_each(|field| strip(&mut field.attrs)),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                strip(&mut variant.attrs);
                variant.fields.iter_mut().for_each(|field| strip(&mut field.attrs));
            }
        }
        Data::Union(data) => data.fields.named.iter_mut().for_each(|field| strip(&mut field.attrs)),
    }
    item
}

fn first_token(tokens: &TokenStream) -> TokenStream {
    tokens.clone().into_iter().next().into_token_stream()
}
