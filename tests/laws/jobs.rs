//! Async jobs: what a stop between their creation, a poll and a download costs, and what becomes of those that fail.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Method, Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::child;
use super::reading::{Reading, catalog, read};

/// Exports of orders.
#[source(base_url = "{config.base_url}", auth = bearer(config.token), streams = [Order, Visit, Export, Shift, Late])]
pub(crate) struct Exports {
    /// Where the API is.
    base_url: String,
    /// Who asks.
    token: Secret,
}

/// Orders of a region, one job for each.
#[stream(
    source    = Exports,
    name      = "orders",
    partition = list(region = ["eu", "us"]),
    job       = async_job(
        create         = post("/exports", body = { region = "{partition.region}" }),
        keep           = { id = "job.id" },
        poll           = get("/exports/{job.id}", query = { fields = "state,files" }),
        status         = "job.state",
        completed      = ["done"],
        failed         = ["error"],
        targets        = "job.files.*.url",
        abort          = post("/exports/{job.id}/cancel"),
        delete         = delete("/exports/{job.id}"),
        poll_interval  = "PT0.05S",
        max_concurrent = 2,
    ),
    records   = "items",
)]
struct Order {
    id: u64,
}

/// Visits since the last sync.
#[stream(
    source    = Exports,
    name      = "visits",
    cursor    = datetime(at, start = "2024-01-01", end = "2024-03-01", start_body = "from", end_body = "to"),
    job       = async_job(
        create         = post("/exports", body = { region = "visits" }),
        keep_headers   = { address = "Location" },
        poll           = get("{job.address}"),
        status         = "job.state",
        completed      = ["done"],
        running        = ["queued"],
        failed         = ["error"],
        timed_out      = ["late"],
        download       = get("{job.address}/items", headers = { Accept = "application/json" }),
        abort          = post("{job.address}/cancel"),
        poll_interval  = "PT0.05S",
    ),
    records   = "items",
)]
struct Visit {
    id: u64,
    at: Timestamp,
}

/// Jobs that no later read may go on with.
#[stream(
    source = Exports,
    name   = "exports",
    job    = async_job(
        create        = post("/exports", body = { region = "eu" }),
        keep          = { id = "job.id" },
        poll          = get("/exports/{job.id}"),
        status        = "job.state",
        completed     = ["done"],
        download      = get("/exports/{job.id}/items"),
        abort         = post("/exports/{job.id}/cancel"),
        poll_interval = "PT0.05S",
        resume        = false,
    ),
    records = "items",
)]
struct Export {
    id: u64,
}

/// Shifts, whose job makes two files. Each is sorted, but the second one begins before the first.
#[stream(
    source    = Exports,
    name      = "shifts",
    cursor    = datetime(
        at, start = "2024-01-01", end = "2024-03-01", start_body = "from", end_body = "to", sorted = ASCENDING,
    ),
    job       = async_job(
        create        = post("/exports", body = { region = "shifts" }),
        keep          = { id = "job.id" },
        poll          = get("/exports/{job.id}"),
        status        = "job.state",
        completed     = ["done"],
        targets       = "job.files.*.url",
        poll_interval = "PT0.05S",
    ),
    records   = "items",
)]
struct Shift {
    id: u64,
    at: Timestamp,
}

/// Jobs that have little time.
#[stream(
    source = Exports,
    name   = "late",
    job    = async_job(
        create        = post("/exports", body = { region = "eu" }),
        keep          = { id = "job.id" },
        poll          = get("/exports/{job.id}"),
        status        = "job.state",
        completed     = ["done"],
        download      = get("/exports/{job.id}/items"),
        abort         = post("/exports/{job.id}/cancel"),
        poll_interval = "PT0.05S",
        timeout       = "PT0.3S",
        max_attempts  = 2,
    ),
    records = "items",
)]
struct Late {
    id: u64,
}

/// What the API makes of its requests, besides the ordinary.
#[derive(Clone, Copy, Default)]
struct Mood {
    /// Polls that say `queued` before a job is done.
    queued: u32,
    /// What every poll says, if it is always the same.
    state: Option<&'static str>,
    /// How long the second download takes.
    download: Duration,
    /// Whether the jobs of an earlier API are known.
    forgets: bool,
}

