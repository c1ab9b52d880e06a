//! `#[config]` on an enum: one of several objects, or of several texts.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Data, DataEnum, DeriveInput, Ident, LitStr, Type, parse_quote};

use super::attribute::{Entry, doc, entries};
use super::field::{ConfigField, text_of};
use super::shape::{expand_field_rules, expand_fields, resolve_fields, rewrite_field};
use crate::diag::{Errors, suggest};
use crate::fields::{FieldSerde, cfg, cfg_tokens, has_serde, rename_all, rename_fields};
use crate::item;
use crate::names::{Case, snake, type_title, unraw};
use crate::path::Runtime;

/// What an enum is tagged with unless `tag = …` says otherwise.
const TAG: &str = "type";

/// An enum whose variants a user chooses from.
pub(crate) struct Choice {
    /// The item as it is written back: without `#[config]`, with serde's attributes for it.
    pub(crate) rewritten: DeriveInput,
    /// The property that says which variant was chosen; empty if no variant has fields.
    tag: String,
    variants: Vec<Variant>,
}

struct Variant {
    ident: Ident,
    value: String,
    title: String,
    description: String,
    content: Content,
    cfg: Vec<Attribute>,
}

enum Content {
    Fields(Vec<ConfigField>),
    /// A struct annotated with `#[config]`.
    Struct(Box<Type>),
}

impl Choice {
    pub(crate) fn resolve(item: &DeriveInput, data: &DataEnum, tag: Option<LitStr>, errors: &mut Errors) -> Self {
        let ident = &item.ident;
        if data.variants.is_empty() {
            errors.at(
                ident,
                format!("config `{ident}` has no variants to choose from\nhelp: add one, with a doc comment"),
            );
        }
        if let Some(empty) = tag.as_ref().filter(|tag| tag.value().is_empty()) {
            errors.at(
                empty,
                format!("the tag is empty\nhelp: write the name of a property, or leave `tag` out for \"{TAG}\""),
            );
        }
        let has_fields = data.variants.iter().any(|variant| !matches!(variant.fields, syn::Fields::Unit));
        if let Some(tag) = tag.as_ref().filter(|_| !has_fields && !data.variants.is_empty()) {
            errors.at(
                tag,
                format!(
                    "config `{ident}` is a choice of texts, which have no tag\nhelp: remove `tag = {}`",
                    tag.to_token_stream()
                ),
            );
        }
        // Texts to choose from have no tag.
        let tag = if has_fields { tag.map_or_else(|| TAG.to_owned(), |tag| tag.value()) } else { String::new() };
        let case = rename_all(&item.attrs);
        let mut variants: Vec<Variant> = Vec::new();
        for variant in &data.variants {
            let resolved = Variant::resolve(variant, &item.attrs, case, errors);
            if let Some(other) = variants.iter().find(|other| other.value == resolved.value) {
                let (value, first) = (&resolved.value, &other.ident);
                errors.at(
                    &variant.ident,
                    format!("variants `{first}` and `{}` both have the value `{value}`\nhelp: give one another, as in `#[config(value = \"{value}_2\")]`", variant.ident),
                );
            }
            resolved.check_tag(&tag, errors);
            variants.push(resolved);
        }
        // A tag or a value that was refused here would be refused by serde as well.
        let shown = if errors.any() {
            item::without_attribute(item, "config")
        } else {
            rewritten(item, &variants, has_fields.then_some(&tag))
        };
        Self { rewritten: shown, tag, variants }
    }

    /// The impl of `ConfigType`, and the checks of the fields if nothing is wrong so far.
    pub(crate) fn expand(&self, runtime: &Runtime, errors: &mut Errors) -> TokenStream {
        let item = &self.rewritten;
        if !item.generics.params.is_empty() {
            return TokenStream::new();
        }
        let define = runtime.define();
        let (ident, name, tag) = (&item.ident, unraw(&item.ident), &self.tag);
        let variants: Vec<TokenStream> =
            self.variants.iter().map(|variant| variant.expand(item, runtime, errors)).collect();
        let rules: Vec<TokenStream> =
            self.variants.iter().flat_map(|variant| variant.expand_rules(item, runtime, errors)).collect();
        let cfg = cfg_tokens(&item.attrs);
        quote! {
            #cfg
            #[automatically_derived]
            #[allow(deprecated)]
            #[diagnostic::do_not_recommend]
            impl #define::ConfigType for #ident {
                const SHAPE: #define::Shape = {
                    const VARIANTS: &[#define::config::Variant] = &[#(#variants),*];
                    #define::Shape::new(#define::config::Kind::Enum(
                        &#define::config::EnumShape { name: #name, tag: #tag, variants: VARIANTS }
                    ))
                };
            }
            #(#cfg #rules)*
        }
    }
}

