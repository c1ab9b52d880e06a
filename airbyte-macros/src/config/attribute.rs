//! `#[config(key = value, flag)]` on a field or a variant, and doc comments.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta, MetaNameValue, Token};

use crate::args::{parse_scoped, ungrouped};
use crate::diag::Errors;

/// One `key = value` or `flag`.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
}

/// The entries of all `#[config(…)]` of a field or a variant.
pub(crate) fn entries(attrs: &[Attribute], errors: &mut Errors) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("config")) {
        let is_empty = match &attr.meta {
            Meta::Path(_) => true,
            Meta::List(list) => list.tokens.is_empty(),
            Meta::NameValue(_) => false,
        };
        if is_empty {
            errors.at(
                attr,
                "this `#[config]` says nothing\nhelp: remove it; every field of the struct is a config field",
            );
            continue;
        }
        match parse_entries(attr) {
            Ok(entries) => {
                for entry in entries {
                    if entry.key == "description" {
                        errors.at(
                            &entry.key,
                            "the description is the doc comment\nhelp: remove `description`, and write its text as `/// …`",
                        );
                    } else if found.iter().any(|other| other.key == entry.key) {
                        errors.at(&entry.key, format!("`{}` is written twice\nhelp: keep one of the two", entry.key));
                    } else {
                        found.push(entry);
                    }
                }
            }
            Err(error) => errors.push(error),
        }
    }
    found
}

fn parse_entries(attr: &Attribute) -> syn::Result<Punctuated<Entry, Token![,]>> {
    let tokens = ungrouped(attr.meta.require_list()?.tokens.clone());
    let entries = |input: ParseStream<'_>| Punctuated::<Entry, Token![,]>::parse_terminated_with(input, parse_entry);
    parse_scoped(tokens, entries)
}

fn parse_entry(input: ParseStream<'_>) -> syn::Result<Entry> {
    let key = input.call(Ident::parse_any)?;
    if !input.peek(Token![=]) {
        return Ok(Entry { key, value: None });
    }
    input.parse::<Token![=]>()?;
    Ok(Entry { key, value: Some(input.parse()?) })
}

/// The doc comment: lines joined by a space, paragraphs by a line break.
pub(crate) fn doc(attrs: &[Attribute]) -> Option<String> {
    let mut text = String::new();
    let mut paragraph = false;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("doc")) {
        let Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit: Lit::Str(line), .. }), .. }) = &attr.meta
        else {
            continue;
        };
        let line = line.value();
        for line in line.split('\n').map(str::trim) {
            if line.is_empty() {
                paragraph = !text.is_empty();
                continue;
            }
            if paragraph {
                text.push('\n');
            } else if !text.is_empty() {
                text.push(' ');
            }
            paragraph = false;
            text.push_str(line);
        }
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::doc;

    #[test]
    fn joins_the_lines_of_a_doc_comment() {
        let item: syn::ItemStruct = syn::parse_quote! {
            /// A token
            /// with scope.
            ///
            /// Keep it secret.
            struct X;
        };
        assert_eq!(doc(&item.attrs).as_deref(), Some("A token with scope.\nKeep it secret."));
        let item: syn::ItemStruct = syn::parse_quote! {
            ///
            struct X;
        };
        assert_eq!(doc(&item.attrs), None);
    }
}
