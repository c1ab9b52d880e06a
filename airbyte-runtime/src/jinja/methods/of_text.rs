//! The methods of Python's `str`.

use minijinja::Value;
use minijinja::value::Tuple;

use crate::jinja::arguments::Arguments;
use crate::jinja::containers::List;
use crate::jinja::limits;
use crate::jinja::objects::{View, class, elements, view};
use crate::jinja::raise::{Raise, Step};
use crate::jinja::str_format;

pub(super) const NAMES: &[&str] = &[
    "split",
    "replace",
    "strip",
    "lower",
    "upper",
    "startswith",
    "endswith",
    "join",
    "format",
    "lstrip",
    "rstrip",
    "rsplit",
    "splitlines",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "title",
    "capitalize",
    "swapcase",
    "casefold",
    "zfill",
    "ljust",
    "rjust",
    "center",
    "isdigit",
    "isnumeric",
    "isdecimal",
    "isalpha",
    "isalnum",
    "islower",
    "isupper",
    "isspace",
    "isascii",
    "partition",
    "rpartition",
    "removeprefix",
    "removesuffix",
    "encode",
];

/// The widest text that padding makes.
const MAX_WIDTH: usize = 1_000_000;

pub(super) fn call(text: &str, name: &'static str, arguments: Arguments) -> Step<Value> {
    match name {
        "split" | "rsplit" => split(text, name, arguments),
        "strip" | "lstrip" | "rstrip" => strip(text, name, arguments),
        "replace" => replace(text, arguments),
        "startswith" | "endswith" => affix(text, name, arguments),
        "find" | "rfind" | "index" | "rindex" | "count" => find(text, name, arguments),
        "ljust" | "rjust" | "center" | "zfill" => pad(text, name, arguments),
        "partition" | "rpartition" => {
            let separator = arguments.single(name)?;
            let separator = string(&separator)?;
            let split = if name == "partition" { text.split_once(separator) } else { text.rsplit_once(separator) };
            let parts = match split {
                Some((before, after)) => [before, separator, after],
                None if name == "partition" => [text, "", ""],
                None => ["", "", text],
            };
            Ok(Value::from(Tuple::from(parts.map(Value::from))))
        }
        "removeprefix" | "removesuffix" => {
            let affix = arguments.single(name)?;
            let affix = string(&affix)?;
            let rest = if name == "removeprefix" { text.strip_prefix(affix) } else { text.strip_suffix(affix) };
            Ok(Value::from(rest.unwrap_or(text)))
        }
        "join" => {
            let items = elements(&arguments.single(name)?)?;
            let texts = items.iter().map(string).collect::<Step<Vec<_>>>()?;
            let separators = text.len().saturating_mul(texts.len());
            limits::fits(texts.iter().map(|text| text.len()).fold(separators, usize::saturating_add))?;
            Ok(Value::from(texts.join(text)))
        }
        "format" => str_format::format(text, &arguments).map(Value::from),
        "encode" => Ok(Value::from_bytes(text.as_bytes().to_vec())),
        "splitlines" => {
            let [keep] = arguments.bind(name, ["keepends"], 0)?;
            let keeps = keep.is_some_and(|keep| keep.is_true());
            let lines = text.split_inclusive('\n');
            let lines = lines.map(|line| Value::from(if keeps { line } else { line.trim_end_matches(['\n', '\r']) }));
            limits::gather(lines).map(List::value)
        }
        _ => {
            let [] = arguments.bind(name, [], 0)?;
            Ok(plain(text, name))
        }
    }
}

/// A method without arguments.
fn plain(text: &str, name: &str) -> Value {
    let all = |holds: fn(char) -> bool| Value::from(!text.is_empty() && text.chars().all(holds));
    let cased =
        |is: fn(char) -> bool, not: fn(char) -> bool| Value::from(text.chars().any(is) && !text.chars().any(not));
    match name {
        "lower" | "casefold" => Value::from(text.to_lowercase()),
        "upper" => Value::from(text.to_uppercase()),
        "capitalize" => Value::from(capitalize(text)),
        "title" => Value::from(title(text)),
        "swapcase" => Value::from(
            text.chars()
                .flat_map(|char| match char.is_uppercase() {
                    true => char.to_lowercase().collect::<Vec<_>>(),
                    false => char.to_uppercase().collect(),
                })
                .collect::<String>(),
        ),
        "isdigit" | "isdecimal" => all(|char| char.is_ascii_digit()),
        "isnumeric" => all(char::is_numeric),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isspace" => all(char::is_whitespace),
        "islower" => cased(char::is_lowercase, char::is_uppercase),
        "isupper" => cased(char::is_uppercase, char::is_lowercase),
        _ => Value::from(text.is_ascii()),
    }
}

/// `str.capitalize`.
pub(in crate::jinja) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars.as_str().to_lowercase().chars()).collect()
}

/// `str.title`: a letter after anything that is none is large.
fn title(text: &str) -> String {
    let mut inside = false;
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if inside {
            out.extend(char.to_lowercase());
        } else {
            out.extend(char.to_uppercase());
        }
        inside = char.is_alphabetic();
    }
    out
}

fn string(value: &Value) -> Step<&str> {
    match view(value) {
        View::Str(text) => Ok(text),
        View::Undefined => Err(Raise::type_error("expected str instance, Undefined found")),
        _ => Err(Raise::Type(format!("expected str instance, {} found", class(value)))),
    }
}

fn number(value: &Value) -> Step<i128> {
    match view(value) {
        View::Int(number) => Ok(number),
        View::Bool(number) => Ok(i128::from(number)),
        View::Undefined => Err(Raise::undefined("an argument")),
        _ => Err(Raise::Type(format!("'{}' object cannot be interpreted as an integer", class(value)))),
    }
}

