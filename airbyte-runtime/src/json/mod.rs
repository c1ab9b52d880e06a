//! JSON without values: one checked pass over a body finds the records and the few values that the engine needs.
//!
//! A [`ScanPlan`] says what to look for; it is compiled once per stream. A [`Scanner`] reads one body along it, in
//! pieces as they arrive, and hands out each [`Record`] as the bytes that the API wrote. Nothing is allocated per
//! record, and number spelling, key order and equal keys survive. All of the body is checked, also what is skipped.
//!
//! What is accepted is RFC 8259 with these liberties: a byte order mark at the start is skipped, and `\uD800` escapes
//! without their other half are accepted and reported with the record. At most 512 containers may be nested.

mod compact;
mod compile;
#[cfg(test)]
mod differential;
mod error;
mod lexer;
mod members;
mod number;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod oracle;
mod path;
mod plan;
mod record;
mod scan;
mod skip;
mod step;

pub(crate) use compact::{compact_into, narrow_into, repair_into, without_nulls_into};
pub(crate) use error::{ScanError, ScanErrorKind};
pub(crate) use members::{elements, key_is, members, nulls, string_value, unescape};
pub use path::JsonPath;
pub(crate) use plan::ScanPlan;
pub(crate) use record::{Captured, Record};
pub(crate) use scan::Scanner;
