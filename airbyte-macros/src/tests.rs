//! Tests at the boundary of the crate: tokens in, golden expansions and error messages out.

mod config;
mod expand;
#[cfg(feature = "manifest")]
mod manifest;
mod source;
mod stream;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{Visit, visit_macro};
use syn::{Attribute, Item, Lit, Macro, Meta};

/// Expands every annotated item of a file; the rest stays as it is.
fn expand(input: &str) -> syn::File {
    let file: syn::File = syn::parse_str(input).unwrap();
    let items: TokenStream = file.items.iter().map(expand_item).collect();
    syn::parse2(items).unwrap()
}

fn expand_item(item: &Item) -> TokenStream {
    let mut item = item.clone();
    let attrs = match &mut item {
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        Item::Union(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        #[cfg(feature = "manifest")]
        Item::Const(item) => return expand_const(item),
        _ => return quote::quote!(#item),
    };
    let Some(at) = attrs.iter().position(|attr| entry_point(attr).is_some()) else { return quote::quote!(#item) };
    let attr = attrs.remove(at);
    let args = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let expand = entry_point(&attr).unwrap();
    expand(args, quote::quote!(#item))
}

/// `const NAME: Type = manifest!("…");`.
#[cfg(feature = "manifest")]
fn expand_const(item: &syn::ItemConst) -> TokenStream {
    let mut item = item.clone();
    if let syn::Expr::Macro(call) = &*item.expr
        && call.mac.path.is_ident("manifest")
    {
        *item.expr = syn::parse2(crate::manifest::expand(call.mac.tokens.clone())).unwrap();
    }
    quote::quote!(#item)
}

type EntryPoint = fn(TokenStream, TokenStream) -> TokenStream;

fn entry_point(attr: &Attribute) -> Option<EntryPoint> {
    let name = attr.path().get_ident()?.to_string();
    Some(match name.as_str() {
        "source" => crate::source::expand,
        "stream" => crate::stream::expand,
        "config" => crate::config::expand,
        "record" => crate::record::expand,
        _ => return None,
    })
}

/// The messages of all errors in an expansion, in order.
fn errors(input: &str) -> Vec<String> {
    struct Messages(Vec<String>);

    impl<'a> Visit<'a> for Messages {
        fn visit_macro(&mut self, found: &'a Macro) {
            if found.path.segments.last().is_some_and(|segment| segment.ident == "compile_error") {
                let literal: Lit = syn::parse2(found.tokens.clone()).unwrap();
                if let Lit::Str(text) = literal {
                    self.0.push(text.value());
                }
            }
            visit_macro(self, found);
        }
    }

    let mut messages = Messages(Vec::new());
    messages.visit_file(&expand(input));
    messages.0
}

/// Checks the messages of one mistake after another.
fn check_errors(cases: &[(&str, &[&str])]) {
    for (input, expected) in cases {
        assert_eq!(errors(input), *expected, "{input}");
    }
}

/// Every identifier in the tokens.
fn identifiers(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => found.push(ident.to_string()),
            TokenTree::Group(group) => identifiers(group.stream(), found),
            _ => {}
        }
    }
}
