//! Writing and deleting along a path.

use serde_json::{Map, Value};

use super::Dpath;
use super::segment::{Segment, Step};
use crate::error::{Error, Result};

/// The longest list that writing may fill up with `null`.
const MAX_LIST_LENGTH: usize = 100_000;

impl Dpath {
    /// Writes a value at the path and creates what is missing on the way: a list where the next segment is a
    /// position, an object otherwise. Globs are plain keys here. Lists are filled up with `null`.
    ///
    /// # Errors
    /// No segments, `null` or another scalar on the way, a key where a list is.
    pub(crate) fn create(&self, root: &mut Value, value: Value) -> Result<()> {
        let Some((last, way)) = self.segments.split_last() else {
            return Err(Error::system("a value cannot be written at an empty path; name a field"));
        };
        let mut current = root;
        for (segment, next) in way.iter().zip(self.segments.iter().skip(1)) {
            let missing = || match next.written_position() {
                Some(_) => Value::Array(Vec::new()),
                None => Value::Object(Map::new()),
            };
            current = match current {
                Value::Object(object) => object.entry(segment.written_key()).or_insert_with(missing),
                Value::Array(items) => self.item(items, segment, missing)?,
                scalar => return Err(self.blocked(scalar)),
            };
        }
        match current {
            Value::Object(object) => {
                object.insert(last.written_key(), value);
            }
            Value::Array(items) => *self.item(items, last, || Value::Null)? = value,
            scalar => return Err(self.blocked(scalar)),
        }
        Ok(())
    }

    /// Replaces every match, and says how many there were. Nothing is created.
    ///
    /// # Errors
    /// Two `**`.
    pub(crate) fn set(&self, root: &mut Value, value: &Value) -> Result<usize> {
        self.check_searchable(root)?;
        let mut changed = 0;
        self.visit_mut(root, &mut |found| {
            found.clone_from(value);
            changed += 1;
        });
        Ok(changed)
    }

    /// Deletes every match, and says how many there were. In a list the last element goes, any other becomes `null`.
    ///
    /// # Errors
    /// Two `**`.
    pub(crate) fn delete(&self, root: &mut Value) -> Result<usize> {
        self.check_searchable(root)?;
        self.delete_below(root, &self.start())
    }

    fn delete_below(&self, value: &mut Value, progress: &[usize]) -> Result<usize> {
        let mut deleted = 0;
        match value {
            Value::Object(object) => {
                let before = object.len();
                object.retain(|key, _| !self.is_complete(&self.advance(progress, Step::Key(key))));
                deleted += before - object.len();
                for (key, child) in object {
                    deleted += self.delete_deeper(child, progress, Step::Key(key))?;
                }
            }
            Value::Array(items) => {
                let length = items.len();
                deleted += delete_items(items, |at, _| {
                    Ok(self.is_complete(&self.advance(progress, Step::Position(at, length))))
                })?;
                for (at, child) in items.iter_mut().enumerate() {
                    deleted += self.delete_deeper(child, progress, Step::Position(at, length))?;
                }
            }
            _ => {}
        }
        Ok(deleted)
    }

    fn delete_deeper(&self, child: &mut Value, progress: &[usize], step: Step<'_>) -> Result<usize> {
        let ahead = self.advance(progress, step);
        if self.goes_on(&ahead) { self.delete_below(child, &ahead) } else { Ok(0) }
    }

    /// Removes every list that the path matches; what follows it in a list moves up.
    ///
    /// # Errors
    /// Two `**`.
    pub(crate) fn remove_lists(&self, root: &mut Value) -> Result<()> {
        self.check_searchable(root)?;
        self.remove_lists_below(root, &self.start());
        Ok(())
    }

    fn remove_lists_below(&self, value: &mut Value, progress: &[usize]) {
        let stays = |step: Step<'_>, child: &mut Value| {
            let ahead = self.advance(progress, step);
            if self.is_complete(&ahead) && child.is_array() {
                return false;
            }
            if self.goes_on(&ahead) {
                self.remove_lists_below(child, &ahead);
            }
            true
        };
        match value {
            Value::Object(object) => object.retain(|key, child| stays(Step::Key(key), child)),
            Value::Array(items) => {
                let length = items.len();
                let mut at = 0;
                items.retain_mut(|child| {
                    at += 1;
                    stays(Step::Position(at - 1, length), child)
                });
            }
            _ => {}
        }
    }

    /// The element of a list that a segment means, created if the list is too short.
    fn item<'v>(
        &self,
        items: &'v mut Vec<Value>,
        segment: &Segment,
        missing: impl FnOnce() -> Value,
    ) -> Result<&'v mut Value> {
        let length = items.len();
        let wrong = |why: &str| Error::system(format!("the path {self} cannot be written: {why}"));
        let Some(position) = segment.written_position() else {
            return Err(wrong(&format!("{segment} is not a position in the list that is there")));
        };
        let from_start = if position < 0 { position.saturating_add(length as i128) } else { position };
        let Ok(at) = usize::try_from(from_start) else {
            return Err(wrong(&format!("{segment} lies before the start of the list of {length}")));
        };
        if at >= MAX_LIST_LENGTH && at >= length {
            return Err(wrong(&format!(
                "the position {at} is beyond {MAX_LIST_LENGTH}, the longest list that is made"
            )));
        }
        if at >= length {
            items.resize(at, Value::Null);
            items.push(missing());
        }
        items.get_mut(at).ok_or_else(|| wrong("the list has no such position"))
    }

    fn blocked(&self, scalar: &Value) -> Error {
        let what = match scalar {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            _ => "a text",
        };
        Error::system(format!(
            "the path {self} cannot be written: {what} stands where an object is needed; \
             remove that field before, or choose another path"
        ))
    }
}

/// Deletes the scalars for which `selected` is true, wherever they are, and says how many there were. In a list the
/// last element goes, any other becomes `null`.
///
/// # Errors
/// Whatever `selected` fails with.
pub(crate) fn delete_scalars(value: &mut Value, selected: &mut dyn FnMut(&Value) -> Result<bool>) -> Result<usize> {
    let mut deleted = 0;
    match value {
        Value::Object(object) => {
            let before = object.len();
            let mut outcome = Ok(());
            object.retain(|_, child| {
                if outcome.is_err() || !is_scalar(child) {
                    return true;
                }
                selected(child).map(|gone| !gone).unwrap_or_else(|error| {
                    outcome = Err(error);
                    true
                })
            });
            outcome?;
            deleted += before - object.len();
            for child in object.values_mut() {
                deleted += delete_scalars(child, selected)?;
            }
        }
        Value::Array(items) => {
            deleted += delete_items(items, |_, item| Ok(is_scalar(item) && selected(item)?))?;
            for item in items {
                deleted += delete_scalars(item, selected)?;
            }
        }
        _ => {}
    }
    Ok(deleted)
}

fn delete_items(items: &mut Vec<Value>, mut selected: impl FnMut(usize, &Value) -> Result<bool>) -> Result<usize> {
    let mut deleted = 0;
    let mut last_goes = false;
    for (at, item) in items.iter_mut().enumerate() {
        last_goes = selected(at, item)?;
        if last_goes {
            *item = Value::Null;
            deleted += 1;
        }
    }
    if last_goes {
        items.pop();
    }
    Ok(deleted)
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Object(_) | Value::Array(_))
}
