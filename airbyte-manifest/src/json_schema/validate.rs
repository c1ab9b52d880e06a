//! An instance held against a schema.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::{Number, Value};

use super::value::{canonical, compare, equal, is_multiple, kind};
use super::{ArrayRules, Form, Items, Keywords, NumberLimits, Slot, TextLimits, Violation};

/// How many schemas lie in each other at most while one value is looked at; more means that they circle.
const DEPTH: usize = 512;

/// How many steps one validation takes at most: forms in forms can double the work at every level.
const STEPS: usize = 50_000_000;

/// How many violations are told at most: forms in forms can find the same ones again and again.
const VIOLATIONS: usize = 1_000;

/// How many allowed values a message lists.
const LISTED: usize = 30;

pub(super) fn validate(forms: &[Form], instance: &Value) -> Vec<Violation> {
    let mut run = Run { forms, path: Vec::new(), found: Vec::new(), quiet: false, steps: 0, depth: 0, limit: None };
    run.check(0, instance);
    if let Some(limit) = run.limit {
        run.found.push(Violation { instance_path: String::new(), message: limit.to_owned() });
    }
    run.found
}

/// One validation as far as it is.
pub(super) struct Run<'a> {
    pub(super) forms: &'a [Form],
    path: Vec<Step<'a>>,
    found: Vec<Violation>,
    /// Whether only the verdict counts; the first difference then ends the work.
    pub(super) quiet: bool,
    steps: usize,
    depth: usize,
    /// The limit that ended the work early.
    limit: Option<&'static str>,
}

