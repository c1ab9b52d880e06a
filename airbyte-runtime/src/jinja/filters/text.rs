//! Filters about text.

use minijinja::Value;
use minijinja::value::Tuple;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::markup::escape;
use crate::jinja::arguments::{Arguments, Routine};
use crate::jinja::format::percent;
use crate::jinja::objects::{View, elements, mapping, member, view};
use crate::jinja::print::{JsonLayout, repr, text};
use crate::jinja::raise::{Raise, Step};
use crate::jinja::{limits, methods};

/// What Python's `quote` leaves: letters, digits and `_.-~`.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');
const QUOTED_BUT_SLASH: &AsciiSet = &QUOTED.remove(b'/');
/// The widest text that padding makes.
const MAX_WIDTH: usize = 1_000_000;

pub(super) fn find(name: &str) -> Option<Routine> {
    Some(match name {
        "lower" => |_, arguments| Ok(Value::from(text(&arguments.single("lower")?).to_lowercase())),
        "upper" => |_, arguments| Ok(Value::from(text(&arguments.single("upper")?).to_uppercase())),
        "capitalize" => |_, arguments| {
            methods::call(&Value::from(text(&arguments.single("capitalize")?)), "capitalize", Arguments::default())
        },
        "title" => |_, arguments| Ok(Value::from(title(&text(&arguments.single("title")?)))),
        "safe" => |_, arguments| Ok(Value::from(text(&arguments.single("safe")?))),
        "pprint" => |_, arguments| Ok(Value::from(repr(&arguments.single("pprint")?))),
        "wordcount" => |_, arguments| {
            let text = text(&arguments.single("wordcount")?);
            let words = text.split(|char: char| !(char.is_alphanumeric() || char == '_'));
            Ok(Value::from(words.filter(|word| !word.is_empty()).count()))
        },
        "escape" | "e" | "forceescape" => |_, arguments| Ok(Value::from(escape(&text(&arguments.single("escape")?)))),
        "striptags" => |_, arguments| Ok(Value::from(striptags(&text(&arguments.single("striptags")?)))),
        "trim" => |_, arguments| {
            let [value, chars] = arguments.bind("trim", ["value", "chars"], 1)?;
            let value = Value::from(text(&value.unwrap_or_default()));
            methods::call(&value, "strip", Arguments::positional(chars.into_iter().collect()))
        },
        "replace" => |_, arguments| {
            let parameters = ["s", "old", "new", "count"];
            let [value, old, new, count] = arguments.bind("replace", parameters, 3)?;
            let value = Value::from(text(&value.unwrap_or_default()));
            let count = count.filter(|count| !count.is_none());
            let texts = [old, new].map(|part| Value::from(text(&part.unwrap_or_default())));
            let given = texts.into_iter().chain(count).collect();
            methods::call(&value, "replace", Arguments::positional(given))
        },
        "format" => |_, arguments| format(arguments),
        "urlencode" => |_, arguments| urlencode(arguments),
        "tojson" => |_, arguments| tojson(arguments),
        "center" => |_, arguments| center(arguments),
        "indent" => |_, arguments| indent(arguments),
        "truncate" => |_, arguments| truncate(arguments),
        "wordwrap" => |_, arguments| wordwrap(arguments),
        _ => return None,
    })
}

/// Python's `quote_plus`.
pub(in crate::jinja) fn quote_plus(text: &str) -> String {
    utf8_percent_encode(text, QUOTED).to_string().replace("%20", "+")
}

/// Jinja's `title`: a letter after blanks, hyphens or opening brackets is large.
fn title(text: &str) -> String {
    let mut starts = true;
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if starts {
            out.extend(char.to_uppercase());
        } else {
            out.extend(char.to_lowercase());
        }
        starts = char.is_whitespace() || matches!(char, '-' | '(' | '{' | '[' | '<');
    }
    out
}

