//! Every kind of class that a manifest may name, in Rust: one of each, in `manifest/custom.yaml`.

use std::time::Duration;

use airbyte_runtime::manifest::{
    BodyDecoder, ConfigTransformation, ConfigValidation, RecordExtractor, RecordRetriever, Registry, SchemaNormalizer,
};
use airbyte_runtime::plan::{
    Answer, Authenticator, Backoff, ErrorHandler, FailedTry, LoadSchema, LocalBoxFuture, Map, Method, MigrateState,
    Page, PageToken, Paginator, PartitionRouter, RecordFilter, RecordTransformation, RequestBody, RequestDraft,
    Requester, Url, Value, Verdict, Wait,
};
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::Script;
use airbyte_runtime::{Batch, Connector};
use serde_json::json;

/// All of it stands in the manifest.
#[source(streams = [Unused], manifest = "manifest/custom.yaml", registry = registry())]
struct Shop {
    /// Where the API is.
    base_url: String,
    /// Part of a signature.
    key: String,
}

/// A source has a struct at least.
#[stream(source = Shop, base_url = "https://unused.example.com", path = "/unused")]
struct Unused {
    id: u64,
}

fn registry() -> Registry {
    Registry::new()
        .requester("Search", |component| {
            let base = component.config().get("base_url").and_then(Value::as_str).unwrap_or_default();
            let url = Url::parse(base).map_err(|_| Error::config("`base_url` is no URL"))?;
            Ok(Search { url, term: component.text("term")? })
        })
        .extractor("Hits", |_| Ok(Hits))
        .filter("Odd", |_| Ok(Odd))
        .schema_normalization("Named", |_| Ok(Named))
        .paginator("Twice", |_| Ok(Twice))
        .transformation("Stamp", |component| Ok(Stamp { by: component.text("by")? }))
        .retriever("Countdown", |component| {
            Ok(Countdown { from: component.field("from").and_then(Value::as_u64).unwrap_or_default() })
        })
        .state_migration("FromLast", |_| Ok(FromLast))
        .schema_loader("Counted", |_| Ok(Counted))
        .config_transformation("Trim", |component| Ok(Trim { field: component.text("field")? }))
        .validation("NotEmpty", |_| Ok(NotEmpty))
        .authenticator("Signed", |component| {
            Ok(Signed { key: component.config().get("key").and_then(Value::as_str).unwrap_or_default().to_owned() })
        })
        .error_handler("TeapotIsEmpty", |_| Ok(TeapotIsEmpty))
        .backoff("AtOnce", |_| Ok(AtOnce))
        .decoder("Words", |_| Ok(Words))
        .partition_router("Parts", |_| Ok(Parts))
}

struct Search {
    url: Url,
    term: String,
}

impl Requester for Search {
    fn draft(&self, _: &Slice, _: Option<&PageToken>) -> Result<RequestDraft> {
        let mut url = self.url.clone();
        url.set_path("/search");
        Ok(RequestDraft {
            method: Method::POST,
            url,
            query: Vec::new(),
            headers: Default::default(),
            body: RequestBody::Json(json!({"term": self.term})),
        })
    }
}

struct Hits;

impl RecordExtractor for Hits {
    fn extract(&self, element: Value) -> Result<Vec<Value>> {
        let ids = element.get("hits").and_then(Value::as_array).into_iter().flatten();
        Ok(ids.map(|id| json!({ "id": id })).collect())
    }
}

struct Odd;

impl RecordFilter for Odd {
    fn keep(&self, record: &Map<String, Value>) -> Result<bool> {
        Ok(record["id"].as_u64().is_some_and(|id| id % 2 == 1))
    }
}

struct Named;

impl SchemaNormalizer for Named {
    fn normalize(&self, record: &mut Map<String, Value>, schema: &Value) -> Result<()> {
        let names: Vec<&String> = schema["properties"].as_object().into_iter().flat_map(Map::keys).collect();
        record.insert("columns".to_owned(), json!(names));
        Ok(())
    }
}

struct Twice;

impl Paginator for Twice {
    fn first(&self) -> Option<PageToken> {
        None
    }

    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        if token.is_some() {
            request.set_param("page", "2");
        }
        Ok(())
    }

    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        Ok(page.token().is_none().then(|| PageToken::from(2)))
    }
}

struct Stamp {
    by: String,
}

impl RecordTransformation for Stamp {
    fn transform(&self, record: &mut Map<String, Value>) -> Result<()> {
        record.insert("by".to_owned(), self.by.as_str().into());
        Ok(())
    }
}

struct Countdown {
    from: u64,
}

impl RecordRetriever for Countdown {
    fn read<'a>(
        &'a self,
        slice: &'a Slice,
        records: &'a mut Records<'_, Map<String, Value>>,
    ) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let start = slice.interval().and_then(|interval| interval.start.parse().ok()).unwrap_or(0);
            for id in (start..self.from).rev() {
                records.push(Map::from_iter([("id".to_owned(), id.into())])).await?;
            }
            Ok(())
        })
    }
}

struct FromLast;

impl MigrateState for FromLast {
    fn migrate(&self, state: &Value) -> Option<Value> {
        state.get("last").map(|last| json!({ "id": last }))
    }
}

struct Counted;

impl LoadSchema for Counted {
    fn load(&self) -> LocalBoxFuture<'_, Result<Value>> {
        Box::pin(async { Ok(json!({"type": "object", "properties": {"id": {"type": "integer"}}})) })
    }
}

