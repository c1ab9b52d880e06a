//! The rewriting of values: `config.x` to a template, a field's name to its JSON key, `[a, b]` to a slice.
//!
//! Every text that may hold placeholders passes through [`Rewrite`], which keeps it for the checks.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Path};

use crate::diag::{Errors, excerpt};
use crate::fields::{Field, Fields};
use crate::names::unraw;
use crate::path::Runtime;
use crate::reference::{Binding, Bindings, Reference, is_constant, is_lower, last_span, segments};
use crate::template::{self, Placeholder, Root};

/// Where a text stands, as messages call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    /// Whether the text becomes part of a URL, where no secret may stand.
    in_url: bool,
    /// Whether texts stand as they are, so that only `config.name` is the user's value.
    pub(crate) raw: bool,
}

impl Place {
    pub(crate) const BASE_URL: Self = Self { name: "base URL", in_url: true, raw: false };
    pub(crate) const PATH: Self = Self { name: "stream path", in_url: true, raw: false };
    /// The runtime knows it by this name, and lets no secret stand in it.
    pub(crate) const NAME: Self = Self { name: "stream name", in_url: false, raw: false };
    pub(crate) const QUERY: Self = Self { name: "query", in_url: true, raw: false };
    pub(crate) const HEADER: Self = Self { name: "header", in_url: false, raw: false };
    pub(crate) const BODY: Self = Self { name: "body", in_url: false, raw: false };
    pub(crate) const FORM: Self = Self { name: "form", in_url: false, raw: false };
    pub(crate) const PAGINATOR: Self = Self { name: "paginator", in_url: false, raw: false };
    pub(crate) const CURSOR: Self = Self { name: "cursor", in_url: false, raw: false };
    pub(crate) const ADVANCED_AUTH: Self = Self { name: "advanced authentication", in_url: false, raw: true };
    pub(crate) const AUTH: Self = Self { name: "authentication", in_url: false, raw: false };
    pub(crate) const PARTITION: Self = Self { name: "partition", in_url: false, raw: false };
    pub(crate) const MIGRATION: Self = Self { name: "change of the configuration", in_url: false, raw: false };
    pub(crate) const JOB: Self = Self { name: "job", in_url: false, raw: false };
    pub(crate) const JOB_PATH: Self = Self { name: "path of a job's request", in_url: true, raw: false };
    pub(crate) const FILES: Self = Self { name: "files", in_url: false, raw: false };
    pub(crate) const FILES_PATH: Self = Self { name: "path of a file's request", in_url: true, raw: false };
    pub(crate) const EXPAND: Self = Self { name: "expand", in_url: false, raw: false };
    pub(crate) const PROPERTIES: Self = Self { name: "properties", in_url: true, raw: false };
    pub(crate) const SCHEMA: Self = Self { name: "schema", in_url: true, raw: false };
    pub(crate) const TRANSFORM: Self = Self { name: "transform", in_url: false, raw: false };
    pub(crate) const BUDGET: Self = Self { name: "budget", in_url: false, raw: false };
    pub(crate) const CONCURRENCY: Self = Self { name: "concurrency", in_url: false, raw: false };

    /// The place of an argument of a request, if that has one of its own.
    pub(crate) fn of_request(key: &str) -> Option<Self> {
        match key {
            "query" => Some(Self::QUERY),
            "headers" => Some(Self::HEADER),
            "body" => Some(Self::BODY),
            "form" => Some(Self::FORM),
            _ => None,
        }
    }

    /// The place as the rules of the runtime take it.
    pub(crate) fn expand(self, runtime: &Runtime, span: Span) -> TokenStream {
        let rules = runtime.rules_at(span);
        let Self { name, in_url, .. } = self;
        quote_spanned!(span=> #rules::Place { name: #name, in_url: #in_url })
    }
}

/// A text that was found in an attribute and whose placeholders are to be checked.
pub(crate) struct Template {
    pub(crate) place: Place,
    /// The literal, or the constant that holds it.
    pub(crate) text: TokenStream,
    /// What the literal says; `None` for a constant.
    pub(crate) value: Option<String>,
    /// Where the rules of the runtime report.
    pub(crate) span: Span,
    pub(crate) placeholders: Vec<Placeholder>,
    /// For a name that goes on from what a `match` arm binds: the path that `match` chooses by, and the bound one.
    pub(crate) bound: Option<(String, String)>,
    /// Whether its names are to be looked up: a pattern shows rustc itself that they exist.
    pub(crate) looks_up: bool,
    /// The component and the argument that the text is given to.
    argument: Option<(String, String)>,
}

impl Template {
    /// The rule that what is sent as a credential is a secret; which arguments are credentials, the runtime knows.
    pub(crate) fn expand_secret_rule(&self, source: &TokenStream, rules: &TokenStream) -> Option<TokenStream> {
        let (component, argument) = self.argument.as_ref().filter(|_| self.place == Place::AUTH)?;
        let (span, text) = (self.span, &self.text);
        Some(quote_spanned! {span=>
            #[allow(deprecated)]
            const _: () = #rules::require_secret::<#source>(#component, #argument, #text);
        })
    }
}

/// A value that must be a text: `"…"`, `config.x`, or a constant.
pub(crate) enum Text {
    Literal(LitStr),
    Reference(Reference),
    Constant(Expr),
}

/// A text in quotes; for anything else the edit repeats what was written.
pub(crate) fn parse_literal(input: ParseStream<'_>) -> syn::Result<LitStr> {
    if input.peek(LitStr) {
        return input.parse();
    }
    let token: TokenTree = input.parse()?;
    let rest: TokenStream = input.parse()?;
    let help = match &token {
        TokenTree::Ident(word) => format!("\nhelp: write `\"{word}{}\"`", rest.to_string().replace(' ', "")),
        _ => String::new(),
    };
    Err(syn::Error::new(token.span(), format!("expected a text in quotes{help}")))
}

/// A type of the user's: a source or a stream.
pub(crate) fn parse_type(what: &str, input: ParseStream<'_>) -> syn::Result<Path> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Err(syn::Error::new(
            text.span(),
            format!("a {what} is a type, not a text\nhelp: write `{}`", text.value()),
        ));
    }
    Path::parse_mod_style(input)
}