fn exports(mood: Mood) -> Api {
    let (created, polls) = (AtomicU32::new(0), AtomicU32::new(0));
    Api::answering(move |request| answer(request, mood, &created, &polls))
}

fn answer(request: &Request, mood: Mood, created: &AtomicU32, polls: &AtomicU32) -> Response {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (&request.method, segments.as_slice()) {
        (&Method::POST, ["exports"]) => {
            let region = body(request)["region"].as_str().unwrap_or_default().to_owned();
            let id = format!("{region}-{}", created.fetch_add(1, Ordering::Relaxed));
            Response::json(201, &json!({"job": {"id": id}})).header("location", format!("/exports/{id}"))
        }
        (&Method::POST, ["exports", _, "cancel"]) | (&Method::DELETE, ["exports", _]) => Response::new(204),
        (&Method::GET, ["exports", _]) if mood.forgets && created.load(Ordering::Relaxed) == 0 => Response::new(404),
        (&Method::GET, ["exports", id]) => {
            let is_queued = polls.fetch_add(1, Ordering::Relaxed) < mood.queued;
            let state = mood.state.unwrap_or(if is_queued { "queued" } else { "done" });
            let files: Vec<Value> = (1..=2).map(|file| json!({"url": format!("/files/{id}/{file}")})).collect();
            Response::json(200, &json!({"job": {"state": state, "files": files}}))
        }
        (&Method::GET, ["exports", _, "items"]) => {
            Response::json(200, &json!({"items": [{"id": 1, "at": "2024-02-01T00:00:00Z"}]}))
        }
        (&Method::GET, ["files", id, file]) if id.starts_with("shifts") => {
            let (id, at) = if *file == "1" { (31, "2024-02-10T00:00:00Z") } else { (32, "2024-01-05T00:00:00Z") };
            let answer = Response::json(200, &json!({"items": [{"id": id, "at": at}]}));
            if *file == "2" { answer.delay(mood.download) } else { answer }
        }
        (&Method::GET, ["files", id, file]) => {
            let first = if id.starts_with("eu") { 10 } else { 20 };
            let number: u64 = file.parse().expect("a number");
            let answer = Response::json(200, &json!({"items": [{"id": first + number}]}));
            if *file == "2" { answer.delay(mood.download) } else { answer }
        }
        _ => Response::new(501),
    }
}

fn body(request: &Request) -> Value {
    request.json().unwrap_or_default()
}

fn config(api: &Api) -> Value {
    json!({"base_url": api.url(), "token": "t"})
}

/// How often a job was begun.
fn begun(api: &Api) -> usize {
    asked(api, "POST /exports")
}

/// How many requests there were of this method and path.
fn asked(api: &Api, what: &str) -> usize {
    api.requests().iter().filter(|request| format!("{} {}", request.method, request.path) == what).count()
}

#[test]
fn jobs_are_begun_polled_downloaded_and_deleted() {
    let api = exports(Mood { queued: 3, ..Mood::default() });
    let reading = read(&Connector::<Exports>::new(config(&api)), &["orders", "visits", "exports"]);
    assert_eq!(reading.ids("orders"), [11, 12, 21, 22]);
    assert_eq!(reading.ids("visits"), [1]);
    assert_eq!(reading.ids("exports"), [1]);
    assert_eq!(begun(&api), 4);
    let requests = api.requests();
    assert!(requests.iter().all(|request| request.header("authorization") == Some("Bearer t")), "one of {requests:?}");
    assert_eq!(requests.iter().filter(|request| request.method == Method::DELETE).count(), 2);
    let visits = requests.iter().map(body).find(|body| body["region"] == "visits").expect("a request");
    assert_eq!((&visits["from"], &visits["to"]), (&json!("2024-01-01T00:00:00Z"), &json!("2024-03-01T00:00:00Z")));
    for stream in ["orders", "visits", "exports"] {
        assert_eq!(reading.statuses(stream).last(), Some(&"COMPLETE"), "{stream}");
        assert!(reading.last_state(stream).is_some_and(|state| state.get("__async_jobs").is_none()), "{stream}");
    }
    assert_eq!(reading.last_state("visits").map(|state| state["at"].clone()), Some(json!("2024-02-01T00:00:00Z")));
}

