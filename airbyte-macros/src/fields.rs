//! The fields of a struct as JSON has them: serde's renames, skipped and flattened fields.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, FieldsNamed, Ident, Lit, LitStr, Meta, MetaNameValue, Token, Type,
};

use crate::diag::{Errors, suggest};
use crate::names::{Case, unraw};

/// The fields of a struct that stand in JSON under keys of their own.
pub(crate) struct Fields {
    pub(crate) list: Vec<Field>,
    /// The names of the fields that serde skips.
    skipped: Vec<String>,
    /// Whether further keys come from a flattened field, so that not every name is known.
    pub(crate) open: bool,
}

/// A field of a struct.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// The Rust name without `r#`.
    pub(crate) name: String,
    /// The key in JSON.
    pub(crate) key: String,
    pub(crate) ty: Type,
    /// The `cfg` attributes, to be repeated on whatever refers to the field.
    pub(crate) cfg: Vec<Attribute>,
}

impl Fields {
    pub(crate) fn none() -> Self {
        Self { list: Vec::new(), skipped: Vec::new(), open: false }
    }

    /// The fields of a struct or a variant, where serde renames all of them by `case`.
    pub(crate) fn of(case: Case, fields: &FieldsNamed) -> Self {
        let mut found = Self::none();
        for field in &fields.named {
            let serde = FieldSerde::of(&field.attrs);
            found.open |= serde.flatten;
            found.skipped.extend(field.ident.iter().filter(|_| serde.skip).map(unraw));
            let Some(ident) = field.ident.as_ref().filter(|_| !serde.flatten && !serde.skip) else { continue };
            let name = unraw(ident);
            found.list.push(Field {
                key: serde.rename.map_or_else(|| case.field(&name), |rename| rename.value()),
                ident: ident.clone(),
                name,
                ty: field.ty.clone(),
                cfg: cfg(&field.attrs),
            });
        }
        found
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Field> {
        self.list.iter().find(|field| field.name == name)
    }

    /// The help for a name that is no field of `item`.
    pub(crate) fn help(&self, name: &str, item: &Ident) -> String {
        if self.skipped.iter().any(|skipped| skipped == name) {
            return format!("help: serde skips `{name}`, so records do not have it: remove `#[serde(skip)]`");
        }
        suggest(name, self.names(), &format!("fields of `{item}`"))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|field| field.name.as_str())
    }
}

/// Refuses a key that two fields have: JSON would hold one of them. A field under a `cfg` may be the other's substitute.
pub(crate) fn check_keys<'f>(fields: impl Iterator<Item = &'f Field>, errors: &mut Errors) {
    let mut seen: Vec<&Field> = Vec::new();
    for field in fields.filter(|field| field.cfg.is_empty()) {
        match seen.iter().find(|other| other.key == field.key) {
            Some(other) => errors.at(
                &field.ident,
                format!(
                    "fields `{}` and `{}` both have the JSON key `{}`\nhelp: give one of them another key",
                    other.name, field.name, field.key
                ),
            ),
            None => seen.push(field),
        }
    }
}

/// Refuses `cfg_attr` with what decides a JSON key: only rustc can tell whether it holds.
pub(crate) fn check_conditions(item: &DeriveInput, errors: &mut Errors) {
    let mut attrs: Vec<&Attribute> = item.attrs.iter().collect();
    match &item.data {
        Data::Struct(data) => attrs.extend(data.fields.iter().flat_map(|field| &field.attrs)),
        Data::Enum(data) => {
            for variant in &data.variants {
                attrs.extend(&variant.attrs);
                attrs.extend(variant.fields.iter().flat_map(|field| &field.attrs));
            }
        }
        Data::Union(_) => {}
    }
    for attr in attrs.into_iter().filter(|attr| attr.path().is_ident("cfg_attr")) {
        let Ok(parts) = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else { continue };
        for part in parts.iter().skip(1) {
            let name = ["serde", "config"].into_iter().find(|name| part.path().is_ident(name));
            if let Some(name) = name {
                errors.at(
                    part.path(),
                    format!("`{name}` under a condition cannot be seen here\nhelp: write `#[{name}(…)]` without `cfg_attr`, or put two fields under `#[cfg(…)]`"),
                );
            }
        }
    }
}

