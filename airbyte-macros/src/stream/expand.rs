//! A stream as tokens: const data, one constructor chain, and the rules that look at other items.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{DeriveInput, Path};

use super::resolve::Stream;
use crate::component::Component;
use crate::derive::{RECORD, with_columns, with_derives};
use crate::fields::{Field, cfg_tokens};
use crate::item;
use crate::names::unraw;
use crate::reference::last_span;
use crate::template::Root;

/// The item, its impls, and its rules.
pub(crate) fn expand(item: &DeriveInput, stream: &Stream<'_>) -> TokenStream {
    let output = with_columns(item, &stream.args.runtime);
    let setters = &stream.setters;
    let cfg = cfg_tokens(&item.attrs);
    let impls = expand_impls(item, stream, &quote!(#(#setters)*), &cfg);
    let rules = expand_rules(item, stream).into_iter().map(|rule| quote!(#cfg #rule));
    quote!(#output #impls #(#rules)*)
}

/// The item and impls without a definition, so that errors elsewhere are not about missing impls.
pub(crate) fn fallback(item: &DeriveInput, stream: &Stream<'_>) -> TokenStream {
    let output =
        with_derives(&item::without_union(&item::without_attribute(item, "config")), RECORD, &stream.args.runtime);
    if !item.generics.params.is_empty() {
        return output;
    }
    let impls = expand_impls(item, stream, &TokenStream::new(), &cfg_tokens(&item.attrs));
    quote!(#output #impls)
}

fn expand_impls(item: &DeriveInput, stream: &Stream<'_>, setters: &TokenStream, cfg: &TokenStream) -> TokenStream {
    let Some(source) = &stream.args.source else { return TokenStream::new() };
    let runtime = &stream.args.runtime;
    let define = runtime.define();
    let ident = &item.ident;
    let span = last_span(source);
    let source_type = quote_spanned!(span=> type Source = #source;);
    let name = &stream.name;
    let namespace = stream.args.namespace.as_ref().map_or_else(
        || quote!(::core::option::Option::None),
        |namespace| quote!(::core::option::Option::Some(#namespace)),
    );
    let fields = stream
        .fields
        .iter()
        .flat_map(|fields| &fields.list)
        .map(|Field { name, key, cfg, .. }| quote!(#(#cfg)* #define::stream::field(#name, #key)));
    let partition = expand_partition(stream);
    let parents = expand_parents(stream);
    let order = expand_order(stream);
    let interval = stream.args.cursor.is_some();
    let job = (!stream.job.is_empty()).then(|| {
        let names = &stream.job;
        quote!(const JOB: &'static [&'static str] = &[#(#names),*];)
    });
    let relative = ["base_url", "read"].iter().all(|key| stream.args.keys.key(key).is_none());
    quote! {
        #cfg
        #[automatically_derived]
        #[allow(deprecated)]
        #[diagnostic::do_not_recommend]
        impl #define::Stream for #ident {
            #source_type
            const NAME: &'static str = #name;
            const NAMESPACE: ::core::option::Option<&'static str> = #namespace;
            const FIELDS: &'static [#define::Field] = &[#(#fields),*];
            const PARTITION: &'static [&'static str] = #partition;
            const PARENTS: &'static [#define::partition::ParentDef] = #parents;
            #order
            const INTERVAL: bool = #interval;
            #job
            const RELATIVE: bool = #relative;
            fn definition() -> &'static #define::StreamDef {
                static DEFINITION: #define::StreamDef = #define::stream::stream::<#ident>() #setters .build();
                &DEFINITION
            }
        }
        #cfg
        #[automatically_derived]
        #[allow(deprecated)]
        #[diagnostic::do_not_recommend]
        impl #define::stream::StreamOf<#source> for #ident {}
    }
}

/// The keys of a partition: those of the parents, then those of `partition =`.
fn expand_partition(stream: &Stream<'_>) -> TokenStream {
    if let Some(router) = &stream.partitions.router {
        let span = last_span(router);
        let define = stream.args.runtime.define_at(span);
        return quote_spanned!(span=> <#router as #define::partition::PartitionKeys>::KEYS);
    }
    let mut names: Vec<String> = Vec::new();
    let parents = stream.parents.iter().flat_map(|parent| parent.keys.iter().map(|key| key.name.clone()));
    for name in parents.chain(stream.partitions.keys.iter().map(unraw)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    quote!(&[#(#names),*])
}

/// The parents; the only place that names their types, so that one that is no stream is reported once.
fn expand_parents(stream: &Stream<'_>) -> TokenStream {
    let parents = stream.parents.iter().map(|parent| {
        let path = &parent.stream;
        let keys = parent.keys.iter().map(|key| {
            let (field, name) = (&key.field, &key.name);
            quote!((#field, #name))
        });
        let span = last_span(path);
        let define = stream.args.runtime.define_at(span);
        let plain = quote_spanned!(span=> #define::partition::ParentDef::of::<#path>(&[#(#keys),*]));
        let options = parent.expand_options();
        if options.is_empty() { plain } else { quote!({ let parent = #plain; #(#options)* parent }) }
    });
    quote!(&[#(#parents),*])
}

/// What the stream is not read together with, and what it is read after.
fn expand_order(stream: &Stream<'_>) -> TokenStream {
    let define = stream.args.runtime.define();
    let group =
        stream.args.group.as_ref().map(
            |group| quote!(const GROUP: ::core::option::Option<&'static str> = ::core::option::Option::Some(#group);),
        );
    let earlier = stream.args.after.iter().map(|path| {
        let span = last_span(path);
        let define = stream.args.runtime.define_at(span);
        quote_spanned!(span=> #define::stream::EarlierDef::of::<#path>())
    });
    let after = (!stream.args.after.is_empty())
        .then(|| quote!(const AFTER: &'static [#define::stream::EarlierDef] = &[#(#earlier),*];));
    quote!(#group #after)
}

/// The checks that need other items, each at the token that it is about.
fn expand_rules(item: &DeriveInput, stream: &Stream<'_>) -> Vec<TokenStream> {
    let Some(source) = &stream.args.source else { return Vec::new() };
    let runtime = &stream.args.runtime;
    let ident = &item.ident;
    let mut found = Vec::new();
    let mut rule = |span: Span, call: TokenStream| {
        let rules = runtime.rules_at(span);
        found.push(quote_spanned!(span=> #[allow(deprecated)] const _: () = #rules::#call;));
    };
    for template in &stream.templates {
        let needs_names = template.placeholders.iter().any(|placeholder| placeholder.root != Root::Interval);
        if template.looks_up && (needs_names || template.value.is_none()) {
            let (span, text) = (template.span, &template.text);
            let place = template.place.expand(runtime, span);
            rule(
                span,
                match &template.bound {
                    Some((choice, bound)) => {
                        quote_spanned!(span=> require_bound_names::<#ident>(#place, #choice, #bound, #text))
                    }
                    None => quote_spanned!(span=> require_names::<#ident>(#place, #text)),
                },
            );
        }
    }
    for list in &stream.partitions.lists {
        let path = list.path();
        rule(list.span, quote_spanned!(list.span=> require_config_list::<#ident>(#path)));
    }
    for (at, parent) in stream.parents.iter().enumerate() {
        let at = Literal::usize_unsuffixed(at);
        for (field, span) in parent.named_fields() {
            rule(span, quote_spanned!(span=> require_parent_field::<#ident>(#at, #field)));
        }
        if !parent.options.is_empty() {
            let span = last_span(&parent.stream);
            rule(span, quote_spanned!(span=> require_parent::<#ident>(#at)));
        }
    }
    for (key, span) in &stream.partitions.shared {
        let (key, span) = (unraw(key), *span);
        rule(span, quote_spanned!(span=> require_parent_key::<#ident>(#key)));
    }
    for template in &stream.templates {
        let rules = runtime.rules_at(template.span);
        found.extend(template.expand_secret_rule(&source.to_token_stream(), &rules));
    }
    found.extend(expand_auth(source, stream));
    found
}

/// What checks the arms of `auth = match …`.
fn expand_auth(source: &Path, stream: &Stream<'_>) -> Vec<TokenStream> {
    let runtime = &stream.args.runtime;
    match &stream.args.requester.auth {
        Some(Component::Select(select)) => {
            vec![select.expand_probe(None, runtime), select.expand_rule(source, runtime)]
        }
        _ => Vec::new(),
    }
}
