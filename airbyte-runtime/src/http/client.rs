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
use crate::plan::auth::flight::Turn;

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

/// How long a person may wait for the last try of a request.
const SOON: Duration = Duration::from_secs(30);

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
    /// After so long there is no other try.
    pub(crate) all_tries: Duration,
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
            all_tries: Duration::MAX,
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
            all_tries: SOON,
            max_budget_wait: Duration::from_secs(60),
            ..Self::patient()
        }
    }

    /// The same with every try that is configured, as long as the last of them is soon.
    #[cfg(feature = "manifest")]
    pub(crate) fn with_every_try(self) -> Self {
        Self { max_retries: u32::MAX, max_wait: self.max_wait.max(SOON), ..self }
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

/// Pools of connections, each made when it is first asked for.
#[derive(Debug, Default)]
struct Pools {
    /// By what is asked of their connections, and whether these may be encrypted.
    made: HashMap<(Connections, bool), Pool>,
    /// What connections are encrypted with, and the certificate that they show. To read the roots of the environment takes
    /// longer than many a request, so that it is left to the first one that needs them.
    tls: Option<Encryption>,
}

/// Variables that name a proxy for requests without TLS.
const PROXIES: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/// The client: pools of connections, and our settings.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient {
    user_agent: String,
    pools: Arc<Mutex<Pools>>,
    /// Whether requests may go to a proxy, which may have to be spoken to over TLS.
    has_proxy: bool,
    /// The hosts to which connections are kept.
    kept: Arc<Kept>,
    pub(crate) settings: HttpSettings,
    /// What is on its way or waits.
    pub(crate) pending: Pending,
    /// Held while a token is exchanged for another one.
    pub(crate) exchange: Turn,
    /// Masks secrets in what the API says, before it is cut to fit a message.
    pub(super) redactor: Redactor,
}

impl HttpClient {
    pub(crate) fn new(user_agent: &str, settings: HttpSettings, redactor: Redactor) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            pools: Arc::default(),
            has_proxy: PROXIES.iter().any(|name| std::env::var_os(name).is_some_and(|proxy| !proxy.is_empty())),
            kept: Arc::new(Kept::new(Files::of_process())),
            settings,
            pending: Pending::default(),
            exchange: Turn::default(),
            redactor,
        }
    }

    /// A client with connections of its own, on which it shows a certificate.
    ///
    /// # Errors
    /// A certificate and a key that do not belong together are a config error.
    pub(crate) fn with_identity(&self, identity: &Identity) -> Result<Self> {
        Encryption::new(Some(identity)).map(|tls| self.encrypting_with(tls))
    }

    /// A client with connections of its own.
    pub(super) fn encrypting_with(&self, tls: Encryption) -> Self {
        let pools = Pools { tls: Some(tls), ..Pools::default() };
        let kept = Arc::new(Kept::new(Files::of_process()));
        Self { pools: Arc::new(Mutex::new(pools)), kept, ..self.clone() }
    }

    /// The pool for a stream's connections, or for one of them.
    ///
    /// # Errors
    /// TLS or a proxy of the environment that cannot be set up is a config error.
    pub(super) fn pool(&self, connections: Connections, url: &Url) -> Result<Pool> {
        let connections = Connections { is_fleeting: !self.kept.keeps(url), ..connections };
        let target = self.settings.origin.as_ref().unwrap_or(url);
        let is_encrypted = self.has_proxy || target.scheme() != "http";
        // What another thread left in the middle is still a map.
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.made.get(&(connections, is_encrypted)) {
            return Ok(pool.clone());
        }
        let tls = match (is_encrypted, &pools.tls) {
            (false, _) => Encryption::unused()?,
            (true, Some(tls)) => tls.clone(),
            (true, None) => pools.tls.insert(Encryption::new(None)?).clone(),
        };
        let pool = Pool::new(tls, &self.user_agent, &self.settings, connections)?;
        pools.made.insert((connections, is_encrypted), pool.clone());
        Ok(pool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_secret_is_left_where_a_text_is_cut() {
        let redactor = Redactor::new(["the-t\u{f6}ken-of-the-user"]);
        let client = HttpClient::new("test", HttpSettings::prompt(), redactor);
        let said = "you sent the-t\u{f6}ken-of-the-user, and more";
        assert_eq!(client.shown(said, 12), "you sent ***");
        assert_eq!(client.shown_part("and more", said), "and more");
        assert_eq!(client.shown_part("\u{fffd}ken-of-the-user, and", said), MASK);
        assert_eq!(client.shown_part("\u{fffd}, and more", said), ", and more");
    }

    #[test]
    fn what_encrypts_is_set_up_when_it_is_first_needed() {
        let client =
            HttpClient { has_proxy: false, ..HttpClient::new("test", HttpSettings::prompt(), Redactor::default()) };
        let has_tls = |client: &HttpClient, url: &str| {
            client.pool(Connections::default(), &Url::parse(url).unwrap()).unwrap();
            client.pools.lock().unwrap().tls.is_some()
        };
        assert!(!has_tls(&client, "http://host/path"));
        assert!(has_tls(&client, "https://host/path"));
        // Where a proxy stands between, it may be that which is spoken to over TLS.
        let client =
            HttpClient { has_proxy: true, ..HttpClient::new("test", HttpSettings::prompt(), Redactor::default()) };
        assert!(has_tls(&client, "http://host/path"));
    }
}
