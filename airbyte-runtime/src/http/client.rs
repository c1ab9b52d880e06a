//! The HTTP client of a run: one connection pool, with timeouts everywhere.

use std::time::Duration;

use url::Url;

use super::tls::Identity;
use crate::config::Redactor;
use crate::error::{Error, Result};

/// How patient the client is.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    /// The longest a connection may take.
    pub(crate) connect_timeout: Duration,
    /// The longest an answer may be silent.
    pub(crate) read_timeout: Duration,
    /// Tries after the first one, at most; `check` answers soon rather than late.
    pub(crate) max_retries: u32,
    /// The longest wait before a try that is still waited out.
    pub(crate) max_wait: Duration,
    /// The longest wait for the source's own budget of calls.
    pub(crate) max_budget_wait: Duration,
    /// The largest body, in bytes after decompression.
    pub(crate) max_body: usize,
    /// Where tests send every request, whatever its host.
    pub(crate) origin: Option<Url>,
}

impl HttpSettings {
    /// For `discover` and `read`.
    pub(crate) fn patient() -> Self {
        Self {
            connect_timeout: Duration::from_secs(20),
            read_timeout: Duration::from_secs(120),
            max_retries: u32::MAX,
            max_wait: Duration::from_secs(2 * 3600),
            max_budget_wait: Duration::from_secs(2 * 3600),
            max_body: 1 << 30,
            origin: None,
        }
    }

    /// For `check`, which a person waits for.
    pub(crate) fn prompt() -> Self {
        Self {
            connect_timeout: Duration::from_secs(4),
            read_timeout: Duration::from_secs(8),
            max_retries: 1,
            max_wait: Duration::from_secs(3),
            max_budget_wait: Duration::from_secs(60),
            ..Self::patient()
        }
    }
}

impl HttpClient {
    /// The sentence in an error body, without secrets.
    pub(crate) fn api_message(&self, body: &[u8]) -> Option<String> {
        let said = super::send::api_message(body)?;
        Some(self.redactor.redact(&said).chars().take(200).collect())
    }
}

/// The client: reqwest's pool, and our settings.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient {
    pub(super) inner: reqwest::Client,
    user_agent: String,
    pub(crate) settings: HttpSettings,
    /// Masks secrets in what the API says, before it is cut to fit a message.
    pub(super) redactor: Redactor,
}

impl HttpClient {
    /// # Errors
    /// TLS or a proxy of the environment that cannot be set up is a config error.
    pub(crate) fn new(user_agent: &str, settings: HttpSettings, redactor: Redactor) -> Result<Self> {
        Self::connecting_as(None, user_agent, settings, redactor)
    }

    /// A client with connections of its own, on which it shows a certificate.
    ///
    /// # Errors
    /// A certificate and a key that do not belong together are a config error.
    pub(crate) fn with_identity(&self, identity: &Identity) -> Result<Self> {
        Self::connecting_as(Some(identity), &self.user_agent, self.settings.clone(), self.redactor.clone())
    }

    fn connecting_as(
        identity: Option<&Identity>,
        user_agent: &str,
        settings: HttpSettings,
        redactor: Redactor,
    ) -> Result<Self> {
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(super::tls::client_config(identity)?)
            .user_agent(user_agent)
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            // Redirects are followed here, so that credentials stay with the host they belong to.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .tcp_nodelay(true)
            .build()
            .map_err(|error| {
                Error::config("the HTTP client cannot be set up; look at the proxy settings of the environment")
                    .with_source(error)
            })?;
        Ok(Self { inner, user_agent: user_agent.to_owned(), settings, redactor })
    }
}
