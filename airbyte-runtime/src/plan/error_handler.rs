//! Error handlers: what an answer means.

use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::error::ErrorKind;
use crate::json::JsonPath;

/// What an answer means, beyond the defaults.
pub trait ErrorHandler: Send + Sync + 'static {
    /// The verdict; `None` leaves it to the next handler, and at last to the defaults.
    fn decide(&self, answer: &Answer<'_>) -> Option<Verdict>;

    /// Whether the handler wants to see the bodies of successful answers as well.
    fn reads_success(&self) -> bool {
        false
    }

    /// Whether it is the bodies of successful answers that the handler looks at, and not only their statuses and
    /// headers. If so, every body is read to its end before its first record leaves.
    fn reads_bodies(&self) -> bool {
        self.reads_success()
    }
}

/// An answer of the API.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, decompressed.
    pub body: &'a [u8],
    /// The address that answered, behind redirects. Its query may hold credentials.
    pub url: &'a Url,
    /// The method of the request.
    pub method: &'a Method,
    /// What the API calls its status, where that is not the usual name.
    #[cfg_attr(not(feature = "manifest"), allow(dead_code))]
    pub(crate) reason: Option<&'a str>,
}

#[cfg(test)]
impl<'a> Answer<'a> {
    /// An answer to some request.
    pub(crate) fn to_any(status: StatusCode, headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        static URL: std::sync::LazyLock<Url> =
            std::sync::LazyLock::new(|| Url::parse("https://api.example.com/things").expect("a URL"));
        Self { status, headers, body, url: &URL, method: &Method::GET, reason: None }
    }
}

impl std::fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What is done about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its records are read.
    Success,
    /// It counts as an empty last page.
    Ignore,
    /// The request is tried again.
    Retry,
    /// The request is tried again, and the user sees that the API limits its rate.
    RateLimited,
    /// The request is tried again; if no try succeeds, this is the error.
    RetryAs {
        /// Who can do something about it.
        kind: ErrorKind,
        /// The sentence for the user; one made from the status if it is not set.
        message: Option<String>,
    },
    /// The same; if no try succeeds, this is the error.
    RateLimitedAs {
        /// Who can do something about it.
        kind: ErrorKind,
        /// The sentence for the user; one made from the status if it is not set.
        message: Option<String>,
    },
    /// New credentials are asked for, then the request is tried again. If they are refused as well, or if there are none
    /// for certain, it fails.
    RefreshThenRetry,
    /// The same; if the credentials cannot be renewed at all, and no try succeeds, this is the error.
    RefreshThenRetryAs {
        /// Who can do something about it.
        kind: ErrorKind,
        /// The sentence for the user; one made from the status if it is not set.
        message: Option<String>,
    },
    /// The partition is read again from its first page, or from behind the newest record that came, as the stream's
    /// `pagination_reset` says.
    ResetPagination,
    /// The page is asked for again in a smaller size, as the stream's `page_size_reduction` says.
    ReducePageSize {
        /// What the log says about it; what the API says if it is not set.
        message: Option<String>,
    },
    /// The window of the cursor is read again in two halves, as the stream's `request_window_splitting` says.
    SplitRequestWindow {
        /// What the log says about it; what the API says if it is not set.
        message: Option<String>,
    },
    /// The partition fails.
    Fail {
        /// Who can do something about it.
        kind: ErrorKind,
        /// The sentence for the user; one made from the status if it is not set.
        message: Option<String>,
    },
}

impl<H: ErrorHandler + ?Sized> ErrorHandler for &'static H {
    fn decide(&self, answer: &Answer<'_>) -> Option<Verdict> {
        (**self).decide(answer)
    }
    fn reads_success(&self) -> bool {
        (**self).reads_success()
    }
    fn reads_bodies(&self) -> bool {
        (**self).reads_bodies()
    }
}

/// Rules in order; the first that matches decides.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<(Matcher, Verdict)>,
}

/// When a rule holds.
#[derive(Debug)]
pub(crate) enum Matcher {
    Status(Vec<u16>),
    Header(String, String),
    Body(JsonPath, String),
    Message(String),
    When(fn(&Answer<'_>) -> bool),
    All(Vec<Matcher>),
}

impl Rules {
    pub(crate) fn new(rules: impl Iterator<Item = (Matcher, Verdict)>) -> Self {
        Self { rules: rules.collect() }
    }
}

impl ErrorHandler for Rules {
    fn decide(&self, answer: &Answer<'_>) -> Option<Verdict> {
        self.rules.iter().find(|(matcher, _)| matcher.holds(answer)).map(|(_, verdict)| verdict.clone())
    }

    fn reads_success(&self) -> bool {
        self.rules.iter().any(|(matcher, _)| matcher.reads_success())
    }

    fn reads_bodies(&self) -> bool {
        self.rules.iter().any(|(matcher, _)| matcher.reads_bodies())
    }
}

impl Matcher {
    /// Whether it may hold for a successful answer.
    fn reads_success(&self) -> bool {
        match self {
            Self::Status(_) | Self::Body(..) | Self::When(_) => true,
            Self::Header(..) | Self::Message(_) => false,
            Self::All(matchers) => matchers.iter().all(Self::reads_success),
        }
    }

    /// Whether it looks into the bodies of successful answers.
    fn reads_bodies(&self) -> bool {
        match self {
            Self::Body(..) | Self::When(_) => true,
            Self::Status(_) | Self::Header(..) | Self::Message(_) => false,
            Self::All(matchers) => self.reads_success() && matchers.iter().any(Self::reads_bodies),
        }
    }

    fn holds(&self, answer: &Answer<'_>) -> bool {
        match self {
            Self::Status(codes) => codes.contains(&answer.status.as_u16()),
            // A page that was answered is a page: `X-RateLimit-Remaining: 0` stands on the last one that is allowed.
            Self::Header(name, value) => {
                let mut found = answer.headers.get_all(name).iter().map(|found| found.as_bytes().trim_ascii());
                !answer.status.is_success() && found.any(|found| found == value.as_bytes())
            }
            Self::Body(path, value) => path.text_in(answer.body).as_deref() == Some(value),
            Self::When(predicate) => predicate(answer),
            Self::All(matchers) => matchers.iter().all(|matcher| matcher.holds(answer)),
            // In a successful body the text may stand in a record.
            Self::Message(text) => {
                !answer.status.is_success() && String::from_utf8_lossy(answer.body).contains(text.as_str())
            }
        }
    }
}

/// What an answer means where no handler has an opinion.
pub(crate) fn default_verdict(status: StatusCode) -> Verdict {
    let fail = |kind| Verdict::Fail { kind, message: None };
    match status.as_u16() {
        200..=299 => Verdict::Success,
        401 | 403 => fail(ErrorKind::Config),
        429 => Verdict::RateLimited,
        408 | 425 | 500 | 502 | 503 | 504 | 520..=530 => Verdict::Retry,
        _ => fail(ErrorKind::System),
    }
}
