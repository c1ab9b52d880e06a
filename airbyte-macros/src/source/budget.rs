//! `budget = [requests => limit, …]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Token, bracketed, token};

use crate::component::{Component, Slot};
use crate::diag::Errors;
use crate::value::Rewrite;

/// The limits of a source, in the order in which they are asked.
pub(crate) struct Budget {
    policies: Vec<Policy>,
}

/// `requests => limit`, or `[requests, requests] => limit`.
struct Policy {
    requests: Vec<Component>,
    limit: Component,
}

impl Budget {
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(token::Bracket) {
            return Err(syn::Error::new(
                input.span(),
                "a budget is a list of `requests => limit`\nhelp: write `budget = [requests => fixed_window(call_limit = 100, period = \"PT1M\")]`",
            ));
        }
        let content;
        let bracket = bracketed!(content in input);
        if content.is_empty() {
            return Err(syn::Error::new(
                bracket.span.join(),
                "`budget` has no limits\nhelp: write one, as in `[requests => fixed_window(call_limit = 100, period = \"PT1M\")]`, or leave `budget` out",
            ));
        }
        let policies = Punctuated::<Policy, Token![,]>::parse_terminated_with(&content, Policy::parse)?;
        Ok(Self { policies: policies.into_iter().collect() })
    }

    /// A slice of the runtime's policies.
    pub(crate) fn expand(&self, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let define = rewrite.runtime.define();
        let policies = self.policies.iter().map(|Policy { requests, limit }| {
            let requests: Vec<TokenStream> =
                requests.iter().map(|requests| requests.expand(Slot::REQUESTS, rewrite, errors)).collect();
            let limit = limit.expand(Slot::LIMIT, rewrite, errors);
            quote!(#define::budget::Policy { requests: &[#(#requests),*], limit: #limit })
        });
        let policies: Vec<TokenStream> = policies.collect();
        quote!(&[#(#policies),*])
    }
}

impl Policy {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.span();
        let written = input.fork();
        let requests = Component::parse_list(input)?;
        if requests.is_empty() {
            return Err(syn::Error::new(
                start,
                "this limit counts no requests\nhelp: write `requests => …` for all of them",
            ));
        }
        if !input.peek(Token![=>]) {
            let limit: TokenStream =
                written.parse::<TokenStream>()?.into_iter().take_while(|token| token.to_string() != ",").collect();
            return Err(syn::Error::new(
                start,
                format!(
                    "this limit does not say which requests it counts\nhelp: write `requests => {}`",
                    crate::requester::plain(&limit)
                ),
            ));
        }
        input.parse::<Token![=>]>()?;
        Ok(Self { requests, limit: Component::parse(input)? })
    }
}
