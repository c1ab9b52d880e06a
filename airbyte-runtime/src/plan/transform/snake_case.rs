//! Names in snake case.

/// The name in snake case: transliterated to ASCII, split where words, numbers and signs meet.
pub(super) fn snake_case(key: &str) -> String {
    let ascii = any_ascii::any_ascii(key);
    let mut tokens = tokens(&ascii);
    if let [_, .., last] = tokens.as_slice() {
        // Signs count only at the start and at the end, where they become an underscore.
        let last = *last;
        let first = tokens.first().copied().unwrap_or_default();
        let inner = tokens.iter().skip(1).take(tokens.len().saturating_sub(2)).filter(|token| !token.is_empty());
        tokens = [first].into_iter().chain(inner.copied()).chain([last]).collect();
    }
    if tokens.first().is_some_and(|first| first.starts_with(|first: char| first.is_ascii_digit())) {
        tokens.insert(0, "");
    }
    tokens.join("_").to_ascii_lowercase()
}

/// Words (capitals and the small letters after them, or small letters), numbers, and an empty token for each run of
/// anything else.
fn tokens(ascii: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = ascii;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            'A'..='Z' => {
                let capitals = run(rest, |c| c.is_ascii_uppercase());
                capitals + run(rest.get(capitals..).unwrap_or_default(), |c| c.is_ascii_lowercase())
            }
            'a'..='z' => run(rest, |c| c.is_ascii_lowercase()),
            '0'..='9' => run(rest, |c| c.is_ascii_digit()),
            _ => run(rest, |c| !c.is_ascii_alphanumeric()),
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        tokens.push(if first.is_ascii_alphanumeric() { token } else { "" });
        rest = after;
    }
    tokens
}

/// How many bytes at the start are of a class.
fn run(text: &str, class: impl Fn(char) -> bool) -> usize {
    text.find(|character| !class(character)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_become_snake_case() {
        let cases = [
            ("HTTPServer", "httpserver"),
            ("URLValue2", "urlvalue_2"),
            ("userID", "user_id"),
            ("__lead", "_lead"),
            ("trail__", "trail_"),
            ("123abc", "_123_abc"),
            ("A1B2", "a_1_b_2"),
            ("camelCase", "camel_case"),
            ("With Space", "with_space"),
            ("  x", "_x"),
            ("$id", "_id"),
            ("fooBAR_baz", "foo_bar_baz"),
            ("Foo__Bar", "foo_bar"),
            ("1", "_1"),
            ("é", "e"),
            ("", ""),
            ("$", ""),
            ("_1", "_1"),
            ("1$", "_1_"),
            ("-1-", "_1_"),
            ("$$a", "_a"),
            ("aB1$", "a_b_1_"),
            ("北京", "bei_jing"),
            ("½", "_1_2"),
        ];
        for (name, expected) in cases {
            assert_eq!(snake_case(name), expected, "{name}");
        }
    }
}
