//! An API of a few answers that a test writes down, each of which may take its time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::network::Network;
use super::server::{Act, Asked, Serves};
use super::world::{Connecting, start_clock};

/// What the clock shows when a script begins.
const CLOCK: i64 = 1_707_523_200;

/// One answer.
pub(super) struct Said {
    pub(super) after: Duration,
    pub(super) status: u16,
    /// Whole lines.
    pub(super) headers: String,
    pub(super) body: Value,
}

impl Said {
    /// An answer that comes after so many seconds.
    pub(super) fn after(seconds: u64, body: Value) -> Self {
        Self { after: Duration::from_secs(seconds), status: 200, headers: String::new(), body }
    }
}

/// Says what a function makes of each request.
struct Script<F>(F);

/// Lets the clients of this thread ask a script.
pub(super) fn enter(answer: impl FnMut(&Asked) -> Said + Send + 'static) {
    start_clock(CLOCK);
    super::enter(Network::new(&Arc::new(Mutex::new(Script(answer)))));
}

impl<F: FnMut(&Asked) -> Said + Send> Serves for Script<F> {
    fn connect(&mut self) -> Connecting {
        Connecting::Takes(Duration::from_millis(1))
    }

    fn answer(&mut self, asked: &Asked) -> Vec<Act> {
        let Said { after, status, headers, body } = (self.0)(asked);
        let body = body.to_string();
        let head = format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {}\r\n\r\n", body.len());
        vec![Act::Sleep(after), Act::Write((head + &body).into_bytes())]
    }
}
