//! Schemas in JSON files beside the manifest.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use airbyte_manifest::model::{DeclarativeStream, JsonFileSchemaLoader};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::jinja::{Environment, Scope, Template};
use crate::python::PyValue;

/// How many levels a schema may have with its references: more is a circle.
const MAX_DEPTH: usize = 256;
/// How many values a schema may have with its references.
const MAX_VALUES: usize = 1_000_000;

/// The schema of a loader's file. Without `file_path` that is `schemas/<name>.json`, by the parameter `name`.
///
/// # Errors
/// A file that is missing or no JSON; references in it that lead nowhere.
pub(super) fn named_schema(
    loader: &JsonFileSchemaLoader,
    environment: &Arc<Environment>,
    manifest_dir: Option<&Path>,
) -> Result<Value> {
    let path = match loader.file_path.as_ref().filter(|path| !path.text.is_empty()) {
        Some(path) => {
            let parameters = loader.parameters();
            Template::new(environment, path.as_str(), &parameters)?.eval(&Scope::new())?.to_text()
        }
        None => default_path(loader.parameters().get("name"), ""),
    };
    read(&path, manifest_dir)?.ok_or_else(|| {
        Error::system(format!(
            "Cannot find file {path}; put the schema there, relative to the manifest, or write it into the manifest \
             with an InlineSchemaLoader"
        ))
    })
}

/// The schema of a stream without a loader; empty where there is no file.
///
/// # Errors
/// A file that is no JSON; references in it that lead nowhere.
pub(super) fn default_schema(stream: &DeclarativeStream, manifest_dir: Option<&Path>) -> Result<Value> {
    let path = default_path(stream.parameters().get("name"), stream.name.as_str());
    Ok(read(&path, manifest_dir)?.unwrap_or_else(|| {
        tracing::info!("stream {}: there is no schema at {path}, so that it is empty", stream.name.as_str());
        Value::Object(Map::new())
    }))
}

/// The parameter `name` wins over the stream's own name.
fn default_path(parameter: Option<&Value>, name: &str) -> String {
    let name = parameter.map_or_else(|| name.to_owned(), |name| PyValue::from_json(name).to_text());
    format!("./schemas/{name}.json")
}

/// The schema in a file, `None` if there is no such file.
fn read(path: &str, manifest_dir: Option<&Path>) -> Result<Option<Value>> {
    let Some(dir) = manifest_dir else { return Ok(None) };
    for (package, file) in places(path, dir)? {
        if let Some(document) = parse(&file)? {
            let mut references =
                References { shared: package.join("schemas/shared"), documents: HashMap::new(), values: 0 };
            let document = Arc::new(document);
            return references.expand(&document, &document, 0).map(Some);
        }
    }
    Ok(None)
}

/// Where a file may be, and the package that it belongs to: the first segment of a path is the connector's Python
/// package, which may be the manifest's own directory.
fn places(path: &str, dir: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
    let relative = within(path)?;
    let own = (dir.to_owned(), dir.join(&relative));
    let Some((package, rest)) = relative.split_once('/') else { return Ok(vec![own]) };
    if package == "schemas" {
        return Ok(vec![own]);
    }
    let mut places = vec![(dir.join(package), dir.join(&relative))];
    if package.starts_with("source_") || dir.file_name().is_some_and(|name| name == package) {
        places.push((dir.to_owned(), dir.join(rest)));
    }
    Ok(places)
}

/// The path without what would lead out of a directory that it is joined to.
///
/// # Errors
/// A path with `..`.
fn within(path: &str) -> Result<String> {
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(Error::system(format!(
            "the schema file {path} is outside of the connector's directory; move it there"
        )));
    }
    Ok(parts.join("/"))
}

fn parse(file: &Path) -> Result<Option<Value>> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error)
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory) =>
        {
            return Ok(None);
        }
        Err(error) => {
            return Err(Error::system(format!("the schema file {} cannot be read", file.display())).with_source(error));
        }
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| Error::system(format!("Invalid JSON file format for file {}: {error}", file.display())))
}

/// Replaces references by what they point to: `shared.json#/definitions/x` in the directory for shared schemas, or
/// `#/definitions/x` in the same file.
struct References {
    shared: PathBuf,
    documents: HashMap<String, Arc<Value>>,
    values: usize,
}

impl References {
    fn expand(&mut self, value: &Value, document: &Arc<Value>, depth: usize) -> Result<Value> {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return Err(Error::system(
                "the references of a schema file lead in a circle, or make it too large; write one of them out",
            ));
        }
        match value {
            Value::Object(object) => match object.get("$ref").and_then(Value::as_str) {
                Some(reference) => self.follow(reference, document, depth),
                None => {
                    let mut expanded = Map::new();
                    for (key, member) in object {
                        expanded.insert(key.clone(), self.expand(member, document, depth + 1)?);
                    }
                    Ok(Value::Object(expanded))
                }
            },
            Value::Array(items) => {
                items.iter().map(|item| self.expand(item, document, depth + 1)).collect::<Result<_>>().map(Value::Array)
            }
            scalar => Ok(scalar.clone()),
        }
    }

    /// What a reference points to takes the place of the whole mapping, without its own definitions.
    fn follow(&mut self, reference: &str, document: &Arc<Value>, depth: usize) -> Result<Value> {
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let document = match file {
            "" => Arc::clone(document),
            file => self.document(file, reference)?,
        };
        let pointer = percent_decode_str(pointer.trim_end_matches('/')).decode_utf8_lossy();
        let target = document
            .pointer(&pointer)
            .ok_or_else(|| Error::system(format!("the reference `{reference}` of a schema file points to nothing")))?;
        match self.expand(target, &document, depth + 1)? {
            Value::Object(mut object) => {
                object.remove("definitions");
                Ok(Value::Object(object))
            }
            _ => Err(Error::system(format!(
                "the reference `{reference}` of a schema file points to something that is no schema"
            ))),
        }
    }

    fn document(&mut self, file: &str, reference: &str) -> Result<Arc<Value>> {
        if let Some(known) = self.documents.get(file) {
            return Ok(Arc::clone(known));
        }
        let path = self.shared.join(within(file)?);
        let document = parse(&path)?.map(Arc::new).ok_or_else(|| {
            Error::system(format!(
                "the reference `{reference}` of a schema file points to nothing: there is no {}",
                path.display()
            ))
        })?;
        self.documents.insert(file.to_owned(), Arc::clone(&document));
        Ok(document)
    }
}
