//! Schemas of columns that are known only when the source runs: the struct's, and those that are described.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use super::streams::Streams;
use crate::config::Config;
use crate::define::schema::{Describe, Endpoint};
use crate::error::{Error, Result};
use crate::http::HttpClient;
use crate::json::JsonPath;
use crate::output::Output;
use crate::plan::{Concurrency, LoadSchema, LocalBoxFuture, Plan, StreamPlan, column};
use crate::read::{self, Context};

/// The schema of a stream some of whose columns are described.
pub(super) struct Described {
    /// The columns of the struct.
    pub(super) own: fn() -> Value,
    pub(super) description: Description,
    pub(super) config: Arc<Config>,
    /// Asked for once in a command.
    pub(super) made: OnceCell<Value>,
}

pub(super) enum Description {
    /// What a function gives.
    Function(&'static dyn Describe),
    /// What the records of a stream say of one column each.
    Listed { listed: Box<Listed>, endpoint: Endpoint },
}

/// A stream that describes columns, and what it is read with.
pub(super) struct Listed {
    stream: Arc<StreamPlan>,
    client: HttpClient,
    output: Output,
}

impl Listed {
    pub(super) fn new(stream: StreamPlan, streams: &Streams<'_>) -> Self {
        Self { stream: Arc::new(stream), client: streams.services.client.clone(), output: streams.output.clone() }
    }
}

impl LoadSchema for Described {
    fn load(&self) -> LocalBoxFuture<'_, Result<Value>> {
        Box::pin(async { self.made.get_or_try_init(|| self.make()).await.cloned() })
    }
}

impl Described {
    async fn make(&self) -> Result<Value> {
        let columns = match &self.description {
            Description::Function(function) => properties(function.describe(&self.config).await?)?,
            Description::Listed { listed, endpoint } => listed.columns(endpoint, &self.config).await?,
        };
        let mut schema = (self.own)();
        if let Some(own) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            for (name, column) in columns {
                // What the struct declares, its functions rely on.
                own.entry(name).or_insert(column);
            }
        }
        Ok(schema)
    }
}

/// The columns of a schema that a function gave.
fn properties(mut schema: Value) -> Result<Map<String, Value>> {
    match schema.get_mut("properties").map(Value::take) {
        Some(Value::Object(properties)) => Ok(properties),
        _ => Err(Error::system(
            "the function behind `schema` gives no JSON schema with `properties`; write `json!({\"properties\": {\"name\": {\"type\": [\"null\", \"string\"]}}})`",
        )),
    }
}

impl Listed {
    async fn columns(&self, endpoint: &Endpoint, config: &Arc<Config>) -> Result<Map<String, Value>> {
        let plan = Plan {
            streams: Vec::new(),
            check: Vec::new(),
            concurrency: Concurrency::of(1),
            config: Arc::clone(config),
            left_out: Vec::new(),
        };
        let context = Context::new(plan, self.client.clone(), self.output.clone());
        let paths = [Some(endpoint.name), endpoint.data_type].into_iter().flatten();
        let paths: Vec<JsonPath> = paths.map(JsonPath::parse).collect();
        let records = read::values(&context, &self.stream, &paths).await?;
        let mut columns = Map::with_capacity(records.len());
        for record in records {
            let mut values = record.into_iter();
            let (name, data_type) = (values.next().unwrap_or_default(), values.next());
            let Value::String(name) = name else {
                return Err(Error::system(format!(
                    "a column that `{}` describes has no text as its name at `{}`; correct `name` or `records` of `endpoint`",
                    endpoint.path, endpoint.name
                )));
            };
            let column = endpoint.column(&name, data_type)?;
            columns.insert(name, column);
        }
        Ok(columns)
    }
}

impl Endpoint {
    /// The schema of a column of this type; without one it is a text.
    fn column(&self, name: &str, data_type: Option<Value>) -> Result<Value> {
        let data_type = match data_type {
            None | Some(Value::Null) => return Ok(json!({"type": ["null", "string"]})),
            Some(Value::String(data_type)) => data_type,
            Some(other) => other.to_string(),
        };
        let mapped = self.types.iter().find(|(from, _)| *from == data_type);
        let column = match mapped {
            Some((_, target)) => column_of(&target.to_json()),
            None => column::schema_of(&data_type),
        };
        column.ok_or_else(|| {
            Error::system(format!(
                "the API says that column `{name}` is `{data_type}`, which is no type of Airbyte's; add it to `types` of `endpoint`"
            ))
        })
    }
}

/// The schema of a type as `types` may say it; the compiler has seen that it is one.
fn column_of(target: &Value) -> Option<Value> {
    match target {
        Value::String(name) => column::schema_of(name),
        Value::Array(names) => {
            let columns = names.iter().map(column_of).collect::<Option<Vec<_>>>()?;
            Some(json!({ "oneOf": columns }))
        }
        Value::Object(list) => {
            let mut column = column::schema_of("array")?;
            column.as_object_mut()?.insert("items".to_owned(), column_of(list.get("items")?)?);
            Some(column)
        }
        _ => None,
    }
}