/// From a value to one in it.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Run<'a> {
    /// Whether a value is valid.
    pub(super) fn check(&mut self, slot: Slot, value: &'a Value) -> bool {
        self.steps += 1;
        if self.steps > STEPS {
            self.limit = Some("the schema is too complicated for this value");
        }
        if self.depth > DEPTH {
            self.limit = Some("the schema refers to itself without an end, or the value is too deep");
        }
        if self.limit.is_some() {
            return false;
        }
        match self.forms.get(slot) {
            None | Some(Form::Always) => true,
            Some(Form::Never) => self.fail(|| "is not allowed here".to_owned()),
            Some(Form::Dangling(reference)) => self.fail(|| {
                format!("cannot be validated: the schema's `$ref` `{reference}` points to nothing in the schema")
            }),
            Some(Form::Reference(target)) => self.deeper(|run| run.check(*target, value)),
            Some(Form::Keywords(keywords)) => self.deeper(|run| run.keywords(keywords, value)),
        }
    }

    fn deeper(&mut self, work: impl FnOnce(&mut Self) -> bool) -> bool {
        self.depth += 1;
        let valid = work(self);
        self.depth -= 1;
        valid
    }

    pub(super) fn at(&mut self, step: Step<'a>, slot: Slot, value: &'a Value) -> bool {
        self.path.push(step);
        let valid = self.check(slot, value);
        self.path.pop();
        valid
    }

    /// The verdict alone.
    fn is_valid(&mut self, slot: Slot, value: &'a Value) -> bool {
        let quiet = std::mem::replace(&mut self.quiet, true);
        let valid = self.check(slot, value);
        self.quiet = quiet;
        valid
    }

    /// The verdict about a text of which the instance has no value: a key.
    pub(super) fn is_valid_name(&mut self, slot: Slot, name: &str) -> bool {
        let value = Value::String(name.to_owned());
        let Self { forms, steps, depth, limit, .. } = *self;
        let mut run = Run { forms, path: Vec::new(), found: Vec::new(), quiet: true, steps, depth, limit };
        let valid = run.check(slot, &value);
        (self.steps, self.limit) = (run.steps, run.limit);
        valid
    }

    pub(super) fn fail(&mut self, message: impl FnOnce() -> String) -> bool {
        if !self.quiet {
            let mut instance_path = String::new();
            for step in &self.path {
                let _ = match step {
                    Step::Key(key) => write!(instance_path, "/{}", key.replace('~', "~0").replace('/', "~1")),
                    Step::Index(index) => write!(instance_path, "/{index}"),
                };
            }
            self.found.push(Violation { instance_path, message: message() });
            if self.found.len() == VIOLATIONS {
                self.limit = Some("has more mistakes than these");
            }
        }
        false
    }

    /// Adds a verdict to those before; whether to go on.
    pub(super) fn goes_on(&self, valid: &mut bool, verdict: bool) -> bool {
        *valid &= verdict;
        *valid || !self.quiet
    }

    fn keywords(&mut self, keywords: &'a Keywords, value: &'a Value) -> bool {
        if let Some(types) = &keywords.types
            && !types.iter().any(|wanted| wanted.fits(value))
        {
            let names: Vec<_> = types.iter().map(|wanted| wanted.name()).collect();
            // Nothing else that could be said would help.
            return self.fail(|| format!("is {}, and must be {}", kind(value), names.join(" or ")));
        }
        let mut valid = self.values(keywords, value);
        if !valid && self.quiet {
            return false;
        }
        let verdict = match value {
            Value::Number(number) => self.number(&keywords.number, number),
            Value::String(text) => self.text(&keywords.text, text),
            Value::Array(items) => self.array(&keywords.array, items),
            Value::Object(object) => self.object(&keywords.object, object, value),
            Value::Null | Value::Bool(_) => true,
        };
        self.goes_on(&mut valid, verdict)
            && {
                let verdict = self.combined(keywords, value);
                self.goes_on(&mut valid, verdict)
            }
            && valid
    }

    fn values(&mut self, keywords: &Keywords, value: &Value) -> bool {
        let mut valid = true;
        if let Some(allowed) = &keywords.one_of_values
            && !allowed.iter().any(|one| equal(one, value))
        {
            valid = self.fail(|| format!("must be {}", list(allowed)));
        }
        if let Some(constant) = &keywords.constant
            && !equal(constant, value)
        {
            valid = self.fail(|| format!("must be {constant}"));
        }
        valid
    }

    fn number(&mut self, limits: &NumberLimits, number: &Number) -> bool {
        use Ordering::{Greater, Less};
        let compared = |limit: &Number| compare(number, limit);
        let broken = [
            limits.minimum.as_ref().filter(|limit| compared(limit) == Some(Less)).map(|limit| ("be at least", limit)),
            limits.maximum.as_ref().filter(|limit| compared(limit) == Some(Greater)).map(|limit| ("be at most", limit)),
            limits.above.as_ref().filter(|limit| compared(limit) != Some(Greater)).map(|limit| ("be above", limit)),
            limits.below.as_ref().filter(|limit| compared(limit) != Some(Less)).map(|limit| ("be below", limit)),
            limits.multiple_of.as_ref().filter(|of| !is_multiple(number, of)).map(|of| ("be a multiple of", of)),
        ];
        let mut valid = true;
        for (rule, limit) in broken.into_iter().flatten() {
            valid = self.fail(|| format!("must {rule} {limit}"));
        }
        valid
    }

    fn text(&mut self, limits: &TextLimits, text: &str) -> bool {
        let mut valid = true;
        if limits.shortest.is_some() || limits.longest.is_some() {
            valid &= self.counted(text.chars().count(), limits.shortest, limits.longest, "character");
        }
        if let Some((pattern, written)) = &limits.pattern
            && !pattern.is_match(text)
        {
            valid = self.fail(|| format!("must match the pattern `{written}`"));
        }
        valid
    }

    pub(super) fn counted(&mut self, count: usize, fewest: Option<u64>, most: Option<u64>, of: &str) -> bool {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let things = |limit: u64| if limit == 1 { of.to_owned() } else { plural(of) };
        let mut valid = true;
        if let Some(fewest) = fewest.filter(|fewest| count < *fewest) {
            valid = self.fail(|| format!("must have at least {fewest} {}, and has {count}", things(fewest)));
        }
        if let Some(most) = most.filter(|most| count > *most) {
            valid = self.fail(|| format!("must have at most {most} {}, and has {count}", things(most)));
        }
        valid
    }

    fn array(&mut self, rules: &'a ArrayRules, items: &'a [Value]) -> bool {
        let mut valid = self.counted(items.len(), rules.fewest, rules.most, "item");
        for (at, item) in items.iter().enumerate() {
            let slot = match &rules.items {
                Items::Any => break,
                Items::All(slot) => Some(*slot),
                Items::Each(slots) => slots.get(at).copied().or(rules.additional),
            };
            if let Some(slot) = slot {
                let verdict = self.at(Step::Index(at), slot, item);
                if !self.goes_on(&mut valid, verdict) {
                    return false;
                }
            }
        }
        if let Some(slot) = rules.contains
            && !items.iter().any(|item| self.is_valid(slot, item))
        {
            valid = self.fail(|| "must contain an item of the form that `contains` describes".to_owned());
        }
        if rules.unique {
            let mut seen = HashSet::new();
            let repeated = items.iter().position(|item| {
                let mut text = String::new();
                canonical(item, &mut text);
                !seen.insert(text)
            });
            if let Some(at) = repeated {
                valid = self.fail(|| format!("must have different items, and item {at} is there before"));
            }
        }
        valid
    }

    /// The schemas that apply to the value as a whole.
    fn combined(&mut self, keywords: &'a Keywords, value: &'a Value) -> bool {
        let mut valid = true;
        for slot in &keywords.all_of {
            let verdict = self.check(*slot, value);
            if !self.goes_on(&mut valid, verdict) {
                return false;
            }
        }
        if let Some(slots) = &keywords.any_of
            && !slots.iter().any(|slot| self.is_valid(*slot, value))
        {
            valid = self.no_form(slots, value);
        }
        if let Some(slots) = &keywords.one_of {
            match slots.iter().filter(|slot| self.is_valid(**slot, value)).count() {
                0 => valid = self.no_form(slots, value),
                1 => {}
                fitting => {
                    valid = self.fail(|| {
                        format!("fits {fitting} of the {} forms of `oneOf`, and must fit exactly one", slots.len())
                    });
                }
            }
        }
        if let Some(slot) = keywords.not
            && self.is_valid(slot, value)
        {
            valid = self.fail(|| "has the form that `not` forbids".to_owned());
        }
        if let Some(condition) = &keywords.condition {
            let branch = if self.is_valid(condition.test, value) { condition.then } else { condition.otherwise };
            valid &= branch.is_none_or(|slot| self.check(slot, value));
        }
        valid
    }

    /// None of several forms fits: where one of them is meant, what is wrong with that.
    fn no_form(&mut self, slots: &'a [Slot], value: &'a Value) -> bool {
        if self.quiet {
            return false;
        }
        let mut meant = slots.iter().filter(|slot| is_meant(self.forms, **slot, value));
        if let (Some(slot), None) = (meant.next(), meant.next()) {
            let before = self.found.len();
            self.check(*slot, value);
            if self.found.len() > before {
                return false;
            }
        }
        self.fail(|| format!("is {}, and fits none of the {} forms that are allowed", kind(value), slots.len()))
    }
}

