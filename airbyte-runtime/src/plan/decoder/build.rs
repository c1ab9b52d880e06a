//! What becomes of a JSON document while it is read.

use serde_json::{Map, Number, Value};

/// What is made of a document while it is read.
pub(super) trait Build {
    /// What a value becomes.
    type Value;
    /// What a key becomes until its value is read.
    type Key;
    /// An array that is not closed yet.
    type List: Default;
    /// An object that is not closed yet.
    type Members: Default;

    /// `null`, and numbers that are not finite.
    fn null() -> Self::Value;
    /// `true` or `false`.
    fn boolean(value: bool) -> Self::Value;
    /// A finite number.
    fn number(number: Number) -> Self::Value;
    /// A string, without quotes and escapes.
    fn text(text: &str) -> Self::Value;
    /// The key of the next member.
    fn key(text: &str) -> Self::Key;
    /// Adds an element.
    fn push(list: &mut Self::List, value: Self::Value);
    /// A closed array.
    fn list(list: Self::List) -> Self::Value;
    /// Sets a member; the last of equal keys wins.
    fn set(members: &mut Self::Members, key: Self::Key, value: Self::Value);
    /// A closed object.
    fn object(members: Self::Members) -> Self::Value;
}

/// Builds values.
pub(super) enum Values {}

impl Build for Values {
    type Value = Value;
    type Key = String;
    type List = Vec<Value>;
    type Members = Map<String, Value>;
    fn null() -> Value {
        Value::Null
    }
    fn boolean(value: bool) -> Value {
        Value::Bool(value)
    }
    fn number(number: Number) -> Value {
        Value::Number(number)
    }
    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }
    fn key(text: &str) -> String {
        text.to_owned()
    }
    fn push(list: &mut Vec<Value>, value: Value) {
        list.push(value);
    }
    fn list(list: Vec<Value>) -> Value {
        Value::Array(list)
    }
    fn set(members: &mut Map<String, Value>, key: String, value: Value) {
        members.insert(key, value);
    }
    fn object(members: Map<String, Value>) -> Value {
        Value::Object(members)
    }
}

/// Checks and forgets.
pub(super) enum Nothing {}

impl Build for Nothing {
    type Value = ();
    type Key = ();
    type List = ();
    type Members = ();
    fn null() {}
    fn boolean(_: bool) {}
    fn number(_: Number) {}
    fn text(_: &str) {}
    fn key(_: &str) {}
    fn push((): &mut (), (): ()) {}
    fn list((): ()) {}
    fn set((): &mut (), (): (), (): ()) {}
    fn object((): ()) {}
}
