//! `aws_sigv4(…)` and `hmac(…)`: requests that are signed.

use std::sync::Arc;

use super::{AuthContext, AuthDef};
use crate::define::inject::{Inject, only_place, require_header_name};
use crate::error::{Error, Result};
use crate::plan::Authenticator;
use crate::plan::auth::hmac::{HmacAuth, HmacSettings, SignatureEncoding, SignedPart};
use crate::plan::auth::placement::{Collision, Placement};
use crate::plan::auth::sigv4::{SigV4, SigV4Settings};
use crate::rules::text::Text;
use crate::time::{DateFormat, check_format};

/// A signature of AWS, version 4:
/// `aws_sigv4(access_key_id = config.key_id, secret_access_key = config.key, region = config.region, service = "execute-api")`.
#[must_use]
pub const fn aws_sigv4() -> AwsSigV4 {
    AwsSigV4 { access_key_id: None, secret_access_key: None, session_token: None, region: None, service: None }
}

/// See [`aws_sigv4`].
#[derive(Clone, Copy, Debug)]
pub struct AwsSigV4 {
    access_key_id: Option<&'static str>,
    secret_access_key: Option<&'static str>,
    session_token: Option<&'static str>,
    region: Option<&'static str>,
    service: Option<&'static str>,
}

setters! { AwsSigV4
    /// The id of the access key.
    access_key_id: &'static str => Some;
    /// The access key itself.
    secret_access_key: &'static str => Some;
    /// The token of temporary credentials.
    session_token: &'static str => Some;
    /// The region, such as `us-east-1`.
    region: &'static str => Some;
    /// The service as AWS names it in signatures, such as `s3` or `execute-api`.
    service: &'static str => Some;
}

impl AwsSigV4 {
    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.access_key_id.is_some() && self.secret_access_key.is_some(),
            "`aws_sigv4` has no key to sign with\nhelp: add `access_key_id = config.access_key_id` and `secret_access_key = config.secret_access_key`"
        );
        assert!(
            self.region.is_some(),
            "`aws_sigv4` does not say which region the signature is for\nhelp: add `region = \"us-east-1\"`, or `region = config.region`"
        );
        assert!(
            self.service.is_some(),
            "`aws_sigv4` does not say which service the signature is for\nhelp: add `service = \"execute-api\"`, as AWS names it"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for AwsSigV4 {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let settings = SigV4Settings {
            access_key_id: context.setting(self.access_key_id.unwrap_or_default())?,
            secret_access_key: context.setting(self.secret_access_key.unwrap_or_default())?,
            session_token: context.optional(self.session_token)?,
            region: context.setting(self.region.unwrap_or_default())?,
            service: context.setting(self.service.unwrap_or_default())?,
        };
        Ok(Arc::new(SigV4::new(settings, context.redactor())))
    }
}

/// The hash that a signature is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1, for APIs that know nothing better.
    SHA1,
    /// SHA-256.
    SHA256,
    /// SHA-384.
    SHA384,
    /// SHA-512.
    SHA512,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::upper_case_acronyms, reason = "they are written like constants")]
pub enum Encoding {
    /// In lower-case hexadecimal digits.
    HEX,
    /// In base64.
    BASE64,
}

/// A part of what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "they are written like constants")]
pub enum Signed {
    /// The method, such as `GET`.
    METHOD,
    /// The host.
    HOST,
    /// The path.
    PATH,
    /// The query as it is sent, without the question mark.
    QUERY,
    /// The path, and behind a question mark the query if there is one.
    PATH_AND_QUERY,
    /// The whole URL.
    URL,
    /// The body as it is sent.
    BODY,
    /// The SHA-256 hash of the body, in hexadecimal digits.
    BODY_SHA256,
    /// The time.
    TIMESTAMP,
    /// This text.
    TEXT(&'static str),
}

/// A signature by a shared secret:
/// `hmac(secret = config.secret, sign = [TIMESTAMP, METHOD, PATH_AND_QUERY, BODY], header = "X-Signature", timestamp_header = "X-Timestamp")`.
#[must_use]
pub const fn hmac() -> Hmac {
    Hmac {
        secret: None,
        base64_secret: false,
        algorithm: Hash::SHA256,
        sign: &[],
        separator: "\n",
        encoding: Encoding::HEX,
        prefix: None,
        place: None,
        timestamp_format: "%s",
        timestamp_place: None,
    }
}

/// See [`hmac`].
#[derive(Clone, Copy, Debug)]
pub struct Hmac {
    secret: Option<&'static str>,
    base64_secret: bool,
    algorithm: Hash,
    sign: &'static [Signed],
    separator: &'static str,
    encoding: Encoding,
    prefix: Option<&'static str>,
    place: Option<Inject>,
    timestamp_format: &'static str,
    timestamp_place: Option<Inject>,
}

setters! { Hmac
    /// The shared secret.
    secret: &'static str => Some;
    /// Whether the secret is written in base64.
    base64_secret: bool;
    /// The hash, `SHA256` unless it is set.
    algorithm: Hash;
    /// What is signed, in this order.
    sign: &'static [Signed];
    /// What stands between the parts, a line break unless it is set.
    separator: &'static str;
    /// How the signature is written, `HEX` unless it is set.
    encoding: Encoding;
    /// What stands before the signature, such as `"HMAC {config.key_id}:"`.
    prefix: &'static str => Some;
}

impl Hmac {
    /// The header that the signature goes to.
    #[must_use]
    #[track_caller]
    pub const fn header(mut self, name: &'static str) -> Self {
        require_header_name(name);
        self.place = only_place("signature", self.place, Inject::Header(name));
        self
    }

