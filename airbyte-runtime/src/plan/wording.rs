//! The sentences in which it is told that requests, pages and streams came to nothing.
//!
//! Users of manifests know those of Airbyte's Python CDK from its documentation, and search for them; streams that are
//! Rust structs speak in words of their own, which say what to do.

use std::time::Duration as Wait;

use http::StatusCode;

use crate::error::{Error, ErrorKind};
use crate::time::Duration;

/// Whose sentences they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    /// Those of this crate.
    Own,
    /// Those of the Python CDK.
    #[cfg(feature = "manifest")]
    Airbyte,
}

/// The try of a request behind which there is no other.
pub(crate) struct LastTry {
    pub(crate) error: Error,
    /// What the API answered, if it did.
    pub(crate) status: Option<StatusCode>,
    pub(crate) is_rate_limited: bool,
    /// How many tries there were.
    pub(crate) tries: u32,
}

#[cfg_attr(not(feature = "manifest"), allow(unused_variables))] // Only the CDK's sentences name the stream.
impl Wording {
    /// The error of a request that was tried as often as it may be.
    pub(crate) fn gave_up(self, last: LastTry) -> Error {
        let LastTry { error, status, is_rate_limited, tries } = last;
        let tried = if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") };
        let detail = error.detail().unwrap_or_default();
        match self {
            Self::Own if is_rate_limited => Error::transient(format!(
                "the API's rate limit did not lift in {tried}; sync less often, or lower the concurrency"
            ))
            .with_detail(detail),
            Self::Own => error.with_detail(format!("gave up after {tried}; {detail}")),
            #[cfg(feature = "manifest")]
            Self::Airbyte if status == Some(StatusCode::TOO_MANY_REQUESTS) => {
                Error::transient("API rate limit exceeded.")
                    .with_detail(format!("gave up after {tried}; {}; {detail}", error.message()))
            }
            #[cfg(feature = "manifest")]
            Self::Airbyte => error
                .within("Exhausted available request attempts. Please see logs for more details. Exception")
                .with_detail(format!("gave up after {tried}; {detail}")),
        }
    }

    /// The error of a request that the API wants to see later than anybody waits.
    pub(crate) fn too_long_a_wait(self, error: Error, wait: Wait) -> Error {
        let asked = format!("the API asks to wait {} s, longer than this command waits", wait.as_secs());
        match self {
            Self::Own => error.within(asked),
            #[cfg(feature = "manifest")]
            Self::Airbyte => {
                Error::transient("The rate limit wait time is longer than the connector is allowed to wait.")
                    .with_detail(format!("{asked}: {}; {}", error.message(), error.detail().unwrap_or_default()))
            }
        }
    }

    /// The error of a request that is refused again, although its credentials were to be renewed, and perhaps were.
    pub(crate) fn refused_again(self, error: &Error, are_renewed: bool) -> Error {
        let sentence = match (self, are_renewed) {
            (Self::Own, true) => "the API refuses the access token that was just fetched as well; authenticate again",
            (Self::Own, false) => "the API refuses the access token, and no other one could be fetched",
            #[cfg(feature = "manifest")]
            (Self::Airbyte, true) => "Refreshed OAuth access token is rejected by the API.",
            #[cfg(feature = "manifest")]
            (Self::Airbyte, false) => "API rejects the current OAuth access token and the token refresh failed.",
        };
        let kind = if are_renewed { ErrorKind::Config } else { ErrorKind::Transient };
        Error::new(kind, sentence).with_detail(format!("{}; {}", error.message(), error.detail().unwrap_or_default()))
    }

    /// The error of a stream that keeps a source from working.
    pub(crate) fn fails_check(self, stream: &str, error: Error) -> Error {
        match self {
            Self::Own => error.within(format!("stream `{stream}`")),
            #[cfg(feature = "manifest")]
            Self::Airbyte => {
                let mut message = String::new();
                crate::python::push_repr(
                    &format!("Stream {stream} is not available: {}", error.message()),
                    &mut message,
                );
                error.with_message(message)
            }
        }
    }

    /// No page comes, although it was asked for in the smallest size.
    pub(crate) fn smallest_page(self, stream: &str, size: u64) -> String {
        match self {
            Self::Own => format!("the API refuses even the smallest page size that may be asked for, {size}"),
            #[cfg(feature = "manifest")]
            Self::Airbyte => format!(
                "The source keeps rejecting pages of stream {stream} at the smallest page size the connector is allowed to request ({size} records per page)."
            ),
        }
    }

    /// No page comes in any of the sizes that were tried.
    pub(crate) fn every_page(self, stream: &str, size: u64) -> String {
        match self {
            Self::Own => format!("the API refuses pages of every size that was tried, the last one {size}"),
            #[cfg(feature = "manifest")]
            Self::Airbyte => format!(
                "The source keeps rejecting pages of stream {stream} at every page size the connector requested, down to {size} records per page."
            ),
        }
    }

    /// No page comes, although the window is the shortest.
    pub(crate) fn shortest_window(self, stream: &str, min_window: Option<Duration>) -> String {
        match self {
            Self::Own => "the API refuses even the shortest window that may be asked for".to_owned(),
            #[cfg(feature = "manifest")]
            Self::Airbyte => {
                let configured =
                    min_window.map(|min| format!(", its configured `min_split_window` ({min})")).unwrap_or_default();
                format!(
                    "The API kept rejecting stream {stream}'s request window even at the smallest window its cursor allows{configured}, or splitting the window further would not make progress."
                )
            }
        }
    }

    /// No page comes, although the window was halved as often as it may be.
    pub(crate) fn most_splits(self, stream: &str, splits: u32) -> String {
        match self {
            Self::Own => self.shortest_window(stream, None),
            #[cfg(feature = "manifest")]
            Self::Airbyte => format!(
                "Stream {stream} could not split its request window to a size the API accepts within {splits} splits."
            ),
        }
    }
}
