//! A path joined to a base, as Python's `urljoin` does it with texts that hold templates.

use std::net::Ipv6Addr;

/// The schemes under which a path may be relative; with a host they all have `//`.
const RELATIVE: [&str; 20] = [
    "", "ftp", "http", "gopher", "nntp", "imap", "wais", "file", "https", "shttp", "mms", "prospero", "rtsp", "rtsps",
    "rtspu", "sftp", "svn", "svn+ssh", "wss", "ws",
];

/// A URL in its parts.
struct Parts<'a> {
    scheme: String,
    host: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

/// Joins a path to a base. None where Python refuses: brackets in the host that hold no IPv6 address, as templates
/// such as `https://{{ config['host'] }}/` have them.
pub(super) fn join(base: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(base.to_owned());
    }
    let base = split(base, "")?;
    let new = split(path, &base.scheme)?;
    if new.scheme != base.scheme || !RELATIVE.contains(&new.scheme.as_str()) {
        return Some(path.to_owned());
    }
    if !new.host.is_empty() {
        return Some(unsplit(&new, new.host, new.path));
    }
    if new.path.is_empty() {
        let query = if new.query.is_empty() { base.query } else { new.query };
        return Some(unsplit(&Parts { query, ..new }, base.host, base.path));
    }
    Some(unsplit(&new, base.host, &resolve(base.path, new.path)))
}

fn resolve(base: &str, path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    if !path.starts_with('/') {
        segments.extend(base.split('/'));
        if segments.last().is_some_and(|last| !last.is_empty()) {
            segments.pop();
        }
        segments.extend(path.split('/'));
        // Empty segments count at both ends only.
        let last = segments.len().saturating_sub(1);
        let mut at = 0;
        segments.retain(|segment| {
            at += 1;
            !segment.is_empty() || at == 1 || at == last + 1
        });
    } else {
        segments.extend(path.split('/'));
    }
    let mut resolved: Vec<&str> = Vec::new();
    for segment in &segments {
        match *segment {
            ".." => drop(resolved.pop()),
            "." => {}
            segment => resolved.push(segment),
        }
    }
    if matches!(segments.last(), Some(&("." | ".."))) {
        resolved.push("");
    }
    let path = resolved.join("/");
    if path.is_empty() { "/".to_owned() } else { path }
}

fn split<'a>(url: &'a str, scheme: &str) -> Option<Parts<'a>> {
    let mut rest = url;
    let mut scheme = scheme.to_owned();
    if let Some((before, after)) = rest.split_once(':')
        && before.starts_with(|first: char| first.is_ascii_alphabetic())
        && before.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'))
    {
        scheme = before.to_ascii_lowercase();
        rest = after;
    }
    let mut host = "";
    if let Some(after) = rest.strip_prefix("//") {
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        (host, rest) = after.split_at(end);
        if !has_valid_brackets(host) {
            return None;
        }
    }
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Some(Parts { scheme, host, path, query, fragment })
}

fn has_valid_brackets(host: &str) -> bool {
    match (host.split_once('['), host.contains(']')) {
        (None, false) => true,
        (Some((_, after)), true) => {
            let inside = after.split(']').next().unwrap_or_default();
            // A zone may follow the address.
            let address = inside.split('%').next().unwrap_or_default();
            inside.starts_with('v') || address.parse::<Ipv6Addr>().is_ok()
        }
        _ => false,
    }
}

fn unsplit(parts: &Parts<'_>, host: &str, path: &str) -> String {
    let mut url = String::new();
    if !parts.scheme.is_empty() {
        url.push_str(&parts.scheme);
        url.push(':');
    }
    if !host.is_empty() || (!parts.scheme.is_empty() && !path.starts_with("//")) {
        url.push_str("//");
        url.push_str(host);
        if !path.is_empty() && !path.starts_with('/') {
            url.push('/');
        }
    }
    url.push_str(path);
    for (mark, text) in [('?', parts.query), ('#', parts.fragment)] {
        if !text.is_empty() {
            url.push(mark);
            url.push_str(text);
        }
    }
    url
}
