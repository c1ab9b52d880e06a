//! Airbyte sources from annotated structs: a struct's fields are what a user configures or the columns of a stream,
//! attributes say how the API is asked, and the compiler refuses what does not fit together.
//!
//! | to | read |
//! |---|---|
//! | write a first connector | [A connector in six steps](#a-connector-in-six-steps) |
//! | look up a key of an attribute | [`#[source]`](macro@source), [`#[stream]`](macro@stream), [`#[config]`](macro@config), [`#[record]`](macro@record) |
//! | understand what happens in a sync | [How a read works](#how-a-read-works) |
//! | write a paginator or the like of your own | [Your own components](#your-own-components) |
//! | read an API from a Rust program | [Inside another program](#inside-another-program) |
//! | test a connector | [Testing](#testing) |
//!
#![doc = include_str!("../docs/tutorial.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod allocator;
mod cli;
pub mod config;
mod connector_tests;
pub mod define;
mod embed;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod http;
#[cfg(feature = "manifest")]
mod jinja;
mod json;
mod log;
mod login;
#[cfg(feature = "manifest")]
pub mod manifest;
mod output;
mod panic;
mod placeholder;
pub mod plan;
pub mod protocol;
#[cfg_attr(not(feature = "manifest"), allow(dead_code))] // Templates need more of it than paths do.
mod python;
mod read;
mod replace;
#[doc(hidden)]
pub mod rules;
mod run;
pub mod schema;
#[cfg(all(test, feature = "manifest"))]
mod simulation;
mod terminate;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;

#[doc(inline)]
#[doc = include_str!("../docs/config.md")]
pub use airbyte_macros::config;
#[cfg(feature = "manifest")]
#[doc(inline)]
#[doc = include_str!("../docs/manifest.md")]
pub use airbyte_macros::manifest;
#[doc(inline)]
#[doc = include_str!("../docs/record.md")]
pub use airbyte_macros::record;
#[doc(inline)]
#[doc = include_str!("../docs/source.md")]
pub use airbyte_macros::source;
#[doc(inline)]
#[doc = include_str!("../docs/stream.md")]
pub use airbyte_macros::stream;
pub use config::{Config, Secret};
pub use embed::{Batch, Connector, Messages, RecordStream};
pub use error::{Error, ErrorKind, Result};
pub use jiff::{Timestamp, civil::Date};
pub use json::JsonPath;
pub use run::{run, run_with};
/// Any JSON, for a column or a config field without a shape.
pub use serde_json::Value as Json;

/// The README's code is compiled with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// What a connector's file begins with: `use airbyte_runtime::prelude::*;`.
pub mod prelude {
    pub use crate::plan::{Records, Slice};
    pub use crate::{Config, Date, Error, Json, Result, Secret, Timestamp, config, record, source, stream};
}

/// Writes a connector's `main`: `airbyte_runtime::main!(MySource);`.
///
/// With the feature `manifest`, a connector may be nothing but a `manifest.yaml` and, where it names classes, their
/// `Registry`; `strict` refuses the manifest for warnings, too:
///
/// ```text
/// airbyte_runtime::main!(manifest = "manifest.yaml");
/// airbyte_runtime::main!(manifest = "manifest.yaml", strict);
/// airbyte_runtime::main!(manifest = "manifest.yaml", strict, registry = registry());
/// ```
#[macro_export]
macro_rules! main {
    (manifest = $path:literal $(,)?) => {
        $crate::main!(manifest = $path, registry = ::core::default::Default::default());
    };
    (manifest = $path:literal, strict $(,)?) => {
        $crate::main!(manifest = $path, strict, registry = ::core::default::Default::default());
    };
    (manifest = $path:literal, registry = $registry:expr $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::manifest!($path, crate = $crate).run($registry)
        }
    };
    (manifest = $path:literal, strict, registry = $registry:expr $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::manifest!($path, strict, crate = $crate).run($registry)
        }
    };
    (manifest = $path:literal, registry = $registry:expr, strict $(,)?) => {
        $crate::main!(manifest = $path, strict, registry = $registry);
    };
    ($source:ty $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::run::<$source>()
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "this is no form of `main!`\nhelp: write `main!(MySource)` or `main!(manifest = \"manifest.yaml\")`; behind the file may follow `strict` and `registry = registry()`"
        );
        fn main() {}
    };
}

/// Stands in for `manifest!` where the feature is off, to say so.
#[cfg(not(feature = "manifest"))]
#[doc(hidden)]
#[macro_export]
macro_rules! manifest {
    ($($tokens:tt)*) => {
        ::core::compile_error!(
            "a manifest needs the feature `manifest` of `airbyte-runtime`\nhelp: add `features = [\"manifest\"]` to it in Cargo.toml"
        )
    };
}
