//! `kind(positional, key = value)`: a component of the runtime, or a value of the user's own type.
//!
//! The kind and its keys are not known here: they become calls in a block that imports the runtime's module, so that
//! rustc reports an unknown one with the nearest name. Spans make a builder's const panic underline `key = value`:
//! the location of a call is the span of its expression, from the receiver to the closing parenthesis, which is why
//! each call is a statement of its own whose receiver carries the key's span.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, ExprLit, Ident, Lit, Pat, PatType, Token, Type, bracketed, parenthesized, token};

use crate::diag::Errors;
use crate::map::Map;
use crate::names::{snake, unraw};
use crate::path::Runtime;
use crate::reference::{is_lower, last_span, segments};
use crate::select::Select;
use crate::value::{Bare, Place, Rewrite};

/// What stands behind `paginator =` and the like.
pub(crate) enum Component {
    Chain(Chain),
    /// `match config.field { … }`.
    Select(Select),
    /// An expression of the user's own.
    Other(Expr),
}

/// `kind(positional, key = value)`.
pub(crate) struct Chain {
    pub(crate) kind: Ident,
    /// The span of the parentheses, or the kind's if there are none.
    parens: Span,
    pub(crate) positional: Vec<Argument>,
    pub(crate) named: Vec<Named>,
}

/// `key = value` of a component.
pub(crate) struct Named {
    pub(crate) key: Ident,
    pub(crate) value: Argument,
}

/// A value of a component's argument.
pub(crate) enum Argument {
    Map(Map, Span),
    /// `kind(key = value)`, a component within a component; the same as an expression, if it is one.
    Nested(Box<Chain>, Option<Expr>),
    /// Several components within a component; the same as an expression, if it is one.
    List(Vec<Argument>, Span, Option<Expr>),
    Expr(Expr),
}

/// Where a component stands.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    /// The runtime's module that holds the components of this kind.
    pub(crate) module: &'static str,
    /// The trait in that module that they have.
    definition: &'static str,
    /// What messages call it; `None` where no text is a template.
    pub(crate) place: Option<Place>,
    /// What a lone name in a positional argument means.
    pub(crate) positional: Bare,
    /// What a lone name behind `key =` means.
    pub(crate) named: Bare,
    /// Whether a call in an argument is a component, not an expression of the user's.
    nests: bool,
    /// Whether a lone name in a positional argument is a component, too.
    nests_names: bool,
    /// Whether it is a request, whose arguments have places of their own; jobs and files hold requests.
    is_request: bool,
}

impl Slot {
    pub(crate) const PAGINATOR: Self = Self::new("paginator", "PaginatorDef", Some(Place::PAGINATOR));
    pub(crate) const AUTH: Self = Self { nests: true, ..Self::new("auth", "AuthDef", Some(Place::AUTH)) };
    pub(crate) const ADVANCED_AUTH: Self = Self::new("advanced_auth", "AdvancedAuthDef", Some(Place::ADVANCED_AUTH));
    pub(crate) const PARTITION: Self = Self::new("partition", "PartitionDef", Some(Place::PARTITION));
    pub(crate) const ERROR_HANDLER: Self = Self::new("error_handler", "ErrorHandlerDef", None);
    pub(crate) const MIGRATION: Self = Self::new("migrate", "MigrateConfig", Some(Place::MIGRATION));
    pub(crate) const REQUESTS: Self = Self::new("budget", "RequestsDef", Some(Place::BUDGET));
    pub(crate) const LIMIT: Self = Self::new("budget", "LimitDef", Some(Place::BUDGET));
    pub(crate) const TOLERANCE: Self = Self::new("tolerance", "Tolerance", None);
    pub(crate) const BACKOFF: Self = Self::new("backoff", "BackoffDef", None);
    pub(crate) const DECODER: Self =
        Self { nests: true, nests_names: true, ..Self::new("decoder", "DecoderDef", None) };
    pub(crate) const PAGE_SIZE_REDUCTION: Self = Self::setting("page_size_reduction");
    pub(crate) const PAGINATION_RESET: Self = Self::setting("pagination_reset");
    pub(crate) const REQUEST_WINDOW_SPLITTING: Self = Self::setting("request_window_splitting");
    pub(crate) const JOB: Self = Self { named: Bare::Verbatim, nests: true, ..Self::new("job", "", Some(Place::JOB)) };
    pub(crate) const FILES: Self =
        Self { named: Bare::Verbatim, nests: true, ..Self::new("files", "", Some(Place::FILES)) };
    pub(crate) const EXPAND: Self =
        Self { named: Bare::Verbatim, ..Self::new("expand", "Expand", Some(Place::EXPAND)) };
    pub(crate) const PROPERTIES: Self =
        Self { positional: Bare::Field, ..Self::new("properties", "Properties", Some(Place::PROPERTIES)) };
    pub(crate) const SCHEMA: Self =
        Self { named: Bare::Verbatim, ..Self::new("schema", "SchemaDef", Some(Place::SCHEMA)) };
    pub(crate) const TRANSFORM: Self =
        Self { named: Bare::Verbatim, ..Self::new("transform", "TransformDef", Some(Place::TRANSFORM)) };
    pub(crate) const CURSOR: Self =
        Self { positional: Bare::CursorField, ..Self::new("cursor", "CursorDef", Some(Place::CURSOR)) };

