//! YAML 1.1 as PyYAML's safe loader reads it, with the place of every value.

mod compose;
mod scalar;
#[cfg(test)]
mod tests;
mod timestamp;

use saphyr_parser::{Event, Marker, Parser, ScanError};

use crate::diagnostic::Diagnostic;
use crate::node::{Node, Position};

/// Reads one document; JSON is YAML too. An empty file is null.
///
/// # Errors
///
/// Text that is no YAML, a second document, a tag that stands for a Python object, a mapping or list as a key, an
/// alias to its own surroundings, and a document that is too deep or that its aliases make too large.
pub fn parse(text: &str) -> Result<Node, Diagnostic> {
    // PyYAML drops a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser::new_from_str(text);
    let mut composer = compose::Composer::default();
    let mut documents = 0_usize;
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| syntax(&error))?;
        let at = position(&span.start);
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(Diagnostic::error(at, "a second document begins here")
                        .with_help("a manifest is one document; put it in a file of its own, or remove the `---`"));
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

/// The parser counts lines from 1 and columns from 0.
fn position(marker: &Marker) -> Position {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: number(marker.line()), column: number(marker.col().saturating_add(1)) }
}

fn syntax(error: &ScanError) -> Diagnostic {
    let diagnostic = Diagnostic::error(position(error.marker()), format!("this is no YAML: {}", error.info()));
    match error.info().contains("tab") {
        true => diagnostic.with_help("indent with spaces"),
        false => diagnostic,
    }
}