impl Variant {
    fn resolve(variant: &syn::Variant, attrs: &[Attribute], case: Case, errors: &mut Errors) -> Self {
        let name = unraw(&variant.ident);
        let entries = entries(&variant.attrs, errors);
        check_entries(&entries, errors);
        let description = doc(&variant.attrs);
        if description.is_none() {
            errors.at(
                &variant.ident,
                format!("variant `{name}` has no doc comment, which is what the user reads in the form\nhelp: write `/// What it is for.` above it"),
            );
        }
        let renamed = FieldSerde::of(&variant.attrs).rename.map(|rename| rename.value());
        let styled = has_serde(attrs, "rename_all").then(|| case.variant(&name));
        let value = text_of(&entries, "value").map(|value| value.value()).or(renamed).or(styled);
        Self {
            value: value.unwrap_or_else(|| snake(&name)),
            title: text_of(&entries, "title").map_or_else(|| type_title(&name), |title| title.value()),
            description: description.unwrap_or_default(),
            content: Content::resolve(variant, attrs, errors),
            cfg: cfg(&variant.attrs),
            ident: variant.ident.clone(),
        }
    }

    /// The tag is a property beside the fields, so no field may have its name.
    fn check_tag(&self, tag: &str, errors: &mut Errors) {
        let Content::Fields(fields) = &self.content else { return };
        for field in fields.iter().filter(|field| field.field.key == tag) {
            errors.at(
                &field.field.ident,
                format!("field `{}` has the name of the tag\nhelp: rename it, or write another tag, as in `#[config(tag = \"kind\")]`", field.field.name),
            );
        }
    }

    fn expand(&self, item: &DeriveInput, runtime: &Runtime, errors: &mut Errors) -> TokenStream {
        let define = runtime.define();
        let Self { value, title, description, cfg, .. } = self;
        let name = unraw(&self.ident);
        let fields = match &self.content {
            Content::Fields(fields) => {
                let fields = expand_fields(fields, item, runtime, errors);
                quote!(&[#(#fields),*])
            }
            Content::Struct(ty) => quote!(<#ty as #define::ConfigType>::SHAPE.fields()),
        };
        quote! {
            #(#cfg)*
            #define::config::Variant {
                name: #name, value: #value, title: #title, description: #description, fields: #fields
            }
        }
    }

    fn expand_rules(&self, item: &DeriveInput, runtime: &Runtime, errors: &mut Errors) -> Vec<TokenStream> {
        match &self.content {
            Content::Fields(fields) => expand_field_rules(fields, item, runtime, errors),
            Content::Struct(_) => Vec::new(),
        }
    }
}

impl Content {
    fn resolve(variant: &syn::Variant, attrs: &[Attribute], errors: &mut Errors) -> Self {
        match &variant.fields {
            syn::Fields::Unit => Self::Fields(Vec::new()),
            syn::Fields::Named(named) => {
                Self::Fields(resolve_fields(rename_fields(&variant.attrs, attrs), named, errors))
            }
            syn::Fields::Unnamed(unnamed) => match (unnamed.unnamed.first(), unnamed.unnamed.len()) {
                (Some(field), 1) => Self::Struct(Box::new(field.ty.clone())),
                _ => {
                    let name = &variant.ident;
                    errors.at(
                        name,
                        format!("the fields of variant `{name}` have no names\nhelp: write `{name} {{ field: String }}`, or `{name}(MyStruct)` with a struct annotated with `#[config]`"),
                    );
                    Self::Fields(Vec::new())
                }
            },
        }
    }
}

/// A variant has few keys, and no builder that could report an unknown one.
fn check_entries(entries: &[Entry], errors: &mut Errors) {
    for Entry { key, value } in entries {
        let name = key.to_string();
        if name != "value" && name != "title" {
            let help = suggest(&name, ["value", "title"], "arguments");
            errors.at(key, format!("unknown argument `{name}` for `#[config]` on a variant\n{help}"));
        } else if text_of(entries, &name).is_none() {
            let tokens = value.as_ref().map_or_else(|| key.to_token_stream(), ToTokens::to_token_stream);
            errors.at(tokens, format!("`{name}` is not a text in quotes\nhelp: write `{name} = \"…\"`"));
        }
    }
}

/// The item for serde: the tag, and each variant's value as its name.
fn rewritten(item: &DeriveInput, variants: &[Variant], tag: Option<&String>) -> DeriveInput {
    let mut item = item.clone();
    if let Some(tag) = tag.filter(|_| !has_serde(&item.attrs, "tag")) {
        item.attrs.push(parse_quote!(#[serde(tag = #tag)]));
    }
    if let Data::Enum(data) = &mut item.data {
        for (written, variant) in data.variants.iter_mut().zip(variants) {
            written.attrs.retain(|attr| !attr.path().is_ident("config"));
            if FieldSerde::of(&written.attrs).rename.is_none() {
                let value = &variant.value;
                written.attrs.push(parse_quote!(#[serde(rename = #value)]));
            }
            written.fields.iter_mut().for_each(rewrite_field);
        }
    }
    item
}
