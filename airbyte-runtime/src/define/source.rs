//! A source as const data: what `#[source(…)]` says about the struct that holds its configuration.

use serde::de::DeserializeOwned;

use super::advanced_auth::AdvancedAuthDef;
use super::auth::AuthDef;
use super::backoff::BackoffDef;
use super::budget::Policy;
use super::config::ConfigType;
use super::error_handler::ErrorHandlerDef;
use super::inject::{require_header_names, require_timeout};
use super::migrate::{MigrateConfig, ValidateConfig};
use super::partition::ParentDef;
use super::stream::{EarlierDef, StreamDef, StreamOf};
use super::value::Map;
use crate::time::Duration;

/// A source: the struct is its connection specification, the definition says what it reads.
///
/// Implemented by [`#[source]`](macro@crate::source); there is no reason to implement it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source",
    label = "not a source",
    note = "a source is a struct annotated with `#[source(streams = […])]`"
)]
pub trait Source: ConfigType + DeserializeOwned + Send + Sync + 'static {
    /// The connector's name, such as `source-github`.
    const NAME: &'static str;
    /// The streams, in catalog order.
    const STREAMS: &'static [StreamRef];
    /// The streams whose first record `check` asks for.
    const CHECK: &'static [StreamRef];
    /// Whether streams without a `base_url` have one from the source.
    const BASE_URL: bool;

    /// The manifest whose streams the source has besides its structs.
    const MANIFEST: Option<super::EmbeddedManifest> = None;

    /// The classes that the manifest names.
    #[cfg(feature = "manifest")]
    fn registry() -> super::Registry {
        super::Registry::new()
    }

    /// What the source reads, and how.
    fn definition() -> &'static SourceDef;
}

/// A stream as its source names it.
#[derive(Clone, Copy, Debug)]
pub struct StreamRef {
    pub(crate) definition: fn() -> &'static StreamDef,
    pub(crate) name: &'static str,
    pub(crate) namespace: Option<&'static str>,
    pub(crate) parents: &'static [ParentDef],
    pub(crate) group: Option<&'static str>,
    pub(crate) after: &'static [EarlierDef],
    pub(crate) relative: bool,
}

impl StreamRef {
    /// Stream `T`, which must be one of source `S`.
    #[must_use]
    pub const fn of<S, T: StreamOf<S>>() -> Self {
        Self {
            definition: T::definition,
            name: T::NAME,
            namespace: T::NAMESPACE,
            parents: T::PARENTS,
            group: T::GROUP,
            after: T::AFTER,
            relative: T::RELATIVE,
        }
    }
}

/// What a source reads; built by the [`source`] chain in an expansion.
#[derive(Clone, Copy)]
pub struct SourceDef {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) version: &'static str,
    pub(crate) documentation_url: Option<&'static str>,
    pub(crate) base_url: Option<&'static str>,
    pub(crate) auth: Option<&'static dyn AuthDef>,
    pub(crate) advanced_auth: Option<&'static dyn AdvancedAuthDef>,
    pub(crate) query: Map,
    pub(crate) headers: Map,
    pub(crate) error_handler: Option<&'static dyn ErrorHandlerDef>,
    pub(crate) backoff: &'static [&'static dyn BackoffDef],
    pub(crate) max_retries: Option<u32>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) read_timeout: Option<Duration>,
    pub(crate) request_timeout: Option<Duration>,
    pub(crate) tcp_keepalive: Option<bool>,
    pub(crate) budget: &'static [Policy],
    pub(crate) streams: &'static [StreamRef],
    pub(crate) check: &'static [StreamRef],
    pub(crate) concurrency: Option<u32>,
    pub(crate) concurrency_from: Option<&'static str>,
    pub(crate) groups: Map,
    pub(crate) allow_hosts: &'static [&'static str],
    pub(crate) migrate_config: &'static [&'static dyn MigrateConfig],
    pub(crate) transform_config: &'static [&'static dyn MigrateConfig],
    pub(crate) validate: Option<&'static dyn ValidateConfig>,
}

