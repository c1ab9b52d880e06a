//! What a writer of YAML did wrong, where the parser only says what it did not expect, and often lines later.

use crate::diagnostic::Diagnostic;
use crate::node::Position;

/// How much of a line a message repeats.
const SHOWN: usize = 60;

/// Where and why the parser gave up.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) at: Position,
    /// In the parser's words.
    pub(super) what: String,
    /// Where the lists and mappings begin that are not over, outermost first.
    pub(super) open: Vec<Position>,
}

impl Broken {
    /// The finding, at the mistake itself where that can be told.
    pub(super) fn explain(&self, text: &str) -> Diagnostic {
        let page = Page { lines: text.lines().collect(), broken: self };
        page.tab().or_else(|| page.bracket()).or_else(|| page.colon()).or_else(|| page.other()).unwrap_or_else(|| {
            Diagnostic::error(self.at, format!("this is no YAML: {}", self.what))
                .with_help("if this is meant as text, put it in quotes")
        })
    }

    fn says(&self, words: &str) -> bool {
        self.what.contains(words)
    }
}

struct Page<'a> {
    lines: Vec<&'a str>,
    broken: &'a Broken,
}

impl<'a> Page<'a> {
    fn line(&self, number: u32) -> &'a str {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        index.and_then(|index| self.lines.get(index)).copied().unwrap_or_default()
    }

    /// The text from a place to the end of its line.
    fn from(&self, at: Position) -> &'a str {
        let line = self.line(at.line);
        let before = usize::try_from(at.column).unwrap_or_default().saturating_sub(1);
        line.char_indices().nth(before).and_then(|(at, _)| line.get(at..)).unwrap_or_default()
    }

    /// The last line before a line that says something.
    fn before(&self, line: u32) -> Option<u32> {
        (1..line).rev().find(|line| !body(self.line(*line)).1.is_empty())
    }

    fn tab(&self) -> Option<Diagnostic> {
        let Broken { at, what, .. } = self.broken;
        // The parser may have stepped over it.
        let behind = Position { line: at.line, column: at.column.saturating_sub(1) };
        let stands = [*at, behind].into_iter().find(|at| at.column > 0 && self.from(*at).starts_with('\t'));
        if let Some(at) = stands.filter(|at| indenting_tab(self.line(at.line)).is_none()) {
            return Some(Diagnostic::error(at, "a tab stands here").with_help("write a space"));
        }
        if stands.is_none() && !what.split(' ').any(|word| word == "tab" || word == "tabs") {
            return None;
        }
        let last = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        (at.line..=last)
            .find_map(|line| Some(Position { line, column: indenting_tab(self.line(line))? }))
            .map(indented_by_tab)
    }

    /// A bracket that is not closed: what follows it is read as a part of its list or mapping.
    fn bracket(&self) -> Option<Diagnostic> {
        let brackets = || self.broken.open.iter().rev().filter_map(|at| Some((*at, closing(self.from(*at))?)));
        if let Some((at, (bracket, closing))) = brackets().find(|(at, _)| self.is_left_open(*at)) {
            let message = format!("this `{bracket}` is not closed");
            return Some(Diagnostic::error(at, message).with_help(format!("close it with `{closing}`")));
        }
        let (at, (bracket, closing)) = brackets().next().filter(|_| self.broken.says("expected ','"))?;
        let finding = Diagnostic::error(self.broken.at, format!("a `,` or `{closing}` is missing before this"));
        Some(finding.with_help(format!("the `{bracket}` stands on line {}", at.line)))
    }

    /// Whether the text behind a bracket goes on as if it were closed: to the file's end, or to a line that is not
    /// indented more than the bracket's own.
    fn is_left_open(&self, bracket: Position) -> bool {
        let until = self.broken.at.line;
        let own = self.line(bracket.line);
        let (column, key) = body(own);
        let indent = if closing(key).is_some() { indentation(own) } else { column };
        let mut inside = (bracket.line.saturating_add(1)..=until).map(|line| self.line(line));
        let is_outside = |line: &str| {
            let (_, text) = body(line);
            !text.is_empty() && !text.starts_with([']', '}']) && indentation(line) <= indent
        };
        inside.any(is_outside) || body(self.line(until)).1.is_empty()
    }

    /// A key without a colon, or a colon without a space, or one too many.
    fn colon(&self) -> Option<Diagnostic> {
        let at = self.broken.at;
        if self.broken.says("simple key expect") {
            return missing_colon(self.line(self.before(at.line)?), self.before(at.line)?);
        }
        if !self.broken.says("mapping values are not allowed") {
            return None;
        }
        let (column, here) = body(self.line(at.line));
        let before = usize::try_from(at.column).ok()?.checked_sub(column.saturating_add(1))?;
        if let Some((key, _)) = here.chars().take(before).collect::<String>().split_once(": ") {
            let message = format!("there is a second `:` in the value of `{}`", short(key));
            return Some(Diagnostic::error(at, message).with_help("put the value in quotes"));
        }
        let above = self.before(at.line)?;
        missing_colon(self.line(above), above).or_else(|| {
            let at = Position { line: at.line, column: u32::try_from(column).ok()?.checked_add(1)? };
            let (key, _) = body(self.line(above)).1.split_once(": ")?;
            let message = format!("this line is indented below `{}`, which has a value already", short(key));
            Some(Diagnostic::error(at, message).with_help("indent it like the keys that it belongs to"))
        })
    }

    fn other(&self) -> Option<Diagnostic> {
        const QUOTE: &str = "if this is meant as text, put it in quotes";
        let Broken { at, what, .. } = self.broken;
        let here = self.from(*at);
        let says = |words| self.broken.says(words);
        let (message, help) = if says("end of stream") || says("indentation in quoted scalar") {
            ("the quote that begins here is not closed".to_owned(), "close it; its lines are indented below their key")
        } else if says("trailing content after") {
            ("something follows the closing quote".to_owned(), "put all of the value in quotes")
        } else if says("unknown escape character") {
            let help = "in single quotes a `\\` is a letter like others; in double quotes it is written `\\\\`";
            ("a `\\` in these double quotes is followed by a letter that means nothing".to_owned(), help)
        } else if let Some(letter) = what.strip_prefix("unexpected character: `").and_then(|rest| rest.chars().next()) {
            let letter = if letter == '`' { "a backtick".to_owned() } else { format!("`{letter}`") };
            (format!("a value without quotes cannot begin with {letter}"), "put it in quotes")
        } else if says("unknown anchor") {
            let name = here.split([' ', ',', ']', '}']).next().unwrap_or(here);
            (format!("`{}` names no anchor before it", short(name)), QUOTE)
        } else if says("anchor or alias") {
            ("a value without quotes cannot begin with `&` or `*`".to_owned(), "put it in quotes")
        } else if says("misplaced bracket") {
            ("nothing opens what this bracket closes".to_owned(), QUOTE)
        } else if says("did not find expected key") && self.line(at.line).trim_start().starts_with("- ") {
            let help = "indent the list below its key, and the keys of an item like its first one";
            ("an item of a list stands among the keys of a mapping".to_owned(), help)
        } else if says("did not find expected key") {
            let help = "the keys of one mapping begin in the same column";
            ("this line is not indented like any that it could belong to".to_owned(), help)
        } else if says("expected '-' indicator") {
            let help = "begin an item with `- `; the keys of one item begin in the same column";
            ("this line stands among the items of a list, and is none".to_owned(), help)
        } else if says("block sequence entries are not allowed") {
            (
                "a list cannot begin here".to_owned(),
                "begin it on the line after its key; quote a text that begins with `- `",
            )
        } else if says("a block scalar, did not find expected comment") {
            (
                "something follows the `|` or `>`".to_owned(),
                "the text begins on the next line; or put all of it in quotes",
            )
        } else {
            return None;
        };
        Some(Diagnostic::error(*at, message).with_help(help))
    }
}

