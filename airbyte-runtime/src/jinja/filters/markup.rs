//! Filters that write markup.

use std::sync::LazyLock;

use minijinja::Value;
use regex_lite::Regex;

use crate::jinja::arguments::Arguments;
use crate::jinja::limits;
use crate::jinja::objects::{View, class, elements, member, view};
use crate::jinja::print::{repr, text};
use crate::jinja::raise::{Raise, Step};

/// What follows a host and its port.
const AFTER_HOST: &str = r"(?::[0-9]{1,5})?(?:[/?#]\S*)?$";
/// Letters, digits and underscores, as Python has them: what is beyond ASCII counts as letters.
const WORD: &str = r"\w\u{80}-\u{10FFFF}";
/// What is never part of a link at its begin, and at its end.
const OPENING: [&str; 3] = ["(", "<", "&lt;"];
const CLOSING: [&str; 5] = [")", ">", ".", ",", "&gt;"];
/// Brackets that a link may hold if it holds both.
const BRACKETS: [(&str, &str); 3] = [("(", ")"), ("<", ">"), ("&lt;", "&gt;")];

/// Addresses on the web, with a scheme or without.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let hosts = [
        format!(r"(?:https?://|www\.)(?:[{WORD}%\-]+\.)*(?:[a-z]{{2,63}}|xn--[{WORD}%]{{2,59}})"),
        format!(r"(?:[{WORD}%\-]{{2,63}}\.)+(?:com|net|int|edu|gov|org|info|mil)"),
        r"https?://(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[(?:[0-9a-f]{0,4}:){2}(?:[0-9a-f]{0,4}:?){1,6}\])".to_owned(),
    ];
    Regex::new(&format!("(?i)^(?:{}){AFTER_HOST}", hosts.join("|"))).ok()
});
static MAILBOX: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"^\S+@[{WORD}][{WORD}.\-]*\.[{WORD}]+$")).ok());
static SCHEME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("^[{WORD}.+-]{{2,}}:/{{0,2}}$")).ok());

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Escapes what has a meaning in HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;").replace('\'', "&#39;")
}

/// The members of a mapping as attributes of an element.
pub(super) fn xmlattr(arguments: Arguments) -> Step<Value> {
    let [mapping, autospace] = arguments.bind("xmlattr", ["d", "autospace"], 1)?;
    let mapping = mapping.unwrap_or_default();
    match view(&mapping) {
        View::Dict => {}
        View::Undefined => return Err(Raise::undefined("the input of xmlattr")),
        _ => return Err(Raise::other(format!("xmlattr takes a mapping, not {}", class(&mapping)))),
    }
    let mut attributes = String::new();
    let autospace = autospace.is_none_or(|autospace| crate::jinja::operators::truth(&autospace));
    for key in elements(&mapping)? {
        let value = member(&mapping, &key).unwrap_or_default();
        if value.is_none() || value.is_undefined() {
            continue;
        }
        let name = key.as_str().ok_or_else(|| Raise::type_error("expected string or bytes-like object"))?;
        if name.contains([' ', '\t', '\n', '\r', '\x0B', '\x0C', '/', '>', '=']) {
            return Err(Raise::other(format!("{} has a character that no attribute's name may have", repr(&key))));
        }
        if autospace || !attributes.is_empty() {
            attributes.push(' ');
        }
        attributes.push_str(&format!("{}=\"{}\"", escape(name), escape(&text(&value))));
    }
    Ok(Value::from(attributes))
}

