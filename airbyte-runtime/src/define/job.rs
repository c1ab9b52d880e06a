//! `job = async_job(…)`: the API makes the records ready in the background.
//!
//! A job is begun for each slice, polled until it is done, and its records are downloaded like any page.
//!
//! | argument | what it says |
//! |---|---|
//! | `create = post("/exports", body = { … })` | the request that begins a job |
//! | `keep = { id = "data.id" }` | values of the answers by their dotted paths, each for `{job.…}` in later requests |
//! | `keep_headers = { url = "Location" }` | the same for headers |
//! | `poll = get("/exports/{job.id}")` | the request for the job's status |
//! | `status = "state"` | the path of the status in the answer; `status` if it is not set |
//! | `completed = ["done"]`, `failed = […]`, `timed_out = […]`, `skipped = […]` | the statuses that end a job |
//! | `running = ["queued"]` | the statuses of a job that runs; any other status fails the slice. Without it every other status means that the job runs |
//! | `targets = "files.*.url"` | where the answer of a finished job says what to download: URLs, or names for `{job.target}` |
//! | `targets_from = get("/exports/{job.id}/files")` | the request whose answer has the targets, if it is not the poll's |
//! | `download = get("/files/{job.target}")` | the request for records; without it each target is a URL |
//! | `abort = post("/exports/{job.id}/cancel")` | stops a job that took too long or is no longer wanted |
//! | `delete = delete("/exports/{job.id}")` | removes a job whose records were read |
//! | `timeout = "PT30M"` | the longest that a job may run; an hour if it is not set |
//! | `poll_interval = "PT10S"` | the wait between polls; at first 1 s, then longer up to 10 s, if it is not set |
//! | `failed_retry_wait = "PT1M"` | the wait after a job that failed |
//! | `max_attempts = 3` | jobs that are begun for a slice until one is done |
//! | `max_concurrent = 5` | jobs of the stream that may run at one time; one if it is not set |
//! | `resume = false` | a read that was stopped begins its jobs anew |
//!
//! A request is [`get`], [`post`], [`put`], [`patch`] or [`delete`] with a path and, as arguments, `query`, `headers`,
//! `body` and `form`.

use super::inject::{require_duration, require_header_names};
use super::stream::BodyDef;
use super::value::{Map, Value};
use crate::rules::text::{Text, same};
use crate::time::Duration;

/// What an attribute says of a job.
#[derive(Clone, Copy, Debug)]
pub struct AsyncJob {
    pub(crate) create: Option<Request>,
    pub(crate) poll: Option<Request>,
    pub(crate) targets_from: Option<Request>,
    pub(crate) download: Option<Request>,
    pub(crate) abort: Option<Request>,
    pub(crate) delete: Option<Request>,
    pub(crate) keep: Map,
    pub(crate) keep_headers: Map,
    pub(crate) status: &'static str,
    pub(crate) completed: &'static [&'static str],
    pub(crate) running: Option<&'static [&'static str]>,
    pub(crate) failed: &'static [&'static str],
    pub(crate) timed_out: &'static [&'static str],
    pub(crate) skipped: &'static [&'static str],
    pub(crate) targets: Option<&'static str>,
    pub(crate) timeout: Duration,
    pub(crate) poll_interval: Option<Duration>,
    pub(crate) failed_retry_wait: Option<Duration>,
    pub(crate) max_attempts: u32,
    pub(crate) max_concurrent: usize,
    pub(crate) resume: bool,
}

/// A request about a job: `get("/exports/{job.id}")`.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub(crate) method: JobMethod,
    pub(crate) path: &'static str,
    pub(crate) query: Map,
    pub(crate) headers: Map,
    pub(crate) body: BodyDef,
}

/// The HTTP method of a request about a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobMethod {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A job for each slice of the stream; see the [module](self) for its arguments.
#[must_use]
pub const fn async_job() -> AsyncJob {
    AsyncJob {
        create: None,
        poll: None,
        targets_from: None,
        download: None,
        abort: None,
        delete: None,
        keep: &[],
        keep_headers: &[],
        status: "status",
        completed: &[],
        running: None,
        failed: &[],
        timed_out: &[],
        skipped: &[],
        targets: None,
        timeout: Duration::from_seconds(3600),
        poll_interval: None,
        failed_retry_wait: None,
        max_attempts: 3,
        max_concurrent: 1,
        resume: true,
    }
}

/// A GET request. A path that is nothing but `{job.…}` is an address: a URL, or what is below the base URL.
#[must_use]
#[track_caller]
pub const fn get(path: &'static str) -> Request {
    request(JobMethod::Get, path)
}

/// A POST request; see [`get`].
#[must_use]
#[track_caller]
pub const fn post(path: &'static str) -> Request {
    request(JobMethod::Post, path)
}

/// A PUT request; see [`get`].
#[must_use]
#[track_caller]
pub const fn put(path: &'static str) -> Request {
    request(JobMethod::Put, path)
}

/// A PATCH request; see [`get`].
#[must_use]
#[track_caller]
pub const fn patch(path: &'static str) -> Request {
    request(JobMethod::Patch, path)
}

