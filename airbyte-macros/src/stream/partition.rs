//! `partition =` and `parent =`: the parts that a stream is read in, and the names of their values.

use proc_macro2::{Delimiter, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, ExprCall, Ident, Path};

use super::parse::{ParentArg, ParentOption};
use crate::args::parse_scoped;
use crate::component::{Argument, Chain, Component, Named, Slot, constant, group, identifier, imported};
use crate::diag::Errors;
use crate::map::Value;
use crate::names::unraw;
use crate::reference::{Reference, is_lower, last_span};
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
    /// The keys that parents share with other partitions, each with the place of `parents`.
    pub(crate) shared: Vec<(Ident, Span)>,
}

/// A parent stream and the fields of it that name a partition.
pub(crate) struct Parent<'a> {
    pub(crate) stream: Path,
    pub(crate) keys: Vec<ParentKey>,
    pub(crate) options: &'a [(Ident, ParentOption)],
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
                Component::Chain(chain) => found.chain(chain, &mut Names::apart(), rewrite, errors),
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

    /// `kind(key = values, …)`, where the first argument names the key and its values; or `kind(partition, …)`, which
    /// puts partitions together.
    fn chain(
        &mut self,
        chain: &Chain,
        names: &mut Names,
        rewrite: &mut Rewrite<'_>,
        errors: &mut Errors,
    ) -> TokenStream {
        let kind = &chain.kind;
        if chain.positional.iter().any(|argument| member(argument).is_some()) {
            return self.combination(chain, names, rewrite, errors);
        }
        let (Some((first, rest)), true) = (chain.named.split_first(), chain.positional.is_empty()) else {
            let values = chain.positional.first().and_then(argument_reference);
            let (key, values) = match values {
                Some(reference) => (reference.path().rsplit('.').next().unwrap_or("name").to_owned(), reference.text),
                None => ("region".to_owned(), "[\"eu\", \"us\"]".to_owned()),
            };
            errors.at(kind, format!("partition `{kind}` does not name its value\nhelp: write `{kind}({key} = {values})`, and `{{partition.{key}}}` stands for the value"));
            return TokenStream::new();
        };
        if names.are_apart && self.keys.contains(&first.key) {
            let key = &first.key;
            errors.at(key, format!("two partitions are named `{key}`\nhelp: give each a name of its own"));
        }
        names.keys.push(first.key.clone());
        if !self.keys.contains(&first.key) {
            self.keys.push(first.key.clone());
        }
        let values = self.values(kind, first, rewrite, errors);
        let key = syn::LitStr::new(&unraw(&first.key), first.key.span());
        let body = chain.expand_calls(&quote!(#key, #values), rest, Slot::PARTITION, rewrite, errors);
        finished(chain, &body, rewrite)
    }

    /// `union(list(…), parents)`: what stands for partitions becomes one argument behind the others.
    fn combination(
        &mut self,
        chain: &Chain,
        names: &mut Names,
        rewrite: &mut Rewrite<'_>,
        errors: &mut Errors,
    ) -> TokenStream {
        let mut within = Names { keys: Vec::new(), are_apart: false };
        let (mut arguments, mut members, mut parents) = (Vec::new(), Vec::new(), None);
        for argument in &chain.positional {
            match member(argument) {
                Some(Member::Parents(word)) => {
                    parents = Some(word.span());
                    let body = quote_spanned!(word.span()=> #word().build());
                    members.push(constant(
                        Slot::PARTITION.trait_path(),
                        imported(Slot::PARTITION, &body, rewrite.runtime),
                        (word.span(), word.span()),
                        rewrite.runtime,
                    ));
                }
                Some(Member::Chain(inner)) => members.push(self.chain(inner, &mut within, rewrite, errors)),
                None => arguments.push(argument.as_expr().map_or_else(TokenStream::new, |expr| {
                    rewrite.expr(expr, Slot::PARTITION.positional, None, errors)
                })),
            }
        }
        if let Some(span) = parents {
            self.shared.extend(within.keys.iter().map(|key| (key.clone(), span)));
        }
        let keys = within.keys.iter().map(|key| syn::LitStr::new(&unraw(key), key.span()));
        let define = rewrite.runtime.define();
        arguments.push(quote!(#define::partition::members(&[#(#keys),*], &[#(#members),*])));
        names.keys.extend(within.keys.first().cloned());
        let body = chain.expand_calls(&quote!(#(#arguments),*), &chain.named, Slot::PARTITION, rewrite, errors);
        finished(chain, &body, rewrite)
    }

    /// The values of a list: an array, or a config field that is one.
    fn values(&mut self, kind: &Ident, named: &Named, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let key = &named.key;
        if let Some(Expr::Call(call)) = named.value.as_expr()
            && called(call).is_some_and(|name| name != "raw")
        {
            return call.to_token_stream();
        }
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

/// The names of partitions that stand beside each other.
struct Names {
    keys: Vec<Ident>,
    /// Whether two of them may not be the same.
    are_apart: bool,
}

impl Names {
    fn apart() -> Self {
        Self { keys: Vec::new(), are_apart: true }
    }
}

/// What stands for partitions among the arguments of another one.
enum Member<'c> {
    /// `parents`: the records of `parent = …`.
    Parents(&'c Ident),
    /// `list(…)` and the like.
    Chain(&'c Chain),
}

fn member(argument: &Argument) -> Option<Member<'_>> {
    match argument {
        Argument::Nested(chain, _) => Some(Member::Chain(chain)),
        Argument::Expr(Expr::Path(path)) => {
            path.path.get_ident().filter(|word| *word == "parents").map(Member::Parents)
        }
        _ => None,
    }
}

/// The name of the function or component that is called, if it is written like one.
fn called(call: &ExprCall) -> Option<&Ident> {
    match &*call.func {
        Expr::Path(path) => path.path.get_ident().filter(|name| is_lower(name)),
        _ => None,
    }
}

/// A component as a constant.
fn finished(chain: &Chain, body: &TokenStream, rewrite: &Rewrite<'_>) -> TokenStream {
    let body = imported(Slot::PARTITION, body, rewrite.runtime);
    constant(Slot::PARTITION.trait_path(), body, (chain.kind.span(), chain.kind.span()), rewrite.runtime)
}

impl ParentOption {
    /// The fields of the parent that it names.
    pub(crate) fn fields(&self) -> &[Ident] {
        match self {
            Self::Fields(fields, _) => fields,
            Self::Value(_) => &[],
        }
    }
}

impl<'a> Parent<'a> {
    /// The parents with their keys: what is listed, then what templates use.
    pub(crate) fn resolve(parents: &'a [ParentArg], templates: &[Template], errors: &mut Errors) -> Vec<Self> {
        let used: Vec<&str> = templates
            .iter()
            .flat_map(|template| &template.placeholders)
            .filter(|placeholder| placeholder.root == Root::Parent)
            .map(|placeholder| placeholder.first())
            .collect();
        parents.iter().map(|parent| Self::new(parent, &used, errors)).collect()
    }

    fn new(parent: &'a ParentArg, used: &[&str], errors: &mut Errors) -> Self {
        let mut keys: Vec<ParentKey> = Vec::new();
        for (field, name) in parent.fields.iter().flatten() {
            let key = ParentKey { field: unraw(field), name: unraw(name), listed: Some(field.span()) };
            if keys.iter().any(|other| other.name == key.name) {
                errors.at(name, format!("two fields of the parent are named `{0}`\nhelp: give one another name, as in `{field} as {0}_2`", key.name));
            }
            keys.push(key);
        }
        let extra =
            |name: &str| parent.options.iter().flat_map(|(_, value)| value.fields()).any(|field| unraw(field) == name);
        for name in used.iter().filter(|name| !extra(name)) {
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
        Self { stream: parent.stream.clone(), keys, options: &parent.options }
    }

    /// The fields of the parent that stand in the attribute, each with its place.
    pub(crate) fn named_fields(&self) -> impl Iterator<Item = (String, Span)> {
        let keys = self.keys.iter().filter_map(|key| Some((key.field.clone(), key.listed?)));
        let fields = self.options.iter().flat_map(|(_, value)| value.fields());
        keys.chain(fields.map(|field| (unraw(field), field.span())))
    }

    /// The calls that say the rest of it.
    pub(crate) fn expand_options(&self) -> Vec<TokenStream> {
        let calls = self.options.iter().map(|(key, value)| {
            let (argument, end) = match value {
                ParentOption::Fields(fields, span) => {
                    let fields = fields.iter().map(|field| syn::LitStr::new(&unraw(field), field.span()));
                    (quote_spanned!(*span=> &[#(#fields),*]), *span)
                }
                ParentOption::Value(expr) => (expr.to_token_stream(), last_span(expr)),
            };
            let parent = Ident::new("parent", key.span());
            let key = identifier(key, key.span());
            let arguments = group(Delimiter::Parenthesis, argument, end);
            quote_spanned!(key.span()=> let #parent = #parent.#key #arguments;)
        });
        calls.collect()
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
