//! The keywords for objects.

use serde_json::{Map, Value};

use super::validate::{Run, Step};
use super::{Dependency, Form, ObjectRules};
use crate::suggest;

impl<'a> Run<'a> {
    pub(super) fn object(&mut self, rules: &'a ObjectRules, object: &'a Map<String, Value>, whole: &'a Value) -> bool {
        let mut valid = self.counted(object.len(), rules.fewest, rules.most, "property");
        for key in rules.required.iter().filter(|key| !object.contains_key(*key)) {
            valid = self.fail(|| format!("`{key}` is required"));
        }
        if !valid && self.quiet {
            return false;
        }
        for (key, slot) in &rules.properties {
            if let Some(value) = object.get(key) {
                let verdict = self.at(Step::Key(key), *slot, value);
                if !self.goes_on(&mut valid, verdict) {
                    return false;
                }
            }
        }
        let by_key = !rules.patterns.is_empty() || rules.additional.is_some() || rules.names.is_some();
        for (key, value) in object.iter().filter(|_| by_key) {
            let verdict = self.key(rules, key, value);
            if !self.goes_on(&mut valid, verdict) {
                return false;
            }
        }
        for (key, dependency) in rules.dependencies.iter().filter(|(key, _)| object.contains_key(key)) {
            let verdict = match dependency {
                Dependency::Schema(slot) => self.check(*slot, whole),
                Dependency::Keys(keys) => self.needs(key, keys, object),
            };
            if !self.goes_on(&mut valid, verdict) {
                return false;
            }
        }
        valid
    }

    /// What the schema says about a key whatever it is.
    fn key(&mut self, rules: &'a ObjectRules, key: &'a str, value: &'a Value) -> bool {
        let mut valid = true;
        if let Some(names) = rules.names
            && !self.is_valid_name(names, key)
        {
            valid = self.fail(|| format!("`{key}` is no name that is allowed here"));
        }
        let mut matched = rules.index.contains_key(key);
        for (pattern, slot) in &rules.patterns {
            if pattern.is_match(key) {
                matched = true;
                valid &= self.at(Step::Key(key), *slot, value);
            }
        }
        match rules.additional {
            Some(slot) if !matched && !rules.has_unknown_pattern => match self.forms.get(slot) {
                Some(Form::Never) => self.fail(|| {
                    match suggest::nearest(key, rules.properties.iter().map(|(known, _)| known.as_str())) {
                        Some(near) => format!("`{key}` is not allowed here; did you mean `{near}`?"),
                        None => format!("`{key}` is not allowed here"),
                    }
                }),
                _ => self.at(Step::Key(key), slot, value) && valid,
            },
            _ => valid,
        }
    }

    fn needs(&mut self, key: &str, keys: &[String], object: &Map<String, Value>) -> bool {
        let mut valid = true;
        for needed in keys.iter().filter(|needed| !object.contains_key(*needed)) {
            valid = self.fail(|| format!("`{needed}` is required where `{key}` is set"));
        }
        valid
    }
}
