//! What a source and a stream both say about requests: where they go, what they carry, and what failures mean.

use proc_macro2::{Delimiter, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Ident, Lit, LitBool, LitInt, LitStr, Token, bracketed, token};

use crate::args::Arguments;
use crate::component::{Component, Slot, constant, group, imported};
use crate::diag::Errors;
use crate::map::Map;
use crate::value::{Place, Rewrite, Text, parse_literal};

/// The arguments that `#[source]` and `#[stream]` share, as they were written.
pub(crate) struct Requester {
    base_url: Option<Text>,
    query: Option<Map>,
    headers: Option<Map>,
    pub(crate) auth: Option<Component>,
    error_handler: Option<ErrorHandler>,
    backoff: Option<Vec<Component>>,
    max_retries: Option<LitInt>,
    connect_timeout: Option<LitStr>,
    read_timeout: Option<LitStr>,
    request_timeout: Option<LitStr>,
    tcp_keepalive: Option<LitBool>,
    allow_hosts: Option<Vec<LitStr>>,
}

enum ErrorHandler {
    /// `[matcher => action, …]`.
    Rules(Vec<(Component, Component)>),
    Other(Component),
}

impl Requester {
    pub(crate) fn parse(args: &mut Arguments, errors: &mut Errors) -> Self {
        Self {
            base_url: args.take("base_url", errors, Text::parse),
            query: args.take("query", errors, Map::parse),
            headers: args.take("headers", errors, Map::parse),
            auth: args.take("auth", errors, Component::parse),
            error_handler: args.take("error_handler", errors, ErrorHandler::parse),
            backoff: args.take("backoff", errors, Component::parse_list),
            max_retries: args.take("max_retries", errors, parse_count),
            connect_timeout: args.take("connect_timeout", errors, parse_literal),
            read_timeout: args.take("read_timeout", errors, parse_literal),
            request_timeout: args.take("request_timeout", errors, parse_literal),
            tcp_keepalive: args.take("tcp_keepalive", errors, parse_flag),
            allow_hosts: args.take("allow_hosts", errors, parse_texts),
        }
    }

