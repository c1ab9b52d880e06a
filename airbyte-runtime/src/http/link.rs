//! The `Link` header of RFC 8288.

use http::HeaderMap;

/// One link of the header.
pub(crate) struct Link {
    pub(crate) target: String,
    /// The parameters in order, their names in lower case.
    pub(crate) parameters: Vec<(String, String)>,
}

/// The target of the first link whose relation is `next`.
pub(crate) fn next_link(headers: &HeaderMap) -> Option<String> {
    links(headers).into_iter().find(Link::is_next).map(|link| link.target)
}

/// All links of an answer.
pub(crate) fn links(headers: &HeaderMap) -> Vec<Link> {
    headers.get_all(http::header::LINK).iter().filter_map(|value| value.to_str().ok()).flat_map(links_in).collect()
}

fn links_in(value: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = value;
    while let Some(after) = rest.find('<').and_then(|open| rest.get(open + 1..)) {
        let Some((target, parameters)) = after.split_once('>') else { break };
        let (parameters, others) = parameters.split_at(end_of_parameters(parameters));
        links.push(Link { target: target.trim().to_owned(), parameters: parameters_in(parameters) });
        rest = others;
    }
    links
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

/// The `;`-separated parameters.
fn parameters_in(parameters: &str) -> Vec<(String, String)> {
    let mut from = 0;
    let pieces = unquoted(parameters, b';').chain([parameters.len()]).map(|to| {
        let parameter = parameters.get(from..to).unwrap_or_default();
        from = to + 1;
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned())
    });
    pieces.filter(|(name, _)| !name.is_empty()).collect()
}

impl Link {
    /// Whether it is `rel=next`; a relation may be one of several words.
    fn is_next(&self) -> bool {
        let mut relations = self.parameters.iter().filter(|(name, _)| name == "rel");
        relations.any(|(_, value)| value.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Link, links_in};

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
            let next = links_in(value).into_iter().find(Link::is_next).map(|link| link.target);
            assert_eq!(next.as_deref(), expected, "{value}");
        }
    }
}
