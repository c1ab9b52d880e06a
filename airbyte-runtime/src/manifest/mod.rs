//! Airbyte's `manifest.yaml` as a second front end: lowers a document and a configuration to a plan.

mod config;
mod dynamic;
mod schema;