    /// The query parameter that the signature goes to; it is not part of what is signed.
    #[must_use]
    #[track_caller]
    pub const fn param(mut self, name: &'static str) -> Self {
        self.place = only_place("signature", self.place, Inject::Param(name));
        self
    }

    /// The header that the time goes to.
    #[must_use]
    #[track_caller]
    pub const fn timestamp_header(mut self, name: &'static str) -> Self {
        require_header_name(name);
        self.timestamp_place = only_place("time", self.timestamp_place, Inject::Header(name));
        self
    }

    /// The query parameter that the time goes to, which is signed with the query.
    #[must_use]
    #[track_caller]
    pub const fn timestamp_param(mut self, name: &'static str) -> Self {
        self.timestamp_place = only_place("time", self.timestamp_place, Inject::Param(name));
        self
    }

    /// How the time is written, as in a cursor's `format`; `%s`, epoch seconds, unless it is set.
    #[must_use]
    #[track_caller]
    pub const fn timestamp_format(mut self, format: &'static str) -> Self {
        if let Err(problem) = check_format(format) {
            let text = Text::new().push("timestamp_format is not a date format: \"").push(format).push("\"\nhelp: ");
            panic!("{}", text.push(problem.what).as_str());
        }
        self.timestamp_format = format;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(self.secret.is_some(), "`hmac` has nothing to sign with\nhelp: add `secret = config.secret`");
        assert!(
            !self.sign.is_empty(),
            "`hmac` does not say what is signed\nhelp: add `sign = [TIMESTAMP, METHOD, PATH_AND_QUERY, BODY]`, as the API wants it"
        );
        assert!(
            self.place.is_some(),
            "`hmac` does not say where the signature goes\nhelp: add `header = \"X-Signature\"` (or `param`)"
        );
        let mut at = 0;
        let mut signs_time = false;
        while at < self.sign.len() {
            signs_time = signs_time || matches!(self.sign[at], Signed::TIMESTAMP);
            at += 1;
        }
        assert!(
            !signs_time || self.timestamp_place.is_some(),
            "`hmac` signs the time, which the API cannot know\nhelp: add `timestamp_header = \"X-Timestamp\"` (or `timestamp_param`)"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for Hmac {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let place = |place: Inject| Placement::new(place.into(), Collision::Replace);
        let settings = HmacSettings {
            algorithm: match self.algorithm {
                Hash::SHA1 => ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                Hash::SHA256 => ring::hmac::HMAC_SHA256,
                Hash::SHA384 => ring::hmac::HMAC_SHA384,
                Hash::SHA512 => ring::hmac::HMAC_SHA512,
            },
            secret: context.setting(self.secret.unwrap_or_default())?,
            base64_secret: self.base64_secret,
            signed: self.sign.iter().map(|part| part.plan()).collect(),
            separator: self.separator.to_owned(),
            encoding: match self.encoding {
                Encoding::HEX => SignatureEncoding::Hex,
                Encoding::BASE64 => SignatureEncoding::Base64,
            },
            prefix: match self.prefix {
                Some(prefix) => Some(context.setting(prefix)?),
                None => None,
            },
            place: place(self.place.unwrap_or(Inject::Header("x-signature"))),
            timestamp_format: DateFormat::new(self.timestamp_format)
                .map_err(|problem| Error::system(format!("the format of the time: {problem}")))?,
            timestamp_place: self.timestamp_place.map(place),
        };
        Ok(Arc::new(HmacAuth::new(settings, context.redactor())))
    }
}

impl Signed {
    fn plan(self) -> SignedPart {
        match self {
            Self::METHOD => SignedPart::Method,
            Self::HOST => SignedPart::Host,
            Self::PATH => SignedPart::Path,
            Self::QUERY => SignedPart::Query,
            Self::PATH_AND_QUERY => SignedPart::PathAndQuery,
            Self::URL => SignedPart::Url,
            Self::BODY => SignedPart::Body,
            Self::BODY_SHA256 => SignedPart::BodySha256,
            Self::TIMESTAMP => SignedPart::Timestamp,
            Self::TEXT(text) => SignedPart::Text(text.to_owned()),
        }
    }
}
