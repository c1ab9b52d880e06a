//! The values that fields hold: text, numbers, lists and either of two.

use crate::diagnostic::Diagnostic;
use crate::node::{Kind, Node, Position};

use super::read::{Parse, Place, Reader};

/// Text, most often a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// As written.
    pub text: String,
    /// Where it stands; the default position for a value that the language fills in.
    pub at: Position,
}

/// A whole number or a template that gives one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntOrText {
    /// A number, and where it stands.
    Int(i64, Position),
    /// Text.
    Text(Text),
}

/// A number or a template that gives one.
#[derive(Clone, Debug, PartialEq)]
pub enum NumberOrText {
    /// A number, and where it stands.
    Number(f64, Position),
    /// Text.
    Text(Text),
}

/// Text, or something typed.
#[derive(Clone, Debug, PartialEq)]
pub enum TextOr<T> {
    /// Text.
    Text(Text),
    /// The other thing.
    Typed(T),
}

/// One thing, or a list; a list of one is kept apart from the one thing, for some fields treat them differently.
#[derive(Clone, Debug, PartialEq)]
pub enum OneOrMany<T> {
    /// Written without a list.
    One(T),
    /// Written as a list.
    Many(Vec<T>),
}

impl Text {
    /// A value that the language fills in, without a place in the file.
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned(), at: Position::default() }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<T> OneOrMany<T> {
    /// The things in order.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl Parse for Text {
    fn expected() -> String {
        "text".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match &node.kind {
            Kind::Text(text) => Some(Self { text: text.clone(), at: node.at }),
            _ => {
                reader.mismatch(node, place, "text");
                None
            }
        }
    }
}

impl Parse for bool {
    fn expected() -> String {
        "true or false".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Bool(flag) => Some(flag),
            _ => {
                reader.mismatch(node, place, &Self::expected());
                None
            }
        }
    }
}

impl Parse for i64 {
    fn expected() -> String {
        "a whole number".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match &node.kind {
            Kind::Int(number) => {
                let whole = number.as_i64();
                if whole.is_none() {
                    reader.report(Diagnostic::error(node.at, format!("{place} is too large: {number}")));
                }
                whole
            }
            // JSON Schema counts 10.0 among the whole numbers.
            Kind::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
            _ => {
                reader.mismatch(node, place, &Self::expected());
                None
            }
        }
    }
}

impl Parse for f64 {
    fn expected() -> String {
        "a number".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        let number = number(&node.kind);
        if number.is_none() {
            reader.mismatch(node, place, &Self::expected());
        }
        number
    }
}

impl Parse for IntOrText {
    fn expected() -> String {
        "a whole number or text".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match &node.kind {
            Kind::Text(_) => Text::parse(node, place, reader).map(Self::Text),
            Kind::Int(_) => i64::parse(node, place, reader).map(|number| Self::Int(number, node.at)),
            Kind::Float(number) if number.fract() == 0.0 => {
                i64::parse(node, place, reader).map(|number| Self::Int(number, node.at))
            }
            _ => {
                reader.mismatch(node, place, &Self::expected());
                None
            }
        }
    }
}

impl Parse for NumberOrText {
    fn expected() -> String {
        "a number or text".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match (&node.kind, number(&node.kind)) {
            (Kind::Text(_), _) => Text::parse(node, place, reader).map(Self::Text),
            (_, Some(number)) => Some(Self::Number(number, node.at)),
            _ => {
                reader.mismatch(node, place, &Self::expected());
                None
            }
        }
    }
}

/// Anything at all; what it has to be is for the field's own check.
impl Parse for Node {
    fn expected() -> String {
        "a value".to_owned()
    }

    fn parse(node: &Node, _: Place, _: &mut Reader) -> Option<Self> {
        Some(node.clone())
    }
}

impl<T: Parse> Parse for Option<T> {
    const REQUIRED: bool = false;

    fn expected() -> String {
        T::expected()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        T::parse(node, place, reader).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Parse> Parse for Box<T> {
    fn expected() -> String {
        T::expected()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        T::parse(node, place, reader).map(Self::new)
    }
}

impl<T: Parse> Parse for Vec<T> {
    fn expected() -> String {
        format!("a list of {}", T::expected())
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        let Some(items) = node.as_list() else {
            reader.mismatch(node, place, &Self::expected());
            return None;
        };
        // Every item is read, so that all their mistakes are reported.
        let parsed: Vec<_> = items.iter().map(|item| T::parse(item, place, reader)).collect();
        parsed.into_iter().collect()
    }
}

impl<T: Parse> Parse for TextOr<T> {
    fn expected() -> String {
        format!("text or {}", T::expected())
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Text(_) => Text::parse(node, place, reader).map(Self::Text),
            Kind::Map(_) | Kind::List(_) => T::parse(node, place, reader).map(Self::Typed),
            _ => {
                reader.mismatch(node, place, &Self::expected());
                None
            }
        }
    }
}

impl<T: Parse> Parse for OneOrMany<T> {
    fn expected() -> String {
        format!("{} or a list", T::expected())
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::List(_) => Vec::parse(node, place, reader).map(Self::Many),
            _ => T::parse(node, place, reader).map(Self::One),
        }
    }
}

/// The number that a value is, whole or not.
pub(super) fn number(kind: &Kind) -> Option<f64> {
    match kind {
        Kind::Int(number) => number.as_f64(),
        Kind::Float(number) => Some(*number),
        _ => None,
    }
}
