//! The elements of arrays inside of one JSON document, read as a stream.

use std::io::{BufRead, Read};
use std::ops::ControlFlow;

use super::Emit;
use super::build::{Nothing, Values};
use super::charset::Charset;
use super::parser::{Fault, Numbers, Parser};
use super::transcoder::Transcoder;
use crate::error::{Error, Result};

/// Hands over the values at `path` followed by one more `item`. Integers are those of 64 bits with a sign.
///
/// # Errors
/// An empty path, an unknown encoding, a document that is not JSON. Elements before the fault are handed over.
pub(super) fn items(source: &mut dyn Read, path: &str, encoding: &str, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
    if path.is_empty() {
        return Err(Error::system(
            "`items_path` of the JsonItemsDecoder is empty; it must name an array, as in `data.items`",
        ));
    }
    let source = Transcoder::new(source, Charset::named(encoding)?);
    let mut parser = Parser::new(source, Numbers::SixtyFourBits);
    // With a dot before every step, a place is reached exactly when nothing of the path is left.
    let path = format!(".{path}.item");
    walk(&mut parser, Some(&path), emit)
        .and_then(|flow| if flow.is_continue() { parser.end().map(|()| flow) } else { Ok(flow) })
        .map_err(|fault| match fault {
            Fault::Source(error) => Error::of_body(error),
            fault => Error::system(format!("the answer cannot be read on: {fault}")),
        })
}

/// Walks the next value; `left` is what the path still asks for below it, `None` if the path leads elsewhere.
fn walk<R: BufRead>(parser: &mut Parser<R>, left: Option<&str>, emit: &mut Emit<'_>) -> Result<ControlFlow<()>, Fault> {
    let Some(left) = left else {
        return parser.value::<Nothing>().map(ControlFlow::Continue);
    };
    if left.is_empty() {
        return parser.value::<Values>().map(emit);
    }
    match parser.peek_token()? {
        Some(b'{') => parser.each_member(|key| step(left, key), |parser, left| walk(parser, left, emit)),
        Some(b'[') => {
            let left = step(left, "item");
            parser.each_element(|parser| walk(parser, left, emit))
        }
        _ => parser.value::<Nothing>().map(ControlFlow::Continue),
    }
}

/// What is left of the path below `key`. A key may hold dots: it then stands for several steps.
fn step<'p>(left: &'p str, key: &str) -> Option<&'p str> {
    let left = left.strip_prefix('.')?.strip_prefix(key)?;
    (left.is_empty() || left.starts_with('.')).then_some(left)
}