fn split(text: &str, name: &str, arguments: Arguments) -> Step<Value> {
    let [separator, limit] = arguments.bind(name, ["sep", "maxsplit"], 0)?;
    let limit = limit.as_ref().map_or(Ok(-1), number)?;
    let limit = usize::try_from(limit).map_or(usize::MAX, |limit| limit.saturating_add(1));
    let from_end = name == "rsplit";
    let separator = separator.filter(|separator| !separator.is_none());
    let mut parts: Vec<&str> = match &separator {
        Some(separator) => {
            let separator = string(separator)?;
            if separator.is_empty() {
                return Err(Raise::other("empty separator"));
            }
            match from_end {
                true => limits::gather(text.rsplitn(limit, separator))?,
                false => limits::gather(text.splitn(limit, separator))?,
            }
        }
        None => words(text, limit, from_end)?,
    };
    if from_end {
        parts.reverse();
    }
    Ok(List::value(parts.into_iter().map(Value::from).collect()))
}

/// The words of a text; the last one is the rest of it if the limit is reached.
fn words(text: &str, limit: usize, from_end: bool) -> Step<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = if from_end { text.trim_end() } else { text.trim_start() };
    while !rest.is_empty() {
        let split = if from_end { rest.rfind(char::is_whitespace) } else { rest.find(char::is_whitespace) };
        let (word, next) = match split {
            Some(_) if words.len() + 1 >= limit => (if from_end { rest.trim_start() } else { rest }, ""),
            Some(at) if from_end => {
                let (next, word) = rest.split_at(at);
                (word.trim_start(), next.trim_end())
            }
            Some(at) => {
                let (word, next) = rest.split_at(at);
                (word, next.trim_start())
            }
            None => (rest, ""),
        };
        words.push(word);
        limits::fits_list(words.len())?;
        rest = next;
    }
    Ok(words)
}

fn strip(text: &str, name: &str, arguments: Arguments) -> Step<Value> {
    let [set] = arguments.bind(name, ["chars"], 0)?;
    let set = set.filter(|set| !set.is_none());
    let set = set.as_ref().map(string).transpose()?;
    limits::bytes(set.map_or(0, |set| set.len().saturating_mul(text.len())))?;
    let strips = |char: char| set.map_or_else(|| char.is_whitespace(), |set| set.contains(char));
    let text = if name == "rstrip" { text } else { text.trim_start_matches(strips) };
    Ok(Value::from(if name == "lstrip" { text } else { text.trim_end_matches(strips) }))
}

fn replace(text: &str, arguments: Arguments) -> Step<Value> {
    let [old, new, count] = arguments.bind("replace", ["old", "new", "count"], 2)?;
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    let (old, new) = (string(&old)?, string(&new)?);
    let count = count.as_ref().map_or(Ok(-1), number)?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let places = text.len() / old.len().max(1) + 1;
    if limits::fits(places.saturating_mul(new.len())).is_err() {
        let replaced = text.matches(old).count().min(count);
        limits::fits(text.len().saturating_add(replaced.saturating_mul(new.len())))?;
    }
    Ok(Value::from(text.replacen(old, new, count)))
}

fn affix(text: &str, name: &str, arguments: Arguments) -> Step<Value> {
    let affix = arguments.single(name)?;
    let affixes = if matches!(view(&affix), View::Tuple) { elements(&affix)? } else { vec![affix] };
    for affix in &affixes {
        let affix = string(affix)?;
        if if name == "startswith" { text.starts_with(affix) } else { text.ends_with(affix) } {
            return Ok(Value::from(true));
        }
    }
    Ok(Value::from(false))
}

fn find(text: &str, name: &str, arguments: Arguments) -> Step<Value> {
    let part = arguments.single(name)?;
    let part = string(&part)?;
    if name == "count" {
        return Ok(Value::from(if part.is_empty() { text.chars().count() + 1 } else { text.matches(part).count() }));
    }
    let place = if name.starts_with('r') { text.rfind(part) } else { text.find(part) };
    match place.and_then(|place| text.get(..place)) {
        Some(before) => Ok(Value::from(before.chars().count())),
        None if name.ends_with("find") => Ok(Value::from(-1)),
        None => Err(Raise::other("substring not found")),
    }
}

fn pad(text: &str, name: &str, arguments: Arguments) -> Step<Value> {
    let [width, fill] = arguments.bind(name, ["width", "fillchar"], 1)?;
    let width = usize::try_from(number(&width.unwrap_or_default())?).unwrap_or(0);
    if width > MAX_WIDTH {
        return Err(Raise::other(format!("{name} to more than {MAX_WIDTH} characters")));
    }
    let fill = fill.unwrap_or_else(|| Value::from(" "));
    let fill = if name == "zfill" { "0" } else { string(&fill)? };
    if fill.chars().count() != 1 {
        return Err(Raise::type_error("The fill character must be exactly one character long"));
    }
    let missing = width.saturating_sub(text.chars().count());
    Ok(Value::from(match name {
        "ljust" => text.to_owned() + &fill.repeat(missing),
        "rjust" => fill.repeat(missing) + text,
        "zfill" => {
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
            format!("{sign}{}{digits}", fill.repeat(missing))
        }
        _ => {
            // Python puts the odd one to the left if the width is odd as well.
            let left = missing / 2 + (missing & width & 1);
            format!("{}{text}{}", fill.repeat(left), fill.repeat(missing - left))
        }
    }))
}
