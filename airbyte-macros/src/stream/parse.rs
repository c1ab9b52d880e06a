//! What was written in `#[stream(…)]`.

use proc_macro2::Span;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Path, Token, bracketed, parenthesized, token};

use crate::args::Arguments;
use crate::component::{Argument, Component};
use crate::diag::{Errors, suggest};
use crate::map::Map;
use crate::path::Runtime;
use crate::requester::{Requester, parse_texts};
use crate::value::{Text, parse_function, parse_literal, parse_type};
use crate::vocabulary::STREAM;

/// The arguments of `#[stream]`; what was reported as wrong is missing.
pub(crate) struct StreamArgs {
    /// Which keys were written, and where.
    pub(crate) keys: Arguments,
    pub(crate) runtime: Runtime,
    pub(crate) source: Option<Path>,
    pub(crate) name: Option<LitStr>,
    pub(crate) namespace: Option<LitStr>,
    pub(crate) requester: Requester,
    pub(crate) path: Option<Text>,
    pub(crate) method: Option<Method>,
    pub(crate) body: Option<Body>,
    pub(crate) form: Option<Map>,
    pub(crate) records: Option<RecordsArg>,
    pub(crate) decoder: Option<Component>,
    pub(crate) job: Option<Component>,
    pub(crate) files: Option<Component>,
    pub(crate) paginator: Option<Component>,
    pub(crate) page_size_reduction: Option<Component>,
    pub(crate) pagination_reset: Option<Component>,
    pub(crate) cursor: Option<Component>,
    pub(crate) request_window_splitting: Option<Component>,
    pub(crate) primary_key: Option<Vec<FieldPath>>,
    pub(crate) partition: Vec<Component>,
    pub(crate) parents: Vec<ParentArg>,
    pub(crate) schema: Option<Component>,
    pub(crate) undeclared: Option<Undeclared>,
    pub(crate) failure_tolerance: Option<Component>,
    pub(crate) group: Option<LitStr>,
    pub(crate) after: Vec<Path>,
    pub(crate) filter: Option<Expr>,
    pub(crate) transform: Vec<Step>,
    pub(crate) expand: Option<Component>,
    pub(crate) properties: Option<Component>,
    pub(crate) migrate_state: Option<Expr>,
    pub(crate) when: Option<Expr>,
    pub(crate) full_refresh: Option<FullRefresh>,
    pub(crate) read: Option<Expr>,
}

/// An HTTP method by the name of the runtime's variant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
}

/// What becomes of fields that the struct does not declare, by the name of the runtime's variant.
pub(crate) struct Undeclared(pub(crate) Ident);

/// What stands behind `body =`.
pub(crate) enum Body {
    Json(Map),
    /// `text("…")`.
    Text(Text),
    /// `graphql(QUERY, operation_name = "…", variables = { … })`.
    Graphql {
        query: Expr,
        operation_name: Option<LitStr>,
        variables: Option<Map>,
    },
    /// `xml("<Envelope>…</Envelope>", content_type = "…")`.
    Xml {
        text: Box<Text>,
        content_type: Option<LitStr>,
    },
}

/// What stands behind `records =`.
pub(crate) enum RecordsArg {
    At(Vec<LitStr>),
    Union(Vec<Vec<LitStr>>),
    FirstMatch(Vec<Vec<LitStr>>),
}

/// A step of `transform =`.
pub(crate) enum Step {
    /// `remove("a.b")`.
    Component(Component),
    /// A function, or a value of the user's own type.
    Function(Expr),
}

/// `AllIssues` or `AllIssues(api_retention_period = "P30D")`.
pub(crate) struct FullRefresh {
    pub(crate) stream: Path,
    pub(crate) options: Vec<(Ident, Expr)>,
}

/// `id` or `user.id`.
pub(crate) struct FieldPath {
    pub(crate) first: Ident,
    pub(crate) rest: Vec<Ident>,
}

/// `Project` or `Project(id as project_id, name)`.
pub(crate) struct ParentArg {
    pub(crate) stream: Path,
    /// The fields that were listed, each with its name in the partition.
    pub(crate) fields: Option<Vec<(Ident, Ident)>>,
    /// What is said of it besides.
    pub(crate) options: Vec<(Ident, ParentOption)>,
}

