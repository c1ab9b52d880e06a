//! XML as objects, by the conventions of Python's `xmltodict`.

use std::fmt;
#[cfg(feature = "manifest")]
use std::ops::ControlFlow;

use quick_xml::XmlVersion;
use quick_xml::errors::IllFormedError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

use super::charset::Charset;
use super::{Body, html};
use crate::error::{Error, Result};

/// How deep elements may be nested.
const MAX_DEPTH: usize = 1024;

/// The document: an object whose only key is the root element.
///
/// An element is null if empty, a text if it holds nothing else, else an object of its attributes (`@name`), its
/// children (a list where a name is repeated) and its text (`#text`).
///
/// # Errors
/// A body that ends too early and a page of HTML, which may be whole when they are asked for again; any other body that
/// is no XML, and elements that are nested too deep.
pub(super) fn document(body: Body<'_>) -> Result<Value> {
    read(&Charset::http_text(body.bytes, body.content_type)).map_err(Fault::into_error)
}

/// Hands over the document. A text that neither begins nor ends as XML does is one `{}`.
///
/// # Errors
/// The same; whatever was meant to be XML may be asked for again. The Python CDK reads it as `{}`, and so as the last
/// page: the rest is lost.
#[cfg(feature = "manifest")]
pub(super) fn lenient(body: Body<'_>, emit: &mut super::Emit<'_>) -> Result<ControlFlow<()>> {
    let text = Charset::http_text(body.bytes, body.content_type);
    let document = match read(&text) {
        Err(fault @ Fault::Malformed(..)) if is_meant_as_xml(&text) => return Err(Error::transient(fault.to_string())),
        Err(fault @ Fault::Malformed(..)) => {
            tracing::warn!("{fault}; it counts as an empty object");
            Value::Object(Map::new())
        }
        read => read.map_err(Fault::into_error)?,
    };
    Ok(emit(document))
}

#[cfg(feature = "manifest")]
fn is_meant_as_xml(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('<') || text.ends_with('>')
}

fn read(text: &str) -> Result<Value, Fault> {
    // A page of HTML may be well-formed.
    if html::is_page(text.as_bytes()) {
        return Err(Fault::Html);
    }
    parse(text.strip_prefix('\u{feff}').unwrap_or(text)).map(Value::Object)
}

/// Why a body cannot be read.
enum Fault {
    /// What is wrong, and where.
    Malformed(String, u64),
    /// It has so many bytes, and ends before its root element does.
    Cut(usize),
    Html,
    TooDeep,
}

impl Fault {
    fn into_error(self) -> Error {
        match self {
            Self::Html => html::instead_of("XML"),
            Self::Cut(_) => Error::transient(self.to_string()),
            Self::Malformed(..) | Self::TooDeep => Error::system(self.to_string()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the API's answer cannot be read: ")?;
        match self {
            Self::Malformed(problem, offset) => write!(f, "it is not XML at byte {offset}: {problem}"),
            Self::Cut(length) => write!(f, "the XML body ends too early, after {length} bytes"),
            Self::Html => f.write_str("it is HTML"),
            Self::TooDeep => write!(f, "it nests more than {MAX_DEPTH} elements"),
        }
    }
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
        let step = match reader.read_event().map_err(|error| match error {
            quick_xml::Error::Syntax(_) => Fault::Cut(xml.len()),
            quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) if is_last(xml, offset) => {
                Fault::Cut(xml.len())
            }
            error => malformed(error.to_string()),
        })? {
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
            Event::Eof => {
                return match tree.root {
                    Some(root) => Ok(root),
                    None if xml.trim_ascii_start().starts_with('<') => Err(Fault::Cut(xml.len())),
                    None => Err(malformed("no element".to_owned())),
                };
            }
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => Ok(()),
        };
        step.map_err(malformed)?;
    }
}

/// Whether no markup follows.
fn is_last(xml: &str, offset: u64) -> bool {
    usize::try_from(offset).is_ok_and(|offset| xml.get(offset..).is_some_and(|rest| !rest.contains('<')))
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
