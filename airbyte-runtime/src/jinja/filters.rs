//! Filters: Jinja's own, and those that the CDK adds.

mod airbyte;
mod markup;
mod number;
mod pattern;
mod sequence;
mod text;

use minijinja::Value;

use super::arguments::{Arguments, Routine};
use super::objects::{View, view};
use super::raise::{Raise, Step};
pub(super) use text::quote_plus;

/// The filter of this name.
pub(super) fn find(name: &str) -> Option<Routine> {
    Some(match name {
        "default" | "d" => |_, arguments| default(arguments),
        "abs" => |_, arguments| number::abs(arguments),
        "int" => |_, arguments| number::int(arguments),
        "float" => |_, arguments| number::float(arguments),
        "round" => |_, arguments| number::round(arguments),
        "filesizeformat" => |_, arguments| number::filesizeformat(arguments),
        "lower" | "upper" | "capitalize" | "title" | "trim" | "striptags" | "wordcount" | "escape" | "e"
        | "forceescape" | "safe" | "urlencode" | "tojson" | "pprint" | "center" | "indent" | "truncate" | "replace"
        | "format" | "wordwrap" => return text::find(name),
        "length" | "count" | "list" | "first" | "last" | "join" | "reverse" | "sort" | "unique" | "min" | "max"
        | "sum" | "items" | "dictsort" | "batch" | "slice" | "groupby" | "map" | "select" | "reject" | "selectattr"
        | "rejectattr" | "attr" | "random" => return sequence::find(name),
        "xmlattr" => |_, arguments| markup::xmlattr(arguments),
        "urlize" => |_, arguments| markup::urlize(arguments),
        "hash" => |_, arguments| airbyte::hash(arguments),
        "hmac" => |_, arguments| airbyte::hmac(arguments),
        "base64encode" => |_, arguments| airbyte::base64encode(arguments),
        "base64decode" => |_, arguments| airbyte::base64decode(arguments),
        "base64binascii_decode" => |_, arguments| airbyte::base64binascii_decode(arguments),
        "string" => |_, arguments| airbyte::string(arguments),
        "regex_search" => |_, arguments| pattern::regex_search(arguments),
        "regex_replace" => |_, arguments| pattern::regex_replace(arguments),
        _ => return None,
    })
}

/// Whether the filter gives something else each time.
pub(super) fn is_volatile(name: &str) -> bool {
    name == "random"
}

fn default(arguments: Arguments) -> Step<Value> {
    let [value, default, boolean] = arguments.bind("default", ["value", "default_value", "boolean"], 1)?;
    let value = value.unwrap_or_default();
    let by_truth = boolean.is_some_and(|boolean| boolean.is_true());
    let replaces = value.is_undefined() || (by_truth && !super::operators::truth(&value));
    Ok(if replaces { default.unwrap_or_else(|| Value::from("")) } else { value })
}

/// The text of an argument that has to be text.
fn string<'value>(value: &'value Value, filter: &str) -> Step<&'value str> {
    match view(value) {
        View::Str(text) => Ok(text),
        _ => Err(Raise::Type(format!("{filter} takes texts, not {}", super::objects::class(value)))),
    }
}
