//! The one public error: classed by who can do something about it.

use std::error::Error as StdError;
use std::fmt;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command failed, classed by what can be done about it.
///
/// The message is one sentence for the person who configures the connection.
/// The [detail](Error::detail) is for the engineer who reads the log.
/// Neither may hold a secret; the protocol writer masks known secrets as a second line of defence.
///
/// ```
/// use airbyte_runtime::{Error, ErrorKind};
///
/// let error = Error::config("the token was refused").with_detail("GET https://api.example.com/me answered 401");
/// assert_eq!(error.kind(), ErrorKind::Config);
/// assert_eq!(error.to_string(), "the token was refused");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    detail: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    is_unanswerable: bool,
    is_unmade: bool,
}

/// The platform's `failure_type`: it decides whether a sync is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The user must act: wrong credentials, missing permission, invalid configuration. Not retried.
    Config,
    /// It may pass by itself: an outage, a network fault, an exhausted rate limit. Retried.
    Transient,
    /// The connector or the API broke a promise. Retried, and reported to the connector's owner.
    System,
}

impl Error {
    /// Something that the user has to change.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// Something that may pass by itself.
    pub fn transient(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Transient, message)
    }

    /// A defect of the connector, or an answer that breaks the API's own rules.
    pub fn system(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::System, message)
    }

    /// An error of the given kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            detail: None,
            source: None,
            is_unanswerable: false,
            is_unmade: false,
        }))
    }

    /// The error of a body that could not be read: what the reader of a
    /// [`StreamDecoder`](crate::plan::StreamDecoder) says.
    pub fn of_body(error: std::io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(ours) => ours,
            Err(error) => Self::system("the body of the answer cannot be read to its end").with_source(error),
        }
    }

    /// Adds what an engineer needs: the request, the status, the start of the body.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Puts `what` before the message, as in `stream users: …`.
    #[must_use]
    pub fn within(mut self, what: impl fmt::Display) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    /// The same error in other words.
    #[cfg(feature = "manifest")]
    #[must_use]
    pub(crate) fn with_message(mut self, message: String) -> Self {
        self.0.message = message;
        self
    }

    /// The same error for somebody else to do something about.
    #[must_use]
    pub(crate) fn of_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same error with every text passed through `mask`; the causes become part of the detail.
    #[must_use]
    pub(crate) fn masked(&self, mask: impl Fn(&str) -> String) -> Self {
        let masked = Self::new(self.kind(), mask(self.message()));
        match self.detail() {
            Some(detail) => masked.with_detail(mask(&detail)),
            None => masked,
        }
    }

    /// Says that `check` cannot answer because of it: the source itself cannot be made, whatever the user configures.
    #[cfg(feature = "manifest")]
    #[must_use]
    pub(crate) fn unanswerable(mut self) -> Self {
        self.0.is_unanswerable = true;
        self
    }

    /// Says that the source could not even be made of what was written: nobody knows then who can do something about it.
    #[cfg(feature = "manifest")]
    #[must_use]
    pub(crate) fn unmade(mut self) -> Self {
        self.0.is_unmade = true;
        self
    }

    /// Whether nobody knows who can do something about it.
    pub(crate) fn is_unmade(&self) -> bool {
        self.0.is_unmade
    }

    /// Whether `check` ends with a trace and without an answer.
    pub(crate) fn is_unanswerable(&self) -> bool {
        self.0.is_unanswerable
    }

    /// Who can do something about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence for the user.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The technical part, with the causes, for the log and for `internal_message`.
    pub fn detail(&self) -> Option<String> {
        let mut text = self.0.detail.clone().unwrap_or_default();
        let mut cause = self.source();
        while let Some(error) = cause {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&error.to_string());
            cause = error.source();
        }
        (!text.is_empty()).then_some(text)
    }
}

impl ErrorKind {
    /// The protocol's word for it.
    pub fn failure_type(self) -> &'static str {
        match self {
            Self::Config => "config_error",
            Self::Transient => "transient_error",
            Self::System => "system_error",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} error: {}", self.0.kind, self.0.message)?;
        match self.detail() {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
