//! XML as objects, by the conventions of Python's `xmltodict`.

use std::ops::ControlFlow;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

use super::charset::Charset;
use super::{Body, Emit};
use crate::error::{Error, Result};

/// How deep elements may be nested.
const MAX_DEPTH: usize = 1024;

/// Hands over the document: an object whose only key is the root element. A body that is not XML is one `{}`.
///
/// An element is null if empty, a text if it holds nothing else, else an object of its attributes (`@name`), its
/// children (a list where a name is repeated) and its text (`#text`).
///
/// # Errors
/// Elements that are nested too deep.
pub(super) fn document(body: Body<'_>, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
    let text = Charset::http_text(body.bytes, body.content_type);
    match parse(text.strip_prefix('\u{feff}').unwrap_or(&text)) {
        Ok(document) => Ok(emit(Value::Object(document))),
        Err(Fault::TooDeep) => {
            Err(Error::system(format!("the XML of the answer nests more than {MAX_DEPTH} elements")))
        }
        Err(Fault::Malformed(problem, offset)) => {
            tracing::warn!(
                "the body of an answer is read as an empty object: it is not XML at byte {offset}: {problem}"
            );
            Ok(emit(Value::Object(Map::new())))
        }
    }
}

enum Fault {
    Malformed(String, u64),
    TooDeep,
}

/// An element that is still open.
struct Open {
    name: String,
    members: Map<String, Value>,
    text: String,
}

fn parse(xml: &str) -> Result<Map<String, Value>, Fault> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_comments = true;
    let mut tree = Tree::default();
    if let Some(bad) = xml.find(|character| !is_allowed(character)) {
        return Err(Fault::Malformed("a character that XML does not allow".to_owned(), bad as u64));
    }
    loop {
        let offset = reader.buffer_position();
        let malformed = |problem: String| Fault::Malformed(problem, offset);
        let step = match reader.read_event().map_err(|error| malformed(error.to_string()))? {
            Event::Start(start) => {
                if tree.open.len() >= MAX_DEPTH {
                    return Err(Fault::TooDeep);
                }
                tree.start(&start)
            }
            Event::End(_) => tree.end(),
            Event::Text(text) if text.contains("]]>") => Err("`]]>` in text".to_owned()),
            Event::Text(text) => tree.text(&text.xml10_content()),
            Event::CData(text) => tree.cdata(&text.xml10_content()),
            Event::GeneralRef(reference) => tree.reference(&reference),
            Event::DocType(_) => {
                tree.has_doctype = true;
                Ok(())
            }
            Event::Decl(_) if offset > 0 => Err("an XML declaration after the start".to_owned()),
            Event::Eof => return tree.finish().map_err(malformed),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => Ok(()),
        };
        step.map_err(malformed)?;
    }
}

/// The document as far as it was read.
#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    root: Option<Map<String, Value>>,
    has_doctype: bool,
}

impl Tree {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.root.is_some() {
            return Err("a second root element".to_owned());
        }
        let name = name(start.name().as_ref())?;
        if !are_apart(start.attributes_raw()) {
            return Err("two attributes without a blank between them".to_owned());
        }
        let mut members = Map::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            if attribute.value.contains('<') {
                return Err("`<` in an attribute".to_owned());
            }
            // Entities of a document type are not read; they stand for nothing.
            let has_doctype = self.has_doctype;
            let value = attribute
                .normalized_value_with(XmlVersion::Implicit1_0, 1, |entity| {
                    resolve_predefined_entity(entity).or(has_doctype.then_some(""))
                })
                .map_err(|error| error.to_string())?;
            members.insert(format!("@{}", self::name(attribute.key.as_ref())?), Value::from(value));
        }
        self.open.push(Open { name, members, text: String::new() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(Open { name, mut members, text }) = self.open.pop() else {
            return Err("an end tag without its start".to_owned());
        };
        let text = match text.trim() {
            "" => None,
            text => Some(Value::from(text)),
        };
        let value = if members.is_empty() {
            text.unwrap_or(Value::Null)
        } else {
            if let Some(text) = text {
                add(&mut members, "#text".to_owned(), text);
            }
            Value::Object(members)
        };
        match self.open.last_mut() {
            Some(parent) => add(&mut parent.members, name, value),
            None => self.root = Some(Map::from_iter([(name, value)])),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err("text outside of the root element".to_owned()),
        }
        Ok(())
    }

    fn cdata(&mut self, text: &str) -> Result<(), String> {
        let element = self.open.last_mut().ok_or("text outside of the root element")?;
        element.text.push_str(text);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), String> {
        let element = self.open.last_mut().ok_or("text outside of the root element")?;
        match reference.resolve_char_ref().map_err(|error| error.to_string())? {
            Some(character) if is_allowed(character) => element.text.push(character),
            Some(_) => return Err("a reference to a character that XML does not allow".to_owned()),
            None => match resolve_predefined_entity(reference) {
                Some(text) => element.text.push_str(text),
                None if self.has_doctype => {}
                None => return Err(format!("the unknown entity `{}`", &**reference)),
            },
        }
        Ok(())
    }

    fn finish(self) -> Result<Map<String, Value>, String> {
        match self.root {
            Some(root) => Ok(root),
            None if self.open.is_empty() => Err("no element".to_owned()),
            None => Err("the end comes before the last end tag".to_owned()),
        }
    }
}

/// Adds a member; members of the same name become a list.
fn add(members: &mut Map<String, Value>, name: String, value: Value) {
    match members.get_mut(&name) {
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None => {
            members.insert(name, value);
        }
    }
}

fn name(name: &str) -> Result<String, String> {
    let is_start =
        |character: char| character.is_ascii_alphabetic() || matches!(character, '_' | ':') || !character.is_ascii();
    let is_name = name.starts_with(is_start)
        && name.chars().all(|character| is_start(character) || matches!(character, '0'..='9' | '-' | '.'));
    if is_name { Ok(name.to_owned()) } else { Err("a name that XML does not allow".to_owned()) }
}

/// Whether a blank follows every attribute but the last.
fn are_apart(attributes: &str) -> bool {
    let mut quote = None;
    let mut ended = false;
    attributes.chars().all(|character| {
        let fits = !ended || character.is_ascii_whitespace();
        ended = quote == Some(character);
        match quote {
            Some(_) if ended => quote = None,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            _ => {}
        }
        fits
    })
}

fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
