//! Records that are parsed: schemas, paths into them, changes of their fields.

use serde_json::Value;

use super::{json_of, parts};
use crate::config::fuzzing::problems;
use crate::json::JsonPath;
use crate::plan::dpath::{Dpath, delete_scalars};
use crate::plan::normalize::Normalizer;
use crate::plan::transform::{FlattenFields, KeysToLower, KeysToSnakeCase, TransformScope, Transformation};
use crate::schema::Expected;

/// How deep a record may be here; what is deeper is refused before it gets here.
const LENGTH: usize = 64 << 10;

/// A schema, a path and a record.
pub(super) fn record(data: &[u8]) {
    let Some([schema, path, record]) = parts(data) else { return };
    if data.len() > LENGTH {
        return;
    }
    let (schema, record) = (json_of(schema), json_of(record));
    let _ = Normalizer::new(&schema).normalize(&mut record.clone());
    let _ = problems(&schema, &record);
    let _ = Expected::of_schema(&schema, true);
    follow(&Dpath::parse_slashed(path), &record);
    follow(&Dpath::of_texts(path.split('.')), &record);
    let _ = JsonPath::parse(path).get(record.to_string().as_bytes());
    transform(&record);
}

fn follow(path: &Dpath, record: &Value) {
    let first = path.get(record).ok().flatten();
    if let (Some(first), Ok(all)) = (first, path.values(record)) {
        // The path of the value itself is no search.
        assert!(path.is_empty() || all.contains(&first), "{path} finds one value, and not among all");
    }
    let _ = (path.look_up(record), path.as_plain_path(), path.has_globs(), path.sibling("other").to_string());
    let _ = (path.take(&mut record.clone()), path.take_values(record.clone()));
    let mut changed = record.clone();
    let _ = (path.create(&mut changed, true.into()), path.set(&mut changed, &1.into()));
    let _ = (path.remove_lists(&mut changed), path.delete(&mut changed));
    let _ = delete_scalars(&mut changed, &mut |value| Ok(value.is_null()));
}

fn transform(record: &Value) {
    let steps: [&dyn Transformation; 4] =
        [&KeysToLower, &KeysToSnakeCase, &FlattenFields::new(true), &FlattenFields::new(false)];
    for step in steps {
        let _ = step.transform(&mut record.clone(), &TransformScope::nothing());
    }
}
