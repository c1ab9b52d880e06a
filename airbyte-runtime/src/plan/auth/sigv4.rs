//! AWS Signature Version 4: requests that are signed with a key of Amazon's cloud.

use std::fmt::Write as _;

use futures_util::future::LocalBoxFuture;
use http::header::{AUTHORIZATION, HOST};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{digest, hmac};

use super::setting::Setting;
use super::{Authenticator, done};
use crate::config::Redactor;
use crate::error::Result;
use crate::plan::request::RequestDraft;
use crate::time::Moment;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What RFC 3986 calls unreserved.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Who signs, and for what.
pub(crate) struct SigV4Settings {
    pub(crate) access_key_id: Setting,
    pub(crate) secret_access_key: Setting,
    /// The token of temporary credentials.
    pub(crate) session_token: Option<Setting>,
    pub(crate) region: Setting,
    pub(crate) service: Setting,
}

/// Signs every request.
pub(crate) struct SigV4 {
    settings: SigV4Settings,
    redactor: Redactor,
}

impl SigV4 {
    pub(crate) fn new(settings: SigV4Settings, redactor: Redactor) -> Self {
        Self { settings, redactor }
    }

    /// Signs a request at a time such as `20150830T123600Z`.
    fn sign(&self, request: &mut RequestDraft, time: &str) -> Result<()> {
        let settings = &self.settings;
        let (region, service) = (settings.region.text()?, settings.service.text()?);
        let body_hash = hex(digest::digest(&digest::SHA256, request.body_text().as_bytes()).as_ref());
        request.headers.remove(AUTHORIZATION);
        request.set_header("x-amz-date", time)?;
        if service == "s3" {
            request.set_header("x-amz-content-sha256", &body_hash)?;
        }
        let session_token = settings.session_token.as_ref().map(Setting::text).transpose()?;
        if let Some(token) = session_token.filter(|token| !token.is_empty()) {
            self.redactor.add(&token);
            request.set_header("x-amz-security-token", &token)?;
        }
        let (canonical, signed_headers) = canonical_request(request, &service, &body_hash);
        let date = time.get(..8).unwrap_or(time);
        let scope = format!("{date}/{region}/{service}/aws4_request");
        let canonical_hash = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let string_to_sign = format!("{ALGORITHM}\n{time}\n{scope}\n{canonical_hash}");
        let secret = settings.secret_access_key.text()?;
        let key = [date, &region, &service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| keyed_hash(&key, part));
        let signature = hex(&keyed_hash(&key, &string_to_sign));
        let key_id = settings.access_key_id.text()?;
        let credentials =
            format!("{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={signed_headers}, Signature={signature}");
        request.set_header("authorization", &credentials)
    }
}

impl Authenticator for SigV4 {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        let time = Moment::now().civil().strftime("%Y%m%dT%H%M%SZ").to_string();
        done(self.sign(request, &time))
    }
}

/// The request in the form that is signed, and the names of the headers in it.
fn canonical_request(request: &RequestDraft, service: &str, body_hash: &str) -> (String, String) {
    let url = request.full_url();
    let path = match service {
        // Everywhere else the path is encoded once more.
        "s3" => url.path().to_owned(),
        _ => url.path().split('/').map(encode).collect::<Vec<_>>().join("/"),
    };
    let mut query: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (encode(&name), encode(&value))).collect();
    query.sort();
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut headers: Vec<(String, String)> = request
        .headers
        .keys()
        .map(|name| {
            let values: Vec<String> = request.headers.get_all(name).iter().map(trimmed).collect();
            (name.as_str().to_owned(), values.join(","))
        })
        .collect();
    if !request.headers.contains_key(HOST) {
        headers.push(("host".to_owned(), host(&url)));
    }
    headers.sort();
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = format!("{}\n{path}\n{}\n{lines}\n{names}\n{body_hash}", request.method, query.join("&"));
    (canonical, names)
}

/// The host as the HTTP client sends it: with the port if it is an unusual one.
fn host(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A header's value with every run of blanks as one.
fn trimmed(value: &http::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

fn keyed_hash(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

/// Bytes in lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use url::Url;

    use super::*;
    use crate::plan::request::RequestBody;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn signer(service: &str, key_id: &str, secret: &str, token: Option<&str>) -> SigV4 {
        let settings = SigV4Settings {
            access_key_id: Setting::fixed(key_id),
            secret_access_key: Setting::fixed(secret),
            session_token: token.map(Setting::fixed),
            region: Setting::fixed("us-east-1"),
            service: Setting::fixed(service),
        };
        SigV4::new(settings, Redactor::default())
    }

    fn draft(method: Method, url: &str, headers: &[(&str, &str)]) -> RequestDraft {
        let url = Url::parse(url).unwrap();
        let body = RequestBody::Empty;
        let mut draft = RequestDraft { method, url, query: Vec::new(), headers: HeaderMap::new(), body };
        headers.iter().for_each(|(name, value)| draft.set_header(name, value).unwrap());
        draft
    }

    fn signature(signer: &SigV4, mut request: RequestDraft, time: &str) -> String {
        signer.sign(&mut request, time).unwrap();
        request.headers[AUTHORIZATION].to_str().unwrap().to_owned()
    }

    /// The vectors that AWS publishes: its test suite, and the example of listing users.
    #[test]
    fn signatures_are_those_of_the_published_vectors() {
        let host = "https://example.amazonaws.com/";
        let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        /// Service, method, URL, headers, and the names and the signature that are expected.
        type Vector<'t> = (&'t str, Method, String, &'t [(&'t str, &'t str)], &'t str, &'t str);
        let table: [Vector<'_>; 4] = [
            (
                "service",
                Method::GET,
                host.to_owned(),
                &[],
                "host;x-amz-date",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "service",
                Method::POST,
                host.to_owned(),
                &[],
                "host;x-amz-date",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "service",
                Method::GET,
                format!("{host}?Param2=value2&Param1=value1"),
                &[],
                "host;x-amz-date",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "iam",
                Method::GET,
                "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08".to_owned(),
                &form,
                "content-type;host;x-amz-date",
                "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            ),
        ];
        for (service, method, url, headers, names, expected) in table {
            let signer = signer(service, "AKIDEXAMPLE", SECRET, None);
            let authorization = signature(&signer, draft(method, &url, headers), "20150830T123600Z");
            assert_eq!(
                authorization,
                format!(
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, \
                     SignedHeaders={names}, Signature={expected}"
                ),
                "{url}"
            );
        }
    }

    /// The example of Amazon S3, which signs the hash of the body, too, and encodes the path once.
    #[test]
    fn objects_are_asked_for_as_documented() {
        let signer = signer("s3", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None);
        let request = draft(Method::GET, "https://examplebucket.s3.amazonaws.com/test.txt", &[("range", "bytes=0-9")]);
        let authorization = signature(&signer, request, "20130524T000000Z");
        assert!(
            authorization.ends_with("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
            "{authorization}"
        );
    }

    #[test]
    fn a_session_token_is_sent_signed_and_masked() {
        let signer = signer("service", "AKIDEXAMPLE", SECRET, Some("the-session-token"));
        let authorization =
            signature(&signer, draft(Method::GET, "https://example.amazonaws.com/", &[]), "20150830T123600Z");
        assert!(authorization.contains("SignedHeaders=host;x-amz-date;x-amz-security-token"), "{authorization}");
        assert_eq!(signer.redactor.redact("the-session-token"), "****");
    }
}
