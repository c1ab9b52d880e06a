//! What answers mean, how long is waited for the next try, and how long for an answer.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use airbyte_runtime::Connector;
use airbyte_runtime::plan::Answer;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::json;

use super::api::Api;
use super::reading::{Reading, read};

/// An API with many ways to say no.
#[source(
    base_url      = "{config.base_url}",
    max_retries   = 2,
    backoff       = constant("PT0.001S", jitter = "PT0.002S"),
    error_handler = [
        when(is_over_quota) => rate_limited,
        all([status(400), message("expired"), header("x-kind", "item")]) => ignore,
        status(418) => success,
        status(503) => retry(config_error = "the export is switched off; switch it on in the settings"),
        status(502) => retry(fail = "the gateway is broken"),
        status(401) => refresh_token_then_retry,
        status(409) => reset_pagination,
    ],
    streams       = [Quota, Expired, AlmostExpired, Teapot, Off, Gateway, Renewed, Moved, Steady, Doubled, Header, Body, Least],
)]
struct Moody {
    /// Where the API is.
    base_url: String,
}

/// A quota that is reported with status 200.
fn is_over_quota(answer: &Answer<'_>) -> bool {
    answer.status == 200 && answer.headers.contains_key("x-over-quota")
}

/// Over its quota at first.
#[stream(source = Moody, path = "/quota")]
struct Quota {
    id: u64,
}

/// Something of the past.
#[stream(source = Moody, path = "/expired")]
struct Expired {
    id: u64,
}

/// The same without the header.
#[stream(source = Moody, path = "/almost")]
struct AlmostExpired {
    id: u64,
}

/// Records behind an unusual status.
#[stream(source = Moody, path = "/teapot")]
struct Teapot {
    id: u64,
}

/// Never there.
#[stream(source = Moody, path = "/off")]
struct Off {
    id: u64,
}

/// Never there for another reason.
#[stream(source = Moody, path = "/gateway")]
struct Gateway {
    id: u64,
}

/// Refused at first.
#[stream(source = Moody, path = "/renewed")]
struct Renewed {
    id: u64,
}

/// Pages that begin anew once.
#[stream(source = Moody, path = "/moved", paginator = page_increment(page_size = 1))]
struct Moved {
    id: u64,
}

/// The same wait each time.
#[stream(source = Moody, path = "/steady", backoff = constant("PT0.3S"))]
struct Steady {
    id: u64,
}

/// A wait that doubles: 0.1 and 0.2 seconds.
#[stream(source = Moody, path = "/doubled", backoff = exponential(base = "PT0.1S", max = "PT0.2S"))]
struct Doubled {
    id: u64,
}

/// A wait in a header among other words.
#[stream(source = Moody, path = "/header", backoff = wait_from_header("x-limits", regex = "reset=([0-9.]+)s"))]
struct Header {
    id: u64,
}

/// A wait in the body.
#[stream(source = Moody, path = "/body", backoff = wait_from_body("error.retry_after", max = "PT1M"))]
struct Body {
    id: u64,
}

/// A wait that is never shorter, and a header that is not there.
#[stream(source = Moody, path = "/least", backoff = wait_until_header("x-reset", min = "PT0.3S", max = "PT1M"))]
struct Least {
    id: u64,
}

/// An API that is given little time.
#[source(base_url = "{config.base_url}", read_timeout = "PT0.25S", max_retries = 0, streams = [Slow, Patient])]
struct Hurried {
    /// Where the API is.
    base_url: String,
}

/// An answer that is too late for most.
#[stream(source = Hurried, path = "/slow")]
struct Slow {
    id: u64,
}

/// The same for a stream that has time.
#[stream(source = Hurried, path = "/patient", read_timeout = "PT2M", connect_timeout = "PT1M", tcp_keepalive = true)]
struct Patient {
    id: u64,
}

