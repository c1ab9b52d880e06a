//! The configuration as it changes in a run: tokens that replace others.

use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::output::Output;
use crate::protocol::Message;

/// The configuration that the platform stores, shared by all that change it.
pub(crate) struct ConfigStore {
    config: Mutex<Map<String, Value>>,
    /// Where changes are told; `None` where nobody stores them.
    output: Option<Output>,
}

impl ConfigStore {
    pub(crate) fn new(config: Map<String, Value>, output: Option<Output>) -> Self {
        Self { config: Mutex::new(config), output }
    }

    /// The value at a path of keys; `null` counts as absent.
    pub(crate) fn get(&self, path: &[String]) -> Option<Value> {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, rest) = path.split_first()?;
        let found = rest.iter().try_fold(config.get(first)?, |value, key| match value {
            Value::Object(object) => object.get(key),
            Value::Array(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        });
        found.filter(|value| !value.is_null()).cloned()
    }

    /// Sets values at their paths, makes the objects on the way, and tells the platform the whole configuration once.
    ///
    /// It returns when that has been written: a token that replaces another must not be used before it can be stored.
    ///
    /// # Errors
    /// A path that leads through a value that is no object is a system error; so is a closed stdout.
    pub(crate) async fn update<'p>(&self, changes: impl IntoIterator<Item = (&'p [String], Value)>) -> Result<()> {
        let Some(output) = &self.output else { return self.set(changes).map(drop) };
        output.message(Message::ConnectorConfig(&self.set(changes)?))?;
        output.written().await
    }

    /// Sets the values; the whole configuration with them.
    fn set<'p>(&self, changes: impl IntoIterator<Item = (&'p [String], Value)>) -> Result<Map<String, Value>> {
        let mut config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, value) in changes {
            set(&mut config, path, value).ok_or_else(|| {
                Error::system(format!(
                    "`{}` leads through something that is no object, so a new token cannot be stored there; \
                     correct the paths of `refresh_token_updater`",
                    path.join(".")
                ))
            })?;
        }
        Ok(config.clone())
    }
}

fn set(config: &mut Map<String, Value>, path: &[String], value: Value) -> Option<()> {
    let (last, parents) = path.split_last()?;
    let mut object = config;
    for key in parents {
        let next = object.entry(key.as_str()).or_insert(Value::Null);
        if next.is_null() {
            *next = Value::Object(Map::new());
        }
        object = next.as_object_mut()?;
    }
    object.insert(last.clone(), value);
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(path: &str) -> Vec<String> {
        path.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn changes_are_stored() {
        let config = json!({"credentials": {"refresh_token": "old"}, "list": [{"a": 1}], "none": null, "x": "y"});
        let store = ConfigStore::new(config.as_object().unwrap().clone(), None);
        let (refresh, access, deep) =
            (path("credentials.refresh_token"), path("credentials.access_token"), path("a.b"));
        let changes = [(&refresh[..], json!("new")), (&access[..], json!("token")), (&deep[..], json!(1))];
        let changed = store.set(changes).unwrap();
        assert_eq!(store.get(&refresh), Some(json!("new")));
        assert_eq!(store.get(&path("list.0.a")), Some(json!(1)));
        assert_eq!([store.get(&path("none")), store.get(&path("x.y")), store.get(&[])], [None, None, None]);
        assert!(store.set([(&path("x.y")[..], json!(1))]).unwrap_err().message().starts_with("`x.y` leads through"));
        assert_eq!(changed["credentials"], json!({"refresh_token": "new", "access_token": "token"}));
    }
}
