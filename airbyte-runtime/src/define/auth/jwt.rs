//! `jwt(…)`: JSON web tokens that the connector signs itself.

use std::sync::Arc;

use super::{AuthContext, AuthDef};
use crate::define::inject::{Inject, only_place, require_duration, require_header_name};
use crate::define::value::Map;
use crate::error::{Error, Result};
use crate::plan::Authenticator;
use crate::plan::auth::jwt::{Algorithm as PlanAlgorithm, JwtAuth, JwtSettings, JwtSigner};
use crate::plan::auth::placement::{Collision, Placement};
use crate::plan::auth::setting::Setting;
use crate::rules::text::same;
use crate::time::Duration;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256, by a shared secret.
    HS256,
    /// HMAC with SHA-384.
    HS384,
    /// HMAC with SHA-512.
    HS512,
    /// RSA (PKCS #1) with SHA-256, by a private key in PEM.
    RS256,
    /// RSA (PKCS #1) with SHA-384.
    RS384,
    /// RSA (PKCS #1) with SHA-512.
    RS512,
    /// RSA-PSS with SHA-256.
    PS256,
    /// RSA-PSS with SHA-384.
    PS384,
    /// RSA-PSS with SHA-512.
    PS512,
    /// ECDSA on the curve P-256.
    ES256,
    /// ECDSA on the curve P-384.
    ES384,
    /// Ed25519.
    EdDSA,
}

impl Algorithm {
    fn plan(self) -> PlanAlgorithm {
        match self {
            Self::HS256 => PlanAlgorithm::Hs256,
            Self::HS384 => PlanAlgorithm::Hs384,
            Self::HS512 => PlanAlgorithm::Hs512,
            Self::RS256 => PlanAlgorithm::Rs256,
            Self::RS384 => PlanAlgorithm::Rs384,
            Self::RS512 => PlanAlgorithm::Rs512,
            Self::PS256 => PlanAlgorithm::Ps256,
            Self::PS384 => PlanAlgorithm::Ps384,
            Self::PS512 => PlanAlgorithm::Ps512,
            Self::ES256 => PlanAlgorithm::Es256,
            Self::ES384 => PlanAlgorithm::Es384,
            Self::EdDSA => PlanAlgorithm::EdDsa,
        }
    }

    const fn is_shared_secret(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }
}

/// A token that is signed here and shown with every request:
/// `jwt(algorithm = RS256, secret_key = config.private_key, iss = config.client_id, header_prefix = "Bearer")`.
///
/// A token is shown again for a quarter of its life, and for half a minute at most.
#[must_use]
pub const fn jwt() -> Jwt {
    Jwt {
        algorithm: None,
        secret_key: None,
        base64_encode_secret_key: false,
        token_duration: Duration::from_seconds(1200),
        header_prefix: None,
        kid: None,
        typ: None,
        cty: None,
        iss: None,
        sub: None,
        aud: None,
        additional_headers: &[],
        additional_payload: &[],
        place: None,
    }
}

/// See [`jwt`].
#[derive(Clone, Copy, Debug)]
pub struct Jwt {
    algorithm: Option<Algorithm>,
    secret_key: Option<&'static str>,
    base64_encode_secret_key: bool,
    token_duration: Duration,
    header_prefix: Option<&'static str>,
    kid: Option<&'static str>,
    typ: Option<&'static str>,
    cty: Option<&'static str>,
    iss: Option<&'static str>,
    sub: Option<&'static str>,
    aud: Option<&'static str>,
    additional_headers: Map,
    additional_payload: Map,
    place: Option<Inject>,
}

setters! { Jwt
    /// How the token is signed.
    algorithm: Algorithm => Some;
    /// What signs it: the secret of an `HS…` algorithm, or else a private key in PEM.
    secret_key: &'static str => Some;
    /// Whether the base64 form of the secret's text is the secret.
    base64_encode_secret_key: bool;
    /// What stands before the token, such as `Bearer`; nothing unless it is set.
    header_prefix: &'static str => Some;
    /// The key's id, in the token's header.
    kid: &'static str => Some;
    /// The token's type, in its header; `JWT` unless it is set.
    typ: &'static str => Some;
    /// The content's type, in the token's header.
    cty: &'static str => Some;
    /// Who issues the token.
    iss: &'static str => Some;
    /// Whom it is about.
    sub: &'static str => Some;
    /// Whom it is for.
    aud: &'static str => Some;
}

