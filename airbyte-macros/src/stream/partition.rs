//! `partition =` and `parent =`: the parts that a stream is read in, and the names of their values.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, Ident, Path};

use super::parse::ParentArg;
use crate::args::parse_scoped;
use crate::component::{Argument, Chain, Component, Named, Slot, constant, imported};
use crate::diag::Errors;
use crate::map::Value;
use crate::names::unraw;
use crate::reference::{Reference, is_lower};
use crate::template::Root;
use crate::value::{Place, Rewrite, Template};

/// What `partition =` says.
#[derive(Default)]
pub(crate) struct Partitions {
    /// The components, as constants.
    pub(crate) components: Vec<TokenStream>,
    /// The keys that the components name.
    pub(crate) keys: Vec<Ident>,
    /// A router of the user's own, which knows its keys itself.
    pub(crate) router: Option<TokenStream>,
    /// The config fields that must be lists.
    pub(crate) lists: Vec<Reference>,
}

/// A parent stream and the fields of it that name a partition.
pub(crate) struct Parent {
    pub(crate) stream: Path,
    pub(crate) keys: Vec<ParentKey>,
}

/// A field of a parent.
pub(crate) struct ParentKey {
    /// The Rust name of the field, or a partition key of the parent.
    pub(crate) field: String,
    /// Its name in the partition.
    pub(crate) name: String,
    /// Where it was listed; `None` if a template uses it.
    pub(crate) listed: Option<Span>,
}

