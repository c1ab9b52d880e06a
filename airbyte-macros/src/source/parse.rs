//! What was written in `#[source(…)]`, and the setters of the definition.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Ident, Lit, LitInt, LitStr, Path, Token, bracketed, parse_quote, token};

use super::budget::Budget;
use crate::args::Arguments;
use crate::component::{Component, Slot, hook, with_parameter_type};
use crate::diag::Errors;
use crate::map::Map;
use crate::path::Runtime;
use crate::reference::{Bindings, Reference};
use crate::requester::Requester;
use crate::value::{Place, Rewrite, parse_function, parse_literal, parse_type};
use crate::vocabulary::SOURCE;

/// The arguments of `#[source]`; what was reported as wrong is missing.
pub(crate) struct SourceArgs {
    /// Which keys were written, and where.
    pub(crate) keys: Arguments,
    pub(crate) runtime: Runtime,
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
    pub(crate) documentation_url: Option<LitStr>,
    pub(crate) requester: Requester,
    pub(crate) advanced_auth: Option<Component>,
    pub(crate) streams: Vec<Path>,
    pub(crate) manifest: Option<LitStr>,
    pub(crate) registry: Option<Expr>,
    pub(crate) migrate_config: Vec<Component>,
    pub(crate) transform_config: Vec<Component>,
    pub(crate) validate: Option<Expr>,
    pub(crate) check: Vec<Path>,
    pub(crate) budget: Option<Budget>,
    pub(crate) concurrency: Option<Concurrency>,
    pub(crate) groups: Option<Map>,
}

/// What stands behind `concurrency =`.
pub(crate) enum Concurrency {
    Fixed(LitInt),
    Config(Reference),
}

impl SourceArgs {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Arguments::parse(tokens, &SOURCE, errors);
        Self {
            runtime: Runtime::new(args.take("crate", errors, Runtime::parse)),
            name: args.take("name", errors, parse_literal),
            title: args.take("title", errors, parse_literal),
            documentation_url: args.take("documentation_url", errors, parse_literal),
            requester: Requester::parse(&mut args, errors),
            advanced_auth: args.take("advanced_auth", errors, Component::parse),
            streams: args.take("streams", errors, parse_streams).unwrap_or_default(),
            manifest: args.take("manifest", errors, parse_literal),
            registry: args.take("registry", errors, Expr::parse),
            migrate_config: args.take("migrate_config", errors, Component::parse_list).unwrap_or_default(),
            transform_config: args.take("transform_config", errors, Component::parse_list).unwrap_or_default(),
            validate: args.take("validate", errors, parse_function),
            check: args.take("check", errors, parse_check).unwrap_or_default(),
            budget: args.take("budget", errors, Budget::parse),
            concurrency: args.take("concurrency", errors, Concurrency::parse),
            groups: args.take("groups", errors, Map::parse),
            keys: args,
        }
    }

    /// The calls that build the definition.
    pub(crate) fn expand_setters(
        &self,
        source: &Ident,
        rewrite: &mut Rewrite<'_>,
        errors: &mut Errors,
    ) -> Vec<TokenStream> {
        let mut setters = Vec::new();
        if let Some(url) = &self.documentation_url {
            setters.push(quote!(.documentation_url(#url)));
        }
        setters.extend(self.requester.expand(rewrite, errors));
        if let Some(advanced_auth) = &self.advanced_auth {
            let advanced_auth = advanced_auth.expand(Slot::ADVANCED_AUTH, rewrite, errors);
            setters.push(quote!(.advanced_auth(#advanced_auth)));
        }
        for (key, changes) in [("migrate_config", &self.migrate_config), ("transform_config", &self.transform_config)] {
            if !changes.is_empty() {
                let key = Ident::new(key, Span::call_site());
                let changes: Vec<TokenStream> =
                    changes.iter().map(|change| change.expand(Slot::MIGRATION, rewrite, errors)).collect();
                setters.push(quote!(.#key(&[#(#changes),*])));
            }
        }
        if let Some(function) = &self.validate {
            let function = with_parameter_type(function, &parse_quote!(&#source));
            let hook = hook(
                ("migrate", "validate"),
                ("migrate", "ValidateConfig"),
                &function,
                &self.runtime,
                |span| quote_spanned!(span=> #source, _, _),
            );
            setters.push(quote!(.validate(#hook)));
        }
        if let Some(budget) = &self.budget {
            let budget = budget.expand(rewrite, errors);
            setters.push(quote!(.budget(#budget)));
        }
        match &self.concurrency {
            Some(Concurrency::Fixed(requests)) => setters.push(quote!(.concurrency(#requests))),
            Some(Concurrency::Config(reference)) => {
                let template = rewrite.reference(reference, Place::CONCURRENCY);
                setters.push(quote!(.concurrency_from(#template)));
            }
            None => {}
        }
        if let Some(groups) = &self.groups {
            groups.require_flat("group", false, errors);
            let groups = groups.expand(None, rewrite, errors);
            setters.push(quote!(.groups(#groups)));
        }
        setters
    }
}

impl Concurrency {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let expr: Expr = input.parse()?;
        if let Some(reference) = Reference::of(&expr, &Bindings::new()) {
            return Ok(Self::Config(reference));
        }
        match expr {
            Expr::Lit(ExprLit { lit: Lit::Int(requests), .. }) if requests.base10_parse::<u32>().ok() == Some(0) => {
                Err(syn::Error::new(
                    requests.span(),
                    "with 0 requests in flight nothing would be read\nhelp: write at least 1, or leave `concurrency` out",
                ))
            }
            Expr::Lit(ExprLit { lit: Lit::Int(requests), .. }) => Ok(Self::Fixed(requests)),
            other => Err(syn::Error::new_spanned(
                other.to_token_stream(),
                "this is not a number of requests\nhelp: write `concurrency = 10`, or `concurrency = config.concurrency` to let the user decide",
            )),
        }
    }
}

fn parse_stream(input: ParseStream<'_>) -> syn::Result<Path> {
    parse_type("stream", input)
}

/// `[A, module::B]`.
fn parse_streams(input: ParseStream<'_>) -> syn::Result<Vec<Path>> {
    if !input.peek(token::Bracket) {
        return Err(syn::Error::new(input.span(), "expected a list of streams in brackets"));
    }
    let content;
    let bracket = bracketed!(content in input);
    let streams = Punctuated::<Path, Token![,]>::parse_terminated_with(&content, parse_stream)?;
    if streams.is_empty() {
        return Err(syn::Error::new(
            bracket.span.join(),
            "`streams` is empty, so nothing would be read\nhelp: name the structs that are annotated with `#[stream(…)]`",
        ));
    }
    Ok(streams.into_iter().collect())
}

/// `A` or `[A, B]`.
fn parse_check(input: ParseStream<'_>) -> syn::Result<Vec<Path>> {
    if input.peek(token::Bracket) {
        let content;
        bracketed!(content in input);
        let streams = Punctuated::<Path, Token![,]>::parse_terminated_with(&content, parse_stream)?;
        return Ok(streams.into_iter().collect());
    }
    Ok(vec![parse_stream(input)?])
}
