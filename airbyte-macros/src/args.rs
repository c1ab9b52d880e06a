//! The outer grammar of an attribute: `key = value, …`, each key known and written once.
//!
//! A value stays a token stream until its key is taken, so that a mistake in one value does not hide those in others.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Token, parenthesized};

use crate::diag::{Errors, suggest};
use crate::vocabulary::{self, Key, Vocabulary};

/// What was written in one attribute.
pub(crate) struct Arguments {
    vocabulary: &'static Vocabulary,
    list: Vec<Argument>,
}

struct Argument {
    key: Ident,
    name: String,
    value: TokenStream,
}

impl Arguments {
    pub(crate) fn parse(tokens: TokenStream, vocabulary: &'static Vocabulary, errors: &mut Errors) -> Self {
        let mut found = Self { vocabulary, list: Vec::new() };
        for piece in split(tokens) {
            found.add(&piece, errors);
        }
        found
    }

    /// The key, if it was written.
    pub(crate) fn key(&self, name: &str) -> Option<&Ident> {
        self.list.iter().find(|argument| argument.name == name).map(|argument| &argument.key)
    }

    /// The later of two keys, if both were written.
    pub(crate) fn second(&self, a: &str, b: &str) -> Option<&Ident> {
        let mut both = self.list.iter().filter(|argument| argument.name == a || argument.name == b);
        both.next()?;
        both.next().map(|argument| &argument.key)
    }

    /// Parses the value of a key; `None` if it was not written, or reported as wrong.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        errors: &mut Errors,
        parser: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
    ) -> Option<T> {
        let argument = self.list.iter().find(|argument| argument.name == name)?;
        let key = self.vocabulary.find(name)?;
        if argument.value.is_empty() {
            errors.push(no_value(key, argument.key.span()));
            return None;
        }
        let parsed = parse_scoped(argument.value.clone(), |input| {
            let value = parser(input)?;
            self.nothing_left(name, input)?;
            Ok(value)
        });
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                for error in error {
                    let text = error.to_string();
                    if text.contains("help: ") {
                        errors.push(error);
                    } else {
                        errors.push(syn::Error::new(
                            error.span(),
                            format!("{text}, in `{name}`\nhelp: write `{}`", key.form),
                        ));
                    }
                }
                None
            }
        }
    }

    fn add(&mut self, piece: &[TokenTree], errors: &mut Errors) {
        let (key, value) = match piece {
            [TokenTree::Ident(key), TokenTree::Punct(equals), value @ ..] if equals.as_char() == '=' => (key, value),
            _ => {
                errors.push(not_an_argument(self.vocabulary, piece));
                return;
            }
        };
        let name = key.unraw().to_string();
        if self.vocabulary.find(&name).is_none() {
            errors.push(unknown(self.vocabulary, key));
        } else if self.list.iter().any(|argument| argument.name == name) {
            errors.at(key, format!("`{name}` is written twice\nhelp: keep one of the two"));
        } else {
            self.list.push(Argument { key: key.clone(), name, value: value.iter().cloned().collect() });
        }
    }

    /// Refuses whatever stands between a value and the next `, key =`.
    fn nothing_left(&self, name: &str, input: ParseStream<'_>) -> syn::Result<()> {
        if input.is_empty() {
            return Ok(());
        }
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            let rest: Vec<TokenTree> = input.parse::<TokenStream>()?.into_iter().collect();
            return Err(not_an_argument(self.vocabulary, &rest));
        }
        let token: TokenTree = input.parse()?;
        let missing_comma = matches!(&token, TokenTree::Ident(_)) && input.peek(Token![=]);
        let rest = input.parse::<TokenStream>();
        drop(rest);
        Err(if missing_comma {
            syn::Error::new(
                token.span(),
                format!("there is no comma between `{name}` and `{token}`\nhelp: write `, {token} = …`"),
            )
        } else {
            syn::Error::new(token.span(), format!("unexpected `{token}` after the value"))
        })
    }
}

/// Parses all of `tokens`; an unexpected end is reported at the last token, not at the whole attribute.
pub(crate) fn parse_scoped<T>(
    tokens: TokenStream,
    parser: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    let span = tokens.clone().into_iter().last().map(|token| token.span());
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    if let Some(span) = span {
        group.set_span(span);
    }
    let whole = |input: ParseStream<'_>| {
        let content;
        parenthesized!(content in input);
        parser(&content)
    };
    whole.parse2(TokenTree::Group(group).into())
}

/// Splits at the commas that a `key =` or the end follows: other commas belong to a value.
fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut pieces = vec![Vec::new()];
    for (at, token) in tokens.iter().enumerate() {
        let ends = is(token, ',')
            && tokens.get(at + 1).is_none_or(|_| begins_argument(tokens.get(at + 1..).unwrap_or_default()));
        match pieces.last_mut() {
            Some(_) if ends => pieces.push(Vec::new()),
            Some(piece) => piece.push(token.clone()),
            None => {}
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Whether `key =` stands here, and not `key ==` or `key =>`.
pub(crate) fn begins_argument(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Ident(_), TokenTree::Punct(equals), rest @ ..] if equals.as_char() == '=' => {
            equals.spacing() == Spacing::Alone || !rest.first().is_some_and(|next| is(next, '=') || is(next, '>'))
        }
        _ => false,
    }
}

fn is(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if Punct::as_char(punct) == c)
}

/// The error for something that is not `key = value`.
fn not_an_argument(vocabulary: &Vocabulary, piece: &[TokenTree]) -> syn::Error {
    let span = piece.first().map_or_else(Span::call_site, TokenTree::span);
    match piece {
        [TokenTree::Ident(key), ..] => match vocabulary.find(&key.unraw().to_string()) {
            Some(known) => no_value(known, span),
            None => unknown(vocabulary, key),
        },
        [token, ..] => syn::Error::new(
            span,
            format!(
                "expected `key = value` in `#[{}]`, found `{token}`\nhelp: write the key, as in `{}`",
                vocabulary.attribute,
                vocabulary.keys.first().map_or("key = value", |key| key.form)
            ),
        ),
        [] => syn::Error::new(span, "expected `key = value`\nhelp: remove the comma"),
    }
}

fn no_value(key: &Key, span: Span) -> syn::Error {
    let Key { name, form, meaning } = key;
    syn::Error::new(span, format!("`{name}` has no value\nhelp: write `{form}`\nnote: `{name}` is {meaning}"))
}

fn unknown(vocabulary: &Vocabulary, key: &Ident) -> syn::Error {
    let name = key.unraw().to_string();
    if let Some(other) = vocabulary::ALL.iter().find(|other| other.find(&name).is_some()) {
        let (here, there) = (vocabulary.attribute, other.attribute);
        return syn::Error::new(
            key.span(),
            format!(
                "`{name}` is an argument of `#[{there}]`, not of `#[{here}]`\nhelp: move it to the `#[{there}(…)]` that it is about"
            ),
        );
    }
    let help = suggest(&name, vocabulary.keys.iter().map(|key| key.name), "arguments");
    syn::Error::new(key.span(), format!("unknown argument `{name}` for `#[{}]`\n{help}", vocabulary.attribute))
}