/// Reads in another process until its output is `enough`, then stops it.
#[cfg(unix)]
fn stopped(api: &Api, stream: &str, enough: &dyn Fn(&str, &Api) -> bool) -> Reading {
    let mut running = child::start("exports", "read", &[("config", &config(api)), ("catalog", &catalog(&[stream]))]);
    running.wait_for(|said| enough(said, api));
    running.terminate();
    let (_, said) = running.end();
    Reading::of_lines(&said)
}

/// The same, where the process has no time to say anything.
#[cfg(unix)]
fn killed(api: &Api, stream: &str, enough: &dyn Fn(&str, &Api) -> bool) -> Reading {
    let mut running = child::start("exports", "read", &[("config", &config(api)), ("catalog", &catalog(&[stream]))]);
    running.wait_for(|said| enough(said, api));
    // A line that is being written is not said.
    let said = running.said();
    whole_lines(&said)
}

#[cfg(unix)]
fn whole_lines(said: &str) -> Reading {
    Reading::of_lines(said.rsplit_once('\n').map_or("", |(lines, _)| lines))
}

/// How many jobs the last state remembers.
fn remembered(reading: &Reading, stream: &str) -> usize {
    reading.last_state(stream).map_or(0, |state| state["__async_jobs"].as_array().map_or(0, Vec::len))
}

/// Goes on from a state with an API that does what it did before.
fn go_on(first: &Reading, stream: &str, mood: Mood) -> (Reading, Api) {
    let api = exports(mood);
    let connector = Connector::<Exports>::new(config(&api)).with_state(first.state_file());
    (read(&connector, &[stream]), api)
}

/// Goes on with orders: the two jobs are begun once, and no record is missing.
fn finish_orders(first: &Reading, api: &Api, mood: Mood) -> Api {
    let (second, later) = go_on(first, "orders", mood);
    assert_eq!(begun(api) + begun(&later), 2);
    assert_eq!(second.ids("orders"), [11, 12, 21, 22]);
    later
}

#[cfg(unix)]
#[test]
fn a_stop_after_a_creation_begins_no_other_job() {
    let never = Mood { state: Some("queued"), ..Mood::default() };
    for stream in ["orders", "visits"] {
        let api = exports(never);
        let wanted = if stream == "orders" { 2 } else { 1 };
        let first = stopped(&api, stream, &|said, _| remembered(&whole_lines(said), stream) == wanted);
        assert_eq!(remembered(&first, stream), begun(&api), "{stream}: every job is remembered");
        let cancelled = api.requests().iter().filter(|request| request.path.ends_with("/cancel")).count();
        assert_eq!(cancelled, 0, "{stream}: a job that is remembered runs on");
        let (second, later) = go_on(&first, stream, Mood::default());
        assert_eq!(second.statuses(stream).last(), Some(&"COMPLETE"));
        assert_eq!(begun(&api) + begun(&later), wanted, "{stream}: {:?}", first.last_state(stream));
    }
}

/// A state follows each creation at once, so that a process that is killed loses none that it could tell of.
#[cfg(unix)]
#[test]
fn a_kill_after_the_creations_begins_no_other_job() {
    let api = exports(Mood { state: Some("queued"), ..Mood::default() });
    let first = killed(&api, "orders", &|said, _| remembered(&whole_lines(said), "orders") == 2);
    assert_eq!(begun(&api), 2);
    finish_orders(&first, &api, Mood::default());
}

/// Files that are sorted one by one are not sorted together.
#[cfg(unix)]
#[test]
fn a_stop_between_two_sorted_files_passes_nothing_of_the_second() {
    let api = exports(Mood { download: Duration::from_secs(60), ..Mood::default() });
    let first = stopped(&api, "shifts", &|said, _| said.contains("\"id\":31"));
    assert_eq!(first.ids("shifts"), [31]);
    assert_eq!(first.last_state("shifts").and_then(|state| state.get("at")), Some(&json!("2024-01-01T00:00:00Z")));
    let (second, later) = go_on(&first, "shifts", Mood::default());
    assert_eq!(begun(&api) + begun(&later), 1, "the job's range is still asked for: {:?}", first.last_state("shifts"));
    assert_eq!(second.ids("shifts"), [31, 32]);
    assert_eq!(second.last_state("shifts").map(|state| state["at"].clone()), Some(json!("2024-02-10T00:00:00Z")));
}