/// The value of `key = …` of a parent.
pub(crate) enum ParentOption {
    /// `[name, owner]`: fields of the parent.
    Fields(Vec<Ident>, Span),
    Value(Expr),
}

impl StreamArgs {
    pub(crate) fn parse(tokens: proc_macro2::TokenStream, errors: &mut Errors) -> Self {
        let mut args = Arguments::parse(tokens, &STREAM, errors);
        Self {
            runtime: Runtime::new(args.take("crate", errors, Runtime::parse)),
            source: args.take("source", errors, |input| parse_type("source", input)),
            name: args.take("name", errors, parse_literal),
            namespace: args.take("namespace", errors, parse_literal),
            requester: Requester::parse(&mut args, errors),
            path: args.take("path", errors, Text::parse),
            method: args.take("method", errors, Method::parse),
            body: args.take("body", errors, Body::parse),
            form: args.take("form", errors, Map::parse),
            records: args.take("records", errors, RecordsArg::parse),
            decoder: args.take("decoder", errors, Component::parse),
            job: args.take("job", errors, Component::parse),
            files: args.take("files", errors, parse_files),
            paginator: args.take("paginator", errors, Component::parse),
            page_size_reduction: args.take("page_size_reduction", errors, Component::parse),
            pagination_reset: args.take("pagination_reset", errors, Component::parse),
            cursor: args.take("cursor", errors, Component::parse),
            request_window_splitting: args.take("request_window_splitting", errors, Component::parse),
            primary_key: args.take("primary_key", errors, parse_primary_key),
            partition: args.take("partition", errors, Component::parse_list).unwrap_or_default(),
            parents: args.take("parent", errors, parse_parents).unwrap_or_default(),
            schema: args.take("schema", errors, Component::parse),
            undeclared: args.take("undeclared", errors, Undeclared::parse),
            failure_tolerance: args.take("failure_tolerance", errors, parse_tolerance),
            group: args.take("group", errors, parse_group),
            after: args.take("after", errors, parse_after).unwrap_or_default(),
            filter: args.take("filter", errors, parse_function),
            transform: args.take("transform", errors, Step::parse_list).unwrap_or_default(),
            expand: args.take("expand", errors, parse_expand),
            properties: args.take("properties", errors, Component::parse),
            migrate_state: args.take("migrate_state", errors, parse_function),
            when: args.take("when", errors, parse_function),
            full_refresh: args.take("full_refresh", errors, FullRefresh::parse),
            read: args.take("read", errors, parse_function),
            keys: args,
        }
    }
}

impl Step {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        match Component::parse_call(input)? {
            Some(component) => Ok(Self::Component(component)),
            None => parse_function(input).map(Self::Function),
        }
    }

    /// One step, or an array of them.
    fn parse_list(input: ParseStream<'_>) -> syn::Result<Vec<Self>> {
        if !input.peek(token::Bracket) {
            return Ok(vec![Self::parse(input)?]);
        }
        let span = input.span();
        let content;
        bracketed!(content in input);
        if content.is_empty() {
            return Err(syn::Error::new(
                span,
                "`transform` has no step\nhelp: write one, as in `[remove(\"internal\"), shorten]`, or leave `transform` out",
            ));
        }
        Ok(Punctuated::<Self, Token![,]>::parse_terminated_with(&content, Self::parse)?.into_iter().collect())
    }
}

impl Method {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (name, span) = if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            (text.value(), text.span())
        } else {
            let ident: Ident = input.parse()?;
            (ident.to_string(), ident.span())
        };
        Ok(match name.to_ascii_uppercase().as_str() {
            "GET" => Self::Get,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            upper => {
                let help = suggest(upper, ["GET", "POST", "PUT", "PATCH"], "methods");
                return Err(syn::Error::new(span, format!("`{name}` is not a method for reading\n{help}")));
            }
        })
    }

    /// The variant of the runtime's enum.
    pub(crate) fn variant(self) -> Ident {
        let name = match self {
            Self::Get => "Get",
            Self::Post => "Post",
            Self::Put => "Put",
            Self::Patch => "Patch",
        };
        Ident::new(name, proc_macro2::Span::call_site())
    }
}