/// The text with links where it has addresses.
pub(super) fn urlize(arguments: Arguments) -> Step<Value> {
    let parameters = ["value", "trim_url_limit", "nofollow", "target", "rel", "extra_schemes"];
    let [value, limit, nofollow, target, rel, schemes] = arguments.bind("urlize", parameters, 1)?;
    let given = |value: Option<Value>| value.filter(|value| !value.is_none() && !value.is_undefined());
    let limit = match given(limit) {
        None => None,
        Some(limit) => match view(&limit) {
            View::Int(limit) => Some(limit),
            View::Bool(limit) => Some(i128::from(limit)),
            _ => return Err(Raise::type_error("the trim_url_limit of urlize is an integer")),
        },
    };
    let mut schemes_of_caller = Vec::new();
    for scheme in given(schemes).map(|schemes| elements(&schemes)).transpose()?.unwrap_or_default() {
        let name = scheme.as_str().ok_or_else(|| Raise::type_error("expected string or bytes-like object"))?;
        if !matches(&SCHEME, name) {
            return Err(Raise::other(format!("{} is not a valid URI scheme prefix", repr(&scheme))));
        }
        schemes_of_caller.push(name.to_owned());
    }
    let rel = given(rel).map(|rel| text(&rel)).unwrap_or_default();
    let mut relations: Vec<&str> = rel.split_whitespace().chain(["noopener"]).collect();
    if nofollow.is_some_and(|nofollow| crate::jinja::operators::truth(&nofollow)) {
        relations.push("nofollow");
    }
    relations.sort_unstable();
    relations.dedup();
    let mut attributes = format!(" rel=\"{}\"", escape(&relations.join(" ")));
    if let Some(target) = given(target).map(|target| text(&target)).filter(|target| !target.is_empty()) {
        attributes.push_str(&format!(" target=\"{}\"", escape(&target)));
    }
    let links = Links { attributes, limit, schemes: schemes_of_caller };
    let escaped = escape(&text(&value.unwrap_or_default()));
    let mut out = String::with_capacity(escaped.len());
    for piece in escaped.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end_matches(char::is_whitespace);
        links.push(word, &mut out);
        limits::fits(out.len())?;
        out.push_str(piece.get(word.len()..).unwrap_or_default());
    }
    Ok(Value::from(out))
}

/// How links are written.
struct Links {
    attributes: String,
    /// How many characters of an address are shown; counted from the end if negative.
    limit: Option<i128>,
    /// Schemes that make a link besides the usual ones.
    schemes: Vec<String>,
}

impl Links {
    /// Appends a word, as a link if it is an address.
    fn push(&self, word: &str, out: &mut String) {
        let (head, core, tail) = cut(word);
        let attributes = &self.attributes;
        out.push_str(head);
        if matches(&ADDRESS, core) {
            let scheme = if core.starts_with("https://") || core.starts_with("http://") { "" } else { "https://" };
            out.push_str(&format!("<a href=\"{scheme}{core}\"{attributes}>{}</a>", self.shown(core)));
        } else if let Some(mailbox) = core.strip_prefix("mailto:").filter(|mailbox| matches(&MAILBOX, mailbox)) {
            out.push_str(&format!("<a href=\"{core}\">{mailbox}</a>"));
        } else if !core.starts_with("www.") && !core.starts_with('@') && !core.contains(':') && matches(&MAILBOX, core)
        {
            out.push_str(&format!("<a href=\"mailto:{core}\">{core}</a>"));
        } else if self.schemes.iter().any(|scheme| core != scheme && core.starts_with(scheme.as_str())) {
            out.push_str(&format!("<a href=\"{core}\"{attributes}>{core}</a>"));
        } else {
            out.push_str(core);
        }
        out.push_str(tail);
    }

    fn shown(&self, address: &str) -> String {
        let length = address.chars().count();
        match self.limit {
            Some(limit) if length as i128 > limit => {
                let kept = if limit < 0 { limit.saturating_add(length as i128) } else { limit };
                let kept: String = address.chars().take(usize::try_from(kept).unwrap_or(0)).collect();
                format!("{kept}...")
            }
            _ => address.to_owned(),
        }
    }
}

/// Cuts punctuation off both ends of a word, but leaves it the brackets that close what it opens.
fn cut(word: &str) -> (&str, &str, &str) {
    let mut core = word;
    while let Some(rest) = OPENING.iter().find_map(|opening| core.strip_prefix(opening)) {
        core = rest;
    }
    let (head, from) = word.split_at(word.len().saturating_sub(core.len()));
    while let Some(rest) = CLOSING.iter().find_map(|closing| core.strip_suffix(closing)) {
        core = rest;
    }
    let mut end = core.len();
    for (open, close) in BRACKETS {
        let (core, tail) = from.split_at_checked(end).unwrap_or((from, ""));
        let opened = core.matches(open).count();
        if opened > core.matches(close).count() {
            end += tail.match_indices(close).take(opened).last().map_or(0, |(at, close)| at + close.len());
        }
    }
    let (core, tail) = from.split_at_checked(end).unwrap_or((from, ""));
    (head, core, tail)
}