#[cfg(unix)]
#[test]
fn a_kill_in_the_middle_of_a_download_loses_nothing_and_begins_no_other_job() {
    let api = exports(Mood { download: Duration::from_secs(60), ..Mood::default() });
    let first = killed(&api, "orders", &|said, _| said.contains("\"id\":11") && said.contains("\"id\":21"));
    finish_orders(&first, &api, Mood::default());
}

#[cfg(unix)]
#[test]
fn a_kill_after_polls_begins_no_other_job() {
    let api = exports(Mood { state: Some("queued"), ..Mood::default() });
    let polls = |api: &Api| api.requests().iter().filter(|request| request.path.starts_with("/exports/")).count();
    let first = killed(&api, "orders", &|said, api| polls(api) > 5 && remembered(&whole_lines(said), "orders") == 2);
    finish_orders(&first, &api, Mood { queued: 2, ..Mood::default() });
}

#[cfg(unix)]
#[test]
fn a_stop_in_the_middle_of_a_download_loses_nothing_and_begins_no_other_job() {
    let api = exports(Mood { download: Duration::from_secs(60), ..Mood::default() });
    let first = stopped(&api, "orders", &|said, _| said.contains("\"id\":11") && said.contains("\"id\":21"));
    assert_eq!(first.statuses("orders").last(), Some(&"INCOMPLETE"));
    let later = finish_orders(&first, &api, Mood::default());
    assert_eq!(later.requests().iter().filter(|request| request.method == Method::DELETE).count(), 2);
}

#[cfg(unix)]
#[test]
fn a_job_that_the_api_has_forgotten_is_begun_anew() {
    let api = exports(Mood { state: Some("queued"), ..Mood::default() });
    let first = killed(&api, "visits", &|said, _| remembered(&whole_lines(said), "visits") == 1);
    let (second, later) = go_on(&first, "visits", Mood { forgets: true, ..Mood::default() });
    assert_eq!(begun(&later), 1);
    assert_eq!(second.ids("visits"), [1]);
    assert_eq!(second.statuses("visits").last(), Some(&"COMPLETE"));
}

#[cfg(unix)]
#[test]
fn what_nobody_goes_on_with_is_aborted_at_a_stop() {
    let api = exports(Mood { state: Some("queued"), ..Mood::default() });
    let first = stopped(&api, "exports", &|_, api| asked(api, "GET /exports/eu-0") > 0);
    assert_eq!(asked(&api, "POST /exports/eu-0/cancel"), 1);
    assert!(first.last_state("exports").is_some_and(|state| state.get("__async_jobs").is_none()));
}

#[test]
fn a_job_that_fails_or_is_late_is_tried_again_until_the_last_attempt() {
    let api = exports(Mood { state: Some("error"), ..Mood::default() });
    let reading = read(&Connector::<Exports>::new(config(&api)), &["visits"]);
    assert_eq!((begun(&api), asked(&api, "POST /exports/visits-0/cancel")), (3, 0));
    assert_eq!(reading.statuses("visits").last(), Some(&"INCOMPLETE"));
    assert!(reading.last_state("visits").is_none_or(|state| state.get("__async_jobs").is_none()));

    let late = exports(Mood { state: Some("whatever"), ..Mood::default() });
    let reading = read(&Connector::<Exports>::new(config(&late)), &["late"]);
    assert_eq!(begun(&late), 2, "`max_attempts`");
    assert_eq!(asked(&late, "POST /exports/eu-0/cancel") + asked(&late, "POST /exports/eu-1/cancel"), 2);
    assert_eq!(reading.statuses("late").last(), Some(&"INCOMPLETE"));
}

#[test]
fn a_status_without_a_meaning_fails_where_running_is_listed() {
    let api = exports(Mood { state: Some("whatever"), ..Mood::default() });
    let reading = read(&Connector::<Exports>::new(config(&api)), &["visits"]);
    assert_eq!(begun(&api), 1);
    assert_eq!(asked(&api, "POST /exports/visits-0/cancel"), 1);
    assert_eq!(reading.statuses("visits").last(), Some(&"INCOMPLETE"));
}
