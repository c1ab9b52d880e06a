//! Which requests a limit counts, or the quota of a token.

use http::Method;
use regex_lite::Regex;

use super::request::RequestDraft;
use crate::error::{Error, Result};

/// Holds for a request of which everything is as it says; what it does not say may be anything.
#[derive(Debug)]
pub(crate) struct RequestMatcher {
    pub(crate) method: Option<Method>,
    /// Scheme and host, without a slash at the end.
    pub(crate) url_base: Option<String>,
    /// Found anywhere in the path, which has no slash at its end.
    pub(crate) url_path_pattern: Option<Regex>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    /// How many calls such a request counts for; a quota, whose count is the API's own, does not look at it.
    pub(crate) weight: u32,
}

/// A regular expression that a template or a setting gave.
///
/// # Errors
/// A text that is none.
pub(crate) fn pattern(text: &str) -> Result<Regex> {
    Regex::new(text).map_err(|_| Error::system(format!("`{text}` is not a regular expression that is supported here")))
}

impl RequestMatcher {
    /// A method by its name, in letters of any size.
    ///
    /// # Errors
    /// A name that is none.
    pub(crate) fn method(name: &str) -> Result<Method> {
        Method::from_bytes(name.to_ascii_uppercase().as_bytes())
            .map_err(|_| Error::system(format!("`{name}` is not an HTTP method")))
    }

    /// Whether it holds for a request that has its credentials already.
    pub(crate) fn matches(&self, request: &RequestDraft) -> bool {
        let path = request.url.path().trim_end_matches('/');
        let has_param = |(name, value): &(String, String)| {
            let in_url = request.url.query_pairs().any(|(key, found)| key == *name && found == *value);
            in_url || request.query.iter().any(|(key, found)| key == name && found == value)
        };
        let has_header = |(name, value): &(String, String)| {
            request.headers.get(name.as_str()).is_some_and(|found| found.as_bytes() == value.as_bytes())
        };
        self.method.as_ref().is_none_or(|method| request.method == *method)
            && self.url_base.as_ref().is_none_or(|base| request.url.origin().ascii_serialization() == *base)
            && self.url_path_pattern.as_ref().is_none_or(|pattern| pattern.is_match(path))
            && self.params.iter().all(has_param)
            && self.headers.iter().all(has_header)
    }
}