impl Undeclared {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let word = input.parse::<Ident>().map_err(|error| {
            syn::Error::new(
                error.span(),
                "this is not a word for undeclared fields\nhelp: write `keep`, `drop` or `reject`",
            )
        })?;
        let variant = match word.to_string().as_str() {
            "keep" => "Keep",
            "drop" => "Drop",
            "reject" => "Reject",
            other => {
                let help = suggest(other, ["keep", "drop", "reject"], "words");
                let what = format!("`{other}` says nothing about undeclared fields\n{help}");
                return Err(syn::Error::new(word.span(), what));
            }
        };
        Ok(Self(Ident::new(variant, word.span())))
    }
}

impl Body {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(token::Brace) {
            return Map::parse(input).map(Self::Json);
        }
        let form = "help: write `{ key = value }` for JSON, `graphql(\"query { … }\")`, `xml(\"<Envelope>…</Envelope>\")` or `text(\"…\")`";
        let name = input
            .parse::<Ident>()
            .map_err(|error| syn::Error::new(error.span(), format!("this is not a body\n{form}")))?;
        if name == "xml" && input.peek(token::Paren) {
            return Self::parse_xml(&name, input);
        }
        if (name != "graphql" && name != "text") || !input.peek(token::Paren) {
            return Err(syn::Error::new(name.span(), format!("`{name}` is not a body\n{form}")));
        }
        let content;
        parenthesized!(content in input);
        if content.is_empty() {
            let (what, example) = match name == "text" {
                true => ("text", "<Request/>"),
                false => ("query", "query { … }"),
            };
            return Err(syn::Error::new(
                name.span(),
                format!("`{name}` has no {what}\nhelp: write `{name}(\"{example}\")`, or name a constant"),
            ));
        }
        if name == "text" {
            return Text::parse(&content).map(Self::Text);
        }
        Self::parse_graphql(&content)
    }

    /// What stands in the parentheses of `graphql`.
    fn parse_graphql(content: ParseStream<'_>) -> syn::Result<Self> {
        let query: Expr = content.parse()?;
        content.parse::<Option<Token![,]>>()?;
        let (mut variables, mut operation_name) = (None, None);
        while !content.is_empty() {
            let key: Ident = content.parse().map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "`graphql` takes a query and `variables`\nhelp: write `graphql(QUERY, variables = { first = 100 })`",
                )
            })?;
            content.parse::<Token![=]>()?;
            match key.to_string().as_str() {
                "variables" if variables.is_none() => variables = Some(Map::parse(content)?),
                "operation_name" if operation_name.is_none() => operation_name = Some(parse_literal(content)?),
                "variables" | "operation_name" => {
                    return Err(syn::Error::new(
                        key.span(),
                        format!("argument `{key}` of `graphql` is written twice\nhelp: keep one of the two"),
                    ));
                }
                _ => {
                    let help = suggest(&key.to_string(), ["variables", "operation_name"], "arguments");
                    return Err(syn::Error::new(
                        key.span(),
                        format!("unknown argument `{key}` for body `graphql`\n{help}"),
                    ));
                }
            }
            content.parse::<Option<Token![,]>>()?;
        }
        Ok(Self::Graphql { query, operation_name, variables })
    }

    fn parse_xml(name: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        let form = "help: write `xml(\"<Envelope>…</Envelope>\")`, or name a constant";
        let content;
        parenthesized!(content in input);
        if content.is_empty() {
            return Err(syn::Error::new(name.span(), format!("`xml` has no text\n{form}")));
        }
        let text = Box::new(Text::parse(&content)?);
        content.parse::<Option<Token![,]>>()?;
        let mut content_type = None;
        while !content.is_empty() {
            let key: Ident = content.parse().map_err(|error| {
                syn::Error::new(error.span(), format!("`xml` takes a text and `content_type`\n{form}"))
            })?;
            content.parse::<Token![=]>()?;
            if key != "content_type" {
                let help = suggest(&key.to_string(), ["content_type"], "arguments");
                return Err(syn::Error::new(key.span(), format!("unknown argument `{key}` for body `xml`\n{help}")));
            }
            if content_type.replace(parse_literal(&content)?).is_some() {
                return Err(syn::Error::new(
                    key.span(),
                    "argument `content_type` of `xml` is written twice\nhelp: keep one of the two",
                ));
            }
            content.parse::<Option<Token![,]>>()?;
        }
        Ok(Self::Xml { text, content_type })
    }
}

