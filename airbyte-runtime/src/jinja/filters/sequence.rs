//! Filters about lists and mappings.

use minijinja::Value;
use minijinja::value::Tuple;
use ring::rand::{SecureRandom, SystemRandom};

use crate::jinja::arguments::{Arguments, Routine};
use crate::jinja::attributes::{attribute, item, length};
use crate::jinja::containers::List;
use crate::jinja::evaluation::Evaluation;
use crate::jinja::limits;
use crate::jinja::methods::sort_by;
use crate::jinja::objects::{View, class, elements, member, view};
use crate::jinja::operators::{arithmetic, equals, ordering, truth};
use crate::jinja::predicates;
use crate::jinja::print::{push_str, text};
use crate::jinja::raise::{Raise, Step};
use crate::jinja::syntax::Arithmetic;

pub(super) fn find(name: &str) -> Option<Routine> {
    Some(match name {
        "length" | "count" => |_, arguments| length(&arguments.single("length")?),
        "list" => |_, arguments| Ok(List::value(elements(&arguments.single("list")?)?)),
        "first" => |_, arguments| Ok(elements(&arguments.single("first")?)?.into_iter().next().unwrap_or_default()),
        "last" => |_, arguments| Ok(elements(&arguments.single("last")?)?.pop().unwrap_or_default()),
        "reverse" => |_, arguments| reverse(&arguments.single("reverse")?),
        "items" => |_, arguments| items(&arguments.single("items")?),
        "random" => |_, arguments| random(&arguments.single("random")?),
        "join" => |_, arguments| join(arguments),
        "sort" => |_, arguments| sort(arguments),
        "unique" => |_, arguments| unique(arguments),
        "min" => |_, arguments| extreme(arguments, "min", std::cmp::Ordering::is_lt),
        "max" => |_, arguments| extreme(arguments, "max", std::cmp::Ordering::is_gt),
        "sum" => |_, arguments| sum(arguments),
        "dictsort" => |_, arguments| dictsort(arguments),
        "batch" => |_, arguments| batch(arguments),
        "slice" => |_, arguments| slice(arguments),
        "groupby" => |_, arguments| groupby(arguments),
        "map" => map,
        "select" => |run, arguments| select(run, arguments, "select", false, true),
        "reject" => |run, arguments| select(run, arguments, "reject", false, false),
        "selectattr" => |run, arguments| select(run, arguments, "selectattr", true, true),
        "rejectattr" => |run, arguments| select(run, arguments, "rejectattr", true, false),
        "attr" => |_, arguments| {
            let [value, name] = arguments.bind("attr", ["obj", "name"], 2)?.map(Option::unwrap_or_default);
            // Unlike the dot, the filter does not look at items.
            match view(&value) {
                View::Dict if member(&value, &name).is_some() => Ok(Value::UNDEFINED),
                _ => attribute(&value, &text(&name), || "the input of attr".to_owned()),
            }
        },
        _ => return None,
    })
}

/// Takes `a.b.0` out of a value, or the value itself without a path.
fn pick(value: &Value, path: Option<&Value>, default: Option<&Value>) -> Step<Value> {
    let Some(path) = path.filter(|path| !path.is_none()) else { return Ok(value.clone()) };
    if !matches!(view(path), View::Str(_)) {
        return item(value, path, || "an element".to_owned());
    }
    limits::bytes(path.as_str().map_or(0, str::len))?;
    let mut found = value.clone();
    for part in text(path).split('.') {
        let key = part.parse::<u64>().map_or_else(|_| Value::from(part), Value::from);
        found = item(&found, &key, || format!("an element's `{part}`"))?;
        if let (true, Some(default)) = (found.is_undefined(), default) {
            found = default.clone();
        }
    }
    Ok(found)
}

fn folded(value: &Value, case_sensitive: bool) -> Step<Value> {
    match view(value) {
        View::Str(text) if !case_sensitive => {
            limits::bytes(text.len())?;
            Ok(Value::from(text.to_lowercase()))
        }
        _ => Ok(value.clone()),
    }
}