    const fn new(module: &'static str, definition: &'static str, place: Option<Place>) -> Self {
        Self {
            module,
            definition,
            place,
            positional: Bare::Verbatim,
            named: Bare::Field,
            nests: false,
            nests_names: false,
            is_request: false,
        }
    }

    /// The slot of a component within a component.
    fn inside(self) -> Self {
        match self.place {
            Some(Place::JOB) => Self { place: Some(Place::JOB_PATH), is_request: true, ..self },
            Some(Place::FILES) => Self { place: Some(Place::FILES_PATH), is_request: true, ..self },
            _ => self,
        }
    }

    /// The slot of an argument.
    fn at(self, key: &Ident) -> Self {
        let own = match self.place {
            Some(Place::FILES) if key == "base_url" => Some(Place::BASE_URL),
            _ => self.is_request.then(|| Place::of_request(&unraw(key))).flatten(),
        };
        Self { place: own.or(self.place), ..self }
    }

    /// A component that no type of the user's can stand for, and that is not of the records.
    const fn setting(module: &'static str) -> Self {
        Self { positional: Bare::Verbatim, named: Bare::Verbatim, ..Self::new(module, "", None) }
    }

    /// The module and the name of the trait.
    pub(crate) fn trait_path(self) -> (&'static str, &'static str) {
        (self.module, self.definition)
    }
}

