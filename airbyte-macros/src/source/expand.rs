//! A source as tokens: its shape, its definition, and the rules that look at its streams.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, LitStr, Path};

use super::parse::SourceArgs;
use crate::component::Component;
use crate::config::{ConfigStruct, with_config_derives};
use crate::diag::Errors;
use crate::fields::cfg_tokens;
use crate::names::{kebab, type_title, unraw};
use crate::reference::last_span;
use crate::value::Template;

/// The item, its impls and its rules; with errors, impls without streams and no rules.
pub(crate) fn expand(
    args: &SourceArgs,
    config: &ConfigStruct,
    setters: &[TokenStream],
    templates: &[Template],
    errors: &mut Errors,
) -> TokenStream {
    let item = with_config_derives(&config.rewritten, &args.runtime);
    let shape = config.expand(&args.runtime, errors);
    if !config.rewritten.generics.params.is_empty() {
        return quote!(#shape #item);
    }
    if errors.any() {
        let impls = expand_impl(args, config, &[], &[], &[]);
        return quote!(#shape #item #impls);
    }
    let impls = expand_impl(args, config, setters, &args.streams, &args.check);
    let cfg = cfg_tokens(&config.rewritten.attrs);
    let rules = expand_rules(args, &config.rewritten.ident, templates);
    // What is no config field is reported before what serde says of it.
    quote!(#shape #item #impls #(#cfg #rules)*)
}

fn expand_impl(
    args: &SourceArgs,
    config: &ConfigStruct,
    setters: &[TokenStream],
    streams: &[Path],
    check: &[Path],
) -> TokenStream {
    let define = args.runtime.define();
    let ident = &config.rewritten.ident;
    let struct_name = unraw(ident);
    let name = text_or(args.name.as_ref(), || format!("source-{}", kebab(&struct_name)), ident);
    let title = text_or(args.title.as_ref(), || type_title(&struct_name), ident);
    // The only places that name the streams' types, so that one that is no stream is reported once.
    let reference = |path: &Path| {
        let span = last_span(path);
        let define = args.runtime.define_at(span);
        quote_spanned!(span=> #define::source::StreamRef::of::<#ident, #path>())
    };
    let streams = streams.iter().map(reference);
    let check = check.iter().map(reference);
    let base_url = args.keys.key("base_url").is_some();
    let manifest = args.manifest.as_ref().map(|path| expand_manifest(path, args));
    let cfg = cfg_tokens(&config.rewritten.attrs);
    quote! {
        #cfg
        #[automatically_derived]
        #[allow(deprecated)]
        #[diagnostic::do_not_recommend]
        impl #define::Source for #ident {
            const NAME: &'static str = #name;
            const STREAMS: &'static [#define::source::StreamRef] = &[#(#streams),*];
            const CHECK: &'static [#define::source::StreamRef] = &[#(#check),*];
            const BASE_URL: bool = #base_url;
            #manifest
            fn definition() -> &'static #define::SourceDef {
                static DEFINITION: #define::SourceDef =
                    #define::source::source::<#ident>(#title, ::core::env!("CARGO_PKG_VERSION")) #(#setters)* .build();
                &DEFINITION
            }
        }
    }
}

/// The manifest is read by a macro of its own: this one stays a function of its tokens.
fn expand_manifest(path: &LitStr, args: &SourceArgs) -> TokenStream {
    let (define, private) = (args.runtime.define(), args.runtime.private());
    let runtime = args.runtime.path().map(|path| quote!(, crate = #path));
    let registry = args.registry.as_ref().map(|registry| {
        quote! {
            fn registry() -> #define::Registry {
                #registry
            }
        }
    });
    quote! {
        const MANIFEST: ::core::option::Option<#define::EmbeddedManifest> =
            ::core::option::Option::Some(#private::manifest!(#path #runtime));
        #registry
    }
}

fn text_or(written: Option<&LitStr>, default: impl FnOnce() -> String, ident: &Ident) -> LitStr {
    written.cloned().unwrap_or_else(|| LitStr::new(&default(), ident.span()))
}

/// The checks that need other items, each at the token that it is about.
fn expand_rules(args: &SourceArgs, ident: &Ident, templates: &[Template]) -> Vec<TokenStream> {
    let mut found = Vec::new();
    let mut rule = |span: Span, call: TokenStream| {
        let rules = args.runtime.rules_at(span);
        found.push(quote_spanned!(span=> #[allow(deprecated)] const _: () = #rules::#call;));
    };
    for template in templates.iter().filter(|template| template.looks_up) {
        let (span, text) = (template.span, &template.text);
        let place = template.place.expand(&args.runtime, span);
        rule(
            span,
            match &template.bound {
                Some((choice, bound)) => {
                    quote_spanned!(span=> require_bound_config_names::<#ident>(#place, #choice, #bound, #text))
                }
                None => quote_spanned!(span=> require_config_names::<#ident>(#place, #text)),
            },
        );
    }
    for (at, path) in args.streams.iter().enumerate() {
        let (at, span) = (Literal::usize_unsuffixed(at), last_span(path));
        rule(span, quote_spanned!(span=> require_stream::<#ident>(#at)));
    }
    for (at, path) in args.check.iter().enumerate() {
        let (at, span) = (Literal::usize_unsuffixed(at), last_span(path));
        rule(span, quote_spanned!(span=> require_check::<#ident>(#at)));
    }
    if let Some(streams) = args.keys.key("streams") {
        rule(streams.span(), quote_spanned!(streams.span()=> require_no_circle::<#ident>()));
    }
    for template in templates {
        let rules = args.runtime.rules_at(template.span);
        found.extend(template.expand_secret_rule(&ident.to_token_stream(), &rules));
    }
    if let Some(Component::Select(select)) = &args.requester.auth {
        found.push(select.expand_probe(Some(ident), &args.runtime));
    }
    found
}