fn flag(value: Option<Value>) -> bool {
    value.is_some_and(|value| truth(&value))
}

fn reverse(value: &Value) -> Step<Value> {
    if let View::Str(text) = view(value) {
        return Ok(Value::from(text.chars().rev().collect::<String>()));
    }
    let mut items = elements(value).map_err(|_| Raise::other("argument must be iterable"))?;
    items.reverse();
    Ok(List::value(items))
}

fn items(value: &Value) -> Step<Value> {
    match view(value) {
        View::Undefined => Ok(List::value(Vec::new())),
        View::Dict => Ok(List::value(elements(value)?.iter().map(|key| pair(value, key)).collect())),
        _ => Err(Raise::type_error("Can only get item pairs from a mapping.")),
    }
}

fn pair(mapping: &Value, key: &Value) -> Value {
    Value::from(Tuple::from([key.clone(), member(mapping, key).unwrap_or_default()]))
}

fn random(value: &Value) -> Step<Value> {
    let items = elements(value)?;
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Raise::other("the system has no random numbers"))?;
    let place = usize::try_from(u64::from_le_bytes(bytes) >> 1).unwrap_or(0).checked_rem(items.len());
    Ok(place.and_then(|place| items.get(place)).cloned().unwrap_or_default())
}

fn join(arguments: Arguments) -> Step<Value> {
    let [value, separator, path] = arguments.bind("join", ["value", "d", "attribute"], 1)?;
    let separator = separator.map(|separator| text(&separator)).unwrap_or_default();
    let items = elements(&value.unwrap_or_default())?;
    let mut joined = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            joined.push_str(&separator);
        }
        push_str(&pick(item, path.as_ref(), None)?, &mut joined);
        limits::fits(joined.len())?;
    }
    Ok(Value::from(joined))
}

fn sort(arguments: Arguments) -> Step<Value> {
    let parameters = ["value", "reverse", "case_sensitive", "attribute"];
    let [value, reverse, case_sensitive, paths] = arguments.bind("sort", parameters, 1)?;
    let mut items = elements(&value.unwrap_or_default())?;
    let (reverse, case_sensitive) = (flag(reverse), flag(case_sensitive));
    let keys = match paths.as_ref().and_then(Value::as_str) {
        Some(paths) if paths.contains(',') => paths.split(',').map(|path| Value::from(path.trim())).collect(),
        _ => vec![paths.unwrap_or_default()],
    };
    let mut failure = None;
    let key = |item: &Value| -> Step<Value> {
        let parts = keys.iter().map(|path| {
            let path = (!path.is_undefined()).then_some(path);
            folded(&pick(item, path, None)?, case_sensitive)
        });
        let mut parts = parts.collect::<Step<Vec<_>>>()?;
        Ok(if parts.len() == 1 { parts.pop().unwrap_or_default() } else { Value::from(Tuple::from(parts)) })
    };
    let picked: Vec<Value> = items
        .iter()
        .map(|item| {
            let key = key(item).unwrap_or_else(|raise| {
                failure.get_or_insert(raise);
                Value::UNDEFINED
            });
            Value::from(Tuple::from([key, item.clone()]))
        })
        .collect();
    if let Some(raise) = failure {
        return Err(raise);
    }
    let at = |pair: &Value, place: usize| member(pair, &Value::from(place)).unwrap_or_default();
    let mut picked = picked;
    sort_by(&mut picked, reverse, |pair| at(pair, 0))?;
    items = picked.iter().map(|pair| at(pair, 1)).collect();
    Ok(List::value(items))
}

fn unique(arguments: Arguments) -> Step<Value> {
    let [value, case_sensitive, path] = arguments.bind("unique", ["value", "case_sensitive", "attribute"], 1)?;
    let case_sensitive = flag(case_sensitive);
    let mut seen: Vec<Value> = Vec::new();
    let mut kept = Vec::new();
    for element in elements(&value.unwrap_or_default())? {
        let key = folded(&pick(&element, path.as_ref(), None)?, case_sensitive)?;
        limits::touched(seen.len())?;
        if !seen.iter().any(|other| equals(other, &key)) {
            seen.push(key);
            kept.push(element);
        }
    }
    Ok(List::value(kept))
}