/// A function of the user's.
pub(crate) fn parse_function(input: ParseStream<'_>) -> syn::Result<Expr> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Err(syn::Error::new(
            text.span(),
            format!("this is a function, not a text\nhelp: write `{}`", text.value()),
        ));
    }
    input.parse()
}

impl Text {
    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Literal(literal) => literal.span(),
            Self::Reference(reference) => reference.span,
            Self::Constant(constant) => last_span(constant),
        }
    }

    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let expr: Expr = input.parse()?;
        match &expr {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(Self::Literal(text.clone())),
            expr => match Reference::of(expr, &Bindings::new()) {
                Some(reference) => Ok(Self::Reference(reference)),
                None if is_constant(expr) => Ok(Self::Constant(expr.clone())),
                None => Err(syn::Error::new_spanned(expr, "expected a text in quotes")),
            },
        }
    }
}

/// What a lone lower-case name in a component's argument means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bare {
    /// A field of the record, by its JSON key.
    Field,
    /// A field of the record with its type, for a cursor.
    CursorField,
    /// A function or variable of the user's.
    Verbatim,
}

/// What the values of one attribute are rewritten with, and what was found in them.
pub(crate) struct Rewrite<'a> {
    pub(crate) runtime: &'a Runtime,
    /// The record's fields, in a stream.
    pub(crate) fields: Option<&'a Fields>,
    /// The names of the config fields, in a source.
    pub(crate) config: Vec<String>,
    /// The annotated item's name.
    pub(crate) item: &'a Ident,
    pub(crate) bindings: Bindings,
    /// The component and the argument whose value is being rewritten.
    pub(crate) argument: Option<(String, String)>,
    pub(crate) templates: Vec<Template>,
}

impl<'a> Rewrite<'a> {
    pub(crate) fn new(runtime: &'a Runtime, item: &'a Ident, fields: Option<&'a Fields>) -> Self {
        Self {
            runtime,
            fields,
            config: Vec::new(),
            item,
            bindings: Bindings::new(),
            argument: None,
            templates: Vec::new(),
        }
    }

    /// A text that is known to be a template.
    pub(crate) fn text(&mut self, text: &Text, place: Place, errors: &mut Errors) -> TokenStream {
        match text {
            Text::Literal(literal) => self.literal(literal, place, errors),
            Text::Reference(reference) => self.reference(reference, place),
            Text::Constant(constant) => {
                let text = constant.to_token_stream();
                let span = last_span(constant);
                self.templates.push(Template {
                    place,
                    text: text.clone(),
                    value: None,
                    span,
                    placeholders: Vec::new(),
                    bound: None,
                    looks_up: true,
                    argument: self.argument.clone(),
                });
                text
            }
        }
    }

    /// A literal that is known to be a template; reports what is wrong with its grammar.
    pub(crate) fn literal(&mut self, literal: &LitStr, place: Place, errors: &mut Errors) -> TokenStream {
        let value = literal.value();
        let (placeholders, problems) = template::parse(&value);
        for problem in &problems {
            let excerpt = excerpt(&value, &problem.range);
            errors.at(literal, format!("{} in {}{excerpt}\n{}", problem.what, place.name, problem.help));
        }
        let text = literal.to_token_stream();
        if !placeholders.is_empty() && problems.is_empty() {
            self.templates.push(Template {
                place,
                text: text.clone(),
                value: Some(value),
                span: literal.span(),
                placeholders,
                bound: None,
                looks_up: true,
                argument: self.argument.clone(),
            });
        }
        text
    }

