//! What `#[stream(…)]` means: names resolved to fields, values rewritten, the setters of the definition.

use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Data, DeriveInput, Ident, LitStr, parse_quote};

use super::parse::{Body, FieldPath, FullRefresh, Method, RecordsArg, Step, StreamArgs, Undeclared};
use super::partition::{Parent, Partitions};
use crate::component::{Argument, Component, Slot, group, hook, hook_among, with_parameter_type};
use crate::diag::Errors;
use crate::fields::{Fields, rename_all};
use crate::names::{snake, unraw};
use crate::reference::last_span;
use crate::value::{Place, Rewrite, Template};

/// A stream as it was understood.
pub(crate) struct Stream<'a> {
    pub(crate) args: &'a StreamArgs,
    /// The name in the catalog.
    pub(crate) name: LitStr,
    /// The struct's fields; `None` if it is not a struct with named fields.
    pub(crate) fields: Option<Fields>,
    /// The calls that build the definition.
    pub(crate) setters: Vec<TokenStream>,
    /// The texts with placeholders.
    pub(crate) templates: Vec<Template>,
    /// Those of them that stand in `files`, where `{record.…}` has a value.
    pub(crate) of_files: Range<usize>,
    pub(crate) partitions: Partitions,
    pub(crate) parents: Vec<Parent<'a>>,
    /// The names of the job's values.
    pub(crate) job: Vec<LitStr>,
}