fn extreme(arguments: Arguments, name: &str, wins: fn(std::cmp::Ordering) -> bool) -> Step<Value> {
    let [value, case_sensitive, path] = arguments.bind(name, ["value", "case_sensitive", "attribute"], 1)?;
    let case_sensitive = flag(case_sensitive);
    let mut best: Option<(Value, Value)> = None;
    for element in elements(&value.unwrap_or_default())? {
        let key = folded(&pick(&element, path.as_ref(), None)?, case_sensitive)?;
        let better = match &best {
            Some((best, _)) => wins(ordering(&key, best)?),
            None => true,
        };
        if better {
            best = Some((key, element));
        }
    }
    Ok(best.map_or(Value::UNDEFINED, |(_, element)| element))
}

fn sum(arguments: Arguments) -> Step<Value> {
    let [value, path, start] = arguments.bind("sum", ["iterable", "attribute", "start"], 1)?;
    let mut total = start.unwrap_or_else(|| Value::from(0));
    for element in elements(&value.unwrap_or_default())? {
        total = arithmetic(Arithmetic::Add, &total, &pick(&element, path.as_ref(), None)?)?;
    }
    Ok(total)
}

fn dictsort(arguments: Arguments) -> Step<Value> {
    let parameters = ["value", "case_sensitive", "by", "reverse"];
    let [value, case_sensitive, by, reverse] = arguments.bind("dictsort", parameters, 1)?;
    let value = value.unwrap_or_default();
    if !matches!(view(&value), View::Dict) {
        return Err(match value.is_undefined() {
            true => Raise::undefined("the input of dictsort"),
            false => Raise::other(format!("dictsort takes a mapping, not {}", class(&value))),
        });
    }
    let case_sensitive = flag(case_sensitive);
    let place = match by.as_ref().and_then(Value::as_str) {
        None | Some("key") => 0,
        Some("value") => 1,
        Some(_) => return Err(Raise::other("You can only sort by either \"key\" or \"value\"")),
    };
    let mut pairs: Vec<Value> = elements(&value)?.iter().map(|key| pair(&value, key)).collect();
    sort_by(&mut pairs, flag(reverse), |pair| {
        // Out of steps the order does not matter.
        folded(&member(pair, &Value::from(place)).unwrap_or_default(), case_sensitive).unwrap_or_default()
    })?;
    Ok(List::value(pairs))
}

fn count_of(value: Option<Value>) -> Step<usize> {
    match view(&value.unwrap_or_default()) {
        View::Int(count) => usize::try_from(count)
            .ok()
            .filter(|count| (1..=100_000).contains(count))
            .ok_or_else(|| Raise::other("the number of parts is between 1 and 100000")),
        _ => Err(Raise::type_error("the number of parts is an integer")),
    }
}

fn batch(arguments: Arguments) -> Step<Value> {
    let [value, size, fill] = arguments.bind("batch", ["value", "linecount", "fill_with"], 2)?;
    let size = count_of(size)?;
    let items = elements(&value.unwrap_or_default())?;
    let fill = fill.filter(|fill| !fill.is_none());
    Ok(List::value(
        items
            .chunks(size)
            .map(|chunk| {
                let mut chunk = chunk.to_vec();
                if let Some(fill) = &fill {
                    chunk.resize(size, fill.clone());
                }
                List::value(chunk)
            })
            .collect(),
    ))
}

fn slice(arguments: Arguments) -> Step<Value> {
    let [value, slices, fill] = arguments.bind("slice", ["value", "slices", "fill_with"], 2)?;
    let slices = count_of(slices)?;
    let items = elements(&value.unwrap_or_default())?;
    let (size, longer) = (items.len() / slices, items.len() % slices);
    let mut items = items.into_iter();
    let columns = (0..slices).map(|column| {
        let mut part: Vec<Value> = items.by_ref().take(size + usize::from(column < longer)).collect();
        if column >= longer && longer > 0 {
            part.extend(fill.clone().filter(|fill| !fill.is_none()));
        }
        List::value(part)
    });
    Ok(List::value(columns.collect()))
}

