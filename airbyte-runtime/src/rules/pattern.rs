//! What can be said of a regular expression while compiling.

/// Refuses a regular expression whose brackets do not match, or that looks around, which is not supported.
#[track_caller]
pub(crate) const fn require_pattern(pattern: &str) {
    if let Err(problem) = check(pattern) {
        panic!("{}", problem);
    }
}

const fn check(pattern: &str) -> Result<(), &'static str> {
    let bytes = pattern.as_bytes();
    let (mut at, mut groups, mut class_since) = (0, 0usize, None::<usize>);
    while at < bytes.len() {
        let byte = bytes[at];
        let next = if at + 1 < bytes.len() { bytes[at + 1] } else { 0 };
        match (byte, class_since) {
            (b'\\', _) if at + 1 == bytes.len() => {
                return Err("this regular expression ends with a backslash\nhelp: write `\\\\\\\\` for a backslash");
            }
            (b'\\', None) if next.is_ascii_digit() => {
                return Err(
                    "references to a group are not supported in this regular expression\nhelp: write what the group may be once more",
                );
            }
            (b'\\', _) => at += 1,
            // A bracket that stands first in a class is one of its characters.
            (b']', Some(since)) if at > since + 1 && !(at == since + 2 && bytes[since + 1] == b'^') => {
                class_since = None
            }
            (_, Some(_)) => {}
            (b'[', None) => class_since = Some(at),
            (b'(', None) => {
                let third = if at + 2 < bytes.len() { bytes[at + 2] } else { 0 };
                let fourth = if at + 3 < bytes.len() { bytes[at + 3] } else { 0 };
                let looks_behind = third == b'<' && (fourth == b'=' || fourth == b'!');
                if next == b'?' && (third == b'=' || third == b'!' || looks_behind) {
                    return Err(
                        "this regular expression looks around with `(?=`, `(?!` or `(?<`, which is not supported\nhelp: match more, and tell the cases apart with several patterns",
                    );
                }
                groups += 1;
            }
            (b')', None) if groups == 0 => {
                return Err(
                    "this regular expression closes a `)` that was not opened\nhelp: write `\\\\)` for the character",
                );
            }
            (b')', None) => groups -= 1,
            _ => {}
        }
        at += 1;
    }
    match (groups, class_since) {
        (0, None) => Ok(()),
        (_, Some(_)) => Err("this regular expression does not close a `[`\nhelp: write `\\\\[` for the character"),
        (_, None) => Err("this regular expression does not close a `(`\nhelp: write `\\\\(` for the character"),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn finds_what_a_regular_expression_cannot_have() {
        let fine = ["", "^/a$", "(a|b)+", "[)(]", "[]]", "[^]]x", "\\(", "(?:a)", "(?<name>a)", "a{2,3}", "[\\]]"];
        for pattern in fine {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
            assert!(regex_lite::Regex::new(pattern).is_ok(), "{pattern}");
        }
        for pattern in ["(", ")", "(a))", "[a", "[]", "a\\", "(?=a)", "(?!a)", "(?<=a)b", "(a)\\1"] {
            assert!(check(pattern).is_err(), "{pattern}");
            assert!(regex_lite::Regex::new(pattern).is_err(), "{pattern}");
        }
    }
}
