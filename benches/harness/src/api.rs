//! An API of issues whose answers are cut out of memory, so that what is measured is who reads them.
//!
//! | path | answer |
//! |---|---|
//! | `/issues?page&per_page&total` | issues |
//! | `/repos?page&per_page` | 200 repositories |
//! | `/repos/{id}/issues?page&per_page` | 450 issues of each |
//! | `/accounts?page&per_page&total` | as many accounts |
//! | `/accounts/{id}/entries` | one entry of each |
//! | `/window?since&until&page&per_page` | issues that were updated between two instants, both included |
//!
//! Behind `/slow`, an answer takes 50 ms; behind `/gz`, it is compressed; behind `/whole`, the first page has everything.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use airbyte_runtime::testing::{Request, Response, Server};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::Result;

const REPOS: usize = 200;
const ISSUES_OF_A_REPO: usize = 450;
/// Issues that differ; a longer list begins again with the first one.
const ISSUES: usize = 100_000;
/// Seconds between two issues: all of them take five years.
const STEP: i64 = 1578;
/// 2020-01-01T00:00:00Z.
const FIRST: i64 = 1_577_836_800;

/// Starts the API on a thread of its own; port 0 is a free one.
///
/// # Errors
/// A port that cannot be bound.
pub(crate) fn start(port: u16) -> Result<Server> {
    let api = Arc::new(Api::new());
    Ok(Server::start_on(port, move |request| api.answer(&request))?)
}

/// Serves until the process is ended.
///
/// # Errors
/// A port that cannot be bound.
pub(crate) fn serve(port: u16) -> Result<()> {
    let server = start(port)?;
    eprintln!("serving on {}", server.url());
    loop {
        std::thread::park();
    }
}

/// When the issue with that number was updated.
pub(crate) fn updated(number: u32) -> Timestamp {
    Timestamp::from_second(FIRST).unwrap_or_default() + SignedDuration::from_secs(i64::from(number) * STEP)
}

struct Api {
    /// All issues, with a comma behind each.
    text: Vec<u8>,
    /// Where each begins, and where the last one ends.
    starts: Vec<usize>,
    /// Compressed answers, by what was asked.
    compressed: Mutex<HashMap<String, Bytes>>,
}

impl Api {
    fn new() -> Self {
        let (mut text, mut starts) = (String::new(), Vec::with_capacity(ISSUES + 1));
        for number in 0..ISSUES {
            starts.push(text.len());
            issue(number, &mut text);
            text.push(',');
        }
        starts.push(text.len());
        Self { text: text.into_bytes(), starts, compressed: Mutex::default() }
    }

    fn answer(&self, request: &Request) -> Response {
        let mut path = request.path.as_str();
        let (mut slow, mut compress, mut whole) = (false, false, false);
        for (prefix, is_set) in [("/slow", &mut slow), ("/gz", &mut compress), ("/whole", &mut whole)] {
            if let Some(rest) = path.strip_prefix(prefix) {
                (path, *is_set) = (rest, true);
            }
        }
        let Some(body) = self.body(path, request, whole) else { return Response::new(404) };
        let response = Response::new(200).header("content-type", "application/json");
        let response = if compress { self.compressed(request, body) } else { response.body(body) };
        if slow { response.delay(Duration::from_millis(50)) } else { response }
    }

    fn body(&self, path: &str, request: &Request, whole: bool) -> Option<Bytes> {
        let number = |name: &str, default: usize| {
            request.query_param(name).and_then(|value| value.parse().ok()).unwrap_or(default)
        };
        let size = if whole { usize::MAX } else { number("per_page", 100).clamp(1, 1000) };
        let page = number("page", 1).max(1);
        let cut = |from: usize, to: usize| {
            let first = (page - 1).saturating_mul(size).saturating_add(from).min(to);
            (first, first.saturating_add(size).min(to))
        };
        match path.split('/').skip(1).collect::<Vec<_>>().as_slice() {
            ["issues"] => Some(self.issues(cut(0, number("total", ISSUES)))),
            ["repos"] => Some(repos(cut(0, REPOS))),
            ["repos", id, "issues"] => {
                let id = id.parse::<usize>().ok().filter(|id| (1..=REPOS).contains(id))?;
                Some(self.issues(cut((id - 1) * ISSUES_OF_A_REPO, id * ISSUES_OF_A_REPO)))
            }
            ["accounts"] => Some(accounts(cut(0, number("total", ISSUES)))),
            ["accounts", id, "entries"] => Some(entry(id.parse().ok()?)),
            ["window"] => {
                let bound = |name: &str| request.query_param(name)?.parse::<Timestamp>().ok().map(Timestamp::as_second);
                // The first issue at an instant or after it.
                let at = |instant: i64| {
                    let steps =
                        (instant - FIRST).max(0).div_euclid(STEP) + i64::from((instant - FIRST).max(0) % STEP > 0);
                    usize::try_from(steps).unwrap_or(ISSUES).min(ISSUES)
                };
                let from = bound("since").map_or(0, at);
                let to = bound("until").map_or(ISSUES, |until| at(until + 1));
                Some(self.issues(cut(from, to.max(from))))
            }
            _ => None,
        }
    }

