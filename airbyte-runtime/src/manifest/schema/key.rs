//! Primary keys.

use airbyte_manifest::model::{PrimaryKey, Text};

use crate::error::{Error, Result};

/// The paths of a primary key, each of one field; none where the stream has no key.
///
/// Empty text is the field without a name.
///
/// # Errors
/// A path of several fields, or of none.
pub(crate) fn primary_key(key: Option<&PrimaryKey>) -> Result<Vec<Vec<String>>> {
    let field = |field: &Text| vec![field.text.clone()];
    match key {
        None => Ok(Vec::new()),
        Some(PrimaryKey::Field(name)) => Ok(vec![field(name)]),
        Some(PrimaryKey::Fields(names)) => Ok(names.iter().map(field).collect()),
        Some(PrimaryKey::Paths(paths)) => paths
            .iter()
            .map(|path| match path.as_slice() {
                [name] => Ok(field(name)),
                _ => Err(nested(paths)),
            })
            .collect(),
    }
}

fn nested(paths: &[Vec<Text>]) -> Error {
    let path = |path: &Vec<Text>| {
        let names: Vec<String> = path.iter().map(|name| format!("'{}'", name.text)).collect();
        format!("[{}]", names.join(", "))
    };
    let found: Vec<String> = paths.iter().map(path).collect();
    Error::system(format!(
        "Nested primary keys are not supported. Found [{}]; copy nested fields to the top of the record with AddFields",
        found.join(", ")
    ))
}
