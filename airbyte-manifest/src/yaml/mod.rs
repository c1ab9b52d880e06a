//! YAML 1.1 as PyYAML's safe loader reads it, with the place of every value.

mod compose;
mod mistake;
mod scalar;
mod source;
#[cfg(test)]
mod tests;
mod timestamp;

use saphyr_parser::{Event, Parser};

use self::mistake::Broken;
use self::source::Source;
use crate::diagnostic::Diagnostic;
use crate::node::Node;

/// How many bytes are read at most while lines in brackets are indented, see [`Source::indent`].
const READ: usize = 48 << 20;

/// A document, and what in it is most likely not meant.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its value.
    pub root: Node,
    /// Keys that a mapping has twice.
    pub warnings: Vec<Diagnostic>,
}

/// Reads one document; JSON is YAML too. An empty file is null. Of a key that a mapping has twice, the last value
/// counts.
///
/// # Errors
///
/// Text that is no YAML, a second document, a tag that stands for a Python object, a mapping or list as a key, an
/// alias to its own surroundings, and a document that is too deep or that its aliases make too large.
pub fn parse(text: &str) -> Result<Node, Diagnostic> {
    read(text).map(|document| document.root)
}

/// Reads one document, as [`parse`] does, and says what in it is most likely not meant.
///
/// # Errors
///
/// See [`parse`].
pub fn read(text: &str) -> Result<Document, Diagnostic> {
    let mut source = Source::new(text)?;
    let mut read = 0;
    loop {
        let broken = match document(&source) {
            Ok(document) => return Ok(document),
            Err(Refusal::Finding(finding)) => return Err(finding),
            Err(Refusal::Broken(broken)) => broken,
        };
        read += text.len();
        if read > READ || !source.indent(&broken) {
            return Err(source.explain(&broken));
        }
    }
}

/// Why there is no document.
enum Refusal {
    /// The parser gave up.
    Broken(Broken),
    /// It is YAML, and yet not taken.
    Finding(Diagnostic),
}

impl From<Diagnostic> for Refusal {
    fn from(finding: Diagnostic) -> Self {
        Self::Finding(finding)
    }
}

fn document(source: &Source<'_>) -> Result<Document, Refusal> {
    let mut parser = Parser::new_from_str(source.text());
    let mut composer = compose::Composer::default();
    let mut documents = 0_usize;
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| Refusal::Broken(source.broken(&error, composer.open())))?;
        let at = source.position(&span.start);
        source.refuse_tab(at)?;
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(Diagnostic::error(at, "a second document begins here")
                        .with_help("a manifest is one document; put it in a file of its own, or remove the `---`")
                        .into());
                }
            }
            Event::Scalar(text, style, anchor, tag) => composer.scalar(text, style, anchor, tag.as_deref(), at)?,
            Event::SequenceStart(anchor, tag) => composer.open_list(anchor, tag.as_deref(), at)?,
            Event::MappingStart(anchor, tag) => composer.open_map(anchor, tag.as_deref(), at)?,
            Event::SequenceEnd | Event::MappingEnd => composer.close()?,
            Event::Alias(anchor) => composer.alias(anchor, at)?,
            Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
        }
    }
    Ok(composer.finish())
}
