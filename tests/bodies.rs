//! Bodies in other formats than JSON, and bodies that are so long that their records leave while they arrive.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
#[path = "laws/reading.rs"]
mod reading;

use std::io::{Cursor, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use airbyte_runtime::plan::StreamDecoder;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response, Server};
use airbyte_runtime::{Connector, Json};
use flate2::Compression;
use serde_json::{Value, json};

use reading::{Reading, Said, read};

/// Files in every format.
#[source(
    base_url = "{config.base_url}",
    backoff = constant("PT0.01S"),
    streams = [Plain, Lines, Table, Packed, Squeezed, Dense, Tight, Archived, Soap, Log, Own, PackedOwn, Child],
)]
struct Files {
    /// Where the API is.
    base_url: String,
}

/// One JSON document, with the token of the next page behind the records.
#[stream(
    source = Files, path = "/plain", records = "data.items", primary_key = id,
    paginator = cursor_token(from_body = "meta.next", token_param = "after"),
)]
struct Plain {
    id: u64,
}

/// The children of the records.
#[stream(source = Files, path = "/children/{parent.id}", parent = Plain, primary_key = id)]
struct Child {
    id: u64,
}

#[stream(source = Files, path = "/lines", decoder = json_lines(), cursor = datetime(at), primary_key = id)]
struct Lines {
    id: u64,
    at: Timestamp,
}

/// A row with a value of every type.
#[stream(
    source = Files, path = "/table", primary_key = id,
    decoder = csv(delimiter = ';', set_values_to_none = ["NA"], skip_rows = 1),
)]
struct Table {
    id: u64,
    price: Option<f64>,
    open: Option<bool>,
    tags: Vec<String>,
    name: String,
    note: Option<String>,
}

#[stream(source = Files, path = "/packed", decoder = gzip(csv()), primary_key = id)]
struct Packed {
    id: u64,
    name: String,
}

#[stream(source = Files, path = "/squeezed", decoder = zlib(json_lines()), primary_key = id)]
struct Squeezed {
    id: u64,
}

#[stream(source = Files, path = "/dense", decoder = zstd(csv(column_names = ["id", "name"])), primary_key = id)]
struct Dense {
    id: u64,
    name: String,
}

#[stream(source = Files, path = "/tight", decoder = bzip2(json()), records = "items", primary_key = id)]
struct Tight {
    id: u64,
}

#[stream(source = Files, path = "/archived", decoder = zip(gzip(json_lines())), primary_key = id)]
struct Archived {
    id: u64,
}

#[stream(source = Files, path = "/soap", decoder = xml(), records = "Envelope.Body.Items.Item")]
struct Soap {
    #[serde(rename = "@id")]
    id: String,
    #[serde(rename = "Name")]
    name: Option<String>,
}

#[stream(source = Files, path = "/log", decoder = gzip(text_lines()))]
struct Log {
    record: String,
}

#[stream(source = Files, path = "/own", decoder = Pairs, primary_key = id)]
struct Own {
    id: u64,
}

#[stream(source = Files, path = "/packed_own", decoder = gzip(Pairs), primary_key = id)]
struct PackedOwn {
    id: u64,
}

/// `id=1,id=2,…`
struct Pairs;

impl StreamDecoder for Pairs {
    fn decode(
        &self,
        body: &mut dyn Read,
        yield_value: &mut dyn FnMut(Json) -> airbyte_runtime::Result<()>,
    ) -> airbyte_runtime::Result<()> {
        let mut text = String::new();
        body.read_to_string(&mut text).map_err(Error::of_body)?;
        for id in text.split(',').filter_map(|pair| pair.strip_prefix("id=")) {
            yield_value(json!({ "id": id.parse::<u64>().ok() }))?;
        }
        Ok(())
    }
}

/// So many records make a body of several megabytes.
const MANY: u64 = 30_000;
const FEW: u64 = 3;

/// Text that makes a record 100 bytes long, and that does not compress to nothing.
fn name(id: u64) -> String {
    format!("{:x}{:0>40}", id.wrapping_mul(0x9E37_79B9_7F4A_7C15), id.wrapping_mul(7_919))
}

fn plain(count: u64, next: Option<&str>) -> Vec<u8> {
    let items: Vec<Value> = (1..=count).map(|id| json!({ "id": id, "name": name(id) })).collect();
    json!({ "data": { "items": items }, "meta": { "next": next } }).to_string().into_bytes()
}

fn lines(count: u64) -> Vec<u8> {
    let line = |id| json!({ "id": id, "name": name(id), "at": "2024-01-01T00:00:00Z" }).to_string() + "\n";
    (1..=count).map(line).collect::<String>().into_bytes()
}

