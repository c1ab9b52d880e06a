//! What has to be known of a template before it is parsed: how long it may be, and where minijinja would stumble.

mod colon;

use std::fmt;

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

pub use colon::blanked;

/// How many words and signs the expressions and statements of one template may have together. Jinja's parser, and all
/// that walks its trees, calls itself for each operator of a chain: with a multiple of these the stack ends. The
/// longest template that anyone wrote has a few hundred.
const MAX_TOKENS: usize = 2_000;

/// A template that is too long to be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The line in the template on which it becomes too long, from 1.
    pub line: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its expressions have more than {MAX_TOKENS} words and signs")
    }
}

impl std::error::Error for TooLong {}

/// Refuses a template that would be too long for Jinja's parser; to be asked before that is called. Text outside of
/// the marks `{{` and `{%` does not count.
///
/// # Errors
///
/// A template that is too long. One that is wrong is left to the parser.
pub fn limit(text: &str) -> Result<(), TooLong> {
    let mut tokens = tokenize(text, false, SyntaxConfig::default())
        .map_while(Result::ok)
        .filter(|(token, _)| !matches!(token, Token::TemplateData(_)));
    match tokens.nth(MAX_TOKENS) {
        Some((_, span)) => Err(TooLong { line: usize::from(span.start_line) }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_between_the_marks_does_not_count() {
        let text = "x ".repeat(100_000);
        assert_eq!(limit(&text), Ok(()));
        assert_eq!(limit(&format!("{text}{{{{ 1 }}}}{text}")), Ok(()));
        assert_eq!(limit(&format!("{text}{{# {text} #}}")), Ok(()));
        assert_eq!(limit("{{ 1 }}\n".repeat(667).as_str()), Err(TooLong { line: 667 }));
        assert_eq!(limit("{{ 'not closed"), Ok(()));
    }
}
