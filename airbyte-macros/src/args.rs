//! The outer grammar of an attribute: `key = value, …`, each key known and written once.
//!
//! A value stays a token stream until its key is taken, so that a mistake in one value does not hide those in others.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Token, parenthesized};

use crate::diag::{Errors, nearest, suggest};
use crate::vocabulary::{self, Key, Vocabulary};

/// What was written in one attribute.
pub(crate) struct Arguments {
    vocabulary: &'static Vocabulary,
    list: Vec<Argument>,
}

struct Argument {
    key: Ident,
    name: String,
    /// `None` where nothing that could be a value was written, which was reported.
    value: Option<TokenStream>,
    /// Whether the name is only the nearest to what was written, which was reported.
    guessed: bool,
}

impl Arguments {
    pub(crate) fn parse(tokens: TokenStream, vocabulary: &'static Vocabulary, errors: &mut Errors) -> Self {
        let mut found = Self { vocabulary, list: Vec::new() };
        for piece in split(ungrouped(tokens), vocabulary) {
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
        let value = argument.value.clone()?;
        if value.is_empty() {
            errors.push(no_value(key, argument.key.span()));
            return None;
        }
        let mut surplus = None;
        let parsed = parse_scoped(value, |input| {
            let value = parser(input)?;
            surplus = self.nothing_left(name, input).err();
            Ok(value)
        });
        // A value whose key was only guessed stands in for what is missing; it is not judged.
        if argument.guessed {
            return parsed.ok();
        }
        let (value, error) = match parsed {
            Ok(value) => (Some(value), surplus),
            Err(error) => (None, Some(error)),
        };
        for error in error.into_iter().flatten() {
            let text = error.to_string();
            if text.contains("help: ") {
                errors.push(error);
            } else {
                errors.push(syn::Error::new(error.span(), format!("{text}, in `{name}`\nhelp: write `{}`", key.form)));
            }
        }
        value
    }

    fn add(&mut self, piece: &[TokenTree], errors: &mut Errors) {
        let (key, value) = match piece {
            [TokenTree::Ident(key), TokenTree::Punct(equals), value @ ..] if equals.as_char() == '=' => {
                (key, Some(value))
            }
            [TokenTree::Ident(key), colon, value @ ..] if is(colon, ':') => {
                errors.at(colon, format!("a value stands behind `=`, not `:`\nhelp: write `{key} = …`"));
                (key, Some(value))
            }
            [TokenTree::Ident(key), ..] if self.vocabulary.find(&key.unraw().to_string()).is_some() => {
                errors.push(not_an_argument(self.vocabulary, piece));
                (key, None)
            }
            _ => {
                errors.push(not_an_argument(self.vocabulary, piece));
                return;
            }
        };
        let written = key.unraw().to_string();
        let (name, guessed) = match self.vocabulary.find(&written) {
            Some(_) => (written, false),
            None => {
                errors.push(unknown(self.vocabulary, key));
                let nearest = nearest(&written, self.vocabulary.keys.iter().map(|key| key.name));
                let Some(name) = nearest.filter(|name| self.key(name).is_none()) else { return };
                (name.to_owned(), true)
            }
        };
        // What was written under its own name is better than a guess.
        self.list.retain(|argument| !(argument.guessed && argument.name == name));
        if self.list.iter().any(|argument| argument.name == name) {
            errors.at(key, format!("`{name}` is written twice\nhelp: keep one of the two"));
            return;
        }
        let value = value.map(|value| value.iter().cloned().collect());
        self.list.push(Argument { key: key.clone(), name, value, guessed });
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

/// The tokens without the invisible groups that a `macro_rules!` puts around what it was given, so that `$path:literal`
/// and `$field:expr` read like what they stand for; an operation stays grouped, because it could bind otherwise.
pub(crate) fn ungrouped(tokens: TokenStream) -> TokenStream {
    let mut found = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let content = ungrouped(group.stream());
                if group.delimiter() == Delimiter::None && is_simple(&content) {
                    found.extend(content);
                } else {
                    let mut copy = Group::new(group.delimiter(), content);
                    copy.set_span(group.span());
                    found.extend([TokenTree::Group(copy)]);
                }
            }
            token => found.extend([token]),
        }
    }
    found
}

/// Whether the tokens are a literal, a name, a path or a call, which mean the same without a group.
fn is_simple(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().all(|token| match token {
        TokenTree::Punct(punct) => matches!(punct.as_char(), '.' | ':'),
        _ => true,
    })
}

/// Splits at the commas that a `key =`, a known key without a value, or the end follows: other commas belong to a value.
fn split(tokens: TokenStream, vocabulary: &Vocabulary) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut pieces = vec![Vec::new()];
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        let ends = is(token, ',') && (rest.is_empty() || begins_argument(rest) || begins_broken(rest, vocabulary));
        match pieces.last_mut() {
            Some(_) if ends => pieces.push(Vec::new()),
            Some(piece) => piece.push(token.clone()),
            None => {}
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Whether a known key stands here with `:` or nothing behind it.
fn begins_broken(tokens: &[TokenTree], vocabulary: &Vocabulary) -> bool {
    let [TokenTree::Ident(key), rest @ ..] = tokens else { return false };
    let is_path =
        matches!(rest, [TokenTree::Punct(first), ..] if first.as_char() == ':' && first.spacing() == Spacing::Joint);
    vocabulary.find(&key.unraw().to_string()).is_some()
        && !is_path
        && rest.first().is_none_or(|next| is(next, ':') || is(next, ','))
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