fn groupby(arguments: Arguments) -> Step<Value> {
    let parameters = ["value", "attribute", "default", "case_sensitive"];
    let [value, path, default, case_sensitive] = arguments.bind("groupby", parameters, 2)?;
    let case_sensitive = flag(case_sensitive);
    let keyed = elements(&value.unwrap_or_default())?
        .into_iter()
        .map(|element| {
            let key = pick(&element, path.as_ref(), default.as_ref())?;
            Ok(Value::from(Tuple::from([folded(&key, case_sensitive)?, key, element])))
        })
        .collect::<Step<Vec<_>>>()?;
    let at = |triple: &Value, place: usize| member(triple, &Value::from(place)).unwrap_or_default();
    let mut keyed = keyed;
    sort_by(&mut keyed, false, |triple| at(triple, 0))?;
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    for triple in &keyed {
        match groups.last_mut() {
            Some((folded, _, members)) if equals(folded, &at(triple, 0)) => members.push(at(triple, 2)),
            _ => groups.push((at(triple, 0), at(triple, 1), vec![at(triple, 2)])),
        }
    }
    let groups = groups.into_iter().map(|(_, key, members)| Value::from(Tuple::from([key, List::value(members)])));
    Ok(List::value(groups.collect()))
}

/// Splits `(input, name, arguments…)` as `map` and `select` take them.
fn split(mut arguments: Arguments) -> (Value, Option<Value>, Arguments) {
    let mut positional = std::mem::take(&mut arguments.positional).into_iter();
    let input = positional.next().unwrap_or_default();
    let name = positional.next();
    arguments.positional = positional.collect();
    (input, name, arguments)
}

fn map(run: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let (input, name, arguments) = split(arguments);
    // As in Jinja, nothing is asked of what is empty, not even that it is a list.
    if !truth(&input) {
        return Ok(List::value(Vec::new()));
    }
    let items = elements(&input)?;
    let Some(name) = name else {
        if arguments.named.is_empty() {
            return Err(Raise::other("map requires a filter or an attribute"));
        }
        let [path, default] = arguments.bind("map", ["attribute", "default"], 1)?;
        let mapped = items.iter().map(|element| pick(element, path.as_ref(), default.as_ref()));
        return Ok(List::value(mapped.collect::<Step<_>>()?));
    };
    let filter =
        super::find(&text(&name)).ok_or_else(|| Raise::other(format!("No filter named '{}'.", text(&name))))?;
    let mut mapped = Vec::with_capacity(items.len());
    for element in items {
        let mut arguments = arguments.clone();
        arguments.positional.insert(0, element);
        mapped.push(run.run(filter, arguments)?);
    }
    Ok(List::value(mapped))
}

fn select(run: &mut Evaluation<'_>, arguments: Arguments, filter: &str, by_attribute: bool, keep: bool) -> Step<Value> {
    let (input, mut name, mut arguments) = split(arguments);
    if !truth(&input) {
        return Ok(List::value(Vec::new()));
    }
    let mut path = None;
    if by_attribute {
        path = Some(name.ok_or_else(|| Raise::other(format!("{filter} lacks the attribute")))?);
        name = (!arguments.positional.is_empty()).then(|| arguments.positional.remove(0));
    }
    let test = match name {
        Some(name) => {
            let found = predicates::find(&text(&name));
            Some(found.ok_or_else(|| Raise::other(format!("No test named '{}'.", text(&name))))?)
        }
        None => None,
    };
    let mut kept = Vec::new();
    for element in elements(&input)? {
        let value = pick(&element, path.as_ref(), None)?;
        if predicates::passes(run, test, value, &arguments)? == keep {
            kept.push(element);
        }
    }
    Ok(List::value(kept))
}