/// A DELETE request; see [`get`].
#[must_use]
#[track_caller]
pub const fn delete(path: &'static str) -> Request {
    request(JobMethod::Delete, path)
}

#[track_caller]
const fn request(method: JobMethod, path: &'static str) -> Request {
    assert!(!path.is_empty(), "the request has no path\nhelp: write one, as in `get(\"/exports/{{job.id}}\")`");
    Request { method, path, query: &[], headers: &[], body: BodyDef::Empty }
}

setters! { Request
    /// Query parameters, besides the source's.
    query: Map;
    /// Headers, besides those of the stream and the source.
    headers: Map [require_header_names];
}

impl Request {
    /// The JSON body.
    #[must_use]
    #[track_caller]
    pub const fn body(self, body: Map) -> Self {
        self.carry(BodyDef::Json(body))
    }

    /// The form body.
    #[must_use]
    #[track_caller]
    pub const fn form(self, form: Map) -> Self {
        self.carry(BodyDef::Form(form))
    }

    #[track_caller]
    const fn carry(mut self, body: BodyDef) -> Self {
        assert!(
            matches!(self.method, JobMethod::Post | JobMethod::Put | JobMethod::Patch),
            "a GET or DELETE request carries no body\nhelp: write `post(…)`, `put(…)` or `patch(…)`"
        );
        assert!(
            matches!(self.body, BodyDef::Empty),
            "`body` and `form` exclude each other\nhelp: a request carries JSON or a form: keep one of the two"
        );
        self.body = body;
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }

    /// Whether a value of this root stands in it.
    pub(crate) const fn mentions(&self, root: &str) -> bool {
        let body = match self.body {
            BodyDef::Json(map) | BodyDef::Form(map) => map_mentions(map, root),
            _ => false,
        };
        body || text_mentions(self.path, root) || map_mentions(self.query, root) || map_mentions(self.headers, root)
    }
}

const fn map_mentions(map: Map, root: &str) -> bool {
    let mut at = 0;
    while at < map.len() {
        if value_mentions(map[at].1, root) {
            return true;
        }
        at += 1;
    }
    false
}

const fn value_mentions(value: Value, root: &str) -> bool {
    match value {
        Value::Template(text) => text_mentions(text, root),
        Value::Map(map) => map_mentions(map, root),
        Value::Joined(items, _) => value_mentions(*items, root),
        Value::List(items) => {
            let mut at = 0;
            while at < items.len() {
                if value_mentions(items[at], root) {
                    return true;
                }
                at += 1;
            }
            false
        }
        _ => false,
    }
}

/// Whether a placeholder of this root stands in a text.
pub(crate) const fn text_mentions(text: &str, root: &str) -> bool {
    let (bytes, root) = (text.as_bytes(), root.as_bytes());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'{' {
            at += 1;
            continue;
        }
        if at + 1 < bytes.len() && bytes[at + 1] == b'{' {
            at += 2;
            continue;
        }
        let mut same = 0;
        while same < root.len() && at + 1 + same < bytes.len() && bytes[at + 1 + same] == root[same] {
            same += 1;
        }
        let end = at + 1 + same;
        if same == root.len() && end < bytes.len() && bytes[end] == b'.' {
            return true;
        }
        at += 1;
    }
    false
}

setters! { AsyncJob
    /// Asks for the status of the job.
    poll: Request => Some;
    /// Asks where the records of a finished job are.
    targets_from: Request => Some;
    /// Asks for the records.
    download: Request => Some;
    /// Stops a job.
    abort: Request => Some;
    /// Removes a job whose records were read.
    delete: Request => Some;
    /// The statuses of a job whose records are ready.
    completed: &'static [&'static str];
    /// The statuses of a job that runs.
    running: &'static [&'static str] => Some;
    /// The statuses of a job that failed; another one is begun.
    failed: &'static [&'static str];
    /// The statuses of a job that took too long; it is aborted, and another one is begun.
    timed_out: &'static [&'static str];
    /// The statuses of a job that has no records.
    skipped: &'static [&'static str];
    /// Whether a read that goes on from a state goes on with the jobs in it.
    resume: bool;
}

impl AsyncJob {
    /// Begins the job.
    #[must_use]
    #[track_caller]
    pub const fn create(mut self, request: Request) -> Self {
        assert!(
            !request.mentions("job"),
            "`{{job.…}}` has no value in `create`, which begins the job\nhelp: use `{{config.…}}`, `{{partition.…}}`, `{{parent.…}}` or `{{interval.…}}`"
        );
        self.create = Some(request);
        self
    }

    /// Values of the answers, by their paths.
    #[must_use]
    #[track_caller]
    pub const fn keep(mut self, keep: Map) -> Self {
        require_kept(keep, "a dotted path in the answer, as in `keep = { id = \"data.id\" }`");
        self.keep = keep;
        self
    }

    /// Values of the answers' headers, by their names.
    #[must_use]
    #[track_caller]
    pub const fn keep_headers(mut self, keep: Map) -> Self {
        require_kept(keep, "a header's name, as in `keep_headers = { url = \"Location\" }`");
        self.keep_headers = keep;
        self
    }