    /// The setters of the definition.
    pub(crate) fn expand(&self, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> Vec<TokenStream> {
        let mut setters = Vec::new();
        let mut set = |name: &str, value: TokenStream| {
            let name = Ident::new(name, proc_macro2::Span::call_site());
            setters.push(quote!(.#name(#value)));
        };
        if let Some(base_url) = &self.base_url {
            set("base_url", rewrite.text(base_url, Place::BASE_URL, errors));
        }
        if let Some(query) = &self.query {
            query.require_flat("query parameter", true, errors);
            set("query", query.expand(Some(Place::QUERY), rewrite, errors));
        }
        if let Some(headers) = &self.headers {
            headers.require_flat("header", false, errors);
            headers.require_header_names(errors);
            set("headers", headers.expand(Some(Place::HEADER), rewrite, errors));
        }
        if let Some(auth) = &self.auth {
            set("auth", auth.expand(Slot::AUTH, rewrite, errors));
        }
        if let Some(error_handler) = &self.error_handler {
            set("error_handler", error_handler.expand(rewrite, errors));
        }
        if let Some(backoff) = &self.backoff {
            let backoff: Vec<TokenStream> =
                backoff.iter().map(|component| component.expand(Slot::BACKOFF, rewrite, errors)).collect();
            set("backoff", quote!(&[#(#backoff),*]));
        }
        if let Some(max_retries) = &self.max_retries {
            set("max_retries", max_retries.to_token_stream());
        }
        if let Some(flag) = &self.tcp_keepalive {
            set("tcp_keepalive", flag.to_token_stream());
        }
        if let Some(hosts) = &self.allow_hosts {
            set("allow_hosts", quote!(&[#(#hosts),*]));
        }
        let timeouts = [
            ("connect_timeout", &self.connect_timeout),
            ("read_timeout", &self.read_timeout),
            ("request_timeout", &self.request_timeout),
        ];
        for (key, timeout) in timeouts {
            if let Some(timeout) = timeout {
                // What is wrong with the value is reported at the value.
                let key = Ident::new(key, timeout.span());
                setters.push(quote_spanned!(timeout.span()=> .#key(#timeout)));
            }
        }
        setters
    }
}

/// `["a", "b"]`.
pub(crate) fn parse_texts(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if !input.peek(token::Bracket) {
        return Err(syn::Error::new(input.span(), "expected a list of texts in brackets"));
    }
    let content;
    bracketed!(content in input);
    let texts = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
    Ok(texts.into_iter().collect())
}

impl ErrorHandler {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(token::Bracket) {
            let start = input.span();
            let handler = Component::parse(input)?;
            if input.peek(Token![=>]) {
                input.parse::<TokenStream>()?;
                return Err(syn::Error::new(
                    start,
                    "rules stand in brackets\nhelp: write `error_handler = [status(404) => ignore]`",
                ));
            }
            return Ok(Self::Other(handler));
        }
        let content;
        let bracket = bracketed!(content in input);
        if content.is_empty() {
            return Err(syn::Error::new(
                bracket.span.join(),
                "`error_handler` has no rules\nhelp: write one, as in `[status(404) => ignore]`, or leave `error_handler` out",
            ));
        }
        let rules = Punctuated::<(Component, Component), Token![,]>::parse_terminated_with(&content, parse_rule)?;
        Ok(Self::Rules(rules.into_iter().collect()))
    }

    fn expand(&self, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let slot = Slot::ERROR_HANDLER;
        match self {
            Self::Other(component) => component.expand(slot, rewrite, errors),
            Self::Rules(rules) => {
                let define = rewrite.runtime.define();
                let rules: Vec<TokenStream> = rules
                    .iter()
                    .map(|(matcher, action)| {
                        // Sides that were swapped are reported once, at the rule.
                        let (span, end) = (matcher.ends().0, action.ends().1);
                        let define = rewrite.runtime.define_at(span);
                        let matcher = expand_side(matcher, rewrite, errors);
                        let action = expand_side(action, rewrite, errors);
                        let sides = group(Delimiter::Parenthesis, quote!(#matcher, #action), end);
                        quote_spanned!(span=> #define::error_handler::rule #sides)
                    })
                    .collect();
                let call_site = proc_macro2::Span::call_site();
                let rules = imported(slot, &quote!(let rules = [#(#rules),*]; rules), rewrite.runtime);
                let rules = quote!(#define::error_handler::Rules(&{ #rules }));
                constant(slot.trait_path(), rules, (call_site, call_site), rewrite.runtime)
            }
        }
    }
}

/// `matcher => action`.
fn parse_rule(input: ParseStream<'_>) -> syn::Result<(Component, Component)> {
    let start = input.span();
    let written = input.fork();
    let matcher = parse_side(input)?;
    match &matcher {
        Component::Other(Expr::Assign(assign)) => {
            let (left, right) = (assign.left.to_token_stream(), assign.right.to_token_stream());
            return Err(syn::Error::new(
                assign.eq_token.span,
                format!("the sides of a rule are joined by `=>`\nhelp: write `{} => {}`", plain(&left), plain(&right)),
            ));
        }
        Component::Other(Expr::Lit(literal)) => {
            let number = literal.to_token_stream();
            return Err(syn::Error::new(
                start,
                format!("a rule begins with a matcher\nhelp: write `status({number}) => ignore`"),
            ));
        }
        _ if !input.peek(Token![=>]) => {
            let matcher: TokenStream =
                written.parse::<TokenStream>()?.into_iter().take_while(|token| token.to_string() != ",").collect();
            return Err(syn::Error::new(
                start,
                format!("this rule does not say what to do\nhelp: write `{} => ignore`", plain(&matcher)),
            ));
        }
        _ => {}
    }
    input.parse::<Token![=>]>()?;
    Ok((matcher, parse_side(input)?))
}

/// Tokens as one would write them in a line.
pub(crate) fn plain(tokens: &TokenStream) -> String {
    tokens.to_string().replace(" (", "(").replace("( ", "(").replace(" )", ")").replace(" ,", ",")
}

/// `true` or `false`.
fn parse_flag(input: ParseStream<'_>) -> syn::Result<LitBool> {
    input.parse().map_err(|error| syn::Error::new(error.span(), "expected `true` or `false`"))
}

/// A number of times.
fn parse_count(input: ParseStream<'_>) -> syn::Result<LitInt> {
    let expr: Expr = input.parse()?;
    match &expr {
        Expr::Lit(ExprLit { lit: Lit::Int(count), .. }) if count.base10_parse::<u32>().is_ok() => Ok(count.clone()),
        _ => Err(syn::Error::new_spanned(expr, "expected a whole number")),
    }
}

fn parse_side(input: ParseStream<'_>) -> syn::Result<Component> {
    let start = input.span();
    match Component::parse(input)? {
        Component::Select(_) => Err(syn::Error::new(
            start,
            "a rule cannot hold a `match`\nhelp: a rule is `matcher => action`, as in `status(404) => ignore`",
        )),
        component => Ok(component),
    }
}

/// One side of a rule, inside the block that imports the runtime's module.
fn expand_side(side: &Component, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
    match side {
        Component::Chain(chain) => {
            let calls = chain.expand(Slot::ERROR_HANDLER, rewrite, errors);
            // The braces make it one argument, which is as long as the kind.
            group(Delimiter::Brace, calls, chain.kind.span()).into_token_stream()
        }
        Component::Other(expr) => Expr::to_token_stream(expr),
        Component::Select(_) => TokenStream::new(),
    }
}
