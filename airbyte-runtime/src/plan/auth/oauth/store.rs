//! The configuration as it changes in a run: tokens that replace others.

use std::sync::{Mutex, MutexGuard, PoisonError};

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
        let config = self.config();
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
    /// Nobody gets them before that has been written: a token that replaces another must not be used before it can be
    /// stored. One changes the configuration at a time, with the turn to exchange tokens.
    ///
    /// # Errors
    /// A path that leads through a value that is no object is a system error; so is a closed stdout.
    pub(crate) async fn update<'p>(&self, changes: impl IntoIterator<Item = (&'p [String], Value)>) -> Result<()> {
        let changed = self.with(changes)?;
        if let Some(output) = &self.output {
            output.message(Message::ConnectorConfig(&changed))?;
            output.written().await?;
        }
        *self.config() = changed;
        Ok(())
    }

    /// The whole configuration with these values.
    fn with<'p>(&self, changes: impl IntoIterator<Item = (&'p [String], Value)>) -> Result<Map<String, Value>> {
        let mut config = self.config().clone();
        for (path, value) in changes {
            set(&mut config, path, value).ok_or_else(|| {
                Error::system(format!(
                    "`{}` leads through something that is no object, so a new token cannot be stored there; \
                     correct the paths of `refresh_token_updater`",
                    path.join(".")
                ))
            })?;
        }
        Ok(config)
    }

    fn config(&self) -> MutexGuard<'_, Map<String, Value>> {
        self.config.lock().unwrap_or_else(PoisonError::into_inner)
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
    use futures_util::future::poll_immediate;
    use serde_json::json;

    use super::*;
    use crate::config::Redactor;
    use crate::output::{Item, queue};
    use crate::run::block_on;

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
        block_on(store.update(changes)).unwrap().unwrap();
        assert_eq!(store.get(&refresh), Some(json!("new")));
        assert_eq!(store.get(&path("list.0.a")), Some(json!(1)));
        assert_eq!([store.get(&path("none")), store.get(&path("x.y")), store.get(&[])], [None, None, None]);
        assert!(store.with([(&path("x.y")[..], json!(1))]).unwrap_err().message().starts_with("`x.y` leads through"));
        assert_eq!(store.config()["credentials"], json!({"refresh_token": "new", "access_token": "token"}));
    }

    #[test]
    fn nobody_gets_a_token_before_the_platform() {
        let (output, mut queue) = queue(Redactor::default());
        let (store, token) = (ConfigStore::new(Map::new(), Some(output)), path("token"));
        block_on(async {
            let mut update = Box::pin(store.update([(&token[..], json!("new"))]));
            assert!(poll_immediate(&mut update).await.is_none());
            assert_eq!(store.get(&token), None);
            while let Ok(item) = queue.0.try_recv() {
                if let Item::Written(done) = item {
                    let _ = done.send(());
                }
            }
            update.await.unwrap();
        })
        .unwrap();
        assert_eq!(store.get(&token), Some(json!("new")));
    }
}
