//! Authenticators that Airbyte's language does not have: signatures and client certificates.

use std::sync::Arc;

use airbyte_manifest::model::{
    AwsSigV4Authenticator, ClientCertificateAuthenticator, HashAlgorithm, HmacAuthenticator, SignatureEncoding, Text,
};

use super::auth::Requested;
use super::lowering::Lowering;
use crate::error::{Error, Result};
use crate::http::Identity;
use crate::plan::Authenticator;
use crate::plan::auth::certificate::CertifiedAuth;
use crate::plan::auth::hmac::{HmacAuth, HmacSettings, SignatureEncoding as Encoding, SignedPart};
use crate::plan::auth::setting::Setting;
use crate::plan::auth::sigv4::{SigV4, SigV4Settings};
use crate::time::DateFormat;

impl Lowering<'_> {
    pub(super) fn aws_sigv4(&self, model: &AwsSigV4Authenticator) -> SigV4 {
        let own = model.parameters();
        let setting = |text: &Text| Setting::template(self.template(text, &own));
        let settings = SigV4Settings {
            access_key_id: setting(&model.access_key_id),
            secret_access_key: setting(&model.secret_access_key),
            session_token: model.session_token.as_ref().map(setting),
            region: setting(&model.region),
            service: setting(&model.service),
        };
        SigV4::new(settings, self.redactor.clone())
    }

    /// # Errors
    /// A place or a date format that cannot be.
    pub(super) fn hmac(&self, model: &HmacAuthenticator, requested: &Requested<'_>) -> Result<HmacAuth> {
        let own = model.parameters();
        let format = &model.timestamp_format.text;
        let settings = HmacSettings {
            algorithm: match model.algorithm {
                HashAlgorithm::Sha1 => ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                HashAlgorithm::Sha256 => ring::hmac::HMAC_SHA256,
                HashAlgorithm::Sha384 => ring::hmac::HMAC_SHA384,
                HashAlgorithm::Sha512 => ring::hmac::HMAC_SHA512,
            },
            secret: Setting::template(self.template(&model.secret, &own)),
            base64_secret: model.base64_secret,
            signed: model.signed_parts.iter().map(|part| signed_part(&part.text)).collect(),
            separator: model.separator.text.clone(),
            encoding: match model.encoding {
                SignatureEncoding::Hex => Encoding::Hex,
                SignatureEncoding::Base64 => Encoding::Base64,
            },
            prefix: self.optional(model.prefix.as_ref(), &own).map(Setting::template),
            place: requested.placement(self.inject(&model.inject_into, &own)?),
            timestamp_format: DateFormat::new(format)
                .map_err(|problem| Error::system(format!("`timestamp_format` is `{format}`: {problem}")))?,
            timestamp_place: match &model.inject_timestamp_into {
                Some(option) => Some(requested.placement(self.inject(option, &own)?)),
                None => None,
            },
        };
        Ok(HmacAuth::new(settings, self.redactor.clone()))
    }

    /// # Errors
    /// A certificate or a key that cannot be read is a config error.
    pub(super) fn client_certificate(
        &self,
        model: &ClientCertificateAuthenticator,
        requested: &Requested<'_>,
    ) -> Result<Arc<dyn Authenticator>> {
        let own = model.parameters();
        let (certificate, private_key) = (self.text(&model.certificate, &own)?, self.text(&model.private_key, &own)?);
        self.redactor.add(&private_key);
        let client = self.client.with_identity(&Identity::parse(&certificate, &private_key)?)?;
        let inner = self.authenticator(model.authenticator.as_deref(), requested)?;
        Ok(Arc::new(CertifiedAuth::new(client, inner)))
    }
}

/// A part by its name; any other text is signed as it stands.
fn signed_part(text: &str) -> SignedPart {
    match text {
        "method" => SignedPart::Method,
        "host" => SignedPart::Host,
        "path" => SignedPart::Path,
        "query" => SignedPart::Query,
        "path_and_query" => SignedPart::PathAndQuery,
        "url" => SignedPart::Url,
        "body" => SignedPart::Body,
        "body_sha256" => SignedPart::BodySha256,
        "timestamp" => SignedPart::Timestamp,
        text => SignedPart::Text(text.to_owned()),
    }
}