    /// The path of the status in the answer to a poll.
    #[must_use]
    #[track_caller]
    pub const fn status(mut self, path: &'static str) -> Self {
        require_path("`status`", path);
        self.status = path;
        self
    }

    /// Where the answer of a finished job says what to download; `*` is every element of a list.
    #[must_use]
    #[track_caller]
    pub const fn targets(mut self, path: &'static str) -> Self {
        require_path("`targets`", path);
        self.targets = Some(path);
        self
    }

    /// The longest that a job may run.
    #[must_use]
    #[track_caller]
    pub const fn timeout(mut self, duration: &'static str) -> Self {
        self.timeout = require_wait("`timeout`", duration);
        self
    }

    /// The wait between two polls.
    #[must_use]
    #[track_caller]
    pub const fn poll_interval(mut self, duration: &'static str) -> Self {
        self.poll_interval = Some(require_wait("`poll_interval`", duration));
        self
    }

    /// The wait after a job that failed.
    #[must_use]
    #[track_caller]
    pub const fn failed_retry_wait(mut self, duration: &'static str) -> Self {
        self.failed_retry_wait = Some(require_wait("`failed_retry_wait`", duration));
        self
    }

    /// Jobs that are begun for a slice until one is done.
    #[must_use]
    #[track_caller]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        assert!(attempts > 0, "without an attempt no job is begun\nhelp: write at least `max_attempts = 1`");
        self.max_attempts = attempts;
        self
    }

    /// Jobs of the stream that may run at one time.
    #[must_use]
    #[track_caller]
    pub const fn max_concurrent(mut self, jobs: usize) -> Self {
        assert!(jobs > 0, "with no job at a time nothing is read\nhelp: write at least `max_concurrent = 1`");
        self.max_concurrent = jobs;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.create.is_some(),
            "the job has no `create`, so nothing begins it\nhelp: add `create = post(\"/exports\")`"
        );
        assert!(
            self.poll.is_some(),
            "the job has no `poll`, so nobody learns when it is done\nhelp: add `poll = get(\"/exports/{{job.id}}\")`"
        );
        assert!(
            !self.completed.is_empty(),
            "no status means that the job is done\nhelp: add `completed = [\"done\"]`, in the API's words"
        );
        assert!(
            self.download.is_some() || self.targets.is_some(),
            "nothing says where the records are\nhelp: add `targets = \"url\"` for URLs in the answer of a finished job, or `download = get(\"/exports/{{job.id}}/result\")`"
        );
        assert!(
            self.targets_from.is_none() || self.targets.is_some(),
            "`targets_from` is asked for targets, but `targets` does not say where its answer has them\nhelp: add `targets = \"files.*.url\"`"
        );
        let running = match self.running {
            Some(running) => running,
            None => &[],
        };
        let lists = [self.completed, running, self.failed, self.timed_out, self.skipped];
        let mut list = 0;
        while list < lists.len() {
            let mut other = list;
            while other < lists.len() {
                require_apart(lists[list], lists[other], list == other);
                other += 1;
            }
            list += 1;
        }
        self
    }
}

/// Refuses a status that means two things.
#[track_caller]
const fn require_apart(one: &[&str], other: &[&str], is_same: bool) {
    let mut left = 0;
    while left < one.len() {
        let mut right = if is_same { left + 1 } else { 0 };
        while right < other.len() {
            if same(one[left], other[right]) {
                let text = Text::new()
                    .push("the status `")
                    .push(one[left])
                    .push("` stands twice\nhelp: a status has one meaning: keep one of the two");
                panic!("{}", text.as_str());
            }
            right += 1;
        }
        left += 1;
    }
}

#[track_caller]
const fn require_kept(keep: Map, what: &str) {
    let mut at = 0;
    while at < keep.len() {
        let (name, value) = keep[at];
        if same(name, "target") {
            panic!("`target` is the name of what is downloaded\nhelp: keep the value under another name");
        }
        let is_text = matches!(value, Value::Template(text) | Value::Raw(text) if !text.is_empty());
        if !is_text {
            let text = Text::new().push("the kept value `").push(name).push("` says nothing\nhelp: write ").push(what);
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

/// Refuses a path with nothing between two dots.
#[track_caller]
const fn require_path(key: &str, path: &str) {
    let bytes = path.as_bytes();
    let mut at = 0;
    let mut length = 0;
    while at < bytes.len() && !(bytes[at] == b'.' && length == 0) {
        length = if bytes[at] == b'.' { 0 } else { length + 1 };
        at += 1;
    }
    if at < bytes.len() || length == 0 {
        let text = Text::new()
            .push(key)
            .push(" is not a path of keys: \"")
            .push(path)
            .push("\"\nhelp: keys are joined by single dots, as in \"data.status\"");
        panic!("{}", text.as_str());
    }
}

#[track_caller]
const fn require_wait(key: &str, text: &str) -> Duration {
    let duration = require_duration(key, text);
    if duration.approximate_nanos() <= 0 {
        let text = Text::new().push(key).push(" is no time at all\nhelp: write a duration such as \"PT30S\"");
        panic!("{}", text.as_str());
    }
    duration
}
