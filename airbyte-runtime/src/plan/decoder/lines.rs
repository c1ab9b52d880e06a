//! Formats with one element per line.

use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;

#[cfg(feature = "manifest")]
use super::Emit;
#[cfg(feature = "manifest")]
use super::build::Values;
use super::limit::{max_held, too_long};
#[cfg(feature = "manifest")]
use super::parser::{Numbers, Parser};
use crate::error::{Error, Result};

/// The JSON value of every line; blank lines and lines that are not JSON are left out with one warning.
///
/// # Errors
/// Text that is not UTF-8, and what the source says. A body without any line of JSON, such as a page of HTML, and one
/// whose last line is cut: they may be whole when they are asked for again. To the Python CDK the first is an empty page,
/// and so the last.
#[cfg(feature = "manifest")]
pub(super) fn json(source: &mut dyn Read, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
    let (mut read, mut skipped) = (0_u64, 0_u64);
    let mut first = None;
    let mut number = 0_u64;
    let flow = split(source, &mut |line| {
        number += 1;
        // One that is cut may end within a letter.
        utf8(line, number).map(drop).or_else(|error| if is_cut(line) { Ok(()) } else { Err(error) })?;
        match Parser::new(line, Numbers::Python).document::<Values>() {
            Ok(value) => {
                read += 1;
                Ok(emit(value))
            }
            Err(fault) if is_cut(line) => Err(Error::transient(format!(
                "the API's answer cannot be read: its last line, line {number}, ends too early: {fault}"
            ))),
            Err(fault) => {
                // A blank line is nothing.
                if !line.trim_ascii().is_empty() {
                    skipped += 1;
                    let start = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line).trim_ascii_start();
                    let is_data = matches!(start.first(), Some(b'{' | b'[' | b'<'));
                    first.get_or_insert((number, fault, is_data));
                }
                Ok(ControlFlow::Continue(()))
            }
        }
    })?;
    match first {
        // Text that nobody meant as data, such as `no rows`, is an empty page.
        Some((line, fault, true)) if read == 0 => {
            return Err(Error::transient(format!(
                "the API's answer cannot be read: none of its {skipped} lines is JSON; the first is line {line}: {fault}"
            )));
        }
        Some((line, fault, _)) => tracing::warn!(
            "{skipped} lines of a JSONL answer are not JSON and are left out; the first is line {line}: {fault}"
        ),
        None => {}
    }
    Ok(flow)
}

/// Whether a line that is no JSON is the beginning of some, behind which the body ends.
#[cfg(feature = "manifest")]
fn is_cut(line: &[u8]) -> bool {
    line.last() != Some(&b'\n') && matches!(line.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Every line of a text, without its end, which is `\n`, `\r\n` or `\r`.
///
/// # Errors
/// Text that is not UTF-8, and what the source says.
pub(super) fn text(
    source: &mut dyn Read,
    each: &mut dyn FnMut(&str) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let mut number = 0_u64;
    split(source, &mut |line| {
        number += 1;
        let line = utf8(line, number)?;
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        for part in line.split('\r') {
            if each(part)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Hands every line to `each` with its `\n`, holding one at a time.
fn split(source: &mut dyn Read, each: &mut dyn FnMut(&[u8]) -> Result<ControlFlow<()>>) -> Result<ControlFlow<()>> {
    let mut source = BufReader::new(source);
    let mut line = Vec::new();
    let longest = max_held();
    loop {
        line.clear();
        (&mut source).take(longest + 1).read_until(b'\n', &mut line).map_err(Error::of_body)?;
        if line.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        if line.len() as u64 > longest {
            return Err(too_long("line", longest));
        }
        if each(&line)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
}

fn utf8(line: &[u8], number: u64) -> Result<&str> {
    std::str::from_utf8(line)
        .map_err(|error| Error::system(format!("line {number} of the answer is not UTF-8")).with_source(error))
}
