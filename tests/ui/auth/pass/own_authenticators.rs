//! A type and functions of the connector's own.

use std::future::Future;
use std::pin::Pin;

use airbyte_runtime::plan::{Authenticator, RequestDraft};
use airbyte_runtime::prelude::*;

struct Signature {
    version: u8,
}

impl Signature {
    const fn new(version: u8) -> Self {
        Self { version }
    }
}

impl Authenticator for Signature {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>> {
        Box::pin(async move { request.set_header("x-version", &self.version.to_string()) })
    }
}

fn sign(tracker: &Tracker, request: &mut RequestDraft) -> Result<()> {
    request.set_header("x-signature", tracker.key.expose())
}

#[source(base_url = "https://api.example.com", auth = with(sign), streams = [Task, Project, User])]
struct Tracker {
    /// The access key.
    #[config(secret)]
    key: Secret,
}

#[stream(source = Tracker, path = "/tasks", auth = Signature::new(2))]
struct Task {
    id: u64,
}

#[stream(source = Tracker, path = "/projects", auth = Signature { version: 1 })]
struct Project {
    id: u64,
}

const SIGNATURE: Signature = Signature::new(3);

#[stream(source = Tracker, path = "/users", auth = SIGNATURE)]
struct User {
    id: u64,
}

fn main() {}