/// Whether a form is for values such as this one: its type fits, and its own field `type` has the same name.
fn is_meant(forms: &[Form], slot: Slot, value: &Value) -> bool {
    let mut form = forms.get(slot);
    for _ in 0..DEPTH {
        match form {
            Some(Form::Reference(target)) => form = forms.get(*target),
            _ => break,
        }
    }
    let Some(Form::Keywords(keywords)) = form else { return false };
    if keywords.types.as_ref().is_some_and(|types| !types.iter().any(|wanted| wanted.fits(value))) {
        return false;
    }
    let Some(name) = value.get("type") else { return true };
    let Some(Form::Keywords(kind)) = keywords.object.index.get("type").and_then(|slot| forms.get(*slot)) else {
        return true;
    };
    let listed = kind.one_of_values.as_ref().is_none_or(|allowed| allowed.iter().any(|one| equal(one, name)));
    listed && kind.constant.as_ref().is_none_or(|constant| equal(constant, name))
}

/// The allowed values in a message.
fn list(allowed: &[Value]) -> String {
    let shown: Vec<String> = allowed.iter().take(LISTED).map(Value::to_string).collect();
    match (shown.as_slice(), allowed.len().saturating_sub(LISTED)) {
        ([one], 0) => one.clone(),
        (_, 0) => format!("one of {}", shown.join(", ")),
        (_, more) => format!("one of {}, and {more} more", shown.join(", ")),
    }
}

fn plural(thing: &str) -> String {
    thing.strip_suffix('y').map_or_else(|| format!("{thing}s"), |stem| format!("{stem}ies"))
}