fn rows(header: &str, count: u64) -> Vec<u8> {
    let rows: String = (1..=count).map(|id| format!("{id},{}\n", name(id))).collect();
    (header.to_owned() + &rows).into_bytes()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).expect("memory has room");
    encoder.finish().expect("memory has room")
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).expect("memory has room");
    encoder.finish().expect("memory has room")
}

fn bzip2(data: &[u8]) -> Vec<u8> {
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    encoder.write_all(data).expect("memory has room");
    encoder.finish().expect("memory has room")
}

fn zip(members: &[Vec<u8>]) -> Vec<u8> {
    let mut archive = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (at, data) in members.iter().enumerate() {
        archive.start_file(at.to_string(), ::zip::write::SimpleFileOptions::default()).expect("a good name");
        archive.write_all(data).expect("memory has room");
    }
    archive.finish().expect("memory has room").into_inner()
}

/// The streams of [`Files`], read from an API that gives these bodies.
fn serve(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> (Server, Connector<Files>) {
    let server = Server::start(move |request| answer(&request)).expect("a free port");
    let connector = Connector::<Files>::new(json!({ "base_url": server.url() }));
    (server, connector)
}

/// Reads one stream whose only page has this body.
fn read_body(stream: &str, body: Vec<u8>) -> Reading {
    let (_server, connector) = serve(move |_| Response::new(200).body(body.clone()));
    read(&connector, &[stream])
}

fn ids(count: u64) -> Vec<u64> {
    (1..=count).collect()
}

/// The bodies are read at once, and while they arrive; nobody can tell which.
#[test]
fn every_format_is_read_short_and_long() {
    for count in [FEW, MANY] {
        let bodies = [
            ("plain", plain(count, None)),
            ("lines", lines(count)),
            ("packed", gzip(&rows("id,name\n", count))),
            ("squeezed", zlib(&lines(count))),
            ("dense", zstd::encode_all(&*rows("", count), 1).expect("memory has room")),
            (
                "tight",
                bzip2(
                    json!({ "items": (1..=count).map(|id| json!({"id": id})).collect::<Vec<_>>() })
                        .to_string()
                        .as_bytes(),
                ),
            ),
        ];
        for (stream, body) in bodies {
            let reading = read_body(stream, body);
            assert!(reading.error.is_none(), "{stream}: {:?}", reading.error);
            assert_eq!(reading.ids(stream), ids(count), "{stream}");
        }
        let half = count / 2;
        let of = |range: std::ops::RangeInclusive<u64>| {
            gzip(range.map(|id| format!("{{\"id\":{id}}}\n")).collect::<String>().as_bytes())
        };
        let reading = read_body("archived", zip(&[of(1..=half), of(half + 1..=count)]));
        assert_eq!(reading.ids("archived"), ids(count));
        let pairs: Vec<String> = (1..=count).map(|id| format!("id={id}")).collect();
        assert_eq!(read_body("own", pairs.join(",").into_bytes()).ids("own"), ids(count));
        assert_eq!(read_body("packed_own", gzip(pairs.join(",").as_bytes())).ids("packed_own"), ids(count));
    }
}

#[test]
fn a_value_of_a_table_is_what_the_column_is() {
    let body = "exported today\nid;price;open;tags;name;note;extra\n\
                1;2.50;TRUE;\"[\"\"a\"\"]\";7;8;9\n002;1e3;0;[];NA;;\n3;.5;maybe;[];\"a;\nb\";x\n4;n/a;;[];;NA;1;2\n";
    let reading = read_body("table", body.as_bytes().to_vec());
    let records: Vec<&Value> = reading.records("table").collect();
    let expected = [
        json!({"id": 1, "price": 2.50, "open": true, "tags": ["a"], "name": "7", "note": "8", "extra": "9"}),
        json!({"id": 2, "price": 1e3, "open": false, "tags": [], "name": null, "note": "", "extra": ""}),
        json!({"id": 3, "price": 0.5, "open": "maybe", "tags": [], "name": "a;\nb", "note": "x", "extra": null}),
        json!({"id": 4, "price": "n/a", "open": null, "tags": [], "name": "", "note": null, "extra": "1"}),
    ];
    assert_eq!(records, expected.iter().collect::<Vec<_>>());
    // Numbers travel as they are written.
    assert!(
        reading.said.iter().any(|said| matches!(said, Said::Record { line, .. } if line.contains("\"price\":2.50")))
    );
}

#[test]
fn xml_and_text_are_records_too() {
    let envelope = "<s:Envelope xmlns:s=\"x\"><s:Body/></s:Envelope>";
    assert_eq!(read_body("soap", envelope.into()).records("soap").count(), 0);
    let body = "<?xml version=\"1.0\"?><Envelope><Body><Items><Item id=\"1\"><Name>A &amp; B</Name></Item>\
                <Item id=\"2\"/></Items></Body></Envelope>";
    let reading = read_body("soap", body.into());
    let records: Vec<&Value> = reading.records("soap").collect();
    assert_eq!(records, [&json!({"@id": "1", "Name": "A & B"}), &json!({"@id": "2"})]);
    let reading = read_body("log", gzip(b"one\r\ntwo \"quoted\"\n\nlast"));
    let lines: Vec<&Value> = reading.records("log").map(|record| &record["record"]).collect();
    assert_eq!(lines, ["one", "two \"quoted\"", "", "last"]);
}

/// The token stands behind the records of a body that is never held.
#[test]
fn pages_follow_one_another_however_long_they_are() {
    let (server, connector) = serve(|request| {
        let (first, count, next) = match request.query_param("after") {
            None => (1, MANY, Some("b")),
            Some("b") => (MANY + 1, FEW, Some("c")),
            _ => (MANY + FEW + 1, MANY, None),
        };
        let items: Vec<Value> = (first..first + count).map(|id| json!({ "id": id, "name": name(id) })).collect();
        Response::json(200, &json!({ "data": { "items": items }, "meta": { "next": next } })).gzip()
    });
    let reading = read(&connector, &["plain"]);
    let found: Vec<u64> = reading.records("plain").filter_map(|record| record["id"].as_u64()).collect();
    assert_eq!(found, ids(2 * MANY + FEW), "in the order of the pages");
    drop(server);
}

/// What left before a body broke off does not leave again.
#[test]
fn a_long_body_that_breaks_off_is_neither_lost_nor_repeated() {
    let bodies = [
        ("plain", plain(MANY, None)),
        ("lines", lines(MANY)),
        ("packed", gzip(&rows("id,name\n", MANY))),
        ("dense", zstd::encode_all(&*rows("", MANY), 1).expect("memory has room")),
    ];
    for (stream, body) in bodies {
        let tries = AtomicUsize::new(0);
        let length = body.len();
        assert!(length > 300_000, "{stream}: {length}");
        let (_server, connector) = serve(move |_| {
            let whole = Response::new(200).body(body.clone());
            match tries.fetch_add(1, Ordering::Relaxed) {
                0 => whole.truncated_at(length / 4 * 3),
                1 => whole.truncated_at(length / 2),
                2 => whole.reset(),
                3 => Response::new(503),
                _ => whole,
            }
        });
        let reading = read(&connector, &[stream]);
        assert!(reading.error.is_none(), "{stream}: {:?}", reading.error);
        let found: Vec<u64> = reading.records(stream).filter_map(|record| record["id"].as_u64()).collect();
        assert_eq!(found, ids(MANY), "{stream}");
    }
}

/// A body that never comes to its end gives its records all the same, and the stream is incomplete.
#[test]
fn records_leave_before_the_body_has_ended() {
    let body = plain(MANY, None);
    let (server, connector) = serve(move |_| Response::new(200).body(body.clone()).truncated_at(body.len() / 4 * 3));
    let reading = read(&connector, &["plain"]);
    let found: Vec<u64> = reading.records("plain").filter_map(|record| record["id"].as_u64()).collect();
    assert!(found.len() as u64 > MANY / 2, "{}", found.len());
    assert_eq!(found, ids(found.len() as u64), "each once");
    let [(kind, message, _)] = reading.failures("plain")[..] else { panic!("{:?}", reading.failures("plain")) };
    assert_eq!(kind, "transient_error");
    assert!(message.contains("broke off"), "{message}");
    drop(server);
}

/// An API that answers otherwise when it is asked again: everything of its new answer is there.
#[test]
fn another_answer_leaves_as_a_whole() {
    for newer in [MANY, FEW] {
        let tries = AtomicUsize::new(0);
        let (_server, connector) = serve(move |_| {
            if tries.fetch_add(1, Ordering::Relaxed) == 0 {
                let body = lines(MANY);
                let length = body.len();
                return Response::new(200).body(body).truncated_at(length / 4 * 3);
            }
            let body = format!("{{\"id\":{}}}\n", u64::MAX).into_bytes();
            Response::new(200).body([body, lines(newer)].concat())
        });
        let reading = read(&connector, &["lines"]);
        let mut found = reading.ids("lines");
        found.dedup();
        let last = found.pop();
        assert_eq!(last, Some(u64::MAX));
        assert!(ids(newer).iter().all(|id| found.binary_search(id).is_ok()));
    }
}

/// The children of a long page are those of a short one.
#[test]
fn a_long_page_feeds_its_children_once() {
    let tries = AtomicUsize::new(0);
    let (server, connector) = serve(move |request| match request.path.strip_prefix("/children/") {
        Some(id) => Response::json(200, &json!([{ "id": id.parse::<u64>().ok() }])),
        None => {
            let items: Vec<Value> = (1..=40).map(|id| json!({ "id": id, "name": "x".repeat(100_000) })).collect();
            let body = json!({ "data": { "items": items } }).to_string();
            let length = body.len();
            let whole = Response::new(200).body(body);
            if tries.fetch_add(1, Ordering::Relaxed) == 0 { whole.truncated_at(length / 2) } else { whole }
        }
    });
    let reading = read(&connector, &["plain", "child"]);
    assert_eq!(reading.ids("plain"), ids(40));
    assert_eq!(reading.ids("child"), ids(40));
    let asked = read(&connector, &["child"]);
    assert_eq!(asked.ids("child"), ids(40));
    drop(server);
}

/// A body that was cut although the server sent all that it had announced, or nothing of a length, and a page by which a
/// proxy says that it is busy: both come with status 200.
#[test]
fn a_body_that_broke_on_its_way_is_asked_for_again() {
    let soap = |count: u64| {
        let items: String =
            (1..=count).map(|id| format!("<Item id=\"{id}\"><Name>{}</Name></Item>", name(id))).collect();
        format!("<?xml version=\"1.0\"?><Envelope><Body><Items>{items}</Items></Body></Envelope>").into_bytes()
    };
    // Well-formed, as some are.
    let busy = || b"<!DOCTYPE html>\n<html><head><title>busy</title></head><body/></html>\n".to_vec();
    for count in [FEW, MANY] {
        let (soap, lines, packed) = (soap(count), lines(count), gzip(&rows("id,name\n", count)));
        for (stream, whole, broken) in [
            ("soap", &soap, soap[..soap.len() - 12].to_vec()),
            ("soap", &soap, soap[..soap.len() / 2].to_vec()),
            ("soap", &soap, busy()),
            // In the middle of a text.
            ("lines", &lines, lines[..lines.len() - 5].to_vec()),
            ("packed", &packed, busy()),
        ] {
            let (tries, first, again) = (AtomicUsize::new(0), broken.clone(), whole.clone());
            let (_server, connector) = serve(move |_| {
                let is_first = tries.fetch_add(1, Ordering::Relaxed) == 0;
                Response::new(200).body(if is_first { first.clone() } else { again.clone() })
            });
            let reading = read(&connector, &[stream]);
            assert!(reading.error.is_none(), "{stream}: {:?}", reading.error);
            assert_eq!(reading.records(stream).count() as u64, count, "{stream}");

            if count == MANY {
                continue;
            }
            let reading = read_body(stream, broken);
            let [(kind, _, _)] = reading.failures(stream)[..] else {
                panic!("{stream}: {:?}", reading.failures(stream))
            };
            assert_eq!((kind, reading.statuses(stream).last()), ("transient_error", Some(&"INCOMPLETE")), "{stream}");
        }
    }
}

#[test]
fn a_body_that_cannot_be_decoded_says_what_is_wrong() {
    for (stream, body, message) in [
        ("packed", gzip(b"id,name\n1,a\n")[..12].to_vec(), "the gzip data of the answer breaks off before its end"),
        ("tight", b"BZh9 no".to_vec(), "the bzip2 data of the answer is damaged"),
        ("archived", b"no archive".to_vec(), "the body of the answer is not a valid zip archive"),
        ("lines", b"{\"id\":1}\nno json\n".to_vec(), "unexpected character at byte 10 of the JSON body"),
        ("soap", b"<Envelope>&nbsp;</Envelope>".to_vec(), "it is not XML at byte 10: the unknown entity `nbsp`"),
        (
            "soap",
            b"<Envelope>\x01</Envelope>".to_vec(),
            "it is not XML at byte 10: a character that XML does not allow",
        ),
    ] {
        let reading = read_body(stream, body);
        let failures = reading.failures(stream);
        let [(kind, said, _)] = failures[..] else { panic!("{stream}: {failures:?}") };
        assert_eq!(kind, "system_error", "{stream}");
        assert!(said.contains(message), "{stream}: {said}");
    }
    // A gigabyte of nothing in a few bytes.
    let bomb = zstd::encode_all(std::io::repeat(b' ').take(1 << 30), 1).expect("memory has room");
    let reading = read_body("dense", bomb);
    let failures = reading.failures("dense");
    assert!(matches!(&failures[..], [(_, said, _)] if said.contains("more than 2000 times")), "{failures:?}");
}
