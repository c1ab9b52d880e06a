//! Requests that are signed with a shared secret, as the API wants it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;
use ring::{digest, hmac};

use super::placement::Placement;
use super::setting::Setting;
use super::sigv4::hex;
use super::{Authenticator, done};
use crate::config::Redactor;
use crate::error::{Error, Result};
use crate::plan::request::RequestDraft;
use crate::time::{DateFormat, Moment};

/// How a request is signed.
pub(crate) struct HmacSettings {
    pub(crate) algorithm: hmac::Algorithm,
    pub(crate) secret: Setting,
    /// Whether the secret is written in base64.
    pub(crate) base64_secret: bool,
    /// What is signed, one after another.
    pub(crate) signed: Vec<SignedPart>,
    pub(crate) separator: String,
    pub(crate) encoding: SignatureEncoding,
    /// What stands before the signature.
    pub(crate) prefix: Option<Setting>,
    pub(crate) place: Placement,
    pub(crate) timestamp_format: DateFormat,
    /// Where the time goes that was signed.
    pub(crate) timestamp_place: Option<Placement>,
}

/// A part of what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignedPart {
    Method,
    Host,
    Path,
    /// The query as it is sent, without the question mark.
    Query,
    /// The path, and behind a question mark the query if there is one.
    PathAndQuery,
    Url,
    Body,
    /// The SHA-256 hash of the body in hexadecimal digits.
    BodySha256,
    Timestamp,
    /// This text.
    Text(String),
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureEncoding {
    Hex,
    Base64,
}

/// Signs every request.
pub(crate) struct HmacAuth {
    settings: HmacSettings,
    redactor: Redactor,
}

impl HmacAuth {
    pub(crate) fn new(settings: HmacSettings, redactor: Redactor) -> Self {
        Self { settings, redactor }
    }

    fn sign(&self, request: &mut RequestDraft, now: Moment) -> Result<()> {
        let settings = &self.settings;
        let timestamp = settings.timestamp_format.format(now);
        if let Some(place) = &settings.timestamp_place {
            place.write(request, &timestamp)?;
        }
        let parts: Vec<String> = settings.signed.iter().map(|part| part.of(request, &timestamp)).collect();
        let secret = settings.secret.text()?;
        self.redactor.add(&secret);
        let secret = match settings.base64_secret {
            true => STANDARD.decode(secret.trim()).map_err(|_| {
                Error::config("the secret that signs requests is not base64; enter it as it was issued")
            })?,
            false => secret.into_bytes(),
        };
        let key = hmac::Key::new(settings.algorithm, &secret);
        let signature = hmac::sign(&key, parts.join(&settings.separator).as_bytes());
        let signature = match settings.encoding {
            SignatureEncoding::Hex => hex(signature.as_ref()),
            SignatureEncoding::Base64 => STANDARD.encode(signature.as_ref()),
        };
        let prefix = settings.prefix.as_ref().map(Setting::text).transpose()?.unwrap_or_default();
        settings.place.write(request, &format!("{prefix}{signature}"))
    }
}

impl Authenticator for HmacAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        done(self.sign(request, Moment::now()))
    }
}

impl SignedPart {
    fn of(&self, request: &RequestDraft, timestamp: &str) -> String {
        let url = || request.full_url();
        match self {
            Self::Method => request.method.to_string(),
            Self::Host => url().host_str().unwrap_or_default().to_owned(),
            Self::Path => url().path().to_owned(),
            Self::Query => url().query().unwrap_or_default().to_owned(),
            Self::PathAndQuery => {
                let url = url();
                url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
            }
            Self::Url => url().to_string(),
            Self::Body => request.body_text().into_owned(),
            Self::BodySha256 => hex(digest::digest(&digest::SHA256, request.body_text().as_bytes()).as_ref()),
            Self::Timestamp => timestamp.to_owned(),
            Self::Text(text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::plan::auth::placement::Collision;
    use crate::plan::request::{Inject, RequestBody};

    fn request() -> RequestDraft {
        RequestDraft {
            method: Method::POST,
            url: Url::parse("https://api.example.com/v1/rows?a=1").unwrap(),
            query: vec![("b".to_owned(), "x y".to_owned())],
            headers: HeaderMap::new(),
            body: RequestBody::Json(json!({"n": 1})),
        }
    }

    fn place(name: &str) -> Placement {
        Placement::new(Inject::Header(name.to_owned()), Collision::Replace)
    }

    fn settings(signed: &[SignedPart]) -> HmacSettings {
        HmacSettings {
            algorithm: hmac::HMAC_SHA256,
            secret: Setting::fixed("key"),
            base64_secret: false,
            signed: signed.to_vec(),
            separator: "\n".to_owned(),
            encoding: SignatureEncoding::Hex,
            prefix: None,
            place: place("x-signature"),
            timestamp_format: DateFormat::new("%s").unwrap(),
            timestamp_place: Some(place("x-timestamp")),
        }
    }

    fn signed(settings: HmacSettings) -> RequestDraft {
        let mut request = request();
        let now = Moment::from_epoch_nanos(1_700_000_000_000_000_000).unwrap();
        HmacAuth::new(settings, Redactor::default()).sign(&mut request, now).unwrap();
        request
    }

    #[test]
    fn every_part_is_what_is_sent() {
        use SignedPart::*;
        let table = [
            (Method, "POST"),
            (Host, "api.example.com"),
            (Path, "/v1/rows"),
            (Query, "a=1&b=x%20y"),
            (PathAndQuery, "/v1/rows?a=1&b=x%20y"),
            (Url, "https://api.example.com/v1/rows?a=1&b=x%20y"),
            (Body, "{\"n\":1}"),
            (Timestamp, "1700000000"),
            (Text("v0".to_owned()), "v0"),
        ];
        for (part, expected) in table {
            assert_eq!(part.of(&request(), "1700000000"), expected);
        }
        assert_eq!(BodySha256.of(&request(), "").len(), 64);
    }

    /// The example that every description of HMAC has.
    #[test]
    fn signatures_are_hmac() {
        let fox = SignedPart::Text("The quick brown fox jumps over the lazy dog".to_owned());
        let request = signed(settings(std::slice::from_ref(&fox)));
        assert_eq!(request.headers["x-signature"], "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
        assert_eq!(request.headers["x-timestamp"], "1700000000");
        let base64 = HmacSettings {
            algorithm: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            secret: Setting::fixed("a2V5"),
            base64_secret: true,
            encoding: SignatureEncoding::Base64,
            prefix: Some(Setting::fixed("me:")),
            ..settings(&[fox])
        };
        assert_eq!(signed(base64).headers["x-signature"], "me:3nybhbi3iqa8ino29wqQcBydtNk=");
    }
}
