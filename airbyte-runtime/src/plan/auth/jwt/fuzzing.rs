//! Keys that sign, for the harness of bad input.

use super::key::{Algorithm, SigningKey};
use crate::fuzzing::{first_line, require_unsaid};

/// The name of an algorithm, and the text of a key.
pub(crate) fn key(data: &[u8]) {
    let Some((name, text)) = first_line(data) else { return };
    let (Ok(algorithm), Ok(text)) = (Algorithm::parse(name), std::str::from_utf8(text)) else { return };
    match SigningKey::parse(algorithm, text) {
        // A damaged key may be found out as late as that.
        Ok(key) => drop(key.sign(b"what is signed")),
        Err(error) => require_unsaid(text, &error),
    }
}
