//! Airbyte's `manifest.yaml` as a second front end: lowers a document and a configuration to a plan.
//!
//! The document is read, resolved and checked by the crate `airbyte-manifest`; here its components become those of the
//! plan, with templates that are evaluated where the Python CDK evaluates them.

mod auth;
mod backoff;
mod budget;
mod command;
mod components;
mod config;
mod cursor;
mod dynamic;
mod embedded;
mod error_handler;
mod files;
mod front_end;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod home;
mod http;
mod jobs;
mod lone;
mod lowering;
mod migration;
mod page_policy;
mod pages;
mod paginator;
mod partition;
mod properties;
mod quota;
mod records;
mod registry;
mod requester;
mod response_file;
mod schema;
mod scope;
mod signing;
mod source;
mod stream;

pub use crate::define::EmbeddedManifest;
pub use command::{run, run_with};
pub use components::{
    BodyDecoder, ConfigTransformation, ConfigValidation, RecordExtractor, RecordRetriever, SchemaNormalizer,
};
pub(crate) use embedded::add_streams;
#[cfg(test)]
pub(crate) use front_end::of_text;
pub use registry::{CustomComponent, Registry};
