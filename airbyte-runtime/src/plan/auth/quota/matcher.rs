//! Which requests a quota counts.

use regex_lite::Regex;

use crate::error::{Error, Result};
use crate::plan::request::RequestDraft;

/// Whether a request counts against a pool.
pub(crate) type RequestMatcher = Box<dyn Fn(&RequestDraft) -> bool + Send + Sync>;

/// Requests by what they look like; what is not set matches everything.
pub(crate) struct RequestPattern {
    pub(crate) method: Option<String>,
    /// The origin, with or without a slash at the end.
    pub(crate) url_base: Option<String>,
    /// A regular expression that is found in the path.
    pub(crate) url_path_pattern: Option<String>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
}

/// Tells the requests of a pattern from others.
///
/// # Errors
/// A pattern that is no regular expression.
pub(crate) fn matcher(pattern: RequestPattern) -> Result<RequestMatcher> {
    let path_pattern = match pattern.url_path_pattern {
        Some(text) => Some(
            Regex::new(&text)
                .map_err(|_| Error::system(format!("`{text}` is not a regular expression that is supported here")))?,
        ),
        None => None,
    };
    let method = pattern.method.map(|method| method.to_ascii_uppercase());
    let base = pattern.url_base.map(|base| base.trim_end_matches('/').to_owned());
    let (params, headers) = (pattern.params, pattern.headers);
    Ok(Box::new(move |request| {
        let path = request.url.path().trim_end_matches('/');
        let has_param = |(name, value): &(String, String)| {
            let in_url = request.url.query_pairs().any(|(key, found)| key == *name && found == *value);
            in_url || request.query.iter().any(|(key, found)| key == name && found == value)
        };
        let has_header = |(name, value): &(String, String)| {
            request.headers.get(name.as_str()).is_some_and(|found| found.as_bytes() == value.as_bytes())
        };
        method.as_ref().is_none_or(|method| request.method.as_str() == method)
            && base.as_ref().is_none_or(|base| request.url.origin().ascii_serialization() == *base)
            && path_pattern.as_ref().is_none_or(|pattern| pattern.is_match(path))
            && params.iter().all(has_param)
            && headers.iter().all(has_header)
    }))
}