struct Trim {
    field: String,
}

impl ConfigTransformation for Trim {
    fn transform(&self, config: &mut Map<String, Value>) -> Result<()> {
        if let Some(Value::String(text)) = config.get_mut(&self.field) {
            *text = text.trim().to_owned();
        }
        Ok(())
    }
}

struct NotEmpty;

impl ConfigValidation for NotEmpty {
    fn validate(&self, value: &Value) -> Result<()> {
        match value.as_str() {
            Some("") => Err(Error::config("the key is empty; copy it from the account's page")),
            _ => Ok(()),
        }
    }
}

struct Signed {
    key: String,
}

impl Authenticator for Signed {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move { request.set_header("X-Key", &self.key) })
    }
}

struct TeapotIsEmpty;

impl ErrorHandler for TeapotIsEmpty {
    fn decide(&self, answer: &Answer<'_>) -> Option<Verdict> {
        (answer.status == 418).then_some(Verdict::Ignore)
    }
}

struct AtOnce;

impl Backoff for AtOnce {
    fn wait(&self, _: &FailedTry<'_>) -> Option<Wait> {
        Some(Wait::For(Duration::ZERO))
    }
}

struct Words;

impl BodyDecoder for Words {
    fn decode(&self, body: &[u8]) -> Result<Vec<Value>> {
        let text = String::from_utf8_lossy(body);
        Ok(text.trim_matches('"').split(' ').map(|word| json!({ "word": word })).collect())
    }
}

struct Parts;

impl PartitionRouter for Parts {
    fn partitions<'a>(&'a self, _: &'a Config) -> LocalBoxFuture<'a, Result<Vec<Map<String, Value>>>> {
        Box::pin(async { Ok(vec![Map::from_iter([("part".to_owned(), json!("only"))])]) })
    }
}

const SCRIPT: &str = r#"[
    {"request": {"method": "POST", "path": "/search", "body": {"term": "shoes"}}, "response": {"body": {"hits": [1, 2, 3]}}},
    {"request": {"method": "POST", "path": "/search?page=2", "body": {"term": "shoes"}}, "response": {"body": {"hits": [5]}}},
    {"request": {"path": "/plain", "headers": {"X-Key": "k"}}, "response": [{"status": 503}, {"body": "two words"}]}
]"#;

/// The records of a stream, and its last state.
fn read(stream: &str, state: Option<Value>) -> (Vec<Value>, Option<Value>) {
    let api = Script::from_json(SCRIPT).expect("a script").start();
    let mut connector = Connector::<Shop>::new(json!({"base_url": api.url(), "key": " k "}));
    if let Some(state) = state {
        let descriptor = json!({"stream_descriptor": {"name": stream}, "stream_state": state});
        connector = connector.with_state(json!([{"type": "STREAM", "stream": descriptor}]));
    }
    let catalog = json!({"streams": [{"stream": {"name": stream, "json_schema": {}}, "sync_mode": "incremental"}]});
    let (mut records, mut last) = (Vec::new(), None);
    block_on(async {
        let mut messages = connector.read(catalog);
        while let Some(batch) = messages.next().await {
            let lines = match batch.expect("a read without an error") {
                Batch::Records(lines) => String::from_utf8(lines.to_vec()).expect("text"),
                Batch::Message(message) => message.to_string(),
            };
            for message in lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")) {
                if let Some(record) = message.pointer("/record/data") {
                    records.push(record.clone());
                }
                if let Some(state) = message.pointer("/state/stream/stream_state") {
                    last = Some(state.clone());
                }
            }
        }
    });
    (records, last)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}

/// The requester asks, the extractor finds, the filter keeps, the normalization and the transformation change, the
/// paginator goes on.
#[test]
fn a_request_and_its_records_are_made_by_classes() {
    let record = |id: u64| json!({"id": id, "by": "me", "columns": ["id"]});
    assert_eq!(read("asked", None).0, [record(1), record(3), record(5)]);
}

#[test]
fn a_retriever_reads_the_windows_of_the_manifests_cursor() {
    let (records, state) = read("counted", None);
    assert_eq!(records, [2, 1, 0].map(|id| json!({"id": id, "double": id * 2})));
    assert_eq!(state, Some(json!({"id": 2})));
}

#[test]
fn a_state_is_migrated_before_it_is_read() {
    let (records, _) = read("counted", Some(json!({"last": 2})));
    assert_eq!(records, [json!({"id": 2, "double": 4})]);
}

#[test]
fn a_schema_comes_from_a_class() {
    let connector = Connector::<Shop>::new(json!({"base_url": "https://api.example.com", "key": "k"}));
    let catalog = connector.discover().expect("a catalog");
    let streams = catalog.as_array().expect("streams");
    let counted = streams.iter().find(|stream| stream["name"] == "counted").expect("the stream");
    assert_eq!(counted["json_schema"]["properties"], json!({"id": {"type": "integer"}}));
}

/// The configuration is trimmed, or the key would be another one; the first try fails, and the second is made at once.
#[test]
fn credentials_errors_waits_bodies_and_partitions_are_classes() {
    assert_eq!(read("parts", None).0, [json!({"word": "two"}), json!({"word": "words"})]);
}

#[test]
fn a_value_of_the_configuration_is_refused_by_a_class() {
    let connector = Connector::<Shop>::new(json!({"base_url": "https://api.example.com", "key": "  "}));
    let error = block_on(connector.check()).expect_err("an empty key");
    assert!(error.message().contains("the key is empty"), "{error}");
}
