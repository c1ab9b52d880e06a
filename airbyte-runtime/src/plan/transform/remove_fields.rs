//! Fields that are deleted.

use serde_json::Value;

use super::view::View;
use super::{TransformScope, Transformation};
use crate::error::Result;
use crate::jinja::{self, Scope, Template};
use crate::plan::dpath::{Dpath, delete_scalars};

/// Deletes fields of records.
#[derive(Clone, Debug)]
pub(crate) struct RemoveFields {
    pointers: Vec<Dpath>,
    condition: Option<Template>,
}

impl RemoveFields {
    /// Deletes what the pointers match. With a condition the pointers do not count: every scalar of the record for
    /// which it holds is deleted, as the Python CDK does. The condition sees `property`, the scalar, and nothing else.
    pub(crate) fn new(pointers: Vec<Dpath>, condition: Option<Template>) -> Self {
        Self { pointers, condition }
    }
}

impl Transformation for RemoveFields {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        let Some(condition) = &self.condition else { return delete_all(&self.pointers, record) };
        // A pass per pointer: what the first pass sets to null in a list, the next may delete.
        for _ in &self.pointers {
            delete_scalars(record, &mut |scalar| {
                condition.condition(&Scope::new().with("property", jinja::json(scalar)))
            })?;
        }
        Ok(())
    }
}

/// Deletes fields of a configuration.
#[derive(Clone, Debug)]
pub(crate) struct ConfigRemoveFields {
    pointers: Vec<Dpath>,
    condition: Option<Template>,
}

impl ConfigRemoveFields {
    /// Deletes what the pointers match if the condition, which sees the whole configuration, holds.
    pub(crate) fn new(pointers: Vec<Dpath>, condition: Option<Template>) -> Self {
        Self { pointers, condition }
    }
}

impl Transformation for ConfigRemoveFields {
    fn transform(&self, config: &mut Value, scope: &TransformScope) -> Result<()> {
        if let Some(condition) = &self.condition
            && !condition.condition(&scope.over(config, &View::Whole))?
        {
            return Ok(());
        }
        delete_all(&self.pointers, config)
    }
}

fn delete_all(pointers: &[Dpath], value: &mut Value) -> Result<()> {
    // What is missing need not be deleted.
    pointers.iter().try_for_each(|pointer| pointer.delete(value).map(drop))
}
