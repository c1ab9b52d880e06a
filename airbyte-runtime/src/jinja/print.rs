//! How templates print values: as Python's `str` and `repr`, and as its `json.dumps`.

use std::fmt::Write;

use minijinja::Value;

use super::containers::NamedTuple;
use super::objects::{Cycler, Declared, Function, Loop, Method, Namespace, View, class, elements, member, view};
use super::raise::{Raise, Step};
use crate::python;

/// How much one value prints at most, a little more than a whole template may: what is cut off is an error anyway.
const MAX_PRINTED: usize = 65 * 1024 * 1024;

/// Appends `str(value)`.
pub(super) fn push_str(value: &Value, out: &mut String) {
    match view(value) {
        View::Str(text) => out.push_str(text),
        View::Undefined => {}
        View::Time(time) => out.push_str(&time.text()),
        _ => push_repr(value, out),
    }
}

/// `str(value)`.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    push_str(value, &mut out);
    out
}

/// `repr(value)`.
pub(super) fn repr(value: &Value) -> String {
    let mut out = String::new();
    push_repr(value, &mut out);
    out
}

/// Appends `repr(value)`.
pub(super) fn push_repr(value: &Value, out: &mut String) {
    // Values may share what they hold, and so print as more than there is.
    if out.len() > MAX_PRINTED {
        return;
    }
    match view(value) {
        View::Undefined => out.push_str("Undefined"),
        View::None => out.push_str("None"),
        View::Bool(true) => out.push_str("True"),
        View::Bool(false) => out.push_str("False"),
        View::Int(value) => push_display(value, out),
        View::Float(value) => python::push_float(value, out),
        View::Str(text) => python::push_repr(text, out),
        View::Bytes(bytes) => out.push_str(&python::PyValue::Bytes(bytes.to_vec()).repr()),
        View::List => push_items('[', value, "]", out),
        View::Tuple if let Some(named) = value.downcast_object_ref::<NamedTuple>() => push_fields(named, out),
        View::Tuple => push_items('(', value, if value.len() == Some(1) { ",)" } else { ")" }, out),
        View::Dict => {
            out.push('{');
            for (at, key) in elements(value).unwrap_or_default().iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                push_repr(key, out);
                out.push_str(": ");
                push_repr(&member(value, key).unwrap_or_default(), out);
            }
            out.push('}');
        }
        View::Time(time) => out.push_str(&time.repr()),
        View::Other => push_object(value, out),
    }
}

fn push_items(open: char, value: &Value, close: &str, out: &mut String) {
    out.push(open);
    for (at, item) in elements(value).unwrap_or_default().iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        push_repr(item, out);
    }
    out.push_str(close);
}

fn push_fields(named: &NamedTuple, out: &mut String) {
    out.push_str(named.class);
    for (at, (name, value)) in named.fields.iter().enumerate() {
        push_display(format_args!("{}{name}=", if at == 0 { "(" } else { ", " }), out);
        push_repr(value, out);
    }
    out.push(')');
}

fn push_object(value: &Value, out: &mut String) {
    if let Some(method) = value.downcast_object_ref::<Method>() {
        push_display(format_args!("<built-in method {} of {} object>", method.name, class(&method.receiver)), out);
    } else if let Some(function) = value.downcast_object_ref::<Function>() {
        push_display(format_args!("<function {}>", function.name), out);
    } else if let Some(declared) = value.downcast_object_ref::<Declared>() {
        push_display(format_args!("<Macro '{}'>", declared.declaration.name), out);
    } else if value.downcast_object_ref::<Loop>().is_some() {
        out.push_str("<LoopContext>");
    } else if value.downcast_object_ref::<Namespace>().is_some() {
        out.push_str("<Namespace>");
    } else if value.downcast_object_ref::<Cycler>().is_some() {
        out.push_str("<jinja2.utils object>");
    } else {
        push_display(value, out);
    }
}

fn push_display(value: impl std::fmt::Display, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

/// How much JSON a template may write, against indents that multiply.
const MAX_JSON: usize = 64 * 1024 * 1024;

/// How `json.dumps` writes: only ASCII, and blanks after separators.
#[derive(Clone, Copy)]
pub(super) struct JsonLayout<'text> {
    pub(super) sort_keys: bool,
    /// What stands before each item on a line of its own, once for each level; without it all is one line.
    pub(super) indent: Option<&'text str>,
}

impl JsonLayout<'_> {
    /// Appends `json.dumps(value)` of a value that lies `level` deep.
    pub(super) fn push(self, value: &Value, level: usize, out: &mut String) -> Step<()> {
        if out.len() > MAX_JSON {
            return Err(Raise::other(format!("the JSON is larger than {MAX_JSON} bytes")));
        }
        match view(value) {
            View::None => out.push_str("null"),
            View::Bool(value) => push_display(value, out),
            View::Int(value) => push_display(value, out),
            View::Float(value) if value.is_nan() => out.push_str("NaN"),
            View::Float(value) if value.is_infinite() => {
                out.push_str(if value > 0.0 { "Infinity" } else { "-Infinity" });
            }
            View::Float(value) => python::push_float(value, out),
            View::Str(text) => push_json_text(text, out),
            View::List | View::Tuple => {
                let items = elements(value)?;
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.separate(at, level, out);
                    self.push(item, level + 1, out)?;
                }
                self.close(']', items.is_empty(), level, out);
            }
            View::Dict if matches!(class(value), "dict") => {
                let mut keys = elements(value)?;
                if self.sort_keys {
                    keys.sort_by_key(text);
                }
                out.push('{');
                for (at, key) in keys.iter().enumerate() {
                    self.separate(at, level, out);
                    self.push_key(key, out)?;
                    out.push_str(": ");
                    self.push(&member(value, key).unwrap_or_default(), level + 1, out)?;
                }
                self.close('}', keys.is_empty(), level, out);
            }
            _ => return Err(Raise::Type(format!("Object of type {} is not JSON serializable", class(value)))),
        }
        Ok(())
    }

    fn push_key(self, key: &Value, out: &mut String) -> Step<()> {
        match view(key) {
            View::Str(text) => push_json_text(text, out),
            View::None | View::Bool(_) | View::Int(_) | View::Float(_) => {
                let mut text = String::new();
                self.push(key, 0, &mut text)?;
                push_json_text(&text, out);
            }
            _ => return Err(Raise::type_error("keys must be str, int, float, bool or None")),
        }
        Ok(())
    }

    /// What stands before the item at a place of a container that lies `level` deep.
    fn separate(self, place: usize, level: usize, out: &mut String) {
        match (place, self.indent) {
            (0, None) => {}
            (0, Some(_)) => self.break_line(level + 1, out),
            (_, None) => out.push_str(", "),
            (_, Some(_)) => {
                out.push(',');
                self.break_line(level + 1, out);
            }
        }
    }

    fn close(self, bracket: char, is_empty: bool, level: usize, out: &mut String) {
        if !is_empty && self.indent.is_some() {
            self.break_line(level, out);
        }
        out.push(bracket);
    }

    fn break_line(self, level: usize, out: &mut String) {
        out.push('\n');
        (0..level).for_each(|_| out.push_str(self.indent.unwrap_or_default()));
    }
}

fn push_json_text(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0C' => out.push_str("\\f"),
            ' '..='~' => out.push(char),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    push_display(format_args!("\\u{unit:04x}"), out);
                }
            }
        }
    }
    out.push('"');
}
