//! Airbyte sources from annotated structs.

#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod cli;
pub mod config;
mod connector_tests;
pub mod define;
mod embed;
mod error;
mod http;
mod json;
mod log;
mod output;
mod panic;
pub mod plan;
pub mod protocol;
mod read;
#[doc(hidden)]
pub mod rules;
mod run;
pub mod schema;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;

pub use airbyte_macros::{config, record, source, stream};
pub use config::{Config, Secret};
pub use embed::{Batch, Connector, Messages, RecordStream};
pub use error::{Error, ErrorKind, Result};
pub use jiff::{Timestamp, civil::Date};
pub use json::JsonPath;
pub use run::{run, run_with};
/// Any JSON, for a column or a config field without a shape.
pub use serde_json::Value as Json;

/// What a connector's file begins with: `use airbyte_runtime::prelude::*;`.
pub mod prelude {
    pub use crate::plan::{Records, Slice};
    pub use crate::{Config, Date, Error, Json, Result, Secret, Timestamp, config, record, source, stream};
}

/// Writes a connector's `main`: `airbyte_runtime::main!(MySource);`.
#[macro_export]
macro_rules! main {
    ($source:ty) => {
        fn main() -> ::std::process::ExitCode {
            $crate::run::<$source>()
        }
    };
}
