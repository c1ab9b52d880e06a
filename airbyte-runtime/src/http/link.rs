//! The `Link` header of RFC 8288.

use http::HeaderMap;

/// The target of the first link whose relation is `next`.
pub(crate) fn next_link(headers: &HeaderMap) -> Option<String> {
    headers.get_all(http::header::LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next_in)
}

fn next_in(value: &str) -> Option<String> {
    let mut rest = value;
    while let Some(open) = rest.find('<') {
        let after = &rest[open + 1..];
        let close = after.find('>')?;
        let (target, parameters) = (&after[..close], &after[close + 1..]);
        let end = end_of_parameters(parameters);
        if is_next(&parameters[..end]) {
            return Some(target.trim().to_owned());
        }
        rest = &parameters[end..];
    }
    None
}

/// Where the comma before the next link is.
fn end_of_parameters(parameters: &str) -> usize {
    unquoted(parameters, b',').next().unwrap_or(parameters.len())
}

/// Where `wanted` stands outside of quotes; inside them it belongs to a parameter's value.
fn unquoted(text: &str, wanted: u8) -> impl Iterator<Item = usize> {
    let mut quoted = false;
    let mut escaped = false;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == wanted && !quoted => return Some(at),
            _ => {}
        }
        None
    })
}

/// Whether one of the `;`-separated parameters is `rel=next`; a relation may be one of several words.
fn is_next(parameters: &str) -> bool {
    let mut from = 0;
    unquoted(parameters, b';').chain([parameters.len()]).any(|to| {
        let parameter = parameters.get(from..to).unwrap_or_default();
        from = to + 1;
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let mut words = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel") && words.any(|word| word.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::next_in;

    #[test]
    fn finds_the_next_page() {
        let cases = [
            (r#"<https://a/x?page=2>; rel="next", <https://a/x?page=9>; rel="last""#, Some("https://a/x?page=2")),
            (r#"<https://a/1>; rel="prev", <https://a/3>; rel=next"#, Some("https://a/3")),
            (r#"<https://a/3>; title="a, \"b\"; rel=next"; rel="last", </4>; REL="first next""#, Some("/4")),
            (r#"<https://a/x,y;z>; rel="next""#, Some("https://a/x,y;z")),
            (r#"<https://a/1>; rel="last""#, None),
            ("", None),
            ("<broken", None),
        ];
        for (value, expected) in cases {
            assert_eq!(next_in(value).as_deref(), expected, "{value}");
        }
    }
}
