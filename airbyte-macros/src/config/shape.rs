//! A struct of config fields: what `#[source]` and `#[config]` on a struct have in common.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, FieldsNamed, parse_quote, token};

use super::attribute::entries;
use super::field::{ConfigField, rename};
use crate::diag::Errors;
use crate::fields::{FieldSerde, Fields, cfg_tokens, check_keys, rename_all};
use crate::item;
use crate::names::{Case, unraw};
use crate::path::Runtime;
use crate::value::Rewrite;

/// A struct whose fields a user fills in.
pub(crate) struct ConfigStruct {
    /// The item as it is written back: without `#[config]`, with serde's attributes for it.
    pub(crate) rewritten: DeriveInput,
    pub(crate) fields: Vec<ConfigField>,
}

impl ConfigStruct {
    /// Reads the fields; `attribute` is the one that the struct is annotated with.
    pub(crate) fn resolve(attribute: &str, item: &DeriveInput, errors: &mut Errors) -> Self {
        let named = match &item.data {
            Data::Struct(data) => match &data.fields {
                syn::Fields::Named(named) => Some(named),
                syn::Fields::Unit => None,
                syn::Fields::Unnamed(_) => {
                    report_shape(attribute, item, errors);
                    None
                }
            },
            _ => {
                report_shape(attribute, item, errors);
                None
            }
        };
        let fields = named.map_or_else(Vec::new, |named| resolve_fields(rename_all(&item.attrs), named, errors));
        // A name that was refused here would be refused by serde as well.
        let shown = if errors.any() { item::without_attribute(item, "config") } else { item.clone() };
        Self { rewritten: rewritten(&shown), fields }
    }

    /// The Rust names of the fields.
    pub(crate) fn names(&self) -> Vec<String> {
        self.fields.iter().map(|field| field.field.name.clone()).collect()
    }

    /// The impl of `ConfigType`, and the checks of the fields if nothing is wrong so far.
    pub(crate) fn expand(&self, runtime: &Runtime, errors: &mut Errors) -> TokenStream {
        let define = runtime.define();
        let item = &self.rewritten;
        if !item.generics.params.is_empty() {
            return TokenStream::new();
        }
        let (ident, name) = (&item.ident, unraw(&item.ident));
        let fields = expand_fields(&self.fields, item, runtime, errors);
        let rules = expand_field_rules(&self.fields, item, runtime, errors);
        let cfg = cfg_tokens(&item.attrs);
        quote! {
            #cfg
            #[automatically_derived]
            #[allow(deprecated)]
            #[diagnostic::do_not_recommend]
            impl #define::ConfigType for #ident {
                const SHAPE: #define::Shape = {
                    const FIELDS: &[#define::ConfigField] = &[#(#fields),*];
                    #define::Shape::new(#define::config::Kind::Struct(
                        &#define::config::StructShape { name: #name, fields: FIELDS }
                    ))
                };
            }
            #(#cfg #rules)*
        }
    }
}

/// The config fields of a struct or of a variant, where serde renames all of them by `case`.
pub(crate) fn resolve_fields(case: Case, named: &FieldsNamed, errors: &mut Errors) -> Vec<ConfigField> {
    let known = Fields::of(case, named);
    let mut fields = Vec::new();
    for source in &named.named {
        let Some(ident) = &source.ident else { continue };
        if FieldSerde::of(&source.attrs).flatten {
            errors.at(ident, format!("config field `{}` is flattened, and the form could not show its fields\nhelp: remove `#[serde(flatten)]`, or write the fields here", unraw(ident)));
        }
        if let Some(field) = known.find(&unraw(ident)) {
            fields.push(ConfigField::resolve(field, source, errors));
        }
    }
    check_keys(fields.iter().map(|field: &ConfigField| &field.field), errors);
    fields
}

/// The chains that build the fields; nothing once an error was reported.
pub(crate) fn expand_fields(
    fields: &[ConfigField],
    item: &DeriveInput,
    runtime: &Runtime,
    errors: &mut Errors,
) -> Vec<TokenStream> {
    let mut rewrite = Rewrite::new(runtime, &item.ident, None);
    let before = errors.any();
    let chains: Vec<TokenStream> = fields.iter().map(|field| field.expand(runtime, &mut rewrite, errors)).collect();
    // After an error of this item only the names matter, for the templates of its streams.
    if !before && !errors.any() {
        return chains;
    }
    fields.iter().map(|field| field.expand_bare(runtime)).collect()
}

/// The checks of the fields; none once an error was reported.
pub(crate) fn expand_field_rules(
    fields: &[ConfigField],
    item: &DeriveInput,
    runtime: &Runtime,
    errors: &mut Errors,
) -> Vec<TokenStream> {
    if errors.any() {
        return Vec::new();
    }
    let mut rewrite = Rewrite::new(runtime, &item.ident, None);
    fields.iter().flat_map(|field| field.expand_rules(runtime, &mut rewrite, errors)).collect()
}

/// A configuration is one type, so that its form can be written once.
pub(crate) fn check_generics(attribute: &str, item: &DeriveInput, errors: &mut Errors) {
    for parameter in &item.generics.params {
        let ident = &item.ident;
        errors.at(
            parameter,
            format!(
                "{attribute} `{ident}` is generic, and its form would not be known\nhelp: write the concrete types"
            ),
        );
    }
}

fn report_shape(attribute: &str, item: &DeriveInput, errors: &mut Errors) {
    let ident = &item.ident;
    let kind = item::kind(item);
    errors.at(
        ident,
        format!("{attribute} `{ident}` is {kind}\nhelp: its fields are what the user fills in: write `struct {ident} {{ field: String }}`, with a doc comment above the field"),
    );
}

/// The item for serde: `#[config(rename = "x")]` becomes `#[serde(rename = "x")]`, and `struct X;` an empty object.
fn rewritten(item: &DeriveInput) -> DeriveInput {
    let mut item = item::without_union(item);
    if let Data::Struct(data) = &mut item.data {
        if matches!(data.fields, syn::Fields::Unit) {
            data.fields =
                syn::Fields::Named(FieldsNamed { brace_token: token::Brace::default(), named: Punctuated::new() });
            data.semi_token = None;
        }
        data.fields.iter_mut().for_each(rewrite_field);
    }
    item
}

/// Replaces the `#[config]` of a field by what serde has to know of it.
pub(crate) fn rewrite_field(field: &mut syn::Field) {
    // What is wrong with the attribute was reported where it was read.
    let mut ignored = Errors::new();
    let entries = entries(&field.attrs, &mut ignored);
    drop(ignored.finish());
    field.attrs.retain(|attr| !attr.path().is_ident("config"));
    if let Some(rename) = rename(&entries) {
        field.attrs.push(parse_quote!(#[serde(rename = #rename)]));
    }
}
