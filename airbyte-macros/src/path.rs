//! The path to the runtime crate; the only file that spells its name.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Path;
use syn::parse::ParseStream;

/// Where expansions find the runtime: `::airbyte_runtime`, or what `crate = path` says.
pub(crate) struct Runtime {
    path: Option<Path>,
}

impl Runtime {
    pub(crate) fn new(path: Option<Path>) -> Self {
        Self { path }
    }

    /// The value of `crate = …`.
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Path> {
        Path::parse_mod_style(input)
    }

    /// What `crate = path` says.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_ref()
    }

    /// The module that holds everything an expansion may name.
    pub(crate) fn private(&self) -> TokenStream {
        self.at(Span::call_site())
    }

    /// The vocabulary: `StreamDef`, `Stream`, and the modules of the components.
    pub(crate) fn define(&self) -> TokenStream {
        self.define_at(Span::call_site())
    }

    /// The vocabulary, for a call whose errors are to underline what stands at `span`.
    ///
    /// A call is as long as its tokens, so that its path has to carry the span as well.
    pub(crate) fn define_at(&self, span: Span) -> TokenStream {
        let private = self.at(span);
        quote_spanned!(span=> #private::define)
    }

    /// The rules that look at other items, for a call that is reported at `span`.
    pub(crate) fn rules_at(&self, span: Span) -> TokenStream {
        let private = self.at(span);
        quote_spanned!(span=> #private::rules)
    }

    /// The probes that only compile if a type has a trait, for a call that is reported at `span`.
    pub(crate) fn probe_at(&self, span: Span) -> TokenStream {
        let private = self.at(span);
        quote_spanned!(span=> #private::probe)
    }

    fn at(&self, span: Span) -> TokenStream {
        let Some(path) = &self.path else { return quote_spanned!(span=> ::airbyte_runtime::__private) };
        let path = path.to_token_stream().into_iter().map(|mut token: TokenTree| {
            // The user's names are resolved where the user wrote them.
            token.set_span(token.span().located_at(span));
            token
        });
        quote_spanned!(span=> #(#path)*::__private)
    }

    /// The path of a re-exported crate as text, for `#[serde(crate = "…")]`.
    pub(crate) fn reexport(&self, name: &str) -> String {
        let mut text = String::new();
        for token in self.private() {
            text.push_str(&token.to_string());
        }
        text + "::" + name
    }
}

#[cfg(test)]
mod tests {
    use super::Runtime;

    #[test]
    fn spells_the_path_of_a_reexport() {
        for (path, expected) in [
            (None, "::airbyte_runtime::__private::serde"),
            (Some(syn::parse_quote!(my::rt)), "my::rt::__private::serde"),
            (Some(syn::parse_quote!(crate)), "crate::__private::serde"),
        ] {
            assert_eq!(Runtime::new(path).reexport("serde"), expected);
        }
    }
}
