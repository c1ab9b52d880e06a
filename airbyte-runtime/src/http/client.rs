//! The HTTP client of a run: one connection pool, with timeouts everywhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use url::Url;

use super::pending::Pending;
use super::pool::Pool;
use super::sockets::{Files, Kept};
use super::tls::{Encryption, Identity};
use crate::config::{MASK, Redactor, one_line};
use crate::error::Result;

/// What one stream asks of its connections, where it differs from the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Connections {
    /// The longest a connection may take.
    pub(crate) connect_timeout: Option<Duration>,
    /// The longest an answer may be silent.
    pub(crate) read_timeout: Option<Duration>,
    /// The longest all of an answer may take.
    pub(crate) request_timeout: Option<Duration>,
    /// Whether idle connections are asked now and then whether they are still there.
    pub(crate) keepalive: bool,
    /// Whether connections are closed after one answer.
    pub(crate) is_fleeting: bool,
}

/// How patient the client is.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    /// The longest a connection may take.
    pub(crate) connect_timeout: Duration,
    /// The longest an answer may be silent.
    pub(crate) read_timeout: Duration,
    /// The longest all of an answer may take, and longer if it is a long one that comes fast enough.
    pub(crate) request_timeout: Duration,
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
            request_timeout: Duration::from_secs(3600),
            max_retries: u32::MAX,
            max_wait: Duration::from_secs(2 * 3600),
            max_budget_wait: Duration::from_secs(2 * 3600),
            max_body: super::memory::max_body(),
            origin: None,
        }
    }

    /// For `check`, which a person waits for.
    pub(crate) fn prompt() -> Self {
        Self {
            connect_timeout: Duration::from_secs(4),
            read_timeout: Duration::from_secs(8),
            request_timeout: Duration::from_secs(60),
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
        Some(self.shown(&said, 200))
    }

    /// What the API says, as it may stand in a message: secrets are masked before the text is cut to so many
    /// characters, because of a secret across the cut a part would be left.
    pub(crate) fn shown(&self, said: &str, most: usize) -> String {
        self.redactor.redact_start(said, most.saturating_mul(4)).chars().take(most).collect()
    }

    /// A part of a text that the API gave, on one line, unless a part of a secret is in it.
    pub(crate) fn shown_part(&self, part: &str, whole: &str) -> String {
        // Where it begins or ends in the middle of a character.
        let part = part.trim_matches(char::REPLACEMENT_CHARACTER);
        match self.redactor.redact(whole).contains(part) {
            true => one_line(part),
            false => MASK.to_owned(),
        }
    }
}

/// The client: a pool of connections, and our settings.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient {
    pub(super) inner: Pool,
    user_agent: String,
    /// What connections are encrypted with, and the certificate that they show.
    tls: Encryption,
    /// Pools of streams that ask something else of their connections.
    special: Arc<Mutex<HashMap<Connections, Pool>>>,
    /// The hosts to which connections are kept.
    kept: Arc<Kept>,
    pub(crate) settings: HttpSettings,
    /// What is on its way or waits.
    pub(crate) pending: Pending,
    /// Masks secrets in what the API says, before it is cut to fit a message.
    pub(super) redactor: Redactor,
}

impl HttpClient {
    /// # Errors
    /// TLS or a proxy of the environment that cannot be set up is a config error.
    pub(crate) fn new(user_agent: &str, settings: HttpSettings, redactor: Redactor) -> Result<Self> {
        let pending = Pending::default();
        Self::connecting_with(Encryption::new(None)?, user_agent, settings, redactor, pending)
    }

    /// A client with connections of its own, on which it shows a certificate.
    ///
    /// # Errors
    /// A certificate and a key that do not belong together are a config error.
    pub(crate) fn with_identity(&self, identity: &Identity) -> Result<Self> {
        let tls = Encryption::new(Some(identity))?;
        let (settings, redactor) = (self.settings.clone(), self.redactor.clone());
        Self::connecting_with(tls, &self.user_agent, settings, redactor, self.pending.clone())
    }

    fn connecting_with(
        tls: Encryption,
        user_agent: &str,
        settings: HttpSettings,
        redactor: Redactor,
        pending: Pending,
    ) -> Result<Self> {
        let inner = Pool::new(tls.clone(), user_agent, &settings, Connections::default())?;
        let kept = Arc::new(Kept::new(Files::of_process()));
        let user_agent = user_agent.to_owned();
        Ok(Self { inner, user_agent, tls, special: Arc::default(), kept, settings, pending, redactor })
    }

    /// The pool for a stream's connections.
    ///
    /// # Errors
    /// The same as of a new client.
    pub(super) fn pool(&self, connections: Connections, url: &Url) -> Result<Pool> {
        let connections = Connections { is_fleeting: !self.kept.keeps(url), ..connections };
        if connections == Connections::default() {
            return Ok(self.inner.clone());
        }
        // A map that another thread left in the middle is still a map.
        let mut special = self.special.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = special.get(&connections) {
            return Ok(pool.clone());
        }
        let pool = Pool::new(self.tls.clone(), &self.user_agent, &self.settings, connections)?;
        special.insert(connections, pool.clone());
        Ok(pool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_secret_is_left_where_a_text_is_cut() {
        let redactor = Redactor::new(["the-t\u{f6}ken-of-the-user"]);
        let client = HttpClient::new("test", HttpSettings::prompt(), redactor).unwrap();
        let said = "you sent the-t\u{f6}ken-of-the-user, and more";
        assert_eq!(client.shown(said, 12), "you sent ***");
        assert_eq!(client.shown_part("and more", said), "and more");
        assert_eq!(client.shown_part("\u{fffd}ken-of-the-user, and", said), MASK);
        assert_eq!(client.shown_part("\u{fffd}, and more", said), ", and more");
    }
}
