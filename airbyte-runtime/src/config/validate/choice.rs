//! `oneOf` and `anyOf`: which option a value means, and what is wrong with it there.

use serde_json::Value;

use super::scalar::listed;
use super::{Check, Place, Problem, has_type, is_required, list_of, noun, noun_of_type, types};

impl Check<'_> {
    pub(super) fn options(&mut self, place: &Place, schema: &Value, value: &Value) {
        for (keyword, only_one) in [("oneOf", true), ("anyOf", false)] {
            if let Some(options) = options_of(schema, keyword) {
                self.choose(place, options, only_one, value);
            }
        }
    }

    fn choose(&mut self, place: &Place, options: &[Value], only_one: bool, value: &Value) {
        let selection = select(options, value);
        let tag = selection.tag.unwrap_or_default();
        match selection.options.as_slice() {
            [] => {
                let allowed = options.iter().filter_map(|option| constant(option, tag));
                match value.get(tag) {
                    None | Some(Value::Null) => self.missing(place, tag, &format!("; it must be {}", listed(allowed))),
                    Some(found) => {
                        let marked = options.iter().filter_map(|option| option.get("properties")?.get(tag));
                        let here = marked.fold(place.member(tag), |here, property| here.marked_by(property));
                        self.not_allowed(&here, allowed, found);
                    }
                }
            }
            [option] => self.value(place, option, value),
            several => self.fit(place, several, only_one, value),
        }
    }

    /// Tries every option, because nothing in the value names the one that is meant.
    fn fit(&mut self, place: &Place, options: &[&Value], only_one: bool, value: &Value) {
        let trials: Vec<_> = options.iter().map(|option| (*option, self.trial(place, option, value))).collect();
        let fitting: Vec<_> = trials.iter().filter(|(_, problems)| problems.is_empty()).collect();
        if fitting.len() == 1 || (fitting.len() > 1 && !only_one) {
            return;
        }
        let names = |options: &mut dyn Iterator<Item = &Value>| list_of(options.map(name), ", ");
        if !fitting.is_empty() {
            let names = names(&mut fitting.iter().map(|(option, _)| *option));
            return self
                .report(place, format!("{place} fits more than one of its forms ({names}); make it fit only one"));
        }
        let of_type =
            |option: &Value| types(option).is_empty() || types(option).iter().any(|name| has_type(value, name));
        let mut closest: Vec<_> = trials.iter().filter(|(option, _)| of_type(option)).collect();
        closest.sort_by_key(|(_, problems)| problems.len());
        match closest.as_slice() {
            [] => {
                let mut nouns: Vec<&str> = options.iter().flat_map(|o| types(o)).map(noun_of_type).collect();
                nouns.dedup();
                self.report(place, format!("{place} must be {}, found {}", nouns.join(" or "), noun(value)));
            }
            [(_, problems)] => self.problems.extend(problems.iter().cloned()),
            [(option, problems), ..] => {
                let names = names(&mut options.iter().copied());
                let first = problems.first().map(|problem| problem.text.as_str()).unwrap_or_default();
                let nearest = name(option);
                self.report(place, format!("{place} fits none of its forms ({names}); for {nearest}, {first}"));
            }
        }
    }

    fn trial(&self, place: &Place, option: &Value, value: &Value) -> Vec<Problem> {
        let mut check = Check { secrets: self.secrets, problems: Vec::new() };
        check.value(place, option, value);
        check.problems
    }
}

/// The option of the schema's `oneOf` or `anyOf` that `value` means, if that can be told.
pub(crate) fn chosen_option<'s>(schema: &'s Value, value: &Value) -> Option<&'s Value> {
    let options = ["oneOf", "anyOf"].into_iter().find_map(|keyword| options_of(schema, keyword))?;
    match select(options, value).options.as_slice() {
        [option] => Some(option),
        several => {
            let check = Check { secrets: &[], problems: Vec::new() };
            let root = Place { path: String::new(), secret: false };
            let mut fitting = several.iter().filter(|option| check.trial(&root, option, value).is_empty());
            let first = fitting.next()?;
            fitting.next().is_none().then_some(*first)
        }
    }
}

/// The options that a value can mean.
struct Selection<'s> {
    /// The property whose value names the option.
    tag: Option<&'s str>,
    options: Vec<&'s Value>,
}

/// Keeps the options that the value's discriminator names, or all of them when there is no discriminator.
fn select<'s>(options: &'s [Value], value: &Value) -> Selection<'s> {
    let tag = value.as_object().and(discriminator(options));
    let Some(tag) = tag else { return Selection { tag, options: options.iter().collect() } };
    let is_meant = |option: &&Value| match value.get(tag) {
        None | Some(Value::Null) => !is_required(option, tag),
        found => constant(option, tag) == found,
    };
    Selection { tag: Some(tag), options: options.iter().filter(is_meant).collect() }
}

/// The property that is a constant in every option.
fn discriminator(options: &[Value]) -> Option<&str> {
    let properties = options.first()?.get("properties")?.as_object()?;
    properties.keys().map(String::as_str).find(|name| options.iter().all(|option| constant(option, name).is_some()))
}

/// The one value that an option allows for a property.
fn constant<'s>(option: &'s Value, name: &str) -> Option<&'s Value> {
    let property = option.get("properties")?.get(name)?;
    property.get("const").or_else(|| match property.get("enum")?.as_array()?.as_slice() {
        [only] => Some(only),
        _ => None,
    })
}

fn options_of<'s>(schema: &'s Value, keyword: &str) -> Option<&'s [Value]> {
    schema.get(keyword).and_then(Value::as_array).map(Vec::as_slice).filter(|options| !options.is_empty())
}

/// What an option is called in a text.
fn name(option: &Value) -> String {
    match option.get("title").and_then(Value::as_str) {
        Some(title) => format!("\"{title}\""),
        None => list_of(types(option).into_iter().map(|name| noun_of_type(name).to_owned()), " or "),
    }
}
