//! What a template is made of, without running it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use minijinja::Environment;
use minijinja::machinery::{Token, tokenize};

use crate::template::{blanked, limit};

/// Functions that templates may call.
const FUNCTIONS: [&str; 19] = [
    "now_utc",
    "today_utc",
    "today_with_timezone",
    "timestamp",
    "max",
    "min",
    "day_delta",
    "duration",
    "format_datetime",
    "str_to_datetime",
    "sanitize_url",
    "camel_case_to_snake_case",
    "generate_uuid",
    "dict",
    "cycler",
    "joiner",
    "namespace",
    "lipsum",
    "loop",
];

/// Filters: Jinja's, then Airbyte's.
const FILTERS: [&str; 61] = [
    "abs",
    "attr",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pprint",
    "random",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "urlize",
    "wordcount",
    "wordwrap",
    "xmlattr",
    "string",
    "hash",
    "hmac",
    "base64encode",
    "base64decode",
    "base64binascii_decode",
    "regex_search",
    "regex_replace",
];

/// A use of a name in a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) name: String,
    /// The line in the template, from 1.
    pub(super) line: usize,
}

/// A key that is taken from a variable: `name.key` or `name['key']`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) line: usize,
}

/// What a template names.
#[derive(Debug, Default)]
pub(super) struct Template {
    /// The variables that it does not set itself, without functions.
    pub(super) variables: BTreeSet<String>,
    /// The filters that do not exist.
    pub(super) unknown_filters: Vec<Mention>,
    /// The keys that it takes from variables.
    pub(super) accesses: Vec<Access>,
    mentions: Vec<Mention>,
}

/// Why text is not a template.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) detail: String,
    /// The line in the template, from 1.
    pub(super) line: usize,
}

/// Whether there is anything to evaluate.
pub(super) fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

/// The names that may be called.
pub(super) fn functions() -> &'static [&'static str] {
    &FUNCTIONS
}

/// The filters there are.
pub(super) fn filters() -> impl Iterator<Item = &'static str> {
    FILTERS.into_iter()
}

/// Takes a template apart.
pub(super) fn parse(text: &str) -> Result<Template, SyntaxError> {
    static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(Environment::new);
    let text = &*blanked(text);
    limit(text).map_err(|long| SyntaxError { detail: long.to_string(), line: long.line })?;
    let compiled = ENVIRONMENT.template_from_str(text).map_err(|error| SyntaxError {
        detail: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
        line: error.line().unwrap_or(1),
    })?;
    let mut template = Template {
        variables: compiled
            .undeclared_variables(false)
            .into_iter()
            .filter(|name| !FUNCTIONS.contains(&name.as_str()))
            .collect(),
        ..Template::default()
    };
    template.read_tokens(text);
    Ok(template)
}

impl Template {
    /// The line on which a variable is first named.
    pub(super) fn line_of(&self, variable: &str) -> usize {
        self.mentions.iter().find(|mention| mention.name == variable).map_or(1, |mention| mention.line)
    }

    fn read_tokens(&mut self, text: &str) {
        let tokens: Vec<_> =
            tokenize(text, false, minijinja::syntax::SyntaxConfig::default()).map_while(Result::ok).collect();
        for (at, (token, span)) in tokens.iter().enumerate() {
            let Token::Ident(name) = token else { continue };
            let line = usize::from(span.start_line);
            let before = at.checked_sub(1).and_then(|before| tokens.get(before)).map(|(token, _)| token);
            match before {
                Some(Token::Pipe) => {
                    if !filters().any(|known| known == *name) {
                        self.unknown_filters.push(Mention { name: (*name).to_owned(), line });
                    }
                }
                Some(Token::Dot) => {}
                _ => {
                    self.mentions.push(Mention { name: (*name).to_owned(), line });
                    let after = |by: usize| tokens.get(at + by).map(|(token, _)| token);
                    if let Some(key) = key(after(1), after(2), after(3)) {
                        self.accesses.push(Access { name: (*name).to_owned(), key, line });
                    }
                }
            }
        }
    }
}

fn key(first: Option<&Token<'_>>, second: Option<&Token<'_>>, third: Option<&Token<'_>>) -> Option<String> {
    match (first?, second?, third) {
        (Token::Dot, Token::Ident(key), _) => Some((*key).to_owned()),
        (Token::BracketOpen, Token::Str(key), Some(Token::BracketClose)) => Some((*key).to_owned()),
        (Token::BracketOpen, Token::String(key), Some(Token::BracketClose)) => Some(key.to_string()),
        _ => None,
    }
}
