//! What a read says while nothing moves.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use super::api::Data;
use super::checks::manifests;
use super::dice::Dice;
use super::network::Network;
use super::scenario::{carry_out, carry_out_manifest, runtime};
use super::script::{self, Said};
use super::shape::{Auth, Shape, Source};
use super::weather::{Fault, Weather};
use super::world::{World, lock};
use crate::config::Redactor;
use crate::output::{self, Queue, Writer};

/// The lines of a log, with their levels.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let line = format!("{} {}", event.metadata().level(), text.0);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

/// What a read of one stream writes and logs, where every answer before an instant is of one kind.
fn play(fault: Fault, lasts: Duration) -> (Vec<Value>, Vec<String>) {
    play_shape(Shape::quiet(), fault, lasts)
}

fn play_shape(shape: Shape, fault: Fault, lasts: Duration) -> (Vec<Value>, Vec<String>) {
    logged(listen(shape, fault, lasts))
}

/// What comes of something in simulated time, and what it logs.
fn logged<T>(play: impl Future<Output = T>) -> (T, Vec<String>) {
    /// With one subscriber alone, `tracing` asks threads that have none which events are wanted, and remembers that.
    static OTHERS: LazyLock<[Dispatch; 2]> =
        LazyLock::new(|| [(); 2].map(|()| Dispatch::new(tracing_subscriber::registry())));
    LazyLock::force(&OTHERS);
    let log = Log::default();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
    // A thread may have asked before, and remember it only now.
    tracing::callsite::rebuild_interest_cache();
    let played = runtime().block_on(play);
    drop(guard);
    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (played, log)
}

async fn listen(shape: Shape, fault: Fault, lasts: Duration) -> Vec<Value> {
    const CLOCK: i64 = 1_707_523_200;
    let mut dice = Dice::new(1);
    let shape = Arc::new(shape);
    let data = Data::new(&shape, &mut dice, CLOCK);
    let world = Arc::new(Mutex::new(World::new(Arc::clone(&shape), data, dice)));
    super::enter(Network::new(&world));
    lock(&world).begin(Weather::until(fault, Instant::now() + lasts), CLOCK);
    let (output, queue) = output::queue(Redactor::default());
    let reading = async {
        let result = carry_out(&shape, &Shape::config(), &json!([]), &output, std::future::pending()).await;
        output.finish();
        result
    };
    let (result, messages) = tokio::join!(reading, stamped(queue));
    super::leave();
    result.expect("the read goes on afterwards");
    messages
}

/// The messages of a queue, each with the second in which it came.
async fn stamped(mut queue: Queue) -> Vec<Value> {
    let mut writer = Writer::new(Stamps { began: Instant::now(), messages: Vec::new() });
    while let Some(item) = queue.0.recv().await {
        if !writer.take(item).expect("memory") {
            break;
        }
        writer.flush().expect("memory");
    }
    writer.into_inner().expect("memory").messages
}

struct Stamps {
    began: Instant,
    messages: Vec<Value>,
}

impl Write for Stamps {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let mut message: Value = serde_json::from_slice(line)?;
            message["at"] = json!(self.began.elapsed().as_secs());
            self.messages.push(message);
        }
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// When the records and states came, in seconds.
fn signs_of_life(messages: &[Value]) -> Vec<u64> {
    let kinds = ["RECORD", "STATE"];
    let signs = messages.iter().filter(|message| kinds.iter().any(|kind| message["type"] == *kind));
    signs.map(|message| message["at"].as_u64().expect("the reader's clock")).collect()
}

#[test]
fn a_long_wait_for_the_rate_is_said_and_kept_alive() {
    let (messages, log) = play(Fault::RateLimit, Duration::from_secs(10_000));
    let limited = |message: &&Value| message["trace"]["stream_status"]["reasons"][0]["type"] == "RATE_LIMITED";
    let limited: Vec<&Value> = messages.iter().filter(limited).collect();
    assert!(!limited.is_empty(), "{messages:#?}");
    for status in limited {
        assert!(status["trace"]["stream_status"]["reasons"][0]["rate_limited"]["quota_reset"].is_u64());
    }
    // The platform counts records and states only, and none may be more than some minutes after the one before.
    let mut before = 0;
    for at in signs_of_life(&messages) {
        assert!(at - before <= 630, "{} s without a sign of life: {messages:#?}", at - before);
        before = at;
    }
    assert!(before >= 10_000, "the read ended at {before} s");
    let said: Vec<&String> = log.iter().filter(|line| line.contains("nothing has moved")).collect();
    assert!(said.iter().all(|line| line.starts_with("INFO")), "{said:#?}");
    assert!(said.iter().any(|line| line.contains("limits its rate") && line.contains("s left")), "{said:#?}");
    assert!(said.len() < 60, "{said:#?}");
}

