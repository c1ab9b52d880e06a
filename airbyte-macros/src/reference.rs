//! `config.token` as a value: the same as the template `"{config.token}"`.

use std::collections::BTreeMap;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Expr, ExprField, ExprPath, Ident, LitStr, Member};

use crate::names::unraw;
use crate::template::Root;

/// A path such as `config.credentials.token`.
#[derive(Clone)]
pub(crate) struct Reference {
    pub(crate) root: Root,
    /// The whole path with its root, such as `config.credentials.token`.
    pub(crate) text: String,
    /// The last segment's: what messages underline.
    pub(crate) span: Span,
    /// The binding that the whole expression is, if it is one.
    pub(crate) binding: Option<Binding>,
    /// If the path goes on from a binding: what `match` chooses by and what is bound, as paths below the root.
    pub(crate) bound: Option<(String, String)>,
}

/// What the names that a `match` arm binds stand for, such as `token` for `config.credentials.token`.
pub(crate) type Bindings = BTreeMap<String, (Binding, String)>;

/// What a name in a pattern is bound to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binding {
    /// A field, as in `Variant { token }`; the pattern itself shows rustc that it exists.
    Field,
    /// The content of a variant, as in `Variant(content)`.
    Content,
}

impl Reference {
    /// The reference that an expression is, if it is one.
    pub(crate) fn of(expr: &Expr, bindings: &Bindings) -> Option<Self> {
        let segments = segments(expr)?;
        let (first, rest) = segments.split_first()?;
        let (binding, bound, mut text) = match bindings.get(&unraw(first)) {
            Some((binding, path)) if rest.is_empty() => (Some(*binding), None, path.clone()),
            Some((binding, path)) => (None, Some(binding.bound(path)), path.clone()),
            None if rest.is_empty() => return None,
            None => (None, None, unraw(first)),
        };
        for segment in rest {
            text.push('.');
            text.push_str(&unraw(segment));
        }
        let root = Root::parse(text.split('.').next().unwrap_or_default())?;
        Some(Self { root, text, span: rest.last().unwrap_or(first).span(), binding, bound })
    }

    /// The template that means the same.
    pub(crate) fn template(&self) -> LitStr {
        LitStr::new(&format!("{{{}}}", self.text), self.span)
    }

    /// The path below the root.
    pub(crate) fn path(&self) -> &str {
        below_root(&self.text)
    }
}

impl Binding {
    /// The path that `match` chooses by and the bound one, both below the root.
    fn bound(self, path: &str) -> (String, String) {
        let bound = below_root(path);
        let choice = match self {
            Self::Field => bound.rsplit_once('.').map_or(bound, |(choice, _)| choice),
            Self::Content => bound,
        };
        (choice.to_owned(), bound.to_owned())
    }
}

fn below_root(path: &str) -> &str {
    path.split_once('.').map_or("", |(_, path)| path)
}

/// The names of `a.b.c`, or of a lone `a`.
pub(crate) fn segments(expr: &Expr) -> Option<Vec<Ident>> {
    match expr {
        Expr::Path(ExprPath { attrs, qself: None, path }) if attrs.is_empty() => Some(vec![path.get_ident()?.clone()]),
        Expr::Field(ExprField { attrs, base, member: Member::Named(member), .. }) if attrs.is_empty() => {
            let mut segments = segments(base)?;
            segments.push(member.clone());
            Some(segments)
        }
        _ => None,
    }
}

/// Whether an expression is a constant of the user's: `NAME`, `module::NAME`, or a macro such as `concat!(…)`.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => match path.path.get_ident() {
            Some(ident) => !is_lower(ident),
            None => true,
        },
        Expr::Macro(_) => true,
        _ => false,
    }
}

/// Whether a name begins like a field, a function or a component.
pub(crate) fn is_lower(ident: &Ident) -> bool {
    unraw(ident).starts_with(|c: char| c.is_lowercase() || c == '_')
}

/// The span of the last token, where probes point.
pub(crate) fn last_span(tokens: impl ToTokens) -> Span {
    tokens.into_token_stream().into_iter().last().map_or_else(Span::call_site, |token| token.span())
}
