//! Heads of answers that are too large: what is said of them, and that the next try may be better.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use serde_json::json;

use super::barrier::Barrier;
use super::reading::{Reading, read};

/// Streams that are tried once and twice.
#[source(base_url = "{config.base_url}", backoff = constant("PT0.001S"), streams = [Once, Twice])]
struct Heads {
    /// Where the API is.
    base_url: String,
}

#[stream(source = Heads, path = "/once", query = { token = "s3cret-token" }, max_retries = 0)]
struct Once {
    id: u64,
}

#[stream(source = Heads, path = "/twice", max_retries = 1)]
struct Twice {
    id: u64,
}

/// Reads a stream whose first answer has so many headers of so many bytes.
fn read_with(stream: &str, count: usize, length: usize) -> (Reading, String) {
    let answered = AtomicUsize::new(0);
    let api = Barrier::writing(move |_, stream| {
        let mut head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n".to_owned();
        if answered.fetch_add(1, Ordering::Relaxed) == 0 {
            for number in 0..count {
                write!(head, "x-header-{number}: {}\r\n", "x".repeat(length)).expect("memory");
            }
        }
        // Who does not take the head hangs up in the middle of it.
        let _ = write!(stream, "{head}\r\n[{{\"id\":1}}]");
        Ok(())
    });
    let url = api.url();
    (read(&Connector::<Heads>::new(json!({"base_url": url})), &[stream]), url)
}

#[test]
fn a_head_that_is_too_large_is_told_with_its_bound() {
    for (count, length) in [(99, 10), (1, 2_000_000), (200, 4_000)] {
        let (reading, url) = read_with("once", count, length);
        let failures = reading.failures("once");
        assert_eq!(failures.len(), 1, "{count} headers of {length} bytes");
        assert_eq!(failures[0].0, "transient_error");
        let bound = format!(
            "the answer of {url}/once has more headers than this connector takes: 100, or 400 KB together; look at what \
             the API, or a proxy before it, puts there: often it is cookies"
        );
        assert_eq!(failures[0].1, bound, "{count} headers of {length} bytes");
        assert!(!format!("{failures:?}").contains("s3cret"), "{failures:?}");
    }
}

#[test]
fn large_heads_are_read() {
    for (count, length) in [(98, 10), (1, 390_000), (98, 4_000)] {
        let (reading, _) = read_with("once", count, length);
        assert!(reading.error.is_none(), "{count} headers of {length} bytes: {:?}", reading.error);
        assert_eq!(reading.ids("once"), [1]);
    }
}

#[test]
fn the_next_try_may_have_a_smaller_head() {
    let (reading, _) = read_with("twice", 200, 10);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("twice"), [1]);
}
