//! Airbyte's low-code document, `manifest.yaml`: read, resolved, typed and checked; no HTTP, no async.
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub)]

mod check;
pub mod diagnostic;
pub mod json_schema;
mod manifest;
pub mod migrate;
pub mod model;
pub mod node;
pub mod resolve;
pub mod suggest;
pub mod template;
pub mod yaml;

pub use diagnostic::{Diagnostic, Report, Severity};
pub use manifest::Manifest;
pub use node::{Entry, Kind, Map, Node, Position};