/// Begins the definition of source `S`.
#[must_use]
pub const fn source<S: Source>(title: &'static str, version: &'static str) -> SourceDef {
    SourceDef {
        name: S::NAME,
        title,
        version,
        documentation_url: None,
        base_url: None,
        auth: None,
        advanced_auth: None,
        query: &[],
        headers: &[],
        error_handler: None,
        backoff: &[],
        max_retries: None,
        connect_timeout: None,
        read_timeout: None,
        request_timeout: None,
        tcp_keepalive: None,
        budget: &[],
        streams: S::STREAMS,
        check: S::CHECK,
        concurrency: None,
        concurrency_from: None,
        groups: &[],
        allow_hosts: &[],
        migrate_config: &[],
        transform_config: &[],
        validate: None,
    }
}

impl std::fmt::Debug for SourceDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceDef").field("name", &self.name).field("version", &self.version).finish_non_exhaustive()
    }
}

setters! { SourceDef
    /// Where a user reads how to set the source up.
    documentation_url: &'static str => Some;
    /// The URL that the streams' paths are appended to, a template.
    base_url: &'static str => Some;
    /// How requests show who is asking.
    auth: &'static dyn AuthDef => Some;
    /// How the platform lets a user log in.
    advanced_auth: &'static dyn AdvancedAuthDef => Some;
    /// Query parameters of every stream.
    query: Map;
    /// What an answer means, for streams that do not say so themselves.
    error_handler: &'static dyn ErrorHandlerDef => Some;
    /// How long to wait before a request is tried again, for streams that do not say so themselves.
    backoff: &'static [&'static dyn BackoffDef];
    /// How often a request is tried again, for streams that do not say so themselves.
    max_retries: u32 => Some;
    /// Whether idle connections are asked now and then whether they are still there.
    tcp_keepalive: bool => Some;
    /// How often the API may be asked, by all streams together.
    budget: &'static [Policy];
    /// The config field that holds the most requests in flight at one time, a template.
    concurrency_from: &'static str => Some;
    /// Titles of the groups of config fields.
    groups: Map;
    /// What brings the configuration of an older version up to date.
    migrate_config: &'static [&'static dyn MigrateConfig];
    /// What changes the configuration for the run.
    transform_config: &'static [&'static dyn MigrateConfig];
    /// What has to be true of the configuration besides what its fields say.
    validate: &'static dyn ValidateConfig => Some;
    /// Further hosts that may receive the credentials when a page or a redirect leads there.
    allow_hosts: &'static [&'static str];
    /// Headers of every stream; each name is checked while compiling.
    headers: Map [require_header_names];
}

impl SourceDef {
    /// The most requests in flight at one time.
    #[must_use]
    #[track_caller]
    pub const fn concurrency(mut self, requests: u32) -> Self {
        assert!(
            requests > 0,
            "with 0 requests in flight nothing would be read\nhelp: write at least 1, or leave `concurrency` out"
        );
        self.concurrency = Some(requests);
        self
    }

    /// The longest that a connection may take.
    #[must_use]
    #[track_caller]
    pub const fn connect_timeout(mut self, duration: &'static str) -> Self {
        self.connect_timeout = Some(require_timeout("`connect_timeout`", duration));
        self
    }

    /// The longest that an answer may be silent.
    #[must_use]
    #[track_caller]
    pub const fn read_timeout(mut self, duration: &'static str) -> Self {
        self.read_timeout = Some(require_timeout("`read_timeout`", duration));
        self
    }

    /// The longest that all of an answer may take.
    #[must_use]
    #[track_caller]
    pub const fn request_timeout(mut self, duration: &'static str) -> Self {
        self.request_timeout = Some(require_timeout("`request_timeout`", duration));
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        if let Some(url) = self.documentation_url {
            require_url(
                url,
                "`documentation_url` is not an absolute URL, and Airbyte clients refuse a spec without one\nhelp: write one that begins with https://",
            );
        }
        self
    }
}

#[track_caller]
const fn require_url(url: &str, problem: &str) {
    let bytes = url.as_bytes();
    if !starts_with(bytes, b"https://") && !starts_with(bytes, b"http://") {
        panic!("{}", problem);
    }
}

pub(crate) const fn starts_with(bytes: &[u8], prefix: &[u8]) -> bool {
    if bytes.len() <= prefix.len() {
        return false;
    }
    let mut at = 0;
    while at < prefix.len() {
        if bytes[at] != prefix[at] {
            return false;
        }
        at += 1;
    }
    true
}
