//! Records leave as they came: nothing but insignificant whitespace is taken from them, unless a hook changes them.

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::Response;
use serde_json::{Map, Value, json};

use super::api::Api;
use super::reading::{Reading, Said, read};

/// One page of raw JSON, read in several ways.
#[source(base_url = "{config.base_url}", streams = [Raw, Filtered, Changed, Touched, Rewritten, Chosen, Sparse])]
struct Mirror {
    /// Where the API is.
    base_url: String,
}

/// Bytes.
#[stream(source = Mirror, path = "/raw", records = "data")]
struct Raw {
    id: u64,
}

/// Bytes that a function has looked at.
#[stream(source = Mirror, path = "/raw", records = "data", filter = is_odd)]
struct Filtered {
    id: u64,
}

/// Records that a function has changed.
#[stream(source = Mirror, path = "/raw", records = "data", transform = shout)]
struct Changed {
    id: u64,
    name: Option<String>,
    owner: Option<Owner>,
}

/// A nested record.
#[record]
struct Owner {
    login: String,
}

/// Records that a function could have changed, and did not.
#[stream(source = Mirror, path = "/raw", records = "data", transform = leave)]
struct Touched {
    id: u64,
    name: Option<String>,
}

/// Records that are changed as JSON.
#[stream(source = Mirror, path = "/raw", records = "data", transform = Stamp, filter = HasName)]
struct Rewritten {
    id: u64,
}

/// Only what lies in the range.
#[stream(
    source = Mirror, path = "/raw", records = "data",
    cursor = datetime(at, start = "2024-01-10", end = "2024-01-20", client_side = true),
)]
struct Chosen {
    id: u64,
    at: Timestamp,
}

/// Empty records between others.
#[stream(source = Mirror, path = "/sparse")]
struct Sparse {
    id: u64,
}

fn is_odd(record: &Filtered) -> bool {
    record.id % 2 == 1
}

fn shout(record: &mut Changed) {
    record.name = record.name.as_ref().map(|name| name.to_uppercase());
    if let Some(owner) = &mut record.owner {
        owner.login = owner.login.to_uppercase();
    }
}

fn leave(_record: &mut Touched) {}

/// Adds a field.
struct Stamp;

impl airbyte_runtime::plan::RecordTransformation for Stamp {
    fn transform(&self, record: &mut Map<String, Value>) -> Result<()> {
        record.insert("stamp".to_owned(), json!("yes"));
        Ok(())
    }
}

/// Keeps records with a name.
struct HasName;

impl airbyte_runtime::plan::RecordFilter for HasName {
    fn keep(&self, record: &Map<String, Value>) -> Result<bool> {
        Ok(record.contains_key("name"))
    }
}

const PAGE: &str = r#"{
  "data" : [
    { "id" : 1 , "name" : "an  \"odd\" \u0041\n name" , "zip" : "007", "n" : [ 1.50, 1e3, -0.0, 123456789012345678901234567890, 0.10000000000000000555 ],
      "b" : 1, "a" : 2, "b" : 3, "owner" : { "login" : "ann", "site" : "x  y", "age": 7.0 }, "at" : "2024-01-05T00:00:00Z" },
    {"id":2,"name":"tab	is not allowed raw, é is","empty":{ },"list":[ ],"at":"2024-01-15T00:00:00Z"},
    {"id":3, "lone" : "\ud800 and \uD83D\uDE00", "at":"2024-01-25T00:00:00Z"},
    {"id":5,"at":null}
  ]
}"#;

const FIRST: &str = r#"{"id":1,"name":"an  \"odd\" \u0041\n name","zip":"007","n":[1.50,1e3,-0.0,123456789012345678901234567890,0.10000000000000000555],"b":1,"a":2,"b":3,"owner":{"login":"ann","site":"x  y","age":7.0},"at":"2024-01-05T00:00:00Z"}"#;
const SECOND: &str =
    r#"{"id":2,"name":"tab\tis not allowed raw, é is","empty":{},"list":[],"at":"2024-01-15T00:00:00Z"}"#;
const THIRD: &str = r#"{"id":3,"lone":"\ufffd and \uD83D\uDE00","at":"2024-01-25T00:00:00Z"}"#;
const FIFTH: &str = r#"{"id":5,"at":null}"#;

fn read_page(stream: &str) -> (Reading, Vec<String>) {
    let api = Api::answering(|request| match request.path.as_str() {
        "/sparse" => Response::new(200).body("[{ }, {\"id\": 1}, {}, {\"id\" :2}]"),
        _ => Response::new(200).body(PAGE.replace('\t', "\\t")),
    });
    let reading = read(&Connector::<Mirror>::new(json!({"base_url": api.url()})), &[stream]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    let data = reading.said.iter().filter_map(|said| match said {
        // The bytes between the envelope's two halves.
        Said::Record { line, .. } => {
            Some(line.split_once("\"data\":")?.1.rsplit_once(",\"emitted_at\":")?.0.to_owned())
        }
        _ => None,
    });
    let data = data.collect();
    (reading, data)
}

#[test]
fn bytes_pass_unchanged_but_for_whitespace_and_broken_surrogates() {
    assert_eq!(read_page("raw").1, [FIRST, SECOND, THIRD, FIFTH]);
}

#[test]
fn a_filter_does_not_change_what_it_keeps() {
    assert_eq!(read_page("filtered").1, [FIRST, THIRD, FIFTH]);
}

#[test]
fn a_transformation_that_changes_nothing_leaves_the_bytes() {
    assert_eq!(read_page("touched").1, [FIRST, SECOND, THIRD, FIFTH]);
}

/// What the struct does not declare stays as it was spelled, also inside the objects that it does declare.
#[test]
fn a_transformation_keeps_what_the_struct_does_not_declare() {
    let (_, data) = read_page("changed");
    let changed =
        FIRST.replace(r#""an  \"odd\" \u0041\n name""#, r#""AN  \"ODD\" A\n NAME""#).replace("\"ann\"", "\"ANN\"");
    assert_eq!(data[0], changed);
    assert_eq!(data[1], SECOND.replace("tab\\tis not allowed raw, é is", "TAB\\tIS NOT ALLOWED RAW, É IS"));
    assert_eq!(data[2..], [THIRD, FIFTH]);
}

#[test]
fn a_transformation_of_json_adds_its_field() {
    let (reading, data) = read_page("rewritten");
    assert_eq!(data.len(), 2);
    assert!(reading.records("rewritten").all(|record| record["stamp"] == "yes"));
}

/// A record without a readable cursor is kept: dropping it would lose it for good.
#[test]
fn a_client_side_filter_keeps_the_range_and_what_it_cannot_judge() {
    let (reading, data) = read_page("chosen");
    assert_eq!(data, [SECOND, FIFTH]);
    assert_eq!(reading.last_state("chosen"), Some(&json!({"at": "2024-01-15T00:00:00Z"})));
}

/// The platform drops empty records without counting them.
#[test]
fn empty_records_are_neither_written_nor_counted() {
    let (reading, data) = read_page("sparse");
    assert_eq!(data, [r#"{"id":1}"#, r#"{"id":2}"#]);
    let counts: Vec<f64> = reading
        .said
        .iter()
        .filter_map(|said| if let Said::State { count, .. } = said { Some(*count) } else { None })
        .collect();
    assert_eq!(counts, [2.0]);
}
