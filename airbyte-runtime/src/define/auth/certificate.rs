//! `client_certificate(…)`: a certificate that is shown when a connection is made (mutual TLS).

use std::sync::Arc;

use super::context::Services;
use super::{AuthContext, AuthDef, NoAuth};
use crate::error::Result;
use crate::http::Identity;
use crate::plan::Authenticator;
use crate::plan::auth::certificate::CertifiedAuth;

/// A client certificate: `client_certificate(certificate = config.certificate, private_key = config.private_key)`.
///
/// `auth = bearer(config.token)` inside it says what requests show besides; its token requests go over the same
/// connections.
#[must_use]
pub const fn client_certificate() -> ClientCertificate<NoAuth> {
    ClientCertificate { certificate: None, private_key: None, auth: NoAuth }
}

/// See [`client_certificate`].
#[derive(Clone, Copy, Debug)]
pub struct ClientCertificate<A> {
    certificate: Option<&'static str>,
    private_key: Option<&'static str>,
    auth: A,
}

impl ClientCertificate<NoAuth> {
    /// What requests show besides.
    #[must_use]
    pub const fn auth<A: AuthDef>(self, auth: A) -> ClientCertificate<A> {
        ClientCertificate { certificate: self.certificate, private_key: self.private_key, auth }
    }
}

impl<A> ClientCertificate<A> {
    /// The certificate, in PEM, with those that it depends on behind it.
    #[must_use]
    pub const fn certificate(mut self, template: &'static str) -> Self {
        self.certificate = Some(template);
        self
    }

    /// The certificate's private key, in PEM.
    #[must_use]
    pub const fn private_key(mut self, template: &'static str) -> Self {
        self.private_key = Some(template);
        self
    }
}

impl<A: Copy> ClientCertificate<A> {
    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.certificate.is_some(),
            "`client_certificate` has no certificate\nhelp: add `certificate = config.certificate`"
        );
        assert!(
            self.private_key.is_some(),
            "`client_certificate` has no key of the certificate\nhelp: add `private_key = config.private_key`"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl<A: AuthDef> AuthDef for ClientCertificate<A> {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let certificate = context.config.render(self.certificate.unwrap_or_default())?;
        let private_key = context.config.render(self.private_key.unwrap_or_default())?;
        let client = context.client().with_identity(&Identity::parse(&certificate, &private_key)?)?;
        let services = Services { client: client.clone(), ..context.services.clone() };
        let inner = self.auth.plan(&AuthContext { services: &services, ..*context })?;
        Ok(Arc::new(CertifiedAuth::new(client, inner)))
    }
}
