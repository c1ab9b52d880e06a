//! The faults and the compression that a request may ask for.

mod support;

use std::io::Read;
use std::time::{Duration, Instant};

use demo_api::DemoApi;
use support::{get, get_with, post};

const TOKEN: &str = "authorization: Bearer demo-token\r\n";

#[test]
fn faults_replace_the_answer() {
    let api = DemoApi::start().unwrap();
    for target in ["/customers", "/events", "/records", "/health", "/orders/1/lines"] {
        let broken = get(&api, &format!("{target}?fault=500"));
        assert_eq!((broken.status, broken.error_code().as_str()), (500, "internal_error"));
        let limited = get(&api, &format!("{target}?fault=429"));
        assert_eq!((limited.status, limited.header("retry-after")), (429, Some("1")));
        let html = get(&api, &format!("{target}?fault=html"));
        assert_eq!((html.status, html.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(html.body.starts_with(b"<!DOCTYPE html>"));
        assert!(get_with(&api, &format!("{target}?fault=reset"), TOKEN).is_none());
    }
}

#[test]
fn a_truncated_answer_ends_in_the_middle() {
    let api = DemoApi::start().unwrap();
    let whole = get(&api, "/customers").body;
    let cut = get(&api, "/customers?fault=truncate");
    assert_eq!(cut.header("content-length"), Some(whole.len().to_string().as_str()));
    assert_eq!(cut.body, whole[..whole.len() / 2]);
}

#[test]
fn once_500_fails_each_url_once() {
    let api = DemoApi::start().unwrap();
    for page in [1, 2] {
        let status = || get(&api, &format!("/customers?page={page}&fault=once-500")).status;
        assert_eq!([status(), status(), status()], [500, 200, 200]);
    }
    let search = || post(&api, "/orders/search?fault=once-500", &serde_json::json!({})).status;
    assert_eq!([search(), search()], [500, 200]);
}

#[test]
fn slow_waits() {
    let api = DemoApi::builder().slow(Duration::from_millis(100)).start().unwrap();
    let started = Instant::now();
    assert_eq!(get(&api, "/customers?fault=slow").status, 200);
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[test]
fn gzip_needs_both_sides() {
    let api = DemoApi::start().unwrap();
    let accepting = format!("{TOKEN}accept-encoding: br, gzip\r\n");
    let plain = get(&api, "/records?total=10").body;
    for (target, headers) in [
        ("/records?total=10", accepting.as_str()),
        ("/records?total=10&gzip=1", TOKEN),
        ("/records?total=10&gzip=0", &accepting),
    ] {
        let answer = get_with(&api, target, headers).unwrap();
        assert_eq!(answer.header("content-encoding"), None);
        assert_eq!(answer.body, plain);
    }
    // The second answer comes from the kept ones.
    for _ in 0..2 {
        let answer = get_with(&api, "/records?total=10&gzip=1", &accepting).unwrap();
        assert_eq!(answer.header("content-encoding"), Some("gzip"));
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain);
    }
}
