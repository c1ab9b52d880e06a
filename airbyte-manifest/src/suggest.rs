//! The nearest name.

/// Local stand-in.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let _ = word;
    candidates.into_iter().find(|name| name.eq_ignore_ascii_case(word))
}
