//! A config field: doc comment, `#[config(…)]`, and the builder calls that they become.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, ExprLit, Ident, Lit, LitStr};

use super::attribute::{Entry, doc, entries};
use crate::args::parse_scoped;
use crate::component::identifier;
use crate::diag::{Errors, suggest};
use crate::fields::{Field, FieldSerde};
use crate::map::Value;
use crate::names::{field_title, unraw};
use crate::path::Runtime;
use crate::reference::{is_constant, last_span};
use crate::value::Rewrite;
use crate::vocabulary::{CONFIG_FIELD, ValueKind};

/// A field that a user fills in.
pub(crate) struct ConfigField {
    pub(crate) field: Field,
    description: String,
    entries: Vec<Entry>,
}

/// The texts that `#[config(rename = "…")]` gives to a field, for serde.
pub(crate) fn rename(entries: &[Entry]) -> Option<LitStr> {
    text_of(entries, "rename")
}

/// The text of `key = "…"`.
pub(crate) fn text_of(entries: &[Entry], key: &str) -> Option<LitStr> {
    let value = entries.iter().find(|entry| entry.key == key)?.value.as_ref()?;
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

impl ConfigField {
    /// Reads the attributes of `source`, whose JSON key is known from serde's.
    pub(crate) fn resolve(field: &Field, source: &syn::Field, errors: &mut Errors) -> Self {
        let entries = entries(&source.attrs, errors);
        let description = doc(&source.attrs);
        if description.is_none() {
            let name = &field.ident;
            errors.at(
                name,
                format!("config field `{}` has no doc comment, which is what the user reads in the form\nhelp: write `/// What to fill in.` above it", field.name),
            );
        }
        check_format(&entries, errors);
        entries.iter().for_each(|entry| check_entry(entry, errors));
        let mut field = field.clone();
        if let Some(rename) = rename(&entries) {
            if FieldSerde::of(&source.attrs).rename.is_some() {
                errors.at(
                    &rename,
                    "the field is renamed twice\nhelp: keep `#[config(rename = …)]` or `#[serde(rename = …)]`",
                );
            }
            field.key = rename.value();
        }
        Self { field, description: description.unwrap_or_default(), entries }
    }

    /// What builds the field: a call, and one more for each entry.
    ///
    /// Each call is a statement whose receiver carries the key's span, for the reason that `component` explains.
    pub(crate) fn expand(&self, runtime: &Runtime, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let Field { name, key, ty, cfg, .. } = &self.field;
        let (title, description) = (field_title(name), &self.description);
        let span = last_span(ty);
        let define = runtime.define_at(span);
        let start = quote_spanned!(span=> #define::config::config_field::<#ty>(#name, #key, #title, #description));
        let entries: Vec<&Entry> = self.entries.iter().filter(|entry| entry.key != "rename").collect();
        let Some((last, others)) = entries.split_last() else { return quote!(#(#cfg)* #start) };
        let variable = &self.field.ident;
        let mut call = |entry: &Entry| expand_entry(variable, entry, rewrite, errors);
        let calls: Vec<TokenStream> = others.iter().map(|entry| call(entry)).collect();
        let last = call(last);
        quote!(#(#cfg)* { let #variable = #start; #(let #variable = #calls;)* #last })
    }

    /// The field without what `#[config]` says, where something in it is wrong.
    pub(crate) fn expand_bare(&self, runtime: &Runtime) -> TokenStream {
        let define = runtime.define();
        let Field { name, key, ty, cfg, .. } = &self.field;
        quote!(#(#cfg)* #define::config::config_field::<#ty>(#name, #key, "", ""))
    }

    /// The checks of the field's type and default.
    pub(crate) fn expand_rules(
        &self,
        runtime: &Runtime,
        rewrite: &mut Rewrite<'_>,
        errors: &mut Errors,
    ) -> Vec<TokenStream> {
        let Field { ty, cfg, .. } = &self.field;
        let mut found = Vec::new();
        if self.entries.iter().any(|entry| entry.key == "secret") {
            let span = last_span(ty);
            let probe = runtime.probe_at(span);
            found.push(quote_spanned!(span=> #probe::secret_type::<#ty>()));
        }
        let default = self.entries.iter().find(|entry| entry.key == "default").and_then(|entry| entry.value.as_ref());
        if let Some(default) = default {
            let span = last_span(default);
            let rules = runtime.rules_at(span);
            let value = expand_value(default, rewrite, errors);
            found.push(quote_spanned!(span=> #rules::require_default::<#ty>(#value)));
            if let Some((minimum, maximum)) = self.limits().filter(|_| is_number(default)) {
                let value = expand_value(default, rewrite, errors);
                found.push(quote_spanned!(span=> #rules::require_in_range(#value, #minimum, #maximum)));
            }
        }
        found.into_iter().map(|call| quote!(#(#cfg)* const _: () = #call;)).collect()
    }

    /// `minimum` and `maximum` as options; none if neither was written, or where rustc refuses one in the field itself.
    fn limits(&self) -> Option<(TokenStream, TokenStream)> {
        let limit =
            |key: &str| self.entries.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.as_ref());
        let limits = [limit("minimum"), limit("maximum")];
        let is_refused = |limit: &Expr| matches!(limit, Expr::Lit(_)) && !is_whole(limit);
        if limits.iter().all(Option::is_none) || limits.iter().flatten().any(|limit| is_refused(limit)) {
            return None;
        }
        let [minimum, maximum] = limits.map(|limit| match limit {
            Some(limit) => quote!(::core::option::Option::Some(#limit)),
            None => quote!(::core::option::Option::None),
        });
        Some((minimum, maximum))
    }
}

fn is_whole(value: &Expr) -> bool {
    matches!(value, Expr::Lit(ExprLit { lit: Lit::Int(_), .. }))
}

/// Whether a value is a literal number.
fn is_number(value: &Expr) -> bool {
    match value {
        Expr::Unary(unary) => is_number(&unary.expr),
        Expr::Lit(ExprLit { lit: Lit::Float(_), .. }) => true,
        value => is_whole(value),
    }
}

/// Refuses a key that fields do not have, and a value that is not what the key takes.
fn check_entry(entry: &Entry, errors: &mut Errors) {
    let Entry { key, value } = entry;
    let name = unraw(key);
    // The keys that one would guess for `rename`.
    if name == "name" || name == "key" {
        errors.at(key, format!("`{name}` does not rename a config field\nhelp: write `rename = \"…\"`"));
        return;
    }
    let Some((_, kind, form)) = CONFIG_FIELD.iter().find(|(known, ..)| *known == name) else {
        let help = suggest(&name, CONFIG_FIELD.iter().map(|(known, ..)| *known), "arguments");
        errors.at(key, format!("unknown argument `{name}` for `#[config]` on a field\n{help}"));
        return;
    };
    let Some(value) = value else {
        if *kind != ValueKind::Flag {
            errors.at(key, format!("`{name}` has no value\nhelp: write `{form}`"));
        }
        return;
    };
    match kind {
        ValueKind::Flag => errors.at(value, format!("`{name}` stands alone, without a value\nhelp: write `{name}`")),
        ValueKind::Text if !is_constant(value) && text_of(std::slice::from_ref(entry), &name).is_none() => {
            let edit = match value {
                Expr::Path(path) => format!("{name} = \"{}\"", path.to_token_stream()),
                _ => (*form).to_owned(),
            };
            errors.at(value, format!("`{name}` is a text in quotes\nhelp: write `{edit}`"));
        }
        ValueKind::Integer if matches!(value, Expr::Lit(_)) && !is_whole(value) => {
            errors.at(value, format!("`{name}` is a whole number\nhelp: write `{form}`"));
        }
        _ => {}
    }
}

/// Refuses a format that the form does not know; here, because a panic in a shape would be reported at every stream.
fn check_format(entries: &[Entry], errors: &mut Errors) {
    const FORMATS: [&str; 2] = ["date", "date-time"];
    if let Some(format) = text_of(entries, "format").filter(|format| !FORMATS.contains(&format.value().as_str())) {
        let help = suggest(&format.value(), FORMATS, "formats");
        errors.at(&format, format!("`{}` is not a format that Airbyte's form knows\n{help}", format.value()));
    }
}

/// `field.key(value)` or `field.flag()`.
fn expand_entry(variable: &Ident, entry: &Entry, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
    let Entry { key, value } = entry;
    let key = identifier(key, key.span());
    let mut variable = variable.clone();
    variable.set_span(key.span());
    let Some(value) = value else { return quote_spanned!(key.span()=> #variable.#key()) };
    let (name, tokens) = match key.to_string().as_str() {
        "default" => (key.clone(), expand_value(value, rewrite, errors)),
        "example" => {
            let value = expand_value(value, rewrite, errors);
            (Ident::new("examples", key.span()), quote!(&[#value]))
        }
        "examples" => (key.clone(), expand_examples(value, rewrite, errors)),
        _ => (key.clone(), value.to_token_stream()),
    };
    let mut arguments = Group::new(Delimiter::Parenthesis, tokens);
    arguments.set_span(last_span(value));
    quote_spanned!(key.span()=> #variable.#name #arguments)
}

/// A literal as the runtime's `Value`; its text is never a template.
fn expand_value(value: &Expr, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
    match parse_scoped(value.to_token_stream(), Value::parse) {
        Ok(value) => value.expand(None, rewrite, errors),
        Err(error) => {
            errors.push(error);
            TokenStream::new()
        }
    }
}

fn expand_examples(value: &Expr, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
    let Expr::Array(array) = value else {
        errors.at(value, "`examples` is a list\nhelp: write `examples = [\"a\", \"b\"]`, or `example = \"a\"`");
        return TokenStream::new();
    };
    let values: Vec<TokenStream> = array.elems.iter().map(|value| expand_value(value, rewrite, errors)).collect();
    quote!(&[#(#values),*])
}
