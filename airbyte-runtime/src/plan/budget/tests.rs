use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::join_all;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::{Budget, Limit, PolicyPlan, Rate, Signals};
use crate::error::ErrorKind;
use crate::http::{Mark, Pending};
use crate::plan::error_handler::Answer;
use crate::plan::request::{RequestBody, RequestDraft};
use crate::plan::request_matcher::RequestMatcher;
use crate::time::clock::{self, Standing};

fn unnoticed(wait: Duration) -> Mark {
    Pending::default().wait(String::new(), wait)
}

const NEVER_TOO_LONG: Duration = Duration::from_secs(1_000_000);

fn request(path: &str) -> RequestDraft {
    RequestDraft {
        method: Method::GET,
        url: Url::parse("https://api.example.com").and_then(|url| url.join(path)).expect("a URL"),
        query: Vec::new(),
        headers: HeaderMap::new(),
        body: RequestBody::Empty,
    }
}

fn rate(limit: u32, seconds: u64) -> Rate {
    Rate { limit, period: Duration::from_secs(seconds) }
}

fn all(limit: Limit) -> PolicyPlan {
    PolicyPlan { matchers: Vec::new(), limit, signals: Signals::default() }
}

fn path(pattern: &str, weight: u32) -> RequestMatcher {
    RequestMatcher {
        method: None,
        url_base: None,
        url_path_pattern: Some(regex_lite::Regex::new(pattern).expect("a pattern")),
        params: Vec::new(),
        headers: Vec::new(),
        weight,
    }
}

/// Sends a request when the budget has room for it, and says when that was.
async fn send(budget: &Budget, path: &str, since: Instant) -> Duration {
    let call = budget.call(&request(path)).expect("a call");
    if let Some(call) = call {
        loop {
            call.wait(NEVER_TOO_LONG, &unnoticed).await.expect("room");
            if call.take() {
                break;
            }
        }
    }
    since.elapsed()
}

async fn send_all(budget: &Budget, paths: &[&str]) -> Vec<u64> {
    let since = Instant::now();
    let sent = RefCell::new(Vec::new());
    join_all(paths.iter().map(|path| async {
        let at = send(budget, path, since).await;
        sent.borrow_mut().push(at.as_secs());
    }))
    .await;
    sent.into_inner()
}

fn answer<'a>(headers: &'a HeaderMap, status: u16) -> Answer<'a> {
    Answer::to_any(StatusCode::from_u16(status).expect("a status"), headers, b"")
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_fixed_window_begins_with_its_first_call() {
    let budget = Budget::new([all(Limit::Fixed(rate(2, 60)))]);
    tokio::time::sleep(Duration::from_secs(1000)).await;
    assert_eq!(send_all(&budget, &["/a"; 5]).await, [0, 0, 60, 60, 120]);
}

#[tokio::test(start_paused = true)]
async fn every_rate_of_a_moving_window_holds() {
    let budget = Budget::new([all(Limit::Moving(vec![rate(2, 1), rate(3, 10)]))]);
    assert_eq!(send_all(&budget, &["/a"; 7]).await, [0, 0, 1, 10, 10, 11, 20]);
}

#[tokio::test(start_paused = true)]
async fn a_moving_window_forgets_each_call_on_its_own() {
    let budget = Budget::new([all(Limit::Moving(vec![rate(2, 10)]))]);
    let since = Instant::now();
    assert_eq!(send(&budget, "/a", since).await.as_secs(), 0);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(send(&budget, "/a", since).await.as_secs(), 4);
    assert_eq!(send(&budget, "/a", since).await.as_secs(), 10);
    assert_eq!(send(&budget, "/a", since).await.as_secs(), 14);
}