/// The finding for a tab before the first letter of a line.
pub(super) fn indented_by_tab(at: Position) -> Diagnostic {
    Diagnostic::error(at, "a tab indents this line").with_help("indent with spaces")
}

/// The column of the first tab before a line's first letter.
pub(super) fn indenting_tab(line: &str) -> Option<u32> {
    let column = line.bytes().position(|byte| byte != b' ')?;
    let is_blank = line.bytes().all(|byte| byte.is_ascii_whitespace());
    (line.as_bytes().get(column) == Some(&b'\t') && !is_blank).then(|| u32::try_from(column + 1).unwrap_or(u32::MAX))
}

/// Where a text begins with a bracket, that and the one which closes it.
fn closing(text: &str) -> Option<(char, char)> {
    match text.chars().next()? {
        '[' => Some(('[', ']')),
        '{' => Some(('{', '}')),
        _ => None,
    }
}

fn indentation(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// What a line says, without the dashes before it and the comment behind it, and how many columns are before that.
fn body(line: &str) -> (usize, &str) {
    let mut text = line.trim_start_matches(' ');
    while let Some(item) = text.strip_prefix("- ") {
        text = item.trim_start_matches(' ');
    }
    let column = line.len().saturating_sub(text.len());
    let text = if text.starts_with('#') { "" } else { text.split_once(" #").map_or(text, |(text, _)| text) };
    (column, text.trim_end())
}

/// What a line without a proper colon should be; none if it has one.
fn missing_colon(line: &str, number: u32) -> Option<Diagnostic> {
    let (column, text) = body(line);
    if text.is_empty() || text.contains(": ") || text.ends_with(':') || text.starts_with(['"', '\'', '[', '{']) {
        return None;
    }
    let at = Position { line: number, column: u32::try_from(column).ok()?.checked_add(1)? };
    if let Some((key, value)) = text.split_once(':').filter(|(key, _)| !key.contains(' ')) {
        let message = format!("`{}` has no space after its colon", short(text));
        let help = format!("put a space after the colon: `{}`", short(&format!("{key}: {value}")));
        return Some(Diagnostic::error(at, message).with_help(help));
    }
    let meant = match text.split_once(' ') {
        Some((key, value)) => format!("{key}: {}", value.trim_start()),
        None => format!("{text}:"),
    };
    Some(Diagnostic::error(at, format!("`{}` has no `:`", short(text))).with_help(format!("write `{}`", short(&meant))))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