#[test]
fn an_answer_that_comes_byte_by_byte_is_given_up_after_an_hour() {
    let (messages, log) = play(Fault::Crumbs, Duration::from_secs(10_000));
    let given_up: Vec<&String> = log.iter().filter(|line| line.contains("takes too long")).collect();
    assert_eq!(given_up.len(), 2, "{log:#?}");
    let sentence = "the answer of https://api.example/v1/quiet takes too long: 514 bytes of its body came in 3600 s";
    assert!(given_up.iter().all(|line| line.contains(sentence)), "{given_up:#?}");
    let records = messages.iter().filter(|message| message["type"] == "RECORD");
    // Twice an hour, and a wait after each.
    assert!(records.clone().count() > 0 && records.clone().all(|record| record["at"].as_u64() >= Some(12_200)));
    let mut ids: Vec<String> = records.map(|record| record["record"]["data"].to_string()).collect();
    let came = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), came, "{messages:#?}");
}

#[test]
fn an_answer_that_does_not_come_is_warned_of_and_the_platform_is_not_deceived() {
    let (messages, log) = play(Fault::Never, Duration::from_secs(100));
    let said: Vec<&String> = log.iter().filter(|line| line.starts_with("WARN nothing has moved")).collect();
    assert_eq!(said.len(), 1, "{log:#?}");
    assert!(said[0].starts_with("WARN nothing has moved for 60 s; waiting for GET https://api.example/v1/quiet"));
    assert!(said[0].ends_with("streams under way: `quiet`"), "{said:#?}");
    assert!(signs_of_life(&messages)[0] >= 120, "{messages:#?}");
}

/// Streams that only the API knows are asked for before any of them can begin.
#[test]
fn what_a_preparation_waits_for_is_said() {
    let [_, asked_for] = manifests();
    let catalog = json!({"streams": [{"stream": {"name": "one", "json_schema": {}}, "sync_mode": "full_refresh"}]});
    for (first, expected) in [
        (429, "INFO nothing has moved for 60 s; waiting for `api.example` limits its rate, "),
        (200, "WARN nothing has moved for 60 s; waiting for GET https://api.example/tables, without a byte"),
    ] {
        let (read, log) = logged(async {
            let mut asked = 0;
            script::enter(move |_| {
                asked += 1;
                match (asked, first) {
                    (1, 429) => {
                        Said { status: 429, headers: "retry-after: 3000\r\n".to_owned(), ..Said::after(0, json!({})) }
                    }
                    (1, _) => Said::after(100, json!([{"name": "one"}])),
                    _ => Said::after(0, json!([{"name": "one"}])),
                }
            });
            let output = output::unheard(Redactor::default());
            let read =
                carry_out_manifest(&asked_for, &json!({}), &catalog, &json!([]), &output, std::future::pending()).await;
            super::leave();
            read
        });
        read.expect("the read goes on afterwards");
        let said: Vec<&String> = log.iter().filter(|line| line.contains("nothing has moved")).collect();
        assert!(said.first().is_some_and(|line| line.starts_with(expected)), "{log:#?}");
        assert!(said.iter().all(|line| line.ends_with("; no stream has begun yet")), "{said:#?}");
        assert!(said.len() < 10, "{said:#?}");
    }
}

#[test]
fn what_waits_for_what_others_have_is_named() {
    for (concurrency, budget, expected) in [
        (1, None, &["the turn of `other`", "the parents of `child`"][..]),
        (2, None, &["room in flight (requests: ", "the parents of `child`"]),
        (8, Some((2, 100)), &["the line of the source's budget of calls (requests: ", "the parents of `child`"]),
    ] {
        let shape = Shape::knot(Source::Pages, Auth::None, budget, concurrency);
        let (_, log) = play_shape(shape, Fault::Never, Duration::from_secs(1));
        let said: Vec<&String> = log.iter().filter(|line| line.contains("nothing has moved")).collect();
        for expected in expected {
            assert!(said.iter().any(|line| line.contains(expected)), "{expected}: {log:#?}");
        }
    }
}
