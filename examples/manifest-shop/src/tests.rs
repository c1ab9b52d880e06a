//! The connector against the demo API, in one process.

use std::collections::BTreeMap;

use airbyte_runtime::{Batch, Connector, Json};
use demo_api::DemoApi;
use serde_json::json;

use super::{MaskEmail, Shop};
use airbyte_runtime::plan::RecordTransformation;

/// The number of records of each stream, and the first one.
fn read(connector: &Connector<Shop>) -> BTreeMap<String, (usize, Json)> {
    let streams = connector.discover().expect("the configuration is valid");
    let streams: Vec<Json> = streams
        .as_array()
        .into_iter()
        .flatten()
        .map(|stream| json!({"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}))
        .collect();
    let mut messages = connector.read(json!({ "streams": streams }));
    let mut found: BTreeMap<String, (usize, Json)> = BTreeMap::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        while let Some(batch) = messages.next().await {
            let Batch::Records(lines) = batch.expect("the read succeeds") else { continue };
            for line in String::from_utf8_lossy(&lines).lines() {
                let mut message: Json = serde_json::from_str(line).expect("lines are JSON");
                let stream = message["record"]["stream"].as_str().unwrap_or_default().to_owned();
                found.entry(stream).or_insert_with(|| (0, message["record"]["data"].take())).0 += 1;
            }
        }
    });
    found
}

#[test]
fn structs_and_manifest_are_read_together() {
    let api = DemoApi::start().expect("the demo API starts");
    let connector = Connector::<Shop>::new(json!({"base_url": api.url(), "token": DemoApi::TOKEN}));
    let found = read(&connector);
    let counts: Vec<(&str, usize)> = found.iter().map(|(stream, (count, _))| (stream.as_str(), *count)).collect();
    assert_eq!(counts, [("customers", 250), ("order_lines", 2498), ("orders", 1000), ("products", 120)]);
    let (_, customer) = &found["customers"];
    assert_eq!(customer["email"], "c***@example.com");
    assert_eq!(customer["name"], "Björn Baker");
    assert_eq!(customer.get("address"), None);
}

#[test]
fn emails_are_masked() {
    let mask = MaskEmail { field: "email".to_owned() };
    for (email, expected) in [
        (json!("ada@example.com"), json!("a***@example.com")),
        (json!("ada"), json!("ada")),
        (json!(null), json!(null)),
    ] {
        let mut record = json!({ "email": email });
        let fields = record.as_object_mut().expect("an object");
        mask.transform(fields).expect("it cannot fail");
        assert_eq!(record["email"], expected);
    }
}