fn moody() -> Api {
    let seen: Mutex<HashMap<String, u32>> = Mutex::default();
    Api::answering(move |request: &Request| {
        let mut seen = seen.lock().expect("no handler panics");
        let times = seen.entry(request.to_string()).or_default();
        *times += 1;
        let first = *times == 1;
        let page = request.query_param("page");
        let answer = Response::json(200, &json!([{"id": 1}]));
        match request.path.as_str() {
            "/quota" if first => answer.header("x-over-quota", "yes"),
            "/expired" => Response::json(400, &json!({"message": "it has expired"})).header("x-kind", "item"),
            "/almost" => Response::json(400, &json!({"message": "it has expired"})),
            "/teapot" => Response::json(418, &json!([{"id": 2}])),
            "/off" => Response::new(503),
            "/gateway" => Response::new(502),
            "/renewed" if first => Response::new(401),
            "/moved" if page == Some("3") && first => Response::new(409),
            "/moved" if page == Some("3") => Response::json(200, &json!([])),
            "/moved" => Response::json(200, &json!([{"id": page.map_or(1, |page| page.parse().expect("a number"))}])),
            "/steady" if first => Response::new(503),
            "/doubled" if *times < 3 => Response::new(503),
            "/header" if first => Response::new(429).header("x-limits", "left=0; reset=0.3s"),
            "/body" if first => Response::json(429, &json!({"error": {"retry_after": "0.3"}})),
            "/least" if first => Response::new(429),
            _ => answer,
        }
    })
}

fn run(streams: &[&str]) -> (Reading, Api) {
    let api = moody();
    let reading = read(&Connector::<Moody>::new(json!({"base_url": api.url()})), streams);
    (reading, api)
}

#[test]
fn functions_and_combinations_decide() {
    let (reading, api) = run(&["quota", "expired", "almost_expired", "teapot"]);
    assert_eq!(reading.ids("quota"), [1]);
    assert!(reading.statuses("quota").len() >= 4, "{:?}", reading.statuses("quota"));
    assert_eq!((reading.ids("expired").len(), reading.statuses("expired").last()), (0, Some(&"COMPLETE")));
    assert_eq!(reading.failures("almost_expired")[0].0, "system_error");
    assert_eq!(reading.ids("teapot"), [2]);
    assert_eq!(api.requests().len(), 5);
}

#[test]
fn a_retry_says_what_to_do_when_it_gives_up() {
    let (reading, api) = run(&["off", "gateway"]);
    let failures = reading.failures("off");
    assert_eq!(
        (failures[0].0, failures[0].1),
        ("config_error", "the export is switched off; switch it on in the settings")
    );
    let failures = reading.failures("gateway");
    assert_eq!((failures[0].0, failures[0].1), ("system_error", "the gateway is broken"));
    assert_eq!(api.requests().len(), 6);
}

#[test]
fn credentials_are_renewed_and_pages_begin_anew() {
    let (reading, api) = run(&["renewed", "moved"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("renewed"), [1]);
    assert_eq!(reading.ids("moved"), [1, 1, 2, 2]);
    assert_eq!(api.requests().len(), 8);
}

#[test]
fn waits_are_as_long_as_headers_bodies_and_strategies_say() {
    for (stream, requests) in [("steady", 2), ("doubled", 3), ("header", 2), ("body", 2), ("least", 2)] {
        let began = Instant::now();
        let (reading, api) = run(&[stream]);
        assert!(reading.error.is_none(), "{stream}: {:?}", reading.error);
        assert_eq!(api.requests().len(), requests, "{stream}");
        assert!(began.elapsed() >= Duration::from_millis(295), "{stream}: {:?}", began.elapsed());
    }
}

#[test]
fn each_stream_has_its_own_patience() {
    let api = Api::answering(|request| {
        let delay = if request.path == "/slow" { Duration::from_secs(60) } else { Duration::from_millis(700) };
        Response::json(200, &json!([{"id": 1}])).delay(delay)
    });
    let reading = read(&Connector::<Hurried>::new(json!({"base_url": api.url()})), &["slow", "patient"]);
    assert_eq!(reading.ids("patient"), [1]);
    let failures = reading.failures("slow");
    assert_eq!(failures[0].0, "transient_error");
    assert!(failures[0].1.contains("does not answer in time"), "{failures:?}");
    assert!(failures[0].2.contains("nothing has arrived for 0.25 s"), "{failures:?}");
}
