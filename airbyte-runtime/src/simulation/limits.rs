//! How answers other than pages count for the pace: everything is real but the network.

#![expect(clippy::print_stdout, reason = "what a pace reaches is part of the documentation")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::network::Network;
use super::quotas::ask;
use super::scenario::runtime;
use super::server::{Act, Asked, Serves};
use super::world::{Connecting, lock, start_clock};
use crate::config::Redactor;
use crate::error::Error;
use crate::http::{HttpClient, HttpSettings};
use crate::plan::auth::NoAuth;

/// An API, and what it has answered.
struct Api {
    /// What it answers to the request of a number, after how many seconds of the simulation: status and headers.
    answers: Box<dyn FnMut(u64, f64) -> (u16, &'static str) + Send>,
    /// How many bytes of a page follow half a second behind its first megabyte and a half.
    rest: usize,
    began: Instant,
    served: u64,
    others: u64,
}

impl Serves for Api {
    fn connect(&mut self) -> Connecting {
        Connecting::Takes(Duration::from_millis(1))
    }

    fn answer(&mut self, _asked: &Asked) -> Vec<Act> {
        let (status, headers) = (self.answers)(self.served + self.others, self.began.elapsed().as_secs_f64());
        match status {
            200 => self.served += 1,
            _ => self.others += 1,
        }
        let rest = if status == 200 { self.rest } else { 0 };
        let begin = if rest > 0 { 3 << 19 } else { 2 };
        let head = format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {}\r\n\r\n", begin + rest);
        let mut acts = vec![Act::Sleep(Duration::from_millis(50)), Act::Write(head.into_bytes())];
        acts.push(Act::Write(vec![b' '; begin]));
        if rest > 0 {
            acts.extend([Act::Sleep(Duration::from_millis(500)), Act::Write(vec![b' '; rest])]);
        }
        acts
    }
}

/// Asks for so many seconds: the pages of each, the share of other answers, and the error that ended it.
fn read(
    seconds: u64,
    rest: usize,
    answers: impl FnMut(u64, f64) -> (u16, &'static str) + Send + 'static,
) -> (f64, f64, Option<Error>) {
    runtime().block_on(async {
        start_clock(1_707_523_200);
        let api = Api { answers: Box::new(answers), rest, began: Instant::now(), served: 0, others: 0 };
        let api = Arc::new(Mutex::new(api));
        super::enter(Network::new(&api));
        let client = HttpClient::new("test", HttpSettings::patient(), Redactor::default());
        let failed = ask(&client, Arc::new(NoAuth), 5, Duration::from_secs(seconds)).await;
        super::leave();
        let api = lock(&api);
        let (served, others) = (api.served as f64, api.others as f64);
        (served / seconds as f64, others / (served + others), failed)
    })
}

/// Ten in a second, and 40 at once.
fn bucket(refusal: (u16, &'static str)) -> impl FnMut(u64, f64) -> (u16, &'static str) {
    let (mut tokens, mut at) = (40.0_f64, 0.0);
    move |_, now| {
        tokens = (tokens + (now - at) * 10.0).min(40.0);
        at = now;
        if tokens < 1.0 {
            return refusal;
        }
        tokens -= 1.0;
        (200, "")
    }
}

/// 503 with a wait is a limit as 429 is, whatever an error handler makes of it.
#[test]
fn a_server_that_asks_to_wait_is_asked_as_fast_as_it_serves() {
    for refusal in [(503, "retry-after: 1\r\n"), (529, "retry-after: 1\r\n"), (429, "retry-after: 1\r\n")] {
        let (per_second, refused, failed) = read(300, 0, bucket(refusal));
        println!("{refusal:?}: {per_second:.1} a second, {refused:.3} refused");
        assert!(failed.is_none(), "{refusal:?}: {failed:?}");
        assert!(per_second >= 9.0, "{refusal:?}: {per_second:.1} a second");
        assert!(refused <= 0.05, "{refusal:?}: {refused:.3} refused");
    }
}

/// Of twenty answers one is a mistake of the API's own, or a page that is not there: the others come as fast as ever.
#[test]
fn a_mistake_of_the_api_slows_down_nobody_else() {
    let (per_second, others, failed) = read(10, 0, |number, _| if number % 20 == 19 { (500, "") } else { (200, "") });
    println!("{per_second:.0} a second, {others:.3} of them mistakes");
    assert!(failed.is_none(), "{failed:?}");
    // 64 readers, of which each waits for a second behind a mistake.
    assert!(per_second >= 400.0, "{per_second:.0} a second");
}

/// An export is being made as long as its body arrives.
#[test]
fn bodies_that_still_arrive_count_where_an_api_limits_how_many_there_are() {
    let mut ends: Vec<f64> = Vec::new();
    let (per_second, refused, failed) = read(60, 1 << 10, move |_, now| {
        ends.retain(|end| *end > now);
        if ends.len() >= 5 {
            return (429, "");
        }
        // The last byte is on its way then.
        ends.push(now + 0.54);
        (200, "")
    });
    println!("{per_second:.1} a second, {refused:.3} refused");
    assert!(failed.is_none(), "{failed:?}");
    assert!(per_second >= 0.9 * 5.0 / 0.55, "{per_second:.1} a second");
    assert!(refused <= 0.05, "{refused:.3} refused");
}
