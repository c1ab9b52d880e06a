//! Keys that sign, for the harness of bad input.

use super::key::{Algorithm, SigningKey};
use crate::fuzzing::first_line;

/// As many bytes of a key tell nobody anything, and are no word of a message.
const SHOWN: usize = 20;

/// The name of an algorithm, and the text of a key.
pub(crate) fn key(data: &[u8]) {
    let Some((name, text)) = first_line(data) else { return };
    let (Ok(algorithm), Ok(text)) = (Algorithm::parse(name), std::str::from_utf8(text)) else { return };
    match SigningKey::parse(algorithm, text) {
        // A damaged key may be found out as late as that.
        Ok(key) => drop(key.sign(b"what is signed")),
        Err(error) => {
            let said = format!("{error} {:?}", error.detail());
            // A label is no secret, and neither are the words that we say of keys.
            let body = text.lines().filter(|line| !line.contains("-----") && !line.contains(' '));
            for line in body.filter(|line| line.len() > SHOWN) {
                assert!(!said.contains(line), "a part of the key is said: {said}");
            }
        }
    }
}
