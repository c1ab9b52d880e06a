//! `auth = match config.credentials { Credentials::Token { token } => bearer(token), … }`.
//!
//! Nothing is matched where it is written: the engine compares the configuration's variant with the names of the arms.
//! The patterns are checked by rustc in a probe function that nobody calls.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Arm, Expr, ExprMatch, Ident, Member, Pat, Path};

use crate::args::parse_scoped;
use crate::component::{Component, Slot, constant};
use crate::diag::Errors;
use crate::names::unraw;
use crate::path::Runtime;
use crate::reference::{Binding, Bindings, Reference, last_span};
use crate::template::Root;
use crate::value::Rewrite;

/// A `match` over an enum of the configuration.
pub(crate) struct Select {
    pub(crate) reference: Reference,
    /// What stands behind `match`.
    scrutinee: Expr,
    arms: Vec<SelectArm>,
}

struct SelectArm {
    pattern: Pat,
    /// The variant's name; `None` for `_`.
    variant: Option<Ident>,
    names: Vec<Name>,
    component: Component,
    /// The last token of the arm.
    end: Span,
}

/// A name that a pattern binds.
struct Name {
    ident: Ident,
    /// The field that it is bound to; `None` for the whole content of a tuple variant.
    field: Option<Ident>,
}

impl Select {
    pub(crate) fn parse(expr: &ExprMatch) -> syn::Result<Self> {
        let reference = Reference::of(&expr.expr, &Bindings::new()).filter(|reference| reference.root == Root::Config);
        let Some(reference) = reference else {
            return Err(syn::Error::new_spanned(
                &expr.expr,
                "`match` chooses by a config field\nhelp: write `match config.credentials { … }`",
            ));
        };
        if expr.arms.is_empty() {
            return Err(syn::Error::new_spanned(
                &expr.expr,
                "this `match` has no arms\nhelp: write one for each variant, as in `Credentials::Token { token } => bearer(token)`",
            ));
        }
        let mut arms = Vec::new();
        let mut mistakes: Option<syn::Error> = None;
        for arm in &expr.arms {
            match (SelectArm::parse(arm), &mut mistakes) {
                (Ok(arm), _) => arms.push(arm),
                (Err(mistake), Some(mistakes)) => mistakes.combine(mistake),
                (Err(mistake), None) => mistakes = Some(mistake),
            }
        }
        let scrutinee = (*expr.expr).clone();
        mistakes.map_or(Ok(Self { reference, scrutinee, arms }), Err)
    }