impl Jwt {
    /// How long a token is valid, an ISO 8601 duration; `PT20M` unless it is set.
    #[must_use]
    #[track_caller]
    pub const fn token_duration(mut self, text: &'static str) -> Self {
        self.token_duration = require_duration("token_duration", text);
        assert!(
            self.token_duration.approximate_nanos() >= 1_000_000_000,
            "a token that is valid for no time is refused by every API\nhelp: write a duration such as `\"PT20M\"`"
        );
        self
    }

    /// Further fields of the token's header.
    #[must_use]
    #[track_caller]
    pub const fn additional_headers(mut self, headers: Map) -> Self {
        require_free(headers, &["kid", "alg", "typ", "cty"]);
        self.additional_headers = headers;
        self
    }

    /// Further claims.
    #[must_use]
    #[track_caller]
    pub const fn additional_payload(mut self, claims: Map) -> Self {
        require_free(claims, &["iss", "sub", "aud", "iat", "exp", "nbf"]);
        self.additional_payload = claims;
        self
    }

    /// The header that the token goes to, in place of `Authorization`.
    #[must_use]
    #[track_caller]
    pub const fn header(mut self, name: &'static str) -> Self {
        require_header_name(name);
        self.place = only_place("token", self.place, Inject::Header(name));
        self
    }

    /// The query parameter that the token goes to, in place of `Authorization`.
    #[must_use]
    #[track_caller]
    pub const fn param(mut self, name: &'static str) -> Self {
        self.place = only_place("token", self.place, Inject::Param(name));
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        let Some(algorithm) = self.algorithm else {
            panic!("`jwt` does not say how the token is signed\nhelp: add `algorithm = RS256`, as the API wants it")
        };
        assert!(
            self.secret_key.is_some(),
            "`jwt` has nothing to sign with\nhelp: add `secret_key = config.private_key`"
        );
        assert!(
            algorithm.is_shared_secret() || !self.base64_encode_secret_key,
            "a private key is PEM, which is not encoded once more\nhelp: remove `base64_encode_secret_key`"
        );
        self
    }
}

/// Refuses names that have arguments of their own, or that the signer sets.
#[track_caller]
const fn require_free(map: Map, reserved: &[&str]) {
    let mut at = 0;
    while at < map.len() {
        let mut known = 0;
        while known < reserved.len() {
            if same(map[at].0, reserved[known]) {
                let text = crate::rules::text::Text::new()
                    .push("`")
                    .push(map[at].0)
                    .push("` is set by `jwt` itself\nhelp: write it as an argument of `jwt`, or leave it out");
                panic!("{}", text.as_str());
            }
            known += 1;
        }
        at += 1;
    }
}

/// What signs the tokens of a definition.
///
/// # Errors
/// Config fields that are not set are config errors.
pub(super) fn signer(jwt: &Jwt, context: &AuthContext<'_>) -> Result<JwtSigner> {
    let algorithm = jwt.algorithm.ok_or_else(|| Error::system("a token has no algorithm"))?;
    let settings = JwtSettings {
        algorithm: algorithm.plan(),
        secret_key: context.setting(jwt.secret_key.unwrap_or_default())?,
        base64_encode_secret_key: jwt.base64_encode_secret_key,
        passphrase: None,
        token_duration: i64::try_from(jwt.token_duration.approximate_nanos() / 1_000_000_000).unwrap_or(i64::MAX),
        header_prefix: jwt.header_prefix.map(Setting::fixed),
        kid: context.optional(jwt.kid)?,
        typ: context.optional(jwt.typ)?,
        cty: context.optional(jwt.cty)?,
        iss: context.optional(jwt.iss)?,
        sub: context.optional(jwt.sub)?,
        aud: context.optional(jwt.aud)?,
        additional_headers: context.mapping(jwt.additional_headers)?,
        additional_payload: context.mapping(jwt.additional_payload)?,
    };
    Ok(JwtSigner::new(settings, context.redactor()))
}

#[diagnostic::do_not_recommend]
impl AuthDef for Jwt {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let place = self.place.unwrap_or(Inject::Header("Authorization"));
        Ok(Arc::new(JwtAuth::new(Arc::new(signer(self, context)?), Placement::new(place.into(), Collision::Replace))))
    }
}
