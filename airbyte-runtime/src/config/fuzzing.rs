//! What the harness of bad input needs of this module.

use serde_json::Value;

use super::{defaults, validate};

/// Fills in the defaults.
pub(crate) fn load(spec: &Value, config: &mut Value) {
    defaults::apply_defaults(spec, config);
}

/// All that is said about a configuration.
pub(crate) fn problems(spec: &Value, config: &Value) -> Vec<String> {
    let problems = validate::validate(spec, config);
    problems.iter().map(ToString::to_string).chain(validate::unknown_keys(spec, config)).collect()
}