impl Component {
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if Chain::begins(input) {
            return Chain::parse(input).map(Self::Chain);
        }
        match input.parse()? {
            Expr::Match(expr) => Select::parse(&expr).map(Self::Select),
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Err(syn::Error::new(
                text.span(),
                format!("a component is a name, not a text\nhelp: write `{}` without quotes", text.value()),
            )),
            Expr::Call(call) => match renamed(&call) {
                Some(mistake) => Err(mistake),
                None => Ok(Self::Other(Expr::Call(call))),
            },
            expr => Ok(Self::Other(expr)),
        }
    }

    /// A component if `kind(…)` stands here, which a lone name is not.
    pub(crate) fn parse_call(input: ParseStream<'_>) -> syn::Result<Option<Self>> {
        if input.peek2(token::Paren) && Chain::begins(input) {
            return Chain::parse(input).map(|chain| Some(Self::Chain(chain)));
        }
        Ok(None)
    }

    /// One component, or an array of them.
    pub(crate) fn parse_list(input: ParseStream<'_>) -> syn::Result<Vec<Self>> {
        if !input.peek(token::Bracket) {
            return Ok(vec![Self::parse(input)?]);
        }
        let content;
        bracketed!(content in input);
        Ok(Punctuated::<Self, Token![,]>::parse_terminated_with(&content, Self::parse)?.into_iter().collect())
    }

    /// A reference to the component as a constant.
    pub(crate) fn expand(&self, slot: Slot, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        match self {
            Self::Chain(chain) => {
                let body = chain.expand(slot, rewrite, errors);
                let spans = (chain.kind.span(), chain.kind.span());
                constant(slot.trait_path(), imported(slot, &body, rewrite.runtime), spans, rewrite.runtime)
            }
            Self::Select(select) => select.expand(slot, rewrite, errors),
            Self::Other(expr) => {
                let body = imported(slot, &expr.to_token_stream(), rewrite.runtime);
                constant(slot.trait_path(), body, ends(expr), rewrite.runtime)
            }
        }
    }

    /// The spans of the first and the last token.
    pub(crate) fn ends(&self) -> (Span, Span) {
        match self {
            Self::Chain(chain) => (chain.kind.span(), chain.parens),
            Self::Select(select) => (select.reference.span, select.reference.span),
            Self::Other(expr) => ends(expr),
        }
    }

    /// The component itself, in a block that imports the runtime's module.
    pub(crate) fn expand_owned(&self, slot: Slot, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let (body, span) = match self {
            Self::Chain(chain) => (chain.expand(slot, rewrite, errors), chain.kind.span()),
            Self::Select(select) => return select.expand(slot, rewrite, errors),
            Self::Other(expr) => (expr.to_token_stream(), last_span(expr)),
        };
        group(Delimiter::Brace, imported(slot, &body, rewrite.runtime), span).into_token_stream()
    }
}

/// The mistake in `PageIncrement(page_size = 100)`, which names a component like a type.
fn renamed(call: &ExprCall) -> Option<syn::Error> {
    let Expr::Path(path) = &*call.func else { return None };
    let name = path.path.get_ident()?;
    call.args.iter().any(|argument| matches!(argument, Expr::Assign(_))).then(|| {
        let arguments: Vec<String> = call.args.iter().map(|argument| argument.to_token_stream().to_string()).collect();
        let edit = format!("{}({})", snake(&unraw(name)), arguments.join(", "));
        syn::Error::new(
            name.span(),
            format!(
                "arguments with names belong to a component, and `{name}` is named like a type\nhelp: write `{edit}`"
            ),
        )
    })
}

impl Chain {
    /// Whether `kind` or `kind(…)` stands here, and nothing more.
    fn begins(input: ParseStream<'_>) -> bool {
        let fork = input.fork();
        if !fork.parse::<Ident>().is_ok_and(|ident| is_lower(&ident)) {
            return false;
        }
        let ends = |input: ParseStream<'_>| input.is_empty() || input.peek(Token![,]) || input.peek(Token![=>]);
        ends(&fork) || (fork.peek(token::Paren) && fork.parse::<TokenTree>().is_ok() && ends(&fork))
    }