impl Partitions {
    pub(crate) fn resolve(components: &[Component], rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> Self {
        let mut found = Self::default();
        for component in components {
            let tokens = match component {
                Component::Chain(chain) => found.chain(chain, rewrite, errors),
                Component::Select(select) => {
                    errors.at_span(
                        select.reference.span,
                        "a partition cannot be chosen by a `match`\nhelp: write `list(name = config.field)`, or a type that implements `PartitionRouter`",
                    );
                    TokenStream::new()
                }
                Component::Other(expr) => {
                    found.router(expr, components.len(), errors);
                    component.expand(Slot::PARTITION, rewrite, errors)
                }
            };
            found.components.push(tokens);
        }
        found
    }

    /// `kind(key = values, …)`: the first argument names the key and its values.
    fn chain(&mut self, chain: &Chain, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let kind = &chain.kind;
        let (Some((first, rest)), true) = (chain.named.split_first(), chain.positional.is_empty()) else {
            let values = chain.positional.first().and_then(argument_reference);
            let (key, values) = match values {
                Some(reference) => (reference.path().rsplit('.').next().unwrap_or("name").to_owned(), reference.text),
                None => ("region".to_owned(), "[\"eu\", \"us\"]".to_owned()),
            };
            errors.at(kind, format!("partition `{kind}` does not name its value\nhelp: write `{kind}({key} = {values})`, and `{{partition.{key}}}` stands for the value"));
            return TokenStream::new();
        };
        if self.keys.contains(&first.key) {
            let key = &first.key;
            errors.at(key, format!("two partitions are named `{key}`\nhelp: give each a name of its own"));
        }
        self.keys.push(first.key.clone());
        let values = self.values(kind, first, rewrite, errors);
        let key = syn::LitStr::new(&unraw(&first.key), first.key.span());
        let body = chain.expand_calls(&quote!(#key, #values), rest, Slot::PARTITION, rewrite, errors);
        let body = imported(Slot::PARTITION, &body, rewrite.runtime);
        constant(Slot::PARTITION.trait_path(), body, (kind.span(), kind.span()), rewrite.runtime)
    }

    /// The values of a list: an array, or a config field that is one.
    fn values(&mut self, kind: &Ident, named: &Named, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let key = &named.key;
        let value = match named.value.as_expr() {
            Some(expr) => parse_scoped(expr.to_token_stream(), Value::parse),
            None => Ok(Value::Null),
        };
        match value {
            Ok(value @ Value::List(_)) => value.expand(Some(Place::PARTITION), rewrite, errors),
            Ok(Value::Reference(reference)) if reference.root == Root::Config => {
                let define = rewrite.runtime.define();
                let text = rewrite.reference(&reference, Place::PARTITION);
                self.lists.push(reference);
                quote!(#define::Value::Template(#text))
            }
            Ok(_) => {
                errors.at(
                    key,
                    format!("partition `{key}` has no list of values\nhelp: write `{kind}({key} = [\"a\", \"b\"])`, or `{kind}({key} = config.{key}s)` for a list that the user fills in"),
                );
                TokenStream::new()
            }
            Err(error) => {
                errors.push(error);
                TokenStream::new()
            }
        }
    }

    /// A router of the user's own; its type says the keys.
    fn router(&mut self, expr: &Expr, count: usize, errors: &mut Errors) {
        if count > 1 {
            errors.at(
                expr,
                "a partition router of your own cannot be combined with another partition\nhelp: let its `partitions` yield the combinations, and name all keys in `PartitionKeys::KEYS`",
            );
        }
        match type_path(expr) {
            Some(path) => self.router = Some(path.to_token_stream()),
            None => errors.at(
                expr,
                "this is not a partition\nhelp: write `list(name = [\"a\", \"b\"])`, or the name of a type that implements `PartitionRouter`",
            ),
        }
    }
}

impl Parent {
    /// The parents with their keys: what is listed, then what templates use.
    pub(crate) fn resolve(parents: &[ParentArg], templates: &[Template], errors: &mut Errors) -> Vec<Self> {
        let used: Vec<&str> = templates
            .iter()
            .flat_map(|template| &template.placeholders)
            .filter(|placeholder| placeholder.root == Root::Parent)
            .map(|placeholder| placeholder.first())
            .collect();
        parents.iter().map(|parent| Self::new(parent, &used, errors)).collect()
    }

    fn new(parent: &ParentArg, used: &[&str], errors: &mut Errors) -> Self {
        let mut keys: Vec<ParentKey> = Vec::new();
        for (field, name) in parent.fields.iter().flatten() {
            let key = ParentKey { field: unraw(field), name: unraw(name), listed: Some(field.span()) };
            if keys.iter().any(|other| other.name == key.name) {
                errors.at(name, format!("two fields of the parent are named `{0}`\nhelp: give one another name, as in `{field} as {0}_2`", key.name));
            }
            keys.push(key);
        }
        for name in used {
            if keys.iter().any(|key| key.field == *name) {
                continue;
            }
            if let Some(other) = keys.iter().find(|key| key.name == *name) {
                let span = other.listed.unwrap_or_else(Span::call_site);
                errors.at_span(span, format!("`{0}` is named `{name}`, and `{{parent.{name}}}` needs that name\nhelp: write `{0} as parent_{0}`", other.field));
            }
            keys.push(ParentKey { field: (*name).to_owned(), name: (*name).to_owned(), listed: None });
        }
        if keys.is_empty() {
            let stream = parent.stream.segments.last().map_or_else(String::new, |segment| segment.ident.to_string());
            errors.at(
                &parent.stream,
                format!("nothing of parent `{stream}` is used\nhelp: put `{{parent.id}}` into the path, or name the fields, as in `parent = {stream}(id)`"),
            );
        }
        Self { stream: parent.stream.clone(), keys }
    }
}

/// The config field that an argument names.
fn argument_reference(argument: &Argument) -> Option<Reference> {
    Reference::of(argument.as_expr()?, &crate::reference::Bindings::new())
}

/// The type of `MyRouter`, `MyRouter { … }`, `MyRouter(…)` or `MyRouter::new(…)`.
fn type_path(expr: &Expr) -> Option<Path> {
    let mut path = match expr {
        Expr::Path(expr) => expr.path.clone(),
        Expr::Struct(expr) => expr.path.clone(),
        Expr::Call(call) => return type_path(&call.func),
        _ => return None,
    };
    while path.segments.last().is_some_and(|segment| is_lower(&segment.ident)) {
        path.segments.pop();
    }
    path.segments.pop_punct();
    (!path.segments.is_empty()).then_some(path)
}