impl RecordsArg {
    /// `"data.items"`, `["data", "items"]`, `union("a", "b")` or `first_match("a", "b")`.
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident) {
            return parse_records_path(input).map(Self::At);
        }
        let word: Ident = input.parse()?;
        let name = word.to_string();
        if !["union", "first_match"].contains(&name.as_str()) || !input.peek(token::Paren) {
            return Err(syn::Error::new(
                word.span(),
                format!(
                    "`{name}` does not say where the records are\nhelp: write a path, as in `\"data.items\"`, or `union(\"a\", \"b\")` or `first_match(\"a\", \"b\")` for several"
                ),
            ));
        }
        let content;
        parenthesized!(content in input);
        let paths = Punctuated::<Vec<LitStr>, Token![,]>::parse_terminated_with(&content, parse_records_path)?;
        if paths.len() < 2 {
            let count = if paths.is_empty() { "none" } else { "one" };
            return Err(syn::Error::new(
                word.span(),
                format!(
                    "`{name}` has {count} of the paths that it is for\nhelp: write two at least, as in `{name}(\"a\", \"b\")`; one path stands alone"
                ),
            ));
        }
        let paths = paths.into_iter().collect();
        Ok(if name == "union" { Self::Union(paths) } else { Self::FirstMatch(paths) })
    }
}

/// `"data.items"` or `["data", "items"]`.
fn parse_records_path(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if input.peek(token::Bracket) {
        return parse_texts(input);
    }
    let path = parse_literal(input)?;
    let text = path.value();
    if text.is_empty() {
        return Err(syn::Error::new(
            path.span(),
            "`records` is empty\nhelp: leave `records` out when the page itself is the list",
        ));
    }
    if text.split('.').any(str::is_empty) {
        return Err(syn::Error::new(
            path.span(),
            format!(
                "`{text}` is not a path of keys\nhelp: keys are joined by single dots, as in \"data.items\"; a key with a dot needs the form `[\"a.b\", \"items\"]`"
            ),
        ));
    }
    Ok(text.split('.').map(|key| LitStr::new(key, path.span())).collect())
}

/// `items("lines.data")`; the path alone is what one tries first.
fn parse_expand(input: ParseStream<'_>) -> syn::Result<Component> {
    if input.peek(LitStr) {
        let path: LitStr = input.parse()?;
        let help = format!("help: write `items(\"{}\")`", path.value());
        return Err(syn::Error::new(path.span(), format!("the path of a list stands within `items`\n{help}")));
    }
    Component::parse(input)
}

/// `download(get("{record.url}"))`; the address alone is what one tries first.
fn parse_files(input: ParseStream<'_>) -> syn::Result<Component> {
    let files = Component::parse(input)?;
    if let Component::Chain(chain) = &files
        && let Some(Argument::Expr(Expr::Lit(ExprLit { lit: Lit::Str(address), .. }))) = chain.positional.first()
    {
        let help = format!("help: write `get(\"{}\")`", address.value());
        return Err(syn::Error::new(address.span(), format!("an address stands within a request\n{help}")));
    }
    Ok(files)
}

/// `id`, `user.id`, `(a, b)` or `[a, b]`.
fn parse_primary_key(input: ParseStream<'_>) -> syn::Result<Vec<FieldPath>> {
    let content;
    let span = input.span();
    if input.peek(token::Paren) {
        parenthesized!(content in input);
    } else if input.peek(token::Bracket) {
        bracketed!(content in input);
    } else {
        return Ok(vec![FieldPath::parse(input)?]);
    }
    if content.is_empty() {
        return Err(syn::Error::new(
            span,
            "`primary_key` names no field\nhelp: write `primary_key = id`, or leave it out when records have no key",
        ));
    }
    Ok(Punctuated::<FieldPath, Token![,]>::parse_terminated_with(&content, FieldPath::parse)?.into_iter().collect())
}