    /// A text of an authenticator, in which the names that a `match` arm binds may stand, as in `"Token {key}"`.
    fn credentials(&mut self, literal: &LitStr, errors: &mut Errors) -> TokenStream {
        let text = LitStr::new(&self.unbound(&literal.value()), literal.span());
        let before = self.templates.len();
        let expanded = self.literal(&text, Place::AUTH, errors);
        let found = self.templates.get(before).map(|template| template.placeholders.as_slice()).unwrap_or_default();
        if let Some(placeholder) = found.iter().find(|placeholder| placeholder.root != Root::Config) {
            let excerpt = excerpt(&text.value(), &placeholder.range);
            let help = "help: credentials come from the configuration: write `{config.…}`, or use `with(function)`";
            errors.at(literal, format!("only `config` has a value in authentication{excerpt}\n{help}"));
        }
        expanded
    }

    /// The text with `{name}` and `{name.field}` of the bound names written as paths of the configuration.
    fn unbound(&self, text: &str) -> String {
        self.bindings.iter().fold(text.to_owned(), |text, (name, (_, path))| {
            text.replace(&format!("{{{name}}}"), &format!("{{{path}}}"))
                .replace(&format!("{{{name}."), &format!("{{{path}."))
        })
    }

    /// `config.x` as the template that means the same.
    pub(crate) fn reference(&mut self, reference: &Reference, place: Place) -> TokenStream {
        let literal = reference.template();
        let text = literal.to_token_stream();
        let placeholder =
            Placeholder { root: reference.root, path: reference.path().to_owned(), range: 1..reference.text.len() + 1 };
        self.templates.push(Template {
            place,
            text: text.clone(),
            value: Some(literal.value()),
            span: reference.span,
            placeholders: vec![placeholder],
            bound: reference.bound.clone(),
            looks_up: reference.binding.is_none(),
            argument: self.argument.clone(),
        });
        text
    }

    /// A value in a component's argument. `place` is `None` where texts are never templates.
    pub(crate) fn expr(&mut self, expr: &Expr, bare: Bare, place: Option<Place>, errors: &mut Errors) -> TokenStream {
        let templates = place.filter(|place| !place.raw);
        if let (Some(place), Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) = (templates, expr) {
            // Only authentication has no texts in which a brace is just a brace.
            if place == Place::AUTH && text.value().contains('{') {
                return self.credentials(text, errors);
            }
            if template::is_template(&text.value()) {
                return self.literal(text, place, errors);
            }
        }
        if let (Some(place), Some(reference)) = (place, Reference::of(expr, &self.bindings)) {
            match reference.binding {
                None => return self.reference(&reference, place),
                // The pattern shows rustc that it exists; whether it is a secret is left to be checked.
                Some(Binding::Field) => return self.reference(&reference, place),
                Some(Binding::Content) => errors.at(
                    expr,
                    format!(
                        "`{0}` is all of the variant's fields\nhelp: name one of them, as in `{0}.token`",
                        quote!(#expr)
                    ),
                ),
            }
        }
        if let Expr::Array(array) = expr {
            let items: Vec<TokenStream> = array.elems.iter().map(|item| self.expr(item, bare, place, errors)).collect();
            // A list where a single value is wanted is reported at the user's brackets.
            let span = array.bracket_token.span.join();
            return quote_spanned!(span=> &[#(#items),*]);
        }
        match segments(expr) {
            Some(path) if place.is_some() && self.forgets_config(&path) => {
                let last = path.last().map(unraw).unwrap_or_default();
                errors.at(expr, format!("the user's values stand behind `config.`\nhelp: write `config.{last}`"));
                quote!("")
            }
            Some(path) if path.first().is_some_and(is_lower) && bare != Bare::Verbatim && self.fields.is_some() => {
                self.field_path(&path, bare, errors)
            }
            _ => expr.to_token_stream(),
        }
    }

    /// Whether this is `token` or `self.token` for a config field of the source.
    fn forgets_config(&self, path: &[Ident]) -> bool {
        match path {
            [name] => self.config.contains(&unraw(name)),
            [first, ..] => first == "self",
            [] => false,
        }
    }

    /// `id` or `user.id` as the JSON key.
    fn field_path(&mut self, path: &[Ident], bare: Bare, errors: &mut Errors) -> TokenStream {
        let Some((first, rest)) = path.split_first() else { return TokenStream::new() };
        let role = if bare == Bare::CursorField { "cursor field " } else { "" };
        let Some(field) = self.field(first, role, errors) else { return quote!("") };
        let mut key = field.key.clone();
        for segment in rest {
            key.push('.');
            key.push_str(&unraw(segment));
        }
        let key = LitStr::new(&key, rest.last().unwrap_or(first).span());
        if bare == Bare::CursorField && rest.is_empty() {
            let define = self.runtime.define_at(first.span());
            let ty = &field.ty;
            return quote_spanned!(first.span()=> #define::cursor::cursor_field::<#ty>(#key));
        }
        key.to_token_stream()
    }

    /// The field of this name, or an error that says what it was wanted as.
    pub(crate) fn field(&self, name: &Ident, role: &str, errors: &mut Errors) -> Option<&'a Field> {
        let fields = self.fields?;
        let text = unraw(name);
        let found = fields.find(&text);
        if found.is_none() {
            let help = fields.help(&text, self.item);
            errors.at(name, format!("{role}`{text}` is not a field of `{}`\n{help}", self.item));
        }
        found
    }
}