/// What serde's attributes say of one field or variant.
#[derive(Default)]
pub(crate) struct FieldSerde {
    pub(crate) rename: Option<LitStr>,
    pub(crate) skip: bool,
    pub(crate) flatten: bool,
}

impl FieldSerde {
    pub(crate) fn of(attrs: &[Attribute]) -> Self {
        let mut found = Self::default();
        for meta in serde(attrs) {
            if meta.path().is_ident("rename") {
                found.rename = deserialized(&meta);
            }
            found.skip |= meta.path().is_ident("skip") || meta.path().is_ident("skip_deserializing");
            found.flatten |= meta.path().is_ident("flatten");
        }
        found
    }
}

/// What `#[serde(rename_all = "…")]` says, on a type or a variant.
pub(crate) fn rename_all(attrs: &[Attribute]) -> Case {
    case(attrs, "rename_all").unwrap_or_default()
}

/// How the fields of a variant are renamed: by its own `rename_all`, or by the enum's `rename_all_fields`.
pub(crate) fn rename_fields(variant: &[Attribute], item: &[Attribute]) -> Case {
    case(variant, "rename_all").or_else(|| case(item, "rename_all_fields")).unwrap_or_default()
}

fn case(attrs: &[Attribute], name: &str) -> Option<Case> {
    let style = serde(attrs).find(|meta| meta.path().is_ident(name)).and_then(|meta| deserialized(&meta))?;
    Case::parse(&style.value())
}

/// Whether a serde attribute of this name is present.
pub(crate) fn has_serde(attrs: &[Attribute], name: &str) -> bool {
    serde(attrs).any(|meta| meta.path().is_ident(name))
}

/// The `cfg` attributes.
pub(crate) fn cfg(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect()
}

/// The `cfg` attributes of an item as tokens, for everything that is written beside it.
pub(crate) fn cfg_tokens(attrs: &[Attribute]) -> TokenStream {
    cfg(attrs).iter().map(ToTokens::to_token_stream).collect()
}

/// The arguments of all `#[serde(…)]`; what serde itself will refuse is passed over.
fn serde(attrs: &[Attribute]) -> impl Iterator<Item = Meta> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("serde"))
        .filter_map(|attr| attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok())
        .flatten()
}

/// The text of `name = "text"` or of the `deserialize` part of `name(deserialize = "text")`.
fn deserialized(meta: &Meta) -> Option<LitStr> {
    match meta {
        Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. }) => {
            Some(text.clone())
        }
        Meta::List(list) => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
            parts.iter().find(|part| part.path().is_ident("deserialize")).and_then(deserialized)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, rename_all};

    #[test]
    fn knows_the_keys_of_json() {
        let item: syn::ItemStruct = syn::parse_quote! {
            #[serde(deny_unknown_fields, rename_all = "camelCase")]
            struct Issue {
                updated_at: u64,
                #[serde(default, rename = "ID")]
                id: u64,
                #[serde(rename(serialize = "out", deserialize = "in"))]
                both: u64,
                #[serde(rename(serialize = "out"))]
                only_out: u64,
                r#type: u64,
                #[serde(skip)]
                skipped: u64,
                #[serde(flatten)]
                rest: u64,
            }
        };
        let syn::Fields::Named(fields) = &item.fields else { panic!("named fields") };
        let fields = Fields::of(rename_all(&item.attrs), fields);
        let keys: Vec<(&str, &str)> =
            fields.list.iter().map(|field| (field.name.as_str(), field.key.as_str())).collect();
        let expected =
            [("updated_at", "updatedAt"), ("id", "ID"), ("both", "in"), ("only_out", "onlyOut"), ("type", "type")];
        assert_eq!(keys, expected);
        assert!(fields.open);
    }
}