impl FullRefresh {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let stream = parse_type("stream", input)?;
        let mut options = Vec::new();
        if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            while !content.is_empty() {
                let key: Ident = content.parse()?;
                content.parse::<Token![=]>()?;
                options.push((key, content.parse()?));
                content.parse::<Option<Token![,]>>()?;
            }
        }
        Ok(Self { stream, options })
    }
}

impl FieldPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            return Err(syn::Error::new(
                text.span(),
                format!("a primary key is a field, not a text\nhelp: write `primary_key = {}`", text.value()),
            ));
        }
        let first = input.parse()?;
        let mut rest = Vec::new();
        while input.peek(Token![.]) {
            input.parse::<Token![.]>()?;
            rest.push(input.parse()?);
        }
        Ok(Self { first, rest })
    }
}

/// `percent(5)`.
fn parse_tolerance(input: ParseStream<'_>) -> syn::Result<Component> {
    match input.fork().parse::<syn::Lit>() {
        Ok(literal) => Err(syn::Error::new(
            literal.span(),
            "this does not say whether it is a share or a number of partitions\nhelp: write `percent(5)`, or `partitions(3)`",
        )),
        Err(_) => Component::parse(input),
    }
}

/// `"name"`.
fn parse_group(input: ParseStream<'_>) -> syn::Result<LitStr> {
    let name = parse_literal(input)?;
    if name.value().trim().is_empty() {
        return Err(syn::Error::new(name.span(), "the group's name is empty\nhelp: write one, or leave `group` out"));
    }
    Ok(name)
}

/// `Project` or `[Project, User]`.
fn parse_after(input: ParseStream<'_>) -> syn::Result<Vec<Path>> {
    let parse = |input: ParseStream<'_>| parse_type("stream", input);
    if !input.peek(token::Bracket) {
        return Ok(vec![parse(input)?]);
    }
    let content;
    bracketed!(content in input);
    Ok(Punctuated::<Path, Token![,]>::parse_terminated_with(&content, parse)?.into_iter().collect())
}

/// A parent, or an array of them.
fn parse_parents(input: ParseStream<'_>) -> syn::Result<Vec<ParentArg>> {
    if !input.peek(token::Bracket) {
        return Ok(vec![ParentArg::parse(input)?]);
    }
    let content;
    bracketed!(content in input);
    Ok(Punctuated::<ParentArg, Token![,]>::parse_terminated_with(&content, ParentArg::parse)?.into_iter().collect())
}

impl ParentArg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let stream = parse_type("stream", input)?;
        let mut parent = Self { stream, fields: None, options: Vec::new() };
        if !input.peek(token::Paren) {
            return Ok(parent);
        }
        let content;
        parenthesized!(content in input);
        if content.is_empty() {
            return Err(syn::Error::new_spanned(
                parent.stream,
                "this parent lists no fields\nhelp: write `Project(id)`, or `Project` and use `{parent.id}`",
            ));
        }
        while !content.is_empty() {
            parent.parse_item(&content)?;
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(parent)
    }

    /// `id`, `id as project_id` or `key = value`.
    fn parse_item(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let name: Ident = input.parse()?;
        if !input.peek(Token![=]) {
            let renamed = input.parse::<Option<Token![as]>>()?.map(|_| input.parse()).transpose()?;
            let fields = self.fields.get_or_insert_default();
            fields.push((name.clone(), renamed.unwrap_or(name)));
            return Ok(());
        }
        input.parse::<Token![=]>()?;
        if self.options.iter().any(|(key, _)| *key == name) {
            return Err(syn::Error::new(
                name.span(),
                format!("argument `{name}` of the parent is written twice\nhelp: keep one of the two"),
            ));
        }
        let value = if input.peek(token::Bracket) {
            let content;
            let span = bracketed!(content in input).span.join();
            let fields = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
            ParentOption::Fields(fields.into_iter().collect(), span)
        } else {
            ParentOption::Value(input.parse()?)
        };
        self.options.push((name, value));
        Ok(())
    }
}
