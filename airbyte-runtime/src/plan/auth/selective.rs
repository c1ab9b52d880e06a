//! The authenticator that the configuration selects.

use std::sync::Arc;

use serde_json::Value;

use super::Authenticator;
use crate::error::{Error, Result};
use crate::plan::dpath::Dpath;
use crate::python::PyValue;

/// The one of `authenticators` whose key stands at `path` in the configuration.
///
/// # Errors
/// A path that leads nowhere and a value without an authenticator are system errors.
pub(crate) fn select(
    config: &Value,
    path: &[String],
    authenticators: &[(String, Arc<dyn Authenticator>)],
) -> Result<Arc<dyn Authenticator>> {
    let selected = Dpath::of_texts(path.iter().map(String::as_str)).get(config)?;
    let selected = selected.ok_or_else(|| {
        Error::system(format!(
            "the configuration has nothing at `{}`, the `authenticator_selection_path`; \
             set it there, or correct the path in the manifest",
            path.join(".")
        ))
    })?;
    let selected = PyValue::from_json(selected).to_text();
    let found = authenticators.iter().find(|(key, _)| *key == selected);
    found.map(|(_, authenticator)| Arc::clone(authenticator)).ok_or_else(|| {
        let known: Vec<&str> = authenticators.iter().map(|(key, _)| key.as_str()).collect();
        Error::system(format!(
            "`{}` of the configuration selects the authenticator `{selected}`, but there are only: {}",
            path.join("."),
            known.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::auth::NoAuth;

    #[test]
    fn the_configuration_selects() {
        let authenticators: Vec<(String, Arc<dyn Authenticator>)> = ["key", "5", "True"]
            .into_iter()
            .map(|name| (name.to_owned(), Arc::new(NoAuth) as Arc<dyn Authenticator>))
            .collect();
        let path = ["auth".to_owned(), "kind".to_owned()];
        let table = [
            (json!({"auth": {"kind": "key"}}), Ok(0)),
            (json!({"auth": {"kind": 5}}), Ok(1)),
            (json!({"auth": {"kind": true}}), Ok(2)),
            (
                json!({"auth": {"kind": "zzz"}}),
                Err("selects the authenticator `zzz`, but there are only: key, 5, True"),
            ),
            (json!({"auth": {}}), Err("nothing at `auth.kind`")),
            (json!({"auth": "key"}), Err("nothing at `auth.kind`")),
        ];
        for (config, expected) in table {
            match (select(&config, &path, &authenticators), expected) {
                (Ok(selected), Ok(index)) => assert!(Arc::ptr_eq(&selected, &authenticators[index].1), "{config}"),
                (Err(error), Err(words)) => assert!(error.message().contains(words), "{error}"),
                (outcome, _) => panic!("{config}: {:?}", outcome.err()),
            }
        }
    }
}