impl<'a> Stream<'a> {
    pub(crate) fn resolve(args: &'a StreamArgs, item: &DeriveInput, errors: &mut Errors) -> Self {
        let fields = named_fields(item);
        let mut rewrite = Rewrite::new(&args.runtime, &item.ident, fields.as_ref());
        if let Some(name) = &args.name {
            rewrite.literal(name, Place::NAME, errors);
        }
        let mut setters = resolve_request(args, &mut rewrite, errors);
        setters.extend(resolve_records(args, fields.as_ref(), item, &mut rewrite, errors));
        let partitions = Partitions::resolve(&args.partition, &mut rewrite, errors);
        if !partitions.components.is_empty() {
            let components = &partitions.components;
            setters.push(quote!(.partition(&[#(#components),*])));
        }
        setters.extend(resolve_hooks(args, item, &mut rewrite, errors));
        let before = rewrite.templates.len();
        if let Some(files) = &args.files {
            let files = files.expand_owned(Slot::FILES, &mut rewrite, errors);
            setters.push(quote!(.files(#files)));
        }
        let of_files = before..rewrite.templates.len();
        let templates = rewrite.templates;
        let parents = Parent::resolve(&args.parents, &templates, errors);
        let name = args.name.clone().unwrap_or_else(|| LitStr::new(&snake(&unraw(&item.ident)), item.ident.span()));
        let job = args.job.as_ref().map(kept_names).unwrap_or_default();
        Self { args, name, fields, setters, templates, of_files, partitions, parents, job }
    }
}

fn named_fields(item: &DeriveInput) -> Option<Fields> {
    match &item.data {
        Data::Struct(data) => match &data.fields {
            syn::Fields::Named(fields) => Some(Fields::of(rename_all(&item.attrs), fields)),
            _ => None,
        },
        _ => None,
    }
}

/// What is sent: path, query, headers, body.
fn resolve_request(args: &StreamArgs, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> Vec<TokenStream> {
    let define = args.runtime.define();
    let mut setters = Vec::new();
    if let Some(path) = &args.path {
        let path = rewrite.text(path, Place::PATH, errors);
        setters.push(quote!(.path(#path)));
    }
    setters.extend(args.requester.expand(rewrite, errors));
    let posts = matches!(args.body, Some(Body::Graphql { .. } | Body::Xml { .. }));
    let default = posts.then_some(Method::Post);
    if let Some(method) = args.method.or(default) {
        let method = method.variant();
        setters.push(quote!(.method(#define::stream::Method::#method)));
    }
    match &args.body {
        Some(Body::Json(map)) => {
            let map = map.expand(Some(Place::BODY), rewrite, errors);
            setters.push(quote!(.body(#define::stream::BodyDef::Json(#map))));
        }
        Some(Body::Text(text)) => {
            let text = rewrite.text(text, Place::BODY, errors);
            setters.push(quote!(.body(#define::stream::BodyDef::Text(#text))));
        }
        Some(Body::Graphql { query, operation_name, variables }) => {
            let operation = operation_name.as_ref().map_or_else(
                || quote!(::core::option::Option::None),
                |name| quote!(::core::option::Option::Some(#name)),
            );
            let variables = variables
                .as_ref()
                .map_or_else(|| quote!(&[]), |variables| variables.expand(Some(Place::BODY), rewrite, errors));
            setters.push(quote! {
                .body(#define::stream::BodyDef::Graphql { query: #query, operation_name: #operation, variables: #variables })
            });
        }
        Some(Body::Xml { text, content_type }) => {
            let span = text.span();
            let text = rewrite.text(text, Place::BODY, errors);
            let define = args.runtime.define_at(span);
            let content_type = content_type.as_ref().map_or_else(
                || quote!(::core::option::Option::None),
                |content_type| {
                    let span = content_type.span();
                    let define = args.runtime.define_at(span);
                    let checked = quote_spanned!(span=> #define::stream::content_type(#content_type));
                    quote!(::core::option::Option::Some(#checked))
                },
            );
            let xml = quote_spanned!(span=> #define::stream::xml(#text, #content_type));
            setters.push(quote!(.body(#xml)));
        }
        None => {}
    }
    if let Some(form) = &args.form {
        form.require_flat("form field", true, errors);
        let form = form.expand(Some(Place::FORM), rewrite, errors);
        setters.push(quote!(.body(#define::stream::BodyDef::Form(#form))));
    }
    setters
}

/// What comes back: records, pages, cursor, primary key.
fn resolve_records(
    args: &StreamArgs,
    fields: Option<&Fields>,
    item: &DeriveInput,
    rewrite: &mut Rewrite<'_>,
    errors: &mut Errors,
) -> Vec<TokenStream> {
    let mut setters = Vec::new();
    if let Some(records) = &args.records {
        let define = args.runtime.define();
        let several = |paths: &Vec<Vec<LitStr>>| quote!(&[#(&[#(#paths),*]),*]);
        let records = match records {
            RecordsArg::At(path) => quote!(At(&[#(#path),*])),
            RecordsArg::Union(paths) => {
                let paths = several(paths);
                quote!(Union(#paths))
            }
            RecordsArg::FirstMatch(paths) => {
                let paths = several(paths);
                quote!(FirstMatch(#paths))
            }
        };
        setters.push(quote!(.records(#define::stream::RecordsDef::#records)));
    }
    if let Some(decoder) = &args.decoder {
        let decoder = decoder.expand(Slot::DECODER, rewrite, errors);
        setters.push(quote!(.decoder(#decoder)));
    }
    if let Some(job) = &args.job {
        let job = job.expand_owned(Slot::JOB, rewrite, errors);
        setters.push(quote!(.job(#job)));
    }
    if let Some(paginator) = &args.paginator {
        let paginator = paginator.expand(Slot::PAGINATOR, rewrite, errors);
        setters.push(quote!(.paginator(#paginator)));
    }
    if let Some(schema) = &args.schema {
        let schema = schema.expand(Slot::SCHEMA, rewrite, errors);
        setters.push(quote!(.described(#schema)));
    }
    if let Some(Undeclared(variant)) = &args.undeclared {
        let define = args.runtime.define();
        setters.push(quote!(.undeclared(#define::stream::Undeclared::#variant)));
    }
    if let Some(cursor) = &args.cursor {
        let cursor = cursor.expand_owned(Slot::CURSOR, rewrite, errors);
        setters.push(quote!(.cursor(#cursor)));
    }
    // Behind the paginator and the cursor, which they need.
    for (key, component, slot) in [
        ("page_size_reduction", &args.page_size_reduction, Slot::PAGE_SIZE_REDUCTION),
        ("pagination_reset", &args.pagination_reset, Slot::PAGINATION_RESET),
        ("request_window_splitting", &args.request_window_splitting, Slot::REQUEST_WINDOW_SPLITTING),
    ] {
        if let Some(component) = component {
            let (first, last) = component.ends();
            let key = Ident::new(key, first);
            let value = group(Delimiter::Parenthesis, component.expand_owned(slot, rewrite, errors), last);
            setters.push(quote_spanned!(first=> .#key #value));
        }
    }
    if let Some(full_refresh) = &args.full_refresh {
        setters.push(resolve_full_refresh(full_refresh, args, item));
    }
    if let Some(expand) = &args.expand {
        let expand = expand.expand_owned(Slot::EXPAND, rewrite, errors);
        setters.push(quote!(.expand(#expand)));
    }
    if let Some(tolerance) = &args.failure_tolerance {
        let tolerance = tolerance.expand_owned(Slot::TOLERANCE, rewrite, errors);
        setters.push(quote!(.failure_tolerance(#tolerance)));
    }
    let mut key = quote!(&[]);
    if let (Some(primary_key), Some(fields)) = (&args.primary_key, fields) {
        let keys = resolve_primary_key(primary_key, fields, item, errors);
        key = quote!(&[#(&[#(#keys),*]),*]);
        setters.push(quote!(.primary_key(#key)));
    }
    if let Some(properties) = &args.properties {
        let (ident, span) = (&item.ident, properties.ends().0);
        let define = rewrite.runtime.define_at(span);
        let properties = properties.expand_owned(Slot::PROPERTIES, rewrite, errors);
        let properties = quote_spanned!(span=> #define::properties::of::<#ident>(#properties, #key));
        setters.push(quote!(.properties(#properties)));
    }
    setters
}

/// The stream of the first sync; behind the cursor, which it needs.
fn resolve_full_refresh(full_refresh: &FullRefresh, args: &StreamArgs, item: &DeriveInput) -> TokenStream {
    let (ident, path) = (&item.ident, &full_refresh.stream);
    let span = last_span(path);
    let define = args.runtime.define_at(span);
    let options = full_refresh.options.iter().map(|(key, value)| {
        let stream = Ident::new("stream", key.span());
        let arguments = group(Delimiter::Parenthesis, value.to_token_stream(), last_span(value));
        quote_spanned!(key.span()=> let #stream = #stream.#key #arguments;)
    });
    let of = quote_spanned!(span=> #define::full_refresh::FullRefreshDef::of::<#ident, #path>());
    let value = if full_refresh.options.is_empty() {
        of
    } else {
        let stream = Ident::new("stream", span);
        quote_spanned!(span=> { let #stream = #of; #(#options)* #stream })
    };
    let value = group(Delimiter::Parenthesis, value, span);
    quote_spanned!(span=> .full_refresh #value)
}

/// The names behind `keep =` and `keep_headers =`, and that of a download.
fn kept_names(job: &Component) -> Vec<LitStr> {
    let Component::Chain(chain) = job else { return Vec::new() };
    let kept = chain.named.iter().filter(|named| matches!(unraw(&named.key).as_str(), "keep" | "keep_headers"));
    let maps = kept.filter_map(|named| match &named.value {
        Argument::Map(map, _) => Some(map),
        _ => None,
    });
    let names = maps.flat_map(|map| map.entries.iter().map(|entry| entry.key.clone()));
    names.chain([LitStr::new("target", chain.kind.span())]).collect()
}

/// The JSON keys of each path of the primary key.
fn resolve_primary_key(
    paths: &[FieldPath],
    fields: &Fields,
    item: &DeriveInput,
    errors: &mut Errors,
) -> Vec<Vec<LitStr>> {
    let mut keys: Vec<Vec<LitStr>> = Vec::new();
    for FieldPath { first, rest } in paths {
        let name = unraw(first);
        let found = fields.find(&name);
        if found.is_none() && !fields.open {
            let help = fields.help(&name, &item.ident);
            errors.at(first, format!("primary key field `{name}` is not a field of `{}`\n{help}", item.ident));
        }
        let key = found.map_or(name, |field| field.key.clone());
        let mut path = vec![LitStr::new(&key, first.span())];
        path.extend(rest.iter().map(|segment| LitStr::new(&unraw(segment), segment.span())));
        let same = |other: &Vec<LitStr>| other.iter().map(LitStr::value).eq(path.iter().map(LitStr::value));
        if keys.iter().any(same) {
            let last = rest.last().unwrap_or(first);
            errors.at(last, format!("`{last}` stands twice in the primary key\nhelp: keep one of the two"));
        }
        keys.push(path);
    }
    keys
}

/// The user's own functions.
fn resolve_hooks(
    args: &StreamArgs,
    item: &DeriveInput,
    rewrite: &mut Rewrite<'_>,
    errors: &mut Errors,
) -> Vec<TokenStream> {
    let ident = &item.ident;
    let mut setters = Vec::new();
    if let Some(filter) = &args.filter {
        let filter = with_parameter_type(filter, &parse_quote!(&#ident));
        let hook = hook(
            ("record", "filter"),
            ("record", "KeepRecord"),
            &filter,
            &args.runtime,
            |span| quote_spanned!(span=> #ident, _, _),
        );
        setters.push(quote!(.filter(#hook)));
    }
    let steps: Vec<TokenStream> = args
        .transform
        .iter()
        .map(|step| match step {
            Step::Component(component) => component.expand(Slot::TRANSFORM, rewrite, errors),
            Step::Function(function) => {
                let function = with_parameter_type(function, &parse_quote!(&mut #ident));
                hook(
                    ("record", "transform"),
                    ("transform", "TransformDef"),
                    &function,
                    &args.runtime,
                    |span| quote_spanned!(span=> #ident, _, _),
                )
            }
        })
        .collect();
    if !steps.is_empty() {
        setters.push(quote!(.transform(&[#(#steps),*])));
    }
    if let Some(migration) = &args.migrate_state {
        let migration = with_parameter_type(migration, &parse_quote!(&_));
        let define = args.runtime.define();
        let imports = quote!(#[allow(unused_imports)] use #define::state::*;);
        let hook = hook_among(
            ("state", "migrate_state"),
            ("state", "MigrationDef"),
            &imports,
            &migration,
            &args.runtime,
            |span| quote_spanned!(span=> _, _),
        );
        setters.push(quote!(.migrate_state(#hook)));
    }
    if let (Some(when), Some(source)) = (&args.when, &args.source) {
        let when = with_parameter_type(when, &parse_quote!(&#source));
        let hook =
            hook(("when", "when"), ("when", "WhenDef"), &when, &args.runtime, |span| quote_spanned!(span=> #source, _));
        setters.push(quote!(.when(#hook)));
    }
    if let (Some(read), Some(source)) = (&args.read, &args.source) {
        let hook = hook(
            ("record", "read"),
            ("record", "ReadSlice"),
            read,
            &args.runtime,
            |span| quote_spanned!(span=> #source, #ident, _),
        );
        setters.push(quote!(.read(#hook)));
    }
    setters
}
