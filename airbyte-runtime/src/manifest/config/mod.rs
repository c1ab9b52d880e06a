//! The configuration of a manifest's source: how it is described, brought up to date, and checked.

mod normalize;
mod spec;
#[cfg(test)]
mod tests;
mod validate;
mod validators;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::jinja::Environment;

pub(crate) use normalize::normalize;
pub(crate) use spec::SpecMessage;
pub(crate) use validate::{secrets, validate};
pub(crate) use validators::validations;

/// Templates of a spec see a configuration only where they are handed one.
fn environment() -> Arc<Environment> {
    Environment::new(&Value::Object(Map::new()))
}
