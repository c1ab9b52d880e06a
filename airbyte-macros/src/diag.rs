//! The errors of one expansion: gathered, worded alike, reported together.
//!
//! A message is one line that says what is wrong, then an excerpt if it helps, then `help: ` with one edit.

use std::fmt::{Display, Write};
use std::ops::Range;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Gathers errors; [`finish`](Errors::finish) must be called.
pub(crate) struct Errors {
    list: Vec<syn::Error>,
    finished: bool,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self { list: Vec::new(), finished: false }
    }

    /// Records an error that underlines `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.list.push(syn::Error::new_spanned(tokens, message));
    }

    /// Records an error at a span.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.list.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.list.push(error);
    }

    /// Whether anything was recorded: the gate between checking and expanding.
    pub(crate) fn any(&self) -> bool {
        !self.list.is_empty()
    }

    /// All errors as tokens that rustc reports; none if there are none.
    pub(crate) fn finish(mut self) -> TokenStream {
        self.finished = true;
        self.list.iter().map(syn::Error::to_compile_error).collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        assert!(self.finished || std::thread::panicking(), "an expansion ended without reporting its errors");
    }
}

/// The help for a name that is not known: the nearest one, or the list. `what` is the plural noun for the list.
pub(crate) fn suggest<'k>(found: &str, known: impl IntoIterator<Item = &'k str>, what: &str) -> String {
    const SHOWN: usize = 10;
    let known: Vec<&str> = known.into_iter().collect();
    if known.is_empty() {
        return format!("help: there are no {what}");
    }
    if let Some(name) = nearest(found, known.iter().copied()) {
        return format!("help: did you mean `{name}`?");
    }
    let list: Vec<String> = known.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if known.len() > SHOWN { ", …" } else { "" };
    format!("help: the {what} are {}{more}", list.join(", "))
}

/// The known name that `found` is most likely meant as: the one with the fewest edits, or the shortest where
/// one is a word of the other.
pub(crate) fn nearest<'k>(found: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let known: Vec<&str> = known.into_iter().collect();
    let near = known.iter().filter_map(|name| Some((distance(found, name)?, *name)));
    if let Some((_, name)) = near.min_by_key(|(distance, _)| *distance) {
        return Some(name);
    }
    let has_word = |name: &str, word: &str| name.split('_').any(|part| part == word);
    let with_word = known.iter().filter(|name| has_word(name, found) || has_word(found, name));
    with_word.min_by_key(|name| name.len()).copied()
}

/// The line of `text` that holds `range`, and carets under the range; begins with a line break.
pub(crate) fn excerpt(text: &str, range: &Range<usize>) -> String {
    let start = text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let columns = |from: usize, to: usize| text.get(from..to).map_or(0, |part| part.chars().count());
    let width = columns(range.start, range.end).max(1);
    let mut excerpt = format!("\n  {line}\n  ");
    // Writing to a String cannot fail.
    let _ = write!(excerpt, "{:indent$}{}", "", "^".repeat(width), indent = columns(start, range.start));
    excerpt
}

/// The edit distance, where swapping two neighbours is one edit, if it is small enough for a proposal.
pub(crate) fn distance(found: &str, known: &str) -> Option<usize> {
    let (found, known): (Vec<char>, Vec<char>) = (found.chars().collect(), known.chars().collect());
    let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or_default();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=known.len()).collect();
    for (i, a) in found.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in known.iter().enumerate() {
            let substitution = cell(&last, j) + usize::from(a != b);
            let mut least = substitution.min(cell(&row, j) + 1).min(cell(&last, j + 1) + 1);
            let swapped = i > 0 && j > 0 && found.get(i - 1) == Some(b) && known.get(j - 1) == Some(a);
            if swapped {
                least = least.min(cell(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    let allowed = (found.len().max(known.len()) / 3).max(1);
    last.last().copied().filter(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::{distance, excerpt, suggest};

    #[test]
    fn proposes_the_nearest_name_or_lists_all() {
        let known = ["updated_at", "id", "title"];
        for (found, expected) in [
            ("updatd_at", "help: did you mean `updated_at`?"),
            ("titel", "help: did you mean `title`?"),
            ("at", "help: did you mean `updated_at`?"),
            ("created", "help: the fields are `updated_at`, `id`, `title`"),
        ] {
            assert_eq!(suggest(found, known, "fields"), expected, "{found}");
        }
        assert_eq!(suggest("x", [], "fields"), "help: there are no fields");
    }

    #[test]
    fn measures_like_the_runtime() {
        for (a, b, expected) in [
            ("updatd_at", "updated_at", Some(1)),
            ("tokn", "token", Some(1)),
            ("workspace", "workspace_id", Some(3)),
            ("id", "name", None),
            ("", "a", Some(1)),
            ("path", "auth", None),
            ("paht", "path", Some(1)),
            ("paht", "parent", None),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn puts_carets_below_the_range() {
        assert_eq!(excerpt("/é/{x}", &(4..7)), "\n  /é/{x}\n     ^^^");
        assert_eq!(excerpt("a\n/{x}", &(3..6)), "\n  /{x}\n   ^^^");
        assert_eq!(excerpt("{", &(0..1)), "\n  {\n  ^");
    }
}
