//! `manifest!("manifest.yaml")`: the manifest is checked here, and its text becomes a part of the binary.
//!
//! This is the one macro that reads a file. Whoever wants one stands beside the attributes as an expression:
//! `#[source(manifest = "…")]` expands to a call of this macro and reads nothing itself.

pub(crate) mod file;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::parse::ParseStream;
use syn::{LitStr, Token};

use crate::args::{parse_scoped, ungrouped};
use crate::diag::Errors;
use crate::path::Runtime;
use crate::value::parse_literal;
use file::{Crate, StreamName};

/// What stands between the parentheses.
struct Input {
    /// The path of the manifest, from the folder of the crate's `Cargo.toml`.
    path: LitStr,
    /// Whether what Airbyte would silently accept is refused, too.
    strict: bool,
    runtime: Runtime,
}

const FORM: &str = "help: write `manifest!(\"manifest.yaml\")`, or `manifest!(\"manifest.yaml\", strict)`";

/// The expansion of `manifest!`: a const expression, behind the errors if there are any.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let input = match parse_scoped(ungrouped(tokens), Input::parse) {
        Ok(input) => input,
        Err(error) => {
            errors.push(error);
            let errors = errors.finish();
            return quote!({ #errors });
        }
    };
    match Crate::compiled().and_then(|compiled| compiled.streams(&input.path.value(), input.strict)) {
        Ok(streams) => {
            let path = &input.path;
            let text = quote! {
                ::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #path))
            };
            errors.finish();
            input.expand(&text, &streams)
        }
        Err(messages) => {
            messages.iter().for_each(|message| errors.at(&input.path, message));
            let errors = errors.finish();
            let stand_in = input.expand(&quote!(""), &[]);
            quote!({ #errors #stand_in })
        }
    }
}

impl Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Err(syn::Error::new(input.span(), format!("`manifest!` needs a file\n{FORM}")));
        }
        let path = parse_literal(input)?;
        let (mut strict, mut runtime) = (false, None);
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            if input.peek(Token![crate]) {
                input.parse::<Token![crate]>()?;
                input.parse::<Token![=]>()?;
                runtime = Some(Runtime::parse(input)?);
            } else if input.peek(syn::Ident) && input.fork().parse::<Ident>()? == "strict" {
                input.parse::<Ident>()?;
                strict = true;
            } else {
                break;
            }
        }
        if !input.is_empty() {
            let token: TokenTree = input.parse()?;
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(token.span(), format!("unexpected `{token}`\n{FORM}")));
        }
        Ok(Self { path, strict, runtime: Runtime::new(runtime) })
    }

    fn expand(&self, text: &TokenStream, streams: &[StreamName]) -> TokenStream {
        let define = self.runtime.define();
        let path = &self.path;
        let streams = streams.iter().map(|StreamName { name, place }| quote!((#name, #place)));
        quote! {
            #define::EmbeddedManifest::new(
                ::core::env!("CARGO_PKG_NAME"),
                ::core::env!("CARGO_PKG_VERSION"),
                #path,
                #text,
                &[#(#streams),*],
            )
        }
    }
}