    /// The component that chooses.
    pub(crate) fn expand(&self, slot: Slot, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let define = rewrite.runtime.define();
        // In a source the probe looks at the field itself.
        if let Some(place) = slot.place.filter(|_| rewrite.fields.is_some()) {
            rewrite.reference(&self.reference, place);
        }
        let path = self.reference.path();
        let arms: Vec<TokenStream> = self
            .arms
            .iter()
            .map(|arm| {
                let variant = arm.variant.as_ref().map_or_else(|| "_".to_owned(), unraw);
                rewrite.bindings = arm.bindings(&self.reference);
                let component = arm.component.expand(slot, rewrite, errors);
                quote!((#variant, #component))
            })
            .collect();
        rewrite.bindings = Bindings::new();
        let module = Ident::new(slot.module, Span::call_site());
        let span = self.reference.span;
        let body = quote!(#define::#module::select(#path, &[#(#arms),*]));
        constant(slot.trait_path(), body, (span, span), rewrite.runtime)
    }

    /// A function that has the user's patterns, for rustc to check; `source` only where its fields may be private to it.
    pub(crate) fn expand_probe(&self, source: Option<&Ident>, runtime: &Runtime) -> TokenStream {
        let scrutinee = &self.scrutinee;
        // What is not exhaustive is reported at the `match`, which is therefore where the scrutinee is.
        let span = Span::mixed_site().located_at(self.reference.span);
        let arms = self.arms.iter().map(|SelectArm { pattern, names, end, .. }| {
            let names = names.iter().map(|name| &name.ident);
            // Each arm is as long as the user's, behind which rustc proposes to write another.
            let end = Span::mixed_site().located_at(*end);
            quote_spanned!(end=> #pattern => { let _ = (#(&#names,)*); })
        });
        let probe = runtime.probe_at(span);
        let (parameter, value) = match (source, first_ident(scrutinee)) {
            (Some(source), Some(config)) => (quote!(#config: #source), quote!(#scrutinee)),
            _ => (TokenStream::new(), quote!(#probe::any())),
        };
        quote_spanned! {span=>
            const _: () = {
                #[allow(unused, deprecated)]
                fn probe(#parameter) {
                    match #value { #(#arms)* }
                }
            };
        }
    }

    /// The rule that the path leads to an enum with these variants, for a stream, which cannot see the field's type.
    pub(crate) fn expand_rule(&self, source: &Path, runtime: &Runtime) -> TokenStream {
        let path = self.reference.path();
        let first = self.arms.iter().find_map(|arm| arm.variant.as_ref());
        first.map_or_else(TokenStream::new, |variant| {
            let (span, name) = (variant.span(), unraw(variant));
            let rules = runtime.rules_at(span);
            quote_spanned!(span=> const _: () = #rules::require_variant::<#source>(#path, #name);)
        })
    }
}

impl SelectArm {
    fn parse(arm: &Arm) -> syn::Result<Self> {
        let component = parse_scoped(arm.body.to_token_stream(), Component::parse)?;
        if let Component::Select(_) = component {
            return Err(syn::Error::new_spanned(
                &arm.body,
                "a `match` inside a `match` is not possible here\nhelp: use `with(function)`",
            ));
        }
        let (variant, names) = match &arm.pat {
            Pat::Wild(_) => (None, Vec::new()),
            Pat::Path(pat) => (variant(&pat.path), Vec::new()),
            Pat::Struct(pat) => {
                let names = pat.fields.iter().map(|field| name(&field.pat, Some(&field.member)));
                (variant(&pat.path), names.collect::<syn::Result<Vec<_>>>()?)
            }
            Pat::TupleStruct(pat) if pat.elems.len() == 1 => {
                let names = pat.elems.iter().map(|pat| name(pat, None));
                (variant(&pat.path), names.collect::<syn::Result<Vec<_>>>()?)
            }
            Pat::Guard(pat) => {
                return Err(syn::Error::new_spanned(
                    &pat.guard,
                    "a guard cannot stand here: only the variant decides\nhelp: remove the `if`, or use `with(function)`",
                ));
            }
            pat => {
                return Err(syn::Error::new_spanned(
                    pat,
                    "this pattern is not a variant\nhelp: write `Type::Variant { field }`, `Type::Variant(value)`, `Type::Variant` or `_`",
                ));
            }
        };
        // `_` binds no name.
        let names = names.into_iter().flatten().collect();
        Ok(Self { pattern: arm.pat.clone(), variant, names, component, end: last_span(&arm.body) })
    }

    /// What the names of the arm stand for.
    fn bindings(&self, reference: &Reference) -> Bindings {
        let bound = |name: &Name| match &name.field {
            Some(field) => (Binding::Field, format!("{}.{}", reference.text, unraw(field))),
            None => (Binding::Content, reference.text.clone()),
        };
        self.names.iter().map(|name| (unraw(&name.ident), bound(name))).collect()
    }
}

fn variant(path: &Path) -> Option<Ident> {
    path.segments.last().map(|segment| segment.ident.clone())
}

/// The name that a pattern inside a variant binds; `None` for `_` and `..`.
fn name(pat: &Pat, member: Option<&Member>) -> syn::Result<Option<Name>> {
    let field = match member {
        Some(Member::Named(field)) => Some(field.clone()),
        _ => None,
    };
    match pat {
        Pat::Wild(_) | Pat::Rest(_) => Ok(None),
        Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() && pat.mutability.is_none() => {
            Ok(Some(Name { ident: pat.ident.clone(), field }))
        }
        pat => Err(syn::Error::new(
            last_span(pat),
            "a pattern inside a pattern cannot stand here\nhelp: bind the field to a name, as in `Type::Variant { field }`",
        )),
    }
}

fn first_ident(expr: &Expr) -> Option<Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident().cloned(),
        Expr::Field(field) => first_ident(&field.base),
        _ => None,
    }
}
