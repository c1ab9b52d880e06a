//! Every rule and wait, and types of the connector's own.

use airbyte_runtime::ErrorKind;
use airbyte_runtime::plan::{Answer, Backoff, ErrorHandler, FailedTry, Verdict, Wait};
use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    error_handler = [
        status(404) => ignore,
        statuses([403, 451]) => config_error("the token may not read this"),
        header("X-Remaining", "0") => rate_limited,
        body("error.code", "{busy}") => retry(),
        message("maintenance") => transient_error("the API is being maintained"),
        status(GONE) => fail("the API is gone"),
    ],
    backoff = [
        wait_from_header("Retry-After", max = "PT10M"),
        wait_until_header("X-RateLimit-Reset"),
        exponential(base = "PT1S", max = "PT1M"),
    ],
    streams = [Task, Project, User],
)]
struct Tracker;

const GONE: u16 = 410;

#[stream(source = Tracker, path = "/tasks", error_handler = Lenient { status: 404 }, backoff = Patient)]
struct Task {
    id: u64,
}

#[stream(source = Tracker, path = "/projects", backoff = [Patient, constant("PT5S")], error_handler = LENIENT)]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/users", backoff = exponential, error_handler = [status(404) => ignore,])]
struct User {
    id: u64,
}

struct Lenient {
    status: u16,
}

const LENIENT: Lenient = Lenient { status: 403 };

impl ErrorHandler for Lenient {
    fn decide(&self, answer: &Answer<'_>) -> Option<Verdict> {
        let kind = ErrorKind::System;
        (answer.status.as_u16() == self.status).then_some(Verdict::Fail { kind, message: None })
    }
}

struct Patient;

impl Backoff for Patient {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        Some(Wait::For(std::time::Duration::from_secs(failed.attempt.into())))
    }
}

fn main() {}
