//! Answers that come byte by byte, for ever: `request_timeout` ends them, and what came of them is neither lost nor said
//! twice.

use std::io::Write as _;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use serde_json::{Value, json};

use super::barrier::{Barrier, Shared};
use super::reading::read;

/// Little time for an answer, but a stream that has more. On a busy machine it may be too little for a good one, too,
/// which is why there are so many tries.
#[source(
    base_url = "{config.base_url}", backoff = constant("PT0.001S"), max_retries = 20, request_timeout = "PT0.5S",
    streams = [Short, Long, Hasty],
)]
struct Crumbs {
    /// Where the API is.
    base_url: String,
}

/// Three pages of two records.
#[stream(source = Crumbs, path = "/short", records = "data", paginator = page_increment(page_size = 2))]
struct Short {
    id: u64,
}

/// One page that is read while it arrives.
#[stream(source = Crumbs, path = "/long", records = "data", request_timeout = "PT2S")]
struct Long {
    id: u64,
    text: String,
}

/// A stream that is tried once.
#[stream(source = Crumbs, path = "/hasty", records = "data", query = { token = "s3cret-token" }, max_retries = 0)]
struct Hasty {
    id: u64,
}

/// The records that a target asks for.
fn page(target: &str) -> String {
    let records: Vec<Value> = match target.split_once("page=").map(|(_, page)| page.parse::<u64>().expect("a number")) {
        None => (1..=2_000).map(|id| json!({"id": id, "text": "x".repeat(1_000)})).collect(),
        Some(page) => (page * 2 - 1..=page * 2).filter(|id| *id < 6).map(|id| json!({"id": id})).collect(),
    };
    json!({"data": records}).to_string()
}

/// An API that answers so that some answers come up to some byte at once, and then byte by byte.
fn dripping(
    from: usize,
    drips: impl Fn(&str, usize) -> bool + Send + Sync + 'static,
) -> (Barrier, Arc<Shared<Vec<String>>>) {
    let shared = Arc::new(Shared::<Vec<String>>::default());
    let asked = Arc::clone(&shared);
    let api = Barrier::writing(move |target, stream| {
        let times = asked.with(|all| {
            all.push(target.to_owned());
            all.iter().filter(|one| *one == target).count()
        });
        let body = page(target);
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len())?;
        if !drips(target, times) {
            return stream.write_all(body.as_bytes());
        }
        let (quick, slow) = body.as_bytes().split_at(from);
        stream.write_all(quick)?;
        // Whoever has lost patience is gone, and nothing can be written.
        for byte in slow.chunks(1) {
            sleep(Duration::from_millis(if quick.is_empty() { 200 } else { 20 }));
            stream.write_all(byte)?;
        }
        Ok(())
    });
    (api, shared)
}

#[test]
fn a_page_that_drips_for_ever_is_asked_for_again() {
    let (api, asked) = dripping(0, |target, times| target.contains("page=2") && times == 1);
    let reading = read(&Connector::<Crumbs>::new(json!({"base_url": api.url()})), &["short"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("short"), [1, 2, 3, 4, 5]);
    let pages = asked.with(|asked| asked.iter().filter_map(|target| target.chars().last()).collect::<String>());
    assert!(pages.matches('2').count() >= 2, "{pages}");
    let mut order: Vec<char> = pages.chars().collect();
    order.dedup();
    assert_eq!(order, ['1', '2', '3'], "{pages}");
}

#[test]
fn a_long_page_that_drips_from_its_middle_goes_on_where_it_was() {
    let (api, asked) = dripping(1_500_000, |_, times| times == 1);
    let reading = read(&Connector::<Crumbs>::new(json!({"base_url": api.url()})), &["long"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("long"), (1..=2_000).collect::<Vec<_>>());
    let times = asked.with(|asked| asked.len());
    assert!(times >= 2, "asked {times} times");
}

#[test]
fn an_answer_that_is_too_slow_says_what_to_do() {
    let (api, _) = dripping(0, |_, _| true);
    let reading = read(&Connector::<Crumbs>::new(json!({"base_url": api.url()})), &["hasty"]);
    let failures = reading.failures("hasty");
    let (kind, message) = (failures[0].0, failures[0].1);
    assert_eq!(kind, "transient_error");
    let url = format!("the answer of {}/hasty takes too long: ", api.url());
    assert!(message.starts_with(&url), "{message}");
    assert!(message.contains(" bytes of its body came in 0.5 s of waiting; ask for less at a time"), "{message}");
    assert!(message.contains("`request_timeout`"), "{message}");
    assert!(!format!("{failures:?}").contains("s3cret"), "{failures:?}");
}