    /// `kind` without arguments.
    fn of_name(kind: &Ident) -> Self {
        Self { parens: kind.span(), kind: kind.clone(), positional: Vec::new(), named: Vec::new() }
    }

    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut chain = Self::of_name(&input.parse()?);
        if input.peek(token::Paren) {
            let content;
            chain.parens = parenthesized!(content in input).span.join();
            chain.parse_arguments(&content)?;
        }
        Ok(chain)
    }

    fn parse_arguments(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let mut mistakes: Option<syn::Error> = None;
        while !input.is_empty() {
            if let Err(mistake) = self.parse_argument(input)? {
                match &mut mistakes {
                    Some(mistakes) => mistakes.combine(mistake),
                    None => mistakes = Some(mistake),
                }
            }
            if !input.is_empty() && !input.peek(Token![,]) {
                let kind = &self.kind;
                return Err(syn::Error::new(
                    input.span(),
                    format!("expected a comma between two arguments of `{kind}`\nhelp: write `{kind}(a = 1, b = 2)`"),
                ));
            }
            input.parse::<Option<Token![,]>>()?;
        }
        mistakes.map_or(Ok(()), Err)
    }

    /// Parses one argument; the inner error is a mistake after which the next argument can be read.
    fn parse_argument(&mut self, input: ParseStream<'_>) -> syn::Result<syn::Result<()>> {
        let is_named = input.peek(Ident::peek_any)
            && input.peek2(Token![=])
            && !input.peek2(Token![==])
            && !input.peek2(Token![=>]);
        if is_named {
            let key = Ident::parse_any(input)?;
            input.parse::<Token![=]>()?;
            if input.is_empty() || input.peek(Token![,]) {
                return Ok(Err(syn::Error::new(
                    key.span(),
                    format!("argument `{key}` of `{}` has no value\nhelp: write `{key} = …`", self.kind),
                )));
            }
            let value = Argument::parse(input)?;
            if self.named.iter().any(|named| named.key == key) {
                return Ok(Err(syn::Error::new(
                    key.span(),
                    format!("argument `{key}` of `{}` is written twice\nhelp: keep one of the two", self.kind),
                )));
            }
            self.named.push(Named { key, value });
            return Ok(Ok(()));
        }
        if input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            let key = Ident::parse_any(input)?;
            let colon: Token![:] = input.parse()?;
            Argument::parse(input)?;
            return Ok(Err(syn::Error::new(
                colon.span,
                format!("a value stands behind `=`, not `:`\nhelp: write `{key} = …`"),
            )));
        }
        let value = Argument::parse(input)?;
        let mistake = value.misplaced(self);
        self.positional.push(value);
        Ok(mistake.map_or(Ok(()), Err))
    }

    /// `let kind = kind(…); let kind = kind.key(value); kind.build()`; a block without a `let` would be promoted.
    pub(crate) fn expand(&self, slot: Slot, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let kind = unraw(&self.kind);
        let expand = |argument: &Argument| {
            rewrite.argument = Some((kind.clone(), String::new()));
            match argument.as_lone_name().filter(|_| slot.nests_names) {
                Some(name) => Self::of_name(name).expand_nested(slot, rewrite, errors),
                None => argument.expand(slot.positional, slot, rewrite, errors),
            }
        };
        let arguments: Vec<TokenStream> = self.positional.iter().map(expand).collect();
        self.expand_calls(&quote!(#(#arguments),*), &self.named, slot, rewrite, errors)
    }

    /// The same as a component within a component.
    fn expand_nested(&self, slot: Slot, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        let body = self.expand(slot.inside(), rewrite, errors);
        group(Delimiter::Brace, body, self.kind.span()).into_token_stream()
    }

    /// The calls with given tokens as positional arguments, and only some of the named ones.
    pub(crate) fn expand_calls(
        &self,
        positional: &TokenStream,
        named: &[Named],
        slot: Slot,
        rewrite: &mut Rewrite<'_>,
        errors: &mut Errors,
    ) -> TokenStream {
        let kind = &self.kind;
        let arguments = group(Delimiter::Parenthesis, positional.clone(), self.parens);
        let end = group(Delimiter::Parenthesis, TokenStream::new(), kind.span());
        let calls: Vec<TokenStream> = named
            .iter()
            .map(|Named { key, value }| {
                let end = value.end();
                rewrite.argument = Some((unraw(kind), unraw(key)));
                let value = value.expand(slot.named, slot.at(key), rewrite, errors);
                rewrite.argument = None;
                let variable = identifier(kind, key.span());
                let key = identifier(key, key.span());
                let arguments = group(Delimiter::Parenthesis, value, end);
                quote_spanned!(key.span()=> let #variable = #variable.#key #arguments;)
            })
            .collect();
        quote_spanned!(kind.span()=> let #kind = #kind #arguments; #(#calls)* #kind.build #end)
    }
}

impl Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let span = input.span();
        if input.peek(token::Brace) {
            return Ok(Self::Map(Map::parse(input)?, span));
        }
        if Chain::begins(input) && input.peek2(token::Paren) {
            let expr = input.fork().parse::<Expr>().ok();
            // What only an expression can be is one.
            if expr.is_none() || Chain::parse(&input.fork()).is_ok() {
                return Ok(Self::Nested(Box::new(Chain::parse(input)?), expr));
            }
        }
        if input.peek(token::Bracket) && Self::begins_list(input) {
            let expr = input.fork().parse::<Expr>().ok();
            let content;
            let span = bracketed!(content in input).span.join();
            let items = Punctuated::<Self, Token![,]>::parse_terminated_with(&content, Self::parse)?;
            return Ok(Self::List(items.into_iter().collect(), span, expr));
        }
        input.parse().map(Self::Expr)
    }

    /// The argument as an expression of the user's, if it is one.
    pub(crate) fn as_expr(&self) -> Option<&Expr> {
        match self {
            Self::Expr(expr) | Self::Nested(_, Some(expr)) | Self::List(.., Some(expr)) => Some(expr),
            _ => None,
        }
    }

    /// The lower-case name that the argument is, if it is nothing else.
    fn as_lone_name(&self) -> Option<&Ident> {
        let Self::Expr(Expr::Path(path)) = self else { return None };
        path.path.get_ident().filter(|name| is_lower(name))
    }

    /// Whether this is a list of components.
    fn begins_list(input: ParseStream<'_>) -> bool {
        let begins = |input: ParseStream<'_>| {
            let content;
            bracketed!(content in input);
            let nests = Chain::begins(&content) && content.peek2(token::Paren);
            content.parse::<TokenStream>()?;
            Ok(nests)
        };
        begins(&input.fork()).is_ok_and(|nests: bool| nests)
    }

    /// The mistake in a positional argument, which is meant as a flag or stands behind a named one.
    fn misplaced(&self, chain: &Chain) -> Option<syn::Error> {
        let kind = &chain.kind;
        if chain.positional.is_empty() && chain.named.is_empty() {
            return None;
        }
        match self {
            Self::Expr(expr) => match segments(expr).as_deref() {
                // The records of `parent = …` are an argument like any other.
                Some([name]) if name == "parents" => None,
                Some([name]) if is_lower(name) => Some(syn::Error::new(
                    name.span(),
                    format!("argument `{name}` of `{kind}` has no value\nhelp: write `{name} = true`"),
                )),
                _ if chain.named.is_empty() => None,
                _ => Some(syn::Error::new_spanned(
                    expr,
                    format!(
                        "an argument of `{kind}` without a name stands behind one with a name\nhelp: move it to the front, or write `name = …`"
                    ),
                )),
            },
            Self::Nested(..) | Self::List(..) if chain.named.is_empty() => None,
            Self::Nested(..) | Self::List(..) => Some(syn::Error::new(
                self.end(),
                format!(
                    "an argument of `{kind}` without a name stands behind one with a name\nhelp: move it to the front, or write `name = …`"
                ),
            )),
            Self::Map(_, span) => Some(syn::Error::new(
                *span,
                format!("this argument of `{kind}` has no name\nhelp: write `name = {{ … }}`"),
            )),
        }
    }

    fn expand(&self, bare: Bare, slot: Slot, rewrite: &mut Rewrite<'_>, errors: &mut Errors) -> TokenStream {
        match self {
            Self::Map(map, _) => map.expand(slot.place, rewrite, errors),
            Self::Nested(_, Some(expr)) | Self::List(.., Some(expr)) if !slot.nests => {
                rewrite.expr(expr, bare, slot.place, errors)
            }
            Self::Nested(chain, _) => chain.expand_nested(slot, rewrite, errors),
            // By value: a reference to something that a block computes would not live long enough.
            Self::List(items, span, _) => {
                let items: Vec<TokenStream> =
                    items.iter().map(|item| item.expand(bare, slot, rewrite, errors)).collect();
                quote_spanned!(*span=> [#(#items),*])
            }
            Self::Expr(expr) => rewrite.expr(expr, bare, slot.place, errors),
        }
    }

    /// Where the argument ends.
    pub(crate) fn end(&self) -> Span {
        match self {
            Self::Map(_, span) | Self::List(_, span, _) => *span,
            Self::Nested(chain, _) => chain.parens,
            Self::Expr(expr) => last_span(expr),
        }
    }
}

/// The identifier at another span; a keyword becomes raw, so that rustc can say that there is no such method.
pub(crate) fn identifier(ident: &Ident, span: Span) -> Ident {
    let is_keyword = syn::parse2::<Ident>(ident.to_token_stream()).is_err();
    let can_be_raw = !matches!(ident.to_string().as_str(), "crate" | "self" | "super" | "Self" | "_");
    let mut ident = if is_keyword && can_be_raw { Ident::new_raw(&ident.to_string(), span) } else { ident.clone() };
    ident.set_span(span);
    ident
}

/// A reference to a static that holds the body, which underlines what the user wrote from the first span to the last.
///
/// A `const` block would do, but rustc repeats its errors as notes below the whole attribute. The reference stands
/// before a block, because rustc would promote a reference to a call, with the same notes.
pub(crate) fn constant(
    (module, name): (&str, &str),
    body: TokenStream,
    (first, last): (Span, Span),
    runtime: &Runtime,
) -> TokenStream {
    let define = runtime.define();
    let (module, name) = (Ident::new(module, Span::call_site()), Ident::new(name, Span::call_site()));
    let block = group(Delimiter::Brace, body, last);
    let reference = quote_spanned!(first=> & #block);
    let ty = quote!(#define::Component<dyn #define::#module::#name>);
    quote!({ static COMPONENT: #ty = #define::Component(#reference); &COMPONENT })
}

/// A body below the import of the runtime's components.
pub(crate) fn imported(slot: Slot, body: &TokenStream, runtime: &Runtime) -> TokenStream {
    let define = runtime.define();
    let module = Ident::new(slot.module, Span::call_site());
    quote!(#[allow(unused_imports)] use #define::#module::*; #body)
}

/// A group that is reported at the span.
pub(crate) fn group(delimiter: Delimiter, tokens: TokenStream, span: Span) -> Group {
    let mut group = Group::new(delimiter, tokens);
    group.set_span(span);
    group
}

/// The spans of the first and the last token.
pub(crate) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let tokens = tokens.into_token_stream();
    let first = tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span());
    (first, last_span(tokens))
}

/// A component that holds `module::key::<types>(function)`, all at one span, so that rustc reports a function that does
/// not fit once.
pub(crate) fn hook(
    place: (&str, &str),
    definition: (&str, &str),
    function: &Expr,
    runtime: &Runtime,
    types: impl FnOnce(Span) -> TokenStream,
) -> TokenStream {
    hook_among(place, definition, &TokenStream::new(), function, runtime, types)
}

/// The same where the function may be named by what `imports` brings into scope.
pub(crate) fn hook_among(
    (module, key): (&str, &str),
    definition: (&str, &str),
    imports: &TokenStream,
    function: &Expr,
    runtime: &Runtime,
    types: impl FnOnce(Span) -> TokenStream,
) -> TokenStream {
    let span = last_span(function);
    let define = runtime.define_at(span);
    let (path, key, types) = (Ident::new(module, span), Ident::new(key, span), types(span));
    let hook = quote_spanned!(span=> #define::#path::#key::<#types>(#function));
    constant(definition, quote!(#imports #hook), ends(function), runtime)
}

/// A closure with the type of its parameter, which rustc cannot infer through the hook's trait.
pub(crate) fn with_parameter_type(function: &Expr, ty: &Type) -> Expr {
    let span = last_span(function);
    let mut function = function.clone();
    if let Expr::Closure(closure) = &mut function
        && closure.inputs.len() == 1
    {
        for input in &mut closure.inputs {
            if !matches!(input, Pat::Type(_)) {
                let pat = Box::new(input.clone());
                *input = Pat::Type(PatType {
                    attrs: Vec::new(),
                    pat,
                    colon_token: Token![:](span),
                    ty: Box::new(ty.clone()),
                });
            }
        }
    }
    function
}
