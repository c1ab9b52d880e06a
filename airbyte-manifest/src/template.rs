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

/// How deep brackets may stand in each other. Jinja's parser takes a dozen calls for each of them, of which Python has
/// no room for a hundred; nor has the stack of a thread, without optimisation.
const MAX_BRACKETS: usize = 64;

/// A template that is too long, or too deep, to be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The line in the template on which it becomes so, from 1.
    pub line: usize,
    /// Whether its brackets are the reason.
    pub is_deep: bool,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_deep {
            false => write!(f, "its expressions have more than {MAX_TOKENS} words and signs"),
            true => write!(f, "its brackets stand more than {MAX_BRACKETS} deep in each other"),
        }
    }
}

impl std::error::Error for TooLong {}

/// Refuses a template that would be too long or too deep for Jinja's parser; to be asked before that is called. Text
/// outside of the marks `{{` and `{%` does not count.
///
/// # Errors
///
/// A template that is too long or too deep. One that is wrong is left to the parser.
pub fn limit(text: &str) -> Result<(), TooLong> {
    let tokens = tokenize(text, false, SyntaxConfig::default())
        .map_while(Result::ok)
        .filter(|(token, _)| !matches!(token, Token::TemplateData(_)));
    let mut open = 0_usize;
    for (count, (token, span)) in tokens.enumerate() {
        match token {
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => open += 1,
            Token::ParenClose | Token::BracketClose | Token::BraceClose => open = open.saturating_sub(1),
            _ => {}
        }
        let is_deep = open > MAX_BRACKETS;
        if is_deep || count == MAX_TOKENS {
            return Err(TooLong { line: usize::from(span.start_line), is_deep });
        }
    }
    Ok(())
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
        assert_eq!(limit("{{ 1 }}\n".repeat(667).as_str()), Err(TooLong { line: 667, is_deep: false }));
        assert_eq!(limit("{{ 'not closed"), Ok(()));
    }

    #[test]
    fn brackets_may_stand_in_each_other_but_not_without_end() {
        let nested =
            |open: &str, close: &str, depth| format!("{{{{ {}1{} }}}}", open.repeat(depth), close.repeat(depth));
        for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("a[", "]"), ("{'k': ", "}")] {
            assert_eq!(limit(&nested(open, close, MAX_BRACKETS)), Ok(()), "{open}");
            assert_eq!(
                limit(&nested(open, close, MAX_BRACKETS + 1)),
                Err(TooLong { line: 1, is_deep: true }),
                "{open}"
            );
        }
        assert_eq!(limit(&"{{ f(1) }}".repeat(200)), Ok(()));
    }
}
