//! The text as PyYAML takes it, where that differs from YAML 1.2.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use saphyr_parser::{Marker, ScanError};

use super::mistake::{Broken, indented_by_tab, indenting_tab};
use crate::diagnostic::Diagnostic;
use crate::node::Position;

/// More than any line is indented.
const INDENT: u32 = 512;

/// What the parser says of a line in brackets that is indented too little.
const TOO_LITTLE: &str = "invalid indentation";

/// What it says of quotes instead, with the place where they begin: more indentation there would not help.
const IN_QUOTES: &str = "invalid indentation in quoted scalar";

/// The text of a document.
pub(super) struct Source<'t> {
    /// As it is written.
    written: &'t str,
    /// As the parser gets it.
    text: Cow<'t, str>,
    /// The lines that were given more indentation.
    indented: BTreeSet<u32>,
    /// For lines with a tab before their first letter, the columns of that letter and of the tab.
    tabs: HashMap<u32, (u32, u32)>,
}

impl<'t> Source<'t> {
    /// The text without a byte order mark; text with control characters is refused.
    pub(super) fn new(text: &'t str) -> Result<Self, Diagnostic> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut tabs = HashMap::new();
        for (index, line) in text.split('\n').enumerate() {
            let at = |column| Position { line: count(index + 1), column: count(column + 1) };
            if !line.is_ascii() || line.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
                if let Some(column) = line.chars().position(is_control) {
                    return Err(Diagnostic::error(at(column), "a control character stands here")
                        .with_help("in double quotes it can be written as an escape such as `\\x01`"));
                }
                let white = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                if let Some(tab) = indenting_tab(line) {
                    let Position { line, column } = at(white);
                    tabs.insert(line, (column, tab));
                }
            }
        }
        Ok(Self { written: text, text: Cow::Borrowed(text), indented: BTreeSet::new(), tabs })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The parser counts lines from 1 and columns from 0.
    pub(super) fn position(&self, marker: &Marker) -> Position {
        let (line, column) = (count(marker.line()), count(marker.col().saturating_add(1)));
        let added = if self.indented.contains(&line) { INDENT } else { 0 };
        Position { line, column: column.saturating_sub(added).max(1) }
    }

    /// Refuses a value before which a tab indents its line.
    pub(super) fn refuse_tab(&self, at: Position) -> Result<(), Diagnostic> {
        match self.tabs.get(&at.line) {
            Some((column, tab)) if *column == at.column => {
                Err(indented_by_tab(Position { line: at.line, column: *tab }))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn broken(&self, error: &ScanError, open: Vec<Position>) -> Broken {
        Broken { at: self.position(error.marker()), what: error.info().to_owned(), open }
    }

    /// Says what is wrong with the text as it is written.
    pub(super) fn explain(&self, broken: &Broken) -> Diagnostic {
        broken.explain(self.written)
    }

    /// Indents the line that an error is about, if that may help: PyYAML does not care how the lines between brackets
    /// are indented, where newer YAML wants more than before. White space means nothing there.
    pub(super) fn indent(&mut self, broken: &Broken) -> bool {
        let line = broken.at.line;
        let may_help = broken.what.contains(TOO_LITTLE) && !broken.what.contains(IN_QUOTES);
        if !may_help || !self.indented.insert(line) {
            return false;
        }
        let mut text = String::with_capacity(self.text.len().saturating_add(INDENT as usize));
        for (index, content) in self.text.split_inclusive('\n').enumerate() {
            if count(index + 1) == line {
                text.extend(std::iter::repeat_n(' ', INDENT as usize));
            }
            text.push_str(content);
        }
        self.text = Cow::Owned(text);
        true
    }
}

/// What PyYAML does not take in a document.
fn is_control(letter: char) -> bool {
    match letter {
        '\t' | '\r' | '\u{85}' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        letter => letter.is_control(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