#[tokio::test(start_paused = true)]
async fn the_first_policy_that_matches_counts() {
    let unlimited = PolicyPlan { matchers: vec![path("^/free", 1)], ..all(Limit::Unlimited) };
    let heavy = PolicyPlan { matchers: vec![path("^/heavy", 3), path("^/light", 1)], ..all(Limit::Fixed(rate(4, 60))) };
    let budget = Budget::new([unlimited, heavy]);
    assert_eq!(send_all(&budget, &["/free", "/free/x", "/free"]).await, [0, 0, 0]);
    assert_eq!(send_all(&budget, &["/heavy", "/light", "/heavy", "/light", "/light"]).await, [0, 0, 60, 60, 120]);
    assert_eq!(send_all(&budget, &["/other", "/other"]).await, [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn whoever_came_first_is_first_and_giving_up_costs_nothing() {
    let budget = Budget::new([all(Limit::Fixed(rate(1, 10)))]);
    let since = Instant::now();
    send(&budget, "/a", since).await;
    let order = RefCell::new(Vec::new());
    let wait = |name: &'static str| {
        let (budget, order) = (&budget, &order);
        async move {
            let at = send(budget, "/a", since).await;
            order.borrow_mut().push((name, at.as_secs()));
        }
    };
    let impatient = tokio::time::timeout(Duration::from_secs(5), wait("impatient"));
    let (gave_up, (), ()) = tokio::join!(impatient, wait("second"), wait("third"));
    assert!(gave_up.is_err());
    assert_eq!(*order.borrow(), [("second", 10), ("third", 20)]);
}

#[tokio::test(start_paused = true)]
async fn answers_take_calls_away_and_say_when_the_window_ends() {
    let budget = Budget::new([all(Limit::Fixed(rate(100, 3600)))]);
    let since = Instant::now();
    send(&budget, "/a", since).await;
    // More than was counted is not believed; fewer is. A small number is a length, as in the standard header.
    let told = headers(&[("ratelimit-remaining", "5000")]);
    budget.observe(&request("/a"), &answer(&told, 200));
    let told = headers(&[("ratelimit-remaining", "1"), ("ratelimit-reset", "30")]);
    budget.observe(&request("/a"), &answer(&told, 200));
    assert_eq!(send(&budget, "/a", since).await.as_secs(), 0);
    assert_eq!(send(&budget, "/a", since).await.as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn an_end_in_seconds_since_1970_is_understood_and_so_is_nonsense() {
    let _clock = Standing::still();
    let clock = clock::since_epoch().as_secs();
    let budget = Budget::new([all(Limit::Fixed(rate(1, 3600)))]);
    let since = Instant::now();
    send(&budget, "/a", since).await;
    let mut told = headers(&[("ratelimit-remaining", "nonsense")]);
    told.insert("ratelimit-reset", HeaderValue::from_str(&(clock + 90).to_string()).expect("digits"));
    budget.observe(&request("/a"), &answer(&told, 200));
    assert_eq!(send(&budget, "/a", since).await.as_secs(), 90);
    told.insert("ratelimit-reset", HeaderValue::from_static("1e400"));
    budget.observe(&request("/a"), &answer(&told, 200));
}

/// A server that counts down on a clock of its own may say so of a window that is over.
#[tokio::test(start_paused = true)]
async fn an_end_below_zero_is_now() {
    let budget = Budget::new([all(Limit::Fixed(rate(1, 3600)))]);
    let since = Instant::now();
    send(&budget, "/a", since).await;
    budget.observe(&request("/a"), &answer(&headers(&[("ratelimit-reset", "-2")]), 200));
    assert_eq!(send(&budget, "/a", since).await.as_secs(), 0);
}

/// As seconds they would be in the year 56,000.
#[tokio::test(start_paused = true)]
async fn an_end_in_milliseconds_or_as_a_date_is_understood() {
    let _clock = Standing::still();
    let end = Duration::from_secs(90);
    let millis = (clock::since_epoch() + end).as_millis();
    for form in [millis.to_string(), httpdate::fmt_http_date(clock::now() + end)] {
        let budget = Budget::new([all(Limit::Fixed(rate(1, 3600)))]);
        let since = Instant::now();
        send(&budget, "/a", since).await;
        let mut told = HeaderMap::new();
        told.insert("ratelimit-reset", HeaderValue::from_str(&form).expect("a header"));
        budget.observe(&request("/a"), &answer(&told, 200));
        assert_eq!(send(&budget, "/a", since).await.as_secs(), 90, "{form}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_uses_up_the_window() {
    for limit in [Limit::Fixed(rate(10, 60)), Limit::Moving(vec![rate(10, 60)])] {
        let budget = Budget::new([all(limit)]);
        let since = Instant::now();
        send(&budget, "/a", since).await;
        budget.observe(&request("/a"), &answer(&HeaderMap::new(), 429));
        assert_eq!(send(&budget, "/a", since).await.as_secs(), 60);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_hears_of_a_new_end() {
    let budget = Budget::new([all(Limit::Fixed(rate(1, 3600)))]);
    let since = Instant::now();
    send(&budget, "/a", since).await;
    let told = headers(&[("ratelimit-reset", "3")]);
    let answered = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        budget.observe(&request("/a"), &answer(&told, 200));
    };
    let (at, ()) = tokio::join!(send(&budget, "/a", since), answered);
    assert_eq!(at.as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_waited_out_is_an_error() {
    let budget = Budget::new([all(Limit::Fixed(rate(1, 3600)))]);
    send(&budget, "/a", Instant::now()).await;
    let call = budget.call(&request("/a")).expect("a call").expect("a limit");
    let error = call.wait(Duration::from_secs(60), &unnoticed).await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::Transient);
    assert!(error.message().contains("1 calls in 3600 s"), "{}", error.message());

    let heavy = PolicyPlan { matchers: vec![path("", 3)], ..all(Limit::Moving(vec![rate(5, 60), rate(2, 1)])) };
    let error = Budget::new([heavy]).call(&request("/a")).expect_err("too heavy");
    assert!(error.message().contains("counts for 3 calls"), "{}", error.message());
}

/// Memory does not grow with the limit, and no more calls pass than may.
#[tokio::test(start_paused = true)]
async fn calls_that_are_close_together_are_remembered_together() {
    let budget = Budget::new([all(Limit::Moving(vec![rate(5000, 10)]))]);
    let since = Instant::now();
    for _ in 0..5000 {
        send(&budget, "/a", since).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let remembered = match &*budget.policies[0].window() {
        super::Window::Moving(windows) => windows[0].calls.len(),
        _ => 0,
    };
    assert!((1..=1025).contains(&remembered), "{remembered}");
    assert!(send(&budget, "/a", since).await >= Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn who_has_room_stands_in_nobodys_way() {
    let budget = Budget::new([all(Limit::Moving(vec![rate(1, 10)]))]);
    let head = budget.call(&request("/a")).expect("a call").expect("a limit");
    head.wait(NEVER_TOO_LONG, &unnoticed).await.expect("room");
    // It waits for something that the other one has, which waits for room itself.
    let other = budget.call(&request("/b")).expect("a call").expect("a limit");
    other.wait(NEVER_TOO_LONG, &unnoticed).await.expect("room");
    assert!(other.take());
    assert!(!head.take());
    head.wait(NEVER_TOO_LONG, &unnoticed).await.expect("room");
    assert!(head.take());
}
