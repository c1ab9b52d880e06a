//! What reads bytes from outside, as functions of any bytes: the harness of bad input calls them, the test of the
//! workspace with a corpus and mutations of it, libFuzzer with what it makes up (see `docs/reliability.md`).
//!
//! A panic is a finding, and the laws of each function are assertions. Nothing here opens a socket or a file.

mod config;
mod decode;
mod json;
mod record;
mod template;
mod text;

use crate::plan::auth;
use crate::{http, manifest, read};

/// A function of any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its folders and of its dictionary.
    pub name: &'static str,
    /// Reads the bytes.
    pub run: fn(&[u8]),
    /// How many bytes of memory it may take at once, besides [`Target::memory_per_byte`].
    pub memory: usize,
    /// How many more for each byte of its input.
    pub memory_per_byte: usize,
}

impl Target {
    /// Ends the process, or the test, for an input that took more memory than its length allows.
    pub fn require_memory(&self, data: &[u8], taken: usize) {
        let allowed = self.memory.saturating_add(self.memory_per_byte.saturating_mul(data.len()));
        assert!(
            taken <= allowed,
            "{} bytes take {taken} bytes of memory, and {allowed} at most are allowed",
            data.len()
        );
    }
}

const MIB: usize = 1 << 20;

/// All of them.
pub const TARGETS: &[Target] = &[
    target("yaml", text::yaml, 256 * MIB, 4_000),
    target("manifest", manifest::fuzzing::manifest, 1024 * MIB, 40_000),
    target("template", template::template, 512 * MIB, 1_000),
    target("literal", template::literal, MIB, 1_000),
    target("json", json::scan, MIB, 1_000),
    target("path", json::path, MIB, 1_000),
    target("date", text::date, MIB, 1_000),
    target("duration", text::duration, MIB, 1_000),
    target("config", config::config, 8 * MIB, 10_000),
    target("placeholder", config::placeholder, MIB, 2_000),
    target("arguments", text::arguments, MIB, 1_000),
    target("catalog", text::catalog, MIB, 2_000),
    target("state", read::fuzzing::state, 8 * MIB, 10_000),
    target("headers", http::fuzzing::headers, 2 * MIB, 4_000),
    target("certificate", http::fuzzing::certificate, 2 * MIB, 1_000),
    target("key", auth::jwt::fuzzing::key, 2 * MIB, 1_000),
    target("token", auth::oauth::fuzzing::token, 16 * MIB, 4_000),
    target("decode", decode::decode, 512 * MIB, 4_000),
    // A path may name the last place of a list of 100,000, which is made then.
    target("record", record::record, 64 * MIB, 10_000),
    target("redact", text::redact, 16 * MIB, 4_000),
];

const fn target(name: &'static str, run: fn(&[u8]), memory: usize, memory_per_byte: usize) -> Target {
    Target { name, run, memory, memory_per_byte }
}

/// What divides an input of several parts: a line of four equals signs.
const DIVIDER: &str = "\n====\n";

/// The parts of an input; the last has the rest, and those that are not there are empty.
pub(crate) fn parts<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let mut found = std::str::from_utf8(data).ok()?.splitn(N, DIVIDER);
    Some([(); N].map(|()| found.next().unwrap_or_default()))
}

/// The first line, and what follows it: for inputs whose rest is no text.
pub(crate) fn first_line(data: &[u8]) -> Option<(&str, &[u8])> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(data.get(..end)?).ok()?, data.get(end + 1..)?))
}

/// A part that is JSON; other text is the text itself.
fn json_of(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// No line of a key in PEM may be in what is said of it; its label is no secret, and neither are our own words.
pub(crate) fn require_unsaid(key: &str, error: &crate::Error) {
    /// As many bytes of a key tell nobody anything, and are no word of a message.
    const SHOWN: usize = 20;
    let said = format!("{error} {:?}", error.detail());
    let body = key.lines().filter(|line| line.len() > SHOWN && !line.contains("-----") && !line.contains(' '));
    for line in body {
        assert!(!said.contains(line), "a part of the key is said: {said}");
    }
}
