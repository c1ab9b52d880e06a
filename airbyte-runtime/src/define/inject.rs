//! Where a paginator, a cursor or an authenticator puts a value into the request, and what several components refuse.

use super::value::Map;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::rules::text::Text;
use crate::time::Duration;

/// A place in a request, by the name that the API gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inject {
    /// A query parameter.
    Param(&'static str),
    /// A header.
    Header(&'static str),
    /// A field of the JSON body, as a dotted path.
    Body(&'static str),
    /// A field of the form body.
    Form(&'static str),
}

impl From<Inject> for crate::plan::request::Inject {
    fn from(inject: Inject) -> Self {
        match inject {
            Inject::Param(name) => Self::Param(name.to_owned()),
            Inject::Header(name) => Self::Header(name.to_owned()),
            Inject::Body(path) => Self::Body(path.split('.').map(str::to_owned).collect()),
            Inject::Form(name) => Self::Form(name.to_owned()),
        }
    }
}

/// Refuses a header name that HTTP does not allow, while compiling.
#[track_caller]
pub(crate) const fn require_header_name(name: &str) {
    if name.is_empty() {
        panic!("a header name is empty\nhelp: write it as the API names it, e.g. \"X-Api-Key\"");
    }
    if !is_header_name(name) {
        let text = Text::new().push("`").push(name).push(
            "` is not a legal header name\nhelp: a header name holds letters, digits and `-`, as in `\"X-Api-Key\"`",
        );
        panic!("{}", text.as_str());
    }
}

/// Whether all of `name` may stand in a header name (RFC 9110 §5.1).
const fn is_header_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let legal = matches!(bytes[at],
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-'
            | b'.' | b'^' | b'_' | b'`' | b'|' | b'~');
        if !legal {
            return false;
        }
        at += 1;
    }
    true
}

/// The place of a value that has none so far.
#[track_caller]
pub(crate) const fn only_place(what: &str, before: Option<Inject>, place: Inject) -> Option<Inject> {
    if before.is_some() {
        let text = Text::new().push("the ").push(what).push(" has two places in the request\nhelp: keep one of them");
        panic!("{}", text.as_str());
    }
    Some(place)
}

/// Refuses header names that HTTP does not allow, while compiling.
#[track_caller]
pub(crate) const fn require_header_names(headers: Map) {
    let mut at = 0;
    while at < headers.len() {
        require_header_name(headers[at].0);
        at += 1;
    }
}

/// The duration that the argument `key` holds, refused while compiling if it is none.
#[track_caller]
pub(crate) const fn require_duration(key: &str, text: &str) -> Duration {
    match Duration::parse(text) {
        Ok(duration) => duration,
        Err(problem) => {
            let message = Text::new().push(key).push(" is not an ISO 8601 duration: \"").push(text).push("\"\nhelp: ");
            panic!("{}", message.push(problem.message()).as_str());
        }
    }
}

/// The same, which may not be zero.
#[track_caller]
pub(crate) const fn require_timeout(key: &str, text: &str) -> Duration {
    let duration = require_duration(key, text);
    assert!(
        duration.approximate_nanos() > 0,
        "with a timeout of zero no answer would be in time\nhelp: write how long it may take, e.g. \"PT2M\""
    );
    duration
}

/// A whole number of at least 1 in the configuration; `None` if it is not set.
pub(crate) fn whole(template: &str, config: &Config) -> Result<Option<u32>> {
    let Some(text) = config.render_optional(template)? else { return Ok(None) };
    let number = text.parse::<u32>().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| {
        let field = template.trim_matches(['{', '}']);
        Error::config(format!("`{field}` must be a whole number of at least 1, found {text}"))
    })
}

/// A duration as the standard library has it; a year has 365 days and a month 30.
pub(crate) fn length(duration: Duration) -> std::time::Duration {
    let nanos = duration.approximate_nanos().clamp(0, i128::from(u64::MAX));
    std::time::Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Writes the four builder methods that say where one value goes: `NAME_param`, `NAME_header`, `NAME_body`, `NAME_form`.
macro_rules! inject_methods {
    ($field:ident, $what:literal, $param:ident, $header:ident, $body:ident, $form:ident) => {
        #[doc = concat!("Sends the ", $what, " as this query parameter.")]
        #[must_use]
        #[track_caller]
        pub const fn $param(mut self, name: &'static str) -> Self {
            self.$field =
                $crate::define::inject::only_place($what, self.$field, $crate::define::inject::Inject::Param(name));
            self
        }

        #[doc = concat!("Sends the ", $what, " as this header.")]
        #[must_use]
        #[track_caller]
        pub const fn $header(mut self, name: &'static str) -> Self {
            $crate::define::inject::require_header_name(name);
            self.$field =
                $crate::define::inject::only_place($what, self.$field, $crate::define::inject::Inject::Header(name));
            self
        }

        #[doc = concat!("Sends the ", $what, " as this field of the JSON body, a dotted path.")]
        #[must_use]
        #[track_caller]
        pub const fn $body(mut self, path: &'static str) -> Self {
            self.$field =
                $crate::define::inject::only_place($what, self.$field, $crate::define::inject::Inject::Body(path));
            self
        }

        #[doc = concat!("Sends the ", $what, " as this field of the form body.")]
        #[must_use]
        #[track_caller]
        pub const fn $form(mut self, name: &'static str) -> Self {
            self.$field =
                $crate::define::inject::only_place($what, self.$field, $crate::define::inject::Inject::Form(name));
            self
        }
    };
}
pub(crate) use inject_methods;