fn striptags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        match tag.split_once('>') {
            Some((_, after)) => rest = after,
            None => {
                out.push('<');
                rest = tag;
            }
        }
    }
    out.push_str(rest);
    let words: Vec<_> = out.split_whitespace().collect();
    words
        .join(" ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

fn format(arguments: Arguments) -> Step<Value> {
    let mut positional = arguments.positional.into_iter();
    let template = text(&positional.next().unwrap_or_default());
    let rest: Vec<_> = positional.collect();
    let supply = match (rest.is_empty(), arguments.named.is_empty()) {
        (false, false) => return Err(Raise::type_error("can't handle positional and keyword arguments")),
        (_, false) => mapping(arguments.named.into_iter().map(|(name, value)| (Value::from(&*name), value))),
        _ => Value::from(Tuple::from(rest)),
    };
    percent(&template, &supply).map(Value::from)
}

fn urlencode(arguments: Arguments) -> Step<Value> {
    let value = arguments.single("urlencode")?;
    let pairs = match view(&value) {
        View::Dict => elements(&value)?
            .into_iter()
            .map(|key| {
                let member = member(&value, &key).unwrap_or_default();
                (text(&key), text(&member))
            })
            .collect::<Vec<_>>(),
        View::List | View::Tuple => elements(&value)?
            .iter()
            .map(|pair| match elements(pair)?.as_slice() {
                [key, value] => Ok((text(key), text(value))),
                _ => Err(Raise::other("urlencode takes pairs of keys and values")),
            })
            .collect::<Step<_>>()?,
        _ => return Ok(Value::from(utf8_percent_encode(&text(&value), QUOTED_BUT_SLASH).to_string())),
    };
    let encoded: Vec<_> =
        pairs.iter().map(|(key, value)| format!("{}={}", quote_plus(key), quote_plus(value))).collect();
    Ok(Value::from(encoded.join("&")))
}

fn tojson(arguments: Arguments) -> Step<Value> {
    let [value, indent] = arguments.bind("tojson", ["value", "indent"], 1)?;
    let indent = match indent.as_ref().map(view) {
        None | Some(View::None) => None,
        Some(View::Str(unit)) => Some(unit.to_owned()),
        Some(View::Int(width)) => Some(" ".repeat(width_of(width.max(0))?)),
        Some(View::Bool(width)) => Some(" ".repeat(usize::from(width))),
        Some(_) => return Err(Raise::type_error("the indent of tojson is an integer or a text")),
    };
    let layout = JsonLayout { sort_keys: true, indent: indent.as_deref() };
    let mut out = String::new();
    layout.push(&value.unwrap_or_default(), 0, &mut out)?;
    let safe = out.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026").replace('\'', "\\u0027");
    Ok(Value::from(safe))
}

fn width_of(width: i128) -> Step<usize> {
    let width = usize::try_from(width).ok().filter(|width| *width <= MAX_WIDTH);
    width.ok_or_else(|| Raise::other(format!("a width is negative or larger than {MAX_WIDTH}")))
}

fn size(value: Option<Value>, default: usize) -> Step<usize> {
    match value.as_ref().map(view) {
        None => Ok(default),
        Some(View::Int(size)) => width_of(size),
        Some(_) => Err(Raise::type_error("a width is an integer")),
    }
}

fn center(arguments: Arguments) -> Step<Value> {
    let [value, width] = arguments.bind("center", ["value", "width"], 1)?;
    let width = Value::from(size(width, 80)?);
    methods::call(&Value::from(text(&value.unwrap_or_default())), "center", Arguments::positional(vec![width]))
}

fn indent(arguments: Arguments) -> Step<Value> {
    let [value, width, first, blank] = arguments.bind("indent", ["s", "width", "first", "blank"], 1)?;
    let unit = match width {
        Some(width) if width.as_str().is_some() => text(&width),
        width => " ".repeat(size(width, 4)?),
    };
    let flag = |flag: Option<Value>| flag.is_some_and(|flag| flag.is_true());
    let (first, blank) = (flag(first), flag(blank));
    let value = value.unwrap_or_default();
    if value.is_undefined() {
        return Err(Raise::undefined("the input of indent"));
    }
    let value = text(&value);
    let lines = value.matches('\n').count() + 1;
    limits::fits(value.len().saturating_add(unit.len().saturating_mul(lines)))?;
    let lines = value.split('\n').enumerate().map(|(at, line)| {
        let indents = if at == 0 { first } else { blank || !line.is_empty() };
        if indents { format!("{unit}{line}") } else { line.to_owned() }
    });
    Ok(Value::from(lines.collect::<Vec<_>>().join("\n")))
}

fn truncate(arguments: Arguments) -> Step<Value> {
    let parameters = ["s", "length", "killwords", "end", "leeway"];
    let [value, length, killwords, end, leeway] = arguments.bind("truncate", parameters, 1)?;
    let value = text(&value.unwrap_or_default());
    let (length, leeway) = (size(length, 255)?, size(leeway.filter(|leeway| !leeway.is_none()), 5)?);
    let end = end.map_or_else(|| "...".to_owned(), |end| text(&end));
    if value.chars().count() <= length + leeway {
        return Ok(Value::from(value));
    }
    let kept = length.checked_sub(end.chars().count()).ok_or_else(|| Raise::other("truncate to less than its end"))?;
    let start: String = value.chars().take(kept).collect();
    let start = match killwords.is_some_and(|kill| kill.is_true()) {
        true => start.as_str(),
        false => start.rsplit_once(' ').map_or(start.as_str(), |(before, _)| before),
    };
    Ok(Value::from(format!("{start}{end}")))
}

fn wordwrap(arguments: Arguments) -> Step<Value> {
    let [value, width] = arguments.bind("wordwrap", ["s", "width"], 1)?;
    let width = size(width, 79)?.max(1);
    let value = text(&value.unwrap_or_default());
    let mut lines = Vec::new();
    for paragraph in value.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            limits::bytes(line.len())?;
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    Ok(Value::from(lines.join("\n")))
}
