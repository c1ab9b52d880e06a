//! The API of the law tests: one table of rows behind five ways to page, with filters, and a log of what was asked.

use std::sync::{Arc, Mutex};

use airbyte_runtime::Timestamp;
use airbyte_runtime::testing::{Request, Response, Server};
use serde_json::{Value, json};

/// What the API asks for in `Authorization`.
pub(crate) const TOKEN: &str = "token-of-the-laws";

/// Records in a full page.
const PAGE: usize = 3;

/// 2024-01-01T00:00:00Z, where every cursor starts.
const START: i64 = 1_704_067_200;
const DAY: i64 = 86_400;

/// A record that the API has.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) region: &'static str,
    pub(crate) project: u64,
    pub(crate) updated_at: Timestamp,
    /// Bytes that its note has besides.
    pub(crate) padding: usize,
}

/// The rows of every stream but the parents: each region and each project has some, and several stand on the bounds of
/// windows of ten days or share their instant.
pub(crate) fn rows() -> Vec<Row> {
    const REGIONS: [&str; 3] = ["eu", "us", "ap"];
    let at = |id: u64| match id {
        1 => START,
        2 => START + 10 * DAY - 1,
        3 | 4 => START + 10 * DAY,
        5 => START + 20 * DAY,
        6 => START + 59 * DAY,
        _ => START + i64::try_from(mix(id) % 5_000_000).unwrap_or(0),
    };
    (1..=26).map(|id| row(id, REGIONS[(id % 3) as usize], id % 5 + 1, at(id))).collect()
}

pub(crate) fn row(id: u64, region: &'static str, project: u64, seconds: i64) -> Row {
    Row { id, region, project, updated_at: instant(seconds), padding: 0 }
}

/// The parents of the rows.
pub(crate) fn projects() -> Vec<Row> {
    (1..=5).map(|id| row(id, "eu", id, START + i64::try_from(id).unwrap_or(0) * 7 * DAY)).collect()
}

pub(crate) fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a second of this century")
}

impl Row {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id, "region": self.region, "project": self.project, "updated_at": self.updated_at.to_string(),
            "note": format!("row {}{}", self.id, " ".repeat(self.padding)),
        })
    }
}

/// A number that looks random and is the same in every run.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The same for a text.
pub(crate) fn mix_text(seed: u64, text: &str) -> u64 {
    text.bytes().fold(mix(seed), |mixed, byte| mix(mixed ^ u64::from(byte)))
}

/// The running API.
pub(crate) struct Api {
    server: Server,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Api {
    /// An API that holds these rows and is never late or wrong.
    pub(crate) fn of(rows: Vec<Row>) -> Self {
        Self::with(rows, |_, answer| answer)
    }

    /// The same, where `change` may delay, break or replace each answer.
    pub(crate) fn with(
        rows: Vec<Row>,
        change: impl Fn(&Request, Response) -> Response + Send + Sync + 'static,
    ) -> Self {
        let projects = projects();
        Self::answering(move |request| {
            let answer = answer(&rows, &projects, request);
            change(request, answer)
        })
    }

    /// An API of its own kind.
    pub(crate) fn answering(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&log);
        let server = Server::start(move |request| {
            shared.lock().expect("no handler panics").push(request.clone());
            answer(&request)
        });
        Self { server: server.expect("a free port"), log }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Every request so far, in the order of arrival.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log.lock().expect("no handler panics").clone()
    }

    /// A configuration for the sources of these tests.
    pub(crate) fn config(&self, style: &str, concurrency: u32) -> Value {
        json!({"base_url": self.url(), "token": TOKEN, "style": style, "concurrency": concurrency})
    }
}

/// `/{style}/rows`, `/{style}/rows/region/{region}`, `/{style}/rows/project/{id}` and `/{style}/projects`, filtered by
/// `since`, `until` and `since_id`, all inclusive.
pub(crate) fn answer(rows: &[Row], projects: &[Row], request: &Request) -> Response {
    if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return Response::json(401, &json!({"message": "who are you?"}));
    }
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let (style, found): (&str, Vec<&Row>) = match segments[..] {
        [style, "rows"] => (style, rows.iter().collect()),
        [style, "rows", "region", region] => (style, rows.iter().filter(|row| row.region == region).collect()),
        [style, "rows", "project", id] => (style, rows.iter().filter(|row| row.project.to_string() == id).collect()),
        [style, "projects"] => (style, projects.iter().collect()),
        _ => return Response::json(404, &json!({"message": format!("there is no {}", request.path)})),
    };
    list(style, found, request)
}

/// One page of these rows.
pub(crate) fn list(style: &str, mut found: Vec<&Row>, request: &Request) -> Response {
    let bound = |name: &str, is_end| request.query_param(name).map(|text| bound(text, is_end));
    let (since, until) = (bound("since", false), bound("until", true));
    let since_id: Option<u64> = request.query_param("since_id").map(|text| text.parse().expect("a number"));
    found.retain(|row| {
        since.is_none_or(|since| row.updated_at >= since)
            && until.is_none_or(|until| row.updated_at <= until)
            && since_id.is_none_or(|since| row.id >= since)
    });
    match request.query_param("sort").unwrap_or(style) {
        "ascending" => found.sort_by_key(|row| (row.updated_at, row.id)),
        "descending" => found.sort_by_key(|row| std::cmp::Reverse((row.updated_at, row.id))),
        "numbers" => found.sort_by_key(|row| std::cmp::Reverse(row.id)),
        // No API promises an order unless it says so.
        _ => found.sort_by_key(|row| mix(row.id)),
    }
    page(style, &found, request)
}

/// A bound as a filter or a state may write it: an instant, seconds since 1970, or a day, which ends with its last second.
pub(crate) fn bound(text: &str, is_end: bool) -> Timestamp {
    if let Ok(seconds) = text.parse() {
        return instant(seconds);
    }
    let time = if is_end { "T23:59:59Z" } else { "T00:00:00Z" };
    let day = (text.len() == "2024-01-31".len()).then(|| format!("{text}{time}"));
    day.as_deref().unwrap_or(text).parse().expect("an instant")
}

fn page(style: &str, found: &[&Row], request: &Request) -> Response {
    let number = |name: &str| request.query_param(name).map(|text| text.parse::<usize>().expect("a number"));
    let start = match style {
        "whole" => 0,
        "offset" => number("offset").unwrap_or(0),
        "token" => request.query_param("cursor").map_or(0, |token| token[1..].parse().expect("a token")),
        _ => (number("page").unwrap_or(1) - 1) * PAGE,
    };
    let end = if style == "whole" { found.len() } else { (start + PAGE).min(found.len()) };
    let data: Vec<Value> = found.get(start..end).unwrap_or_default().iter().map(|row| row.json()).collect();
    let next = (end < found.len()).then(|| request.url_with(&[("page", &(start / PAGE + 2).to_string())]));
    match style {
        "link" => {
            let answer = Response::json(200, &json!({"data": data}));
            next.map_or(answer.clone(), |next| answer.header("link", format!("<{next}>; rel=\"next\"")))
        }
        "url" => Response::json(200, &json!({"data": data, "next": next})),
        "token" => Response::json(200, &json!({"data": data, "next": next.map(|_| format!("t{end}"))})),
        _ => Response::json(200, &json!({"data": data})),
    }
}