    /// The issues of a page; a list that is longer than what there is goes round.
    fn issues(&self, (from, to): (usize, usize)) -> Bytes {
        let mut body = vec![b'['];
        let (mut from, mut left) = (from % ISSUES, to - from);
        while left > 0 {
            let length = left.min(ISSUES - from);
            let text = self.starts.get(from).zip(self.starts.get(from + length));
            body.extend_from_slice(text.and_then(|(start, end)| self.text.get(*start..*end)).unwrap_or_default());
            (from, left) = (0, left - length);
        }
        match body.last_mut() {
            // The comma behind the last one.
            Some(last) if *last == b',' => *last = b']',
            _ => body.push(b']'),
        }
        body.into()
    }

    fn compressed(&self, request: &Request, body: Bytes) -> Response {
        let key = request.to_string();
        let mut cache = self.compressed.lock().unwrap_or_else(PoisonError::into_inner);
        let body = cache.entry(key).or_insert_with(|| Response::new(200).body(body).gzip().content().clone());
        let response = Response::new(200).header("content-type", "application/json");
        response.header("content-encoding", "gzip").body(body.clone())
    }
}

fn repos((from, to): (usize, usize)) -> Bytes {
    let repos = (from + 1..=to).map(|id| format!(r#"{{"id":{id},"name":"repo-{id}","owner":{{"login":"acme"}}}}"#));
    format!("[{}]", repos.collect::<Vec<_>>().join(",")).into()
}

fn accounts((from, to): (usize, usize)) -> Bytes {
    let accounts = (from + 1..=to).map(|id| format!(r#"{{"id":{id},"name":"account {id}"}}"#));
    format!("[{}]", accounts.collect::<Vec<_>>().join(",")).into()
}

fn entry(account: usize) -> Bytes {
    let updated = updated(u32::try_from(account % ISSUES).unwrap_or_default());
    format!(r#"[{{"id":{account},"account_id":{account},"updated_at":"{updated}"}}]"#).into()
}

/// An issue of about 500 bytes, with nested values, escapes and a letter that is not ASCII.
fn issue(number: usize, text: &mut String) {
    const LABELS: [(&str, &str); 4] =
        [("bug", "d73a4a"), ("feature", "a2eeef"), ("documentation", "0075ca"), ("good first issue", "7057ff")];
    const WORDS: [&str; 8] = ["timeout", "source", "sync", "cursor", "empty value", "schema", "retry", "café"];
    let pick = |salt: usize, of: usize| number.wrapping_mul(2_654_435_761).wrapping_add(salt * 40_503) / 7 % of;
    let word = |salt: usize| WORDS[pick(salt, WORDS.len())];
    let label = |salt: usize| {
        let (name, color) = LABELS[pick(salt, LABELS.len())];
        format!(r#"{{"id":{},"name":"{name}","color":"{color}"}}"#, 1000 + pick(salt, LABELS.len()))
    };
    let updated = updated(u32::try_from(number).unwrap_or(u32::MAX));
    let created = updated - SignedDuration::from_hours(24 * 7);
    let is_closed = pick(1, 2) == 0;
    let (state, closed) = if is_closed { ("closed", format!("\"{updated}\"")) } else { ("open", "null".to_owned()) };
    let (a, b, c, user) = (word(2), word(3), word(4), pick(5, 5000));
    let (first, second) = (label(6), label(7));
    let _ = write!(
        text,
        r#"{{"id":{id},"number":{id},"title":"{a} fails with {b} after {c}","state":"{state}","locked":false,"comments":{comments},"created_at":"{created}","updated_at":"{updated}","closed_at":{closed},"user":{{"login":"user{user}","id":{user},"type":"User","site_admin":false}},"labels":[{first},{second}],"score":{score}.25,"body":"When the {b} is read, \"{c}\" is reported.\nSteps: run {a}, then {b}, and look at the log."}}"#,
        id = number + 1,
        comments = pick(8, 50),
        score = pick(9, 100),
    );
}
