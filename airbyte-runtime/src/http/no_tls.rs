//! What stands in the place of TLS in a connector that is built without it, for an API behind a proxy that encrypts.

use url::Url;

use crate::error::{Error, Result};

/// The sentence of everything that cannot be done.
const MISSING: &str = "this connector is built without TLS; build it with the feature `tls` of `airbyte-runtime`, \
                       which is one of the default features";

/// Nothing to encrypt with.
#[derive(Clone, Debug)]
pub(super) struct Encryption;

/// What a client would show of itself.
pub(crate) enum Identity {}

impl Identity {
    /// # Errors
    /// Always: there is nobody to show it to.
    pub(crate) fn parse(_certificate: &str, _private_key: &str) -> Result<Self> {
        Err(Error::system(MISSING).with_detail("the stream asks for a client certificate"))
    }
}

impl Encryption {
    /// # Errors
    /// None.
    pub(super) fn new(_identity: Option<&Identity>) -> Result<Self> {
        Ok(Self)
    }

    /// # Errors
    /// None.
    pub(super) fn unused() -> Result<Self> {
        Ok(Self)
    }

    pub(super) fn of(self, client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        client
    }
}

/// Refuses a URL that cannot be asked for.
///
/// # Errors
/// `https://`.
pub(super) fn require_scheme(url: &Url) -> Result<()> {
    match url.scheme() {
        "https" => {
            Err(Error::system(MISSING).with_detail(format!("`{}` asks for it", url.origin().ascii_serialization())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said() {
        let secure = Url::parse("https://api.example.com/users").expect("a URL");
        let error = require_scheme(&secure).expect_err("TLS is missing");
        assert!(error.message().contains("the feature `tls`"), "{error}");
        assert_eq!(error.detail().as_deref(), Some("`https://api.example.com` asks for it"));
        assert!(require_scheme(&Url::parse("http://localhost/users").expect("a URL")).is_ok());
        assert!(Identity::parse("", "").is_err());
    }
}
