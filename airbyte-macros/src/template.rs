//! The grammar of `"/repos/{config.owner}/issues"`: text, placeholders, and what is wrong with them.
//!
//! ```text
//! template    = { text | "{{" | "}}" | placeholder }
//! placeholder = "{" root "." name { "." name } [ "|in_url" ] "}"
//! root        = "config" | "partition" | "parent" | "interval" | "job" | "record"
//! ```

mod jinja;

use std::ops::Range;

use crate::diag::{distance, suggest};

/// What a placeholder takes its value from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    Config,
    Partition,
    Parent,
    Interval,
    Job,
    Record,
}

/// The names of the roots, in the order in which messages list them.
const ROOTS: [Root; 6] = [Root::Config, Root::Partition, Root::Parent, Root::Interval, Root::Job, Root::Record];

impl Root {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        ROOTS.into_iter().find(|root| root.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Partition => "partition",
            Self::Parent => "parent",
            Self::Interval => "interval",
            Self::Job => "job",
            Self::Record => "record",
        }
    }
}

/// One `{root.path}` of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placeholder {
    pub(crate) root: Root,
    /// What stands behind the root, such as `user.id`.
    pub(crate) path: String,
    /// Where the inside of the braces is, in bytes.
    pub(crate) range: Range<usize>,
}

impl Placeholder {
    /// The first name of the path.
    pub(crate) fn first(&self) -> &str {
        self.path.split('.').next().unwrap_or_default()
    }
}

/// What is wrong with a template, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What is wrong; the message goes on with ` in <place>`.
    pub(crate) what: String,
    pub(crate) range: Range<usize>,
    /// The `help:` line.
    pub(crate) help: String,
}

/// The placeholders of a text that is known to be a template.
pub(crate) fn parse(text: &str) -> (Vec<Placeholder>, Vec<Problem>) {
    let (mut placeholders, mut problems) = (Vec::new(), Vec::new());
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let doubled = rest.next_if(|(_, next)| *next == c && (c == '{' || c == '}')).is_some();
        match c {
            '{' if doubled => {
                if let Some(problem) = jinja::problem(text, at) {
                    while rest.next_if(|(next, _)| *next < problem.range.end).is_some() {}
                    problems.push(problem);
                }
            }
            '{' => match end_of_placeholder(text, at) {
                Some(end) => {
                    match placeholder(text, at + 1..end) {
                        Ok(placeholder) => placeholders.push(placeholder),
                        Err(problem) => problems.push(problem),
                    }
                    while rest.next_if(|(next, _)| *next <= end).is_some() {}
                }
                None => problems.push(Problem {
                    what: "unclosed `{`".to_owned(),
                    range: at..at + 1,
                    help: "help: close the placeholder, as in `{config.name}`, or write `{{` for a brace".to_owned(),
                }),
            },
            '}' if !doubled => problems.push(Problem {
                what: "`}` without a `{` before it".to_owned(),
                range: at..at + 1,
                help: "help: remove it, or write `}}` for a brace".to_owned(),
            }),
            _ => {}
        }
    }
    (placeholders, problems)
}

/// Whether a text in a component's argument is meant as a template: some are regular expressions or date formats.
pub(crate) fn is_template(text: &str) -> bool {
    if text.match_indices("{{").any(|(at, _)| jinja::problem(text, at).is_some()) {
        return true;
    }
    text.match_indices('{').any(|(at, _)| {
        let inside = text.get(at + 1..).unwrap_or_default();
        let Some((root, path)) = inside.split_once('.') else { return false };
        let named =
            path.starts_with(|c: char| c.is_alphabetic() || c == '_') && root.chars().all(char::is_alphanumeric);
        named && ROOTS.iter().any(|known| distance(root, known.name()).is_some())
    })
}

/// Where the `}` of the placeholder is that opens at `at`; another `{` means that it was forgotten.
fn end_of_placeholder(text: &str, at: usize) -> Option<usize> {
    let (end, c) = text.char_indices().find(|(next, c)| *next > at && (*c == '}' || *c == '{'))?;
    (c == '}').then_some(end)
}

/// Reads the inside of a pair of braces.
fn placeholder(text: &str, range: Range<usize>) -> Result<Placeholder, Problem> {
    let inside = text.get(range.clone()).unwrap_or_default();
    if inside.trim().is_empty() {
        let braces = range.start - 1..range.end + 1;
        return problem("empty placeholder".to_owned(), braces, "help: name a value, as in `{config.name}`");
    }
    if inside.trim() != inside {
        let help = format!("help: write `{{{}}}`", inside.trim());
        return problem("spaces inside a placeholder".to_owned(), range, &help);
    }
    let (reference, filter) =
        inside.split_once('|').map_or((inside, None), |(reference, filter)| (reference, Some(filter)));
    let (root, path) = reference.split_once('.').map_or((reference, None), |(root, path)| (root, Some(path)));
    let root_range = range.start..range.start + root.len();
    let Some(known) = Root::parse(root) else {
        return Err(unknown_root(root, path.is_some(), root_range));
    };
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        let help = if known == Root::Interval { "start" } else { "name" };
        return problem(
            format!("`{{{reference}}}` does not say which value"),
            range,
            &format!("help: write `{{{root}.{help}}}`"),
        );
    };
    check_path(known, path, root_range.end + 1)?;
    match filter {
        None | Some("in_url") => Ok(Placeholder { root: known, path: path.to_owned(), range }),
        Some(filter) => {
            let range = range.end - filter.len()..range.end;
            problem(
                format!("unknown filter `{filter}`"),
                range,
                "help: the only filter is `in_url`, which lets a secret stand in a URL",
            )
        }
    }
}

