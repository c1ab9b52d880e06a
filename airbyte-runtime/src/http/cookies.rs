//! Cookies that an API sets for the requests of one stream.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// The most cookies that are kept; an API that sets more of them is not keeping a session.
const MAX_COOKIES: usize = 64;

/// The cookies of one requester. They go to its own hosts only, like its credentials.
#[derive(Debug, Default)]
pub(crate) struct CookieJar(Mutex<Vec<(String, String)>>);

impl CookieJar {
    /// Takes the cookies of an answer.
    pub(crate) fn store(&self, answer: &HeaderMap) {
        for cookie in answer.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            let (name, value) = (name.trim(), value.trim());
            let mut cookies = self.cookies();
            cookies.retain(|(known, _)| known != name);
            if !is_over(attributes) && cookies.len() < MAX_COOKIES {
                cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Shows the cookies, unless the request has some of its own. Returns whether it did.
    pub(crate) fn show(&self, request: &mut HeaderMap) -> bool {
        let cookies: Vec<String> = self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if cookies.is_empty() || request.contains_key(COOKIE) {
            return false;
        }
        // A value that HTTP does not allow came from elsewhere than a header.
        let Ok(mut value) = HeaderValue::try_from(cookies.join("; ")) else { return false };
        value.set_sensitive(true);
        request.insert(COOKIE, value);
        true
    }

    fn cookies(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the attributes end the cookie at once.
fn is_over(attributes: &str) -> bool {
    attributes.split(';').filter_map(|attribute| attribute.split_once('=')).any(|(name, value)| {
        name.trim().eq_ignore_ascii_case("max-age") && value.trim().parse::<i64>().is_ok_and(|seconds| seconds <= 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_come_back_until_they_end() {
        let jar = CookieJar::default();
        let answer = |cookies: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for cookie in cookies {
                headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
            }
            headers
        };
        let shown = |own: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            own.map(|own| headers.insert(COOKIE, HeaderValue::from_static(own)));
            jar.show(&mut headers);
            headers.get(COOKIE).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(shown(None), None);
        jar.store(&answer(&["sid=abc; Path=/; HttpOnly", "lang=en"]));
        assert_eq!(shown(None).as_deref(), Some("sid=abc; lang=en"));
        assert_eq!(shown(Some("own=1")).as_deref(), Some("own=1"));
        jar.store(&answer(&["sid=def", "lang=; Max-Age=0", "broken"]));
        assert_eq!(shown(None).as_deref(), Some("sid=def"));
    }
}
