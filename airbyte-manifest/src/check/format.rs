//! Formats of times.

/// Formats that stand for themselves.
const WHOLE: [&str; 4] = ["%s", "%s_as_float", "%ms", "%epoch_microseconds"];

/// The letters that Python reads times by.
const DIRECTIVES: &str = "aAbBcdfGHIjmMpSuUVwWxXyYzZ%";

/// What keeps a format from reading times, for a message.
pub(super) fn fault(format: &str) -> Option<String> {
    if WHOLE.contains(&format) {
        return None;
    }
    if !format.contains('%') {
        return Some("it has no directive, as `%Y-%m-%d` has three".to_owned());
    }
    let replaced = format.replace("%_ms", "%f");
    let mut letters = replaced.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            continue;
        }
        match letters.next() {
            Some(directive) if DIRECTIVES.contains(directive) => {}
            Some('s') => return Some("`%s` must stand alone".to_owned()),
            Some(directive) => return Some(format!("`%{directive}` is not known when a time is read")),
            None => return Some("it ends with `%`".to_owned()),
        }
    }
    None
}