/// Refuses what stands behind a root if it begins at `start` and is no path, or no bound of the interval.
fn check_path(root: Root, path: &str, start: usize) -> Result<(), Problem> {
    let range = start..start + path.len();
    if !path.split('.').all(is_name) {
        return problem(
            format!("`{path}` is not a path of names"),
            range,
            "help: names are joined by single dots, as in `{config.name}`",
        );
    }
    if root == Root::Interval && path != "start" && path != "end" {
        return problem(
            format!("unknown bound `{path}` of the interval"),
            range,
            "help: the bounds are `{interval.start}` and `{interval.end}`",
        );
    }
    Ok(())
}

fn problem<T>(what: String, range: Range<usize>, help: &str) -> Result<T, Problem> {
    Err(Problem { what, range, help: help.to_owned() })
}

fn unknown_root(root: &str, has_path: bool, range: Range<usize>) -> Problem {
    if is_name(root) && has_path {
        let help = suggest(root, ROOTS.map(Root::name), "roots");
        return Problem { what: format!("unknown root `{root}`"), range, help };
    }
    let help = if is_name(root) {
        format!(
            "help: say where the value comes from, as in `{{config.{root}}}` or `{{parent.{root}}}`, or write `{{{{` for a brace"
        )
    } else {
        "help: a placeholder has the form `{config.name}`; write `{{` for a brace".to_owned()
    };
    Problem { what: format!("`{{{root}}}` is not a placeholder"), range, help }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::{Root, is_template, parse};

    #[test]
    fn finds_the_placeholders() {
        let (placeholders, problems) = parse("/é/{config.a.b}/{{x}}/{parent.id}{interval.end}?k={config.key|in_url}");
        let found: Vec<(Root, &str, usize)> =
            placeholders.iter().map(|found| (found.root, found.path.as_str(), found.range.start)).collect();
        let expected = [
            (Root::Config, "a.b", 5),
            (Root::Parent, "id", 24),
            (Root::Interval, "end", 35),
            (Root::Config, "key", 52),
        ];
        assert_eq!(found, expected);
        assert_eq!(problems, []);
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, what, at, help) in [
            (
                "/a/{config.x",
                "unclosed `{`",
                3..4,
                "help: close the placeholder, as in `{config.name}`, or write `{{` for a brace",
            ),
            (
                "/{config.a/{config.b}",
                "unclosed `{`",
                1..2,
                "help: close the placeholder, as in `{config.name}`, or write `{{` for a brace",
            ),
            ("/a}", "`}` without a `{` before it", 2..3, "help: remove it, or write `}}` for a brace"),
            ("/{{ config['x'] }}/a", "`{{ … }}` is Jinja, which has no meaning", 1..18, "help: write `{config.x}`"),
            ("{}", "empty placeholder", 0..2, "help: name a value, as in `{config.name}`"),
            ("{ config.x }", "spaces inside a placeholder", 1..11, "help: write `{config.x}`"),
            ("{config}", "`{config}` does not say which value", 1..7, "help: write `{config.name}`"),
            ("{interval}", "`{interval}` does not say which value", 1..9, "help: write `{interval.start}`"),
            ("{confg.x}", "unknown root `confg`", 1..6, "help: did you mean `config`?"),
            (
                "{response.x}",
                "unknown root `response`",
                1..9,
                "help: the roots are `config`, `partition`, `parent`, `interval`, `job`, `record`",
            ),
            (
                "{id}",
                "`{id}` is not a placeholder",
                1..3,
                "help: say where the value comes from, as in `{config.id}` or `{parent.id}`, or write `{{` for a brace",
            ),
            (
                "{\"a\": 1}",
                "`{\"a\": 1}` is not a placeholder",
                1..7,
                "help: a placeholder has the form `{config.name}`; write `{{` for a brace",
            ),
            ("{config.}", "`{config.}` does not say which value", 1..8, "help: write `{config.name}`"),
            (
                "{config.a..b}",
                "`a..b` is not a path of names",
                8..12,
                "help: names are joined by single dots, as in `{config.name}`",
            ),
            (
                "{interval.begin}",
                "unknown bound `begin` of the interval",
                10..15,
                "help: the bounds are `{interval.start}` and `{interval.end}`",
            ),
            (
                "{config.x|upper}",
                "unknown filter `upper`",
                10..15,
                "help: the only filter is `in_url`, which lets a secret stand in a URL",
            ),
        ] {
            let (_, problems) = parse(text);
            let found: Vec<(&str, _, &str)> = problems
                .iter()
                .map(|problem| (problem.what.as_str(), problem.range.clone(), problem.help.as_str()))
                .collect();
            assert_eq!(found, [(what, at, help)], "{text}");
        }
    }

    #[test]
    fn tells_templates_from_other_texts_with_braces() {
        for (text, expected) in [
            ("Token {config.key}", true),
            ("Token {cofig.key}", true),
            ("Token {{ config['key'] }}", true),
            (r"^\d{4}-\d{2}$", false),
            ("%Y-%m-%dT%H:%M:%SZ", false),
            ("{ users { id } }", false),
            ("{0.5}", false),
            ("plain", false),
        ] {
            assert_eq!(is_template(text), expected, "{text}");
        }
    }
}
