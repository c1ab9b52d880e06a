//! `{ key = value, … }`: query parameters, headers and bodies.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Lit, LitBool, LitFloat, LitInt, LitStr, Token, braced, bracketed, parenthesized, token};

use crate::diag::Errors;
use crate::reference::{Bindings, Reference, is_constant, is_lower, segments};
use crate::value::{Place, Rewrite};

/// Keys and values in the order in which they were written.
pub(crate) struct Map {
    pub(crate) entries: Vec<Entry>,
}

/// One `key = value`.
pub(crate) struct Entry {
    /// The key as text, with the span of what was written.
    pub(crate) key: LitStr,
    pub(crate) value: Value,
}

/// A value as JSON has it.
pub(crate) enum Value {
    Null,
    Bool(LitBool),
    Integer(TokenStream),
    Number(TokenStream),
    /// A text with placeholders.
    Text(LitStr),
    /// `raw("…")`, or a constant: text that is sent as it stands.
    Raw(Expr),
    Reference(Reference),
    List(Vec<Value>),
    /// `joined([…])` or `joined(config.ids, ";")`: a list as one text.
    Joined(Box<Value>, LitStr),
    Map(Map),
}

impl Map {
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(token::Brace) {
            return Err(syn::Error::new(input.span(), "expected `{ key = value }`"));
        }
        let content;
        braced!(content in input);
        Self::parse_entries(&content)
    }

    fn parse_entries(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut entries: Vec<Entry> = Vec::new();
        while !input.is_empty() {
            let key = parse_key(input)?;
            if let Some(twice) = entries.iter().find(|entry| entry.key.value() == key.value()) {
                let text = twice.key.value();
                return Err(syn::Error::new(
                    key.span(),
                    format!(
                        "key `{text}` is written twice\nhelp: keep one of the two; several values are a list, as in `{text} = [\"a\", \"b\"]`"
                    ),
                ));
            }
            if !input.peek(Token![=]) {
                let text = key.value();
                return Err(syn::Error::new(
                    key.span(),
                    format!("key `{text}` has no value\nhelp: write `{text} = \"…\"`"),
                ));
            }
            input.parse::<Token![=]>()?;
            entries.push(Entry { key, value: Value::parse(input)? });
            if input.is_empty() {
                break;
            }
            if !input.peek(Token![,]) {
                return Err(syn::Error::new(
                    input.span(),
                    "expected a comma between two keys\nhelp: write `{ a = 1, b = 2 }`",
                ));
            }
            input.parse::<Token![,]>()?;
        }
        Ok(Self { entries })
    }

    /// The map as a constant. `place` is `None` where texts are never templates.
    pub(crate) fn expand(&self, place: Option<Place>, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let entries: Vec<TokenStream> = self
            .entries
            .iter()
            .map(|Entry { key, value }| {
                let value = value.expand(place, rewrite, errors);
                quote!((#key, #value))
            })
            .collect();
        quote!(&[#(#entries),*])
    }

    /// Refuses values with a structure, where only scalars (and lists, if `lists`) can be sent.
    pub(crate) fn require_flat(&self, what: &str, lists: bool, errors: &mut Errors) {
        for Entry { key, value } in &self.entries {
            let text = key.value();
            match value {
                Value::Map(_) => errors.at(
                    key,
                    format!("{what} `{text}` is a map, which cannot be sent\nhelp: write one key for each value, as in `\"{text}[name]\" = \"…\"`"),
                ),
                Value::List(_) if !lists => errors.at(
                    key,
                    format!("{what} `{text}` is a list, which cannot be sent\nhelp: write one text, as in `{text} = \"a, b\"`"),
                ),
                Value::List(items) => {
                    for item in items.iter().filter(|item| matches!(item, Value::List(_) | Value::Map(_))) {
                        let kind = if matches!(item, Value::Map(_)) { "a map" } else { "a list" };
                        errors.at(key, format!("{what} `{text}` holds {kind} in a list, which cannot be sent\nhelp: write texts and numbers"));
                    }
                }
                _ => {}
            }
        }
    }

    /// Refuses keys that HTTP does not allow as header names (RFC 9110 §5.1).
    pub(crate) fn require_header_names(&self, errors: &mut Errors) {
        for Entry { key, .. } in &self.entries {
            let text = key.value();
            let legal = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            if text.is_empty() || !text.chars().all(legal) {
                errors.at(
                    key,
                    format!("`{text}` is not a legal header name\nhelp: a header name holds letters, digits and `-`, as in `\"X-Api-Key\"`"),
                );
            }
        }
    }
}

fn parse_key(input: ParseStream<'_>) -> syn::Result<LitStr> {
    if input.peek(LitStr) {
        return input.parse();
    }
    if input.peek(Ident::peek_any) {
        let ident = Ident::parse_any(input)?;
        if input.peek(Token![-]) {
            return Err(syn::Error::new(
                ident.span(),
                format!("a key with a `-` needs quotes\nhelp: write `\"{ident}-…\" = …`"),
            ));
        }
        if input.peek(Token![:]) {
            return Err(syn::Error::new(
                input.span(),
                format!("a value stands behind `=`, not `:`\nhelp: write `{ident} = …`"),
            ));
        }
        return Ok(LitStr::new(&ident.unraw().to_string(), ident.span()));
    }
    Err(syn::Error::new(input.span(), "expected a key\nhelp: write `key = value`, or `\"odd-key\" = value`"))
}

impl Value {
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(token::Brace) {
            let content;
            braced!(content in input);
            return Map::parse_entries(&content).map(Self::Map);
        }
        if input.peek(token::Bracket) {
            let content;
            bracketed!(content in input);
            let items = Punctuated::<Self, Token![,]>::parse_terminated_with(&content, Self::parse)?;
            return Ok(Self::List(items.into_iter().collect()));
        }
        if input.peek(Token![-]) && (input.peek2(LitInt) || input.peek2(LitFloat)) {
            let minus: Token![-] = input.parse()?;
            return match input.parse()? {
                Lit::Int(int) => {
                    let int = plain(&int);
                    Ok(Self::Integer(quote!(#minus #int)))
                }
                float => Ok(Self::Number(quote!(#minus #float))),
            };
        }
        if input.peek(Lit) {
            return match input.parse()? {
                Lit::Str(text) => Ok(Self::Text(text)),
                Lit::Bool(value) => Ok(Self::Bool(value)),
                Lit::Int(int) => Ok(Self::Integer(plain(&int).to_token_stream())),
                Lit::Float(float) => Ok(Self::Number(float.to_token_stream())),
                other => Err(syn::Error::new_spanned(
                    other,
                    "this literal is not a JSON value\nhelp: write a text in quotes, a number, `true`, `false` or `null`",
                )),
            };
        }
        Self::parse_expr(input)
    }

    fn parse_expr(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(syn::Ident) && input.peek2(token::Paren) && input.fork().parse::<Ident>()? == "raw" {
            input.parse::<Ident>()?;
            let content;
            parenthesized!(content in input);
            let text: Expr = content.parse()?;
            if !content.is_empty() {
                return Err(syn::Error::new(content.span(), "`raw` takes one text\nhelp: write `raw(\"…\")`"));
            }
            return Ok(Self::Raw(text));
        }
        if input.peek(syn::Ident) && input.peek2(token::Paren) && input.fork().parse::<Ident>()? == "joined" {
            return Self::parse_joined(input);
        }
        let expr: Expr = input.parse()?;
        if let Some(reference) = Reference::of(&expr, &Bindings::new()) {
            return Ok(Self::Reference(reference));
        }
        if is_constant(&expr) {
            return Ok(Self::Raw(expr));
        }
        match segments(&expr).as_deref() {
            Some([name]) if name == "null" => Ok(Self::Null),
            Some([name]) if is_lower(name) => Err(syn::Error::new_spanned(
                name,
                format!(
                    "`{name}` is not a value\nhelp: write `\"{name}\"` for the text, or `config.{name}` for the user's value"
                ),
            )),
            _ => Err(syn::Error::new_spanned(
                expr,
                "this is not a value\nhelp: write a text, a number, `true`, `null`, `config.name`, `[…]`, `{ … }` or a constant",
            )),
        }
    }

    fn parse_joined(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        let content;
        parenthesized!(content in input);
        if content.is_empty() {
            return Err(syn::Error::new(
                name.span(),
                "`joined` has no list\nhelp: write `joined([\"a\", \"b\"])`, or `joined(config.ids)`",
            ));
        }
        let items = Self::parse(&content)?;
        if !matches!(items, Self::List(_) | Self::Reference(_) | Self::Text(_)) {
            return Err(syn::Error::new(
                name.span(),
                "`joined` joins a list\nhelp: write `joined([\"a\", \"b\"])`, or `joined(config.ids)`",
            ));
        }
        content.parse::<Option<Token![,]>>()?;
        let separator = match content.is_empty() {
            true => LitStr::new(",", name.span()),
            false => content.parse::<LitStr>().map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "the separator of `joined` is a text\nhelp: write `joined(config.ids, \";\")`",
                )
            })?,
        };
        content.parse::<Option<Token![,]>>()?;
        match content.is_empty() {
            true => Ok(Self::Joined(Box::new(items), separator)),
            false => {
                Err(content.error("`joined` takes a list and a separator\nhelp: write `joined(config.ids, \";\")`"))
            }
        }
    }

    /// The value as a constant.
    pub(crate) fn expand(&self, place: Option<Place>, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let define = rewrite.runtime.define();
        match self {
            Self::Null => quote!(#define::Value::Null),
            Self::Bool(value) => quote!(#define::Value::Bool(#value)),
            Self::Integer(value) => quote!(#define::Value::Integer(#value)),
            Self::Number(value) => quote!(#define::Value::Number(#value)),
            Self::Raw(text) => quote!(#define::Value::Raw(#text)),
            Self::Text(text) => match place.filter(|place| !place.raw) {
                Some(place) => {
                    let text = rewrite.literal(text, place, errors);
                    quote!(#define::Value::Template(#text))
                }
                None => quote!(#define::Value::Raw(#text)),
            },
            Self::Reference(reference) => {
                let Some(place) = place else {
                    errors.at_span(
                        reference.span,
                        format!(
                            "`{}` cannot stand here, where a fixed value is wanted\nhelp: write a literal",
                            reference.text
                        ),
                    );
                    return TokenStream::new();
                };
                let text = rewrite.reference(reference, place);
                quote!(#define::Value::Template(#text))
            }
            Self::List(items) => {
                let items: Vec<TokenStream> = items.iter().map(|item| item.expand(place, rewrite, errors)).collect();
                quote!(#define::Value::List(&[#(#items),*]))
            }
            Self::Joined(items, separator) => {
                let items = items.expand(place, rewrite, errors);
                quote!(#define::Value::Joined(&#items, #separator))
            }
            Self::Map(map) => {
                let entries = map.expand(place, rewrite, errors);
                quote!(#define::Value::Map(#entries))
            }
        }
    }
}

/// A whole number without its suffix, so that it fits the one integer type of a value.
fn plain(int: &LitInt) -> LitInt {
    if int.suffix().is_empty() { int.clone() } else { LitInt::new(int.base10_digits(), int.span()) }
}
