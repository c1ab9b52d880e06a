//! Every template, held against the variables of its place.

use std::collections::HashMap;
use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::model::{Definition, Field};
use crate::node::{Kind, Node, Position};
use crate::suggest::nearest;

use super::BUDGET;
use super::jinja::{self, SyntaxError, Template};
use super::scope::{Scope, definition, is_opaque};

/// The findings in all templates.
pub(super) fn findings<'a>(text: &'a str, root: &'a Node) -> Vec<Diagnostic> {
    let mut templates =
        Templates { lines: text.lines().collect(), findings: Vec::new(), known: HashMap::new(), budget: BUDGET };
    templates.component(root, &Scope::root());
    templates.findings
}

struct Templates<'a> {
    lines: Vec<&'a str>,
    findings: Vec<Diagnostic>,
    /// Templates that were taken apart before: streams share most of theirs.
    known: HashMap<&'a str, Rc<Result<Template, SyntaxError>>>,
    budget: usize,
}

impl<'a> Templates<'a> {
    /// A component, or anything that may hold some.
    fn component(&mut self, node: &'a Node, scope: &Scope) {
        if !self.spend() {
            return;
        }
        let Some(map) = node.as_map() else {
            for item in node.as_list().unwrap_or_default() {
                self.component(item, scope);
            }
            return;
        };
        let definition = definition(node);
        if definition.is_some_and(Definition::is_custom) {
            return;
        }
        let inside = definition.map(|definition| scope.inside(definition, node));
        let scope = inside.as_ref().unwrap_or(scope);
        for entry in map {
            if is_opaque(definition, &entry.key) {
                continue;
            }
            match definition.and_then(|definition| definition.field(&entry.key)) {
                Some(field) if field.sees.is_some() => {
                    self.value(&entry.value, field, scope);
                    if is_sent_as_it_is(field.name) {
                        self.literals(&entry.value);
                    }
                }
                _ => self.component(&entry.value, scope),
            }
        }
    }

    /// A value in which all text is evaluated.
    fn value(&mut self, node: &'a Node, field: &Field, scope: &Scope) {
        if !self.spend() {
            return;
        }
        match &node.kind {
            Kind::Text(text) => self.text(text, node.at, field, scope),
            Kind::List(items) => items.iter().for_each(|item| self.value(item, field, scope)),
            Kind::Map(_) if definition(node).is_some() => self.component(node, scope),
            Kind::Map(map) => {
                for entry in map {
                    self.text(&entry.key, entry.at, field, scope);
                    self.value(&entry.value, field, scope);
                }
            }
            _ => {}
        }
    }

    fn spend(&mut self) -> bool {
        let left = self.budget.checked_sub(1);
        self.budget = left.unwrap_or_default();
        left.is_some()
    }

    fn text(&mut self, text: &'a str, at: Position, field: &Field, scope: &Scope) {
        if !jinja::is_template(text) {
            return;
        }
        let parsed = Rc::clone(self.known.entry(text).or_insert_with(|| Rc::new(jinja::parse(text))));
        let template = match parsed.as_ref() {
            Ok(template) => template,
            Err(error) => {
                let at = self.inside(at, error.line);
                let message = format!("{} is no template: {}", field.name, error.detail);
                self.findings.push(Diagnostic::error(at, message));
                return;
            }
        };
        for filter in &template.unknown_filters {
            let finding = Diagnostic::error(
                self.inside(at, filter.line),
                format!("{}: there is no filter `{}`", field.name, filter.name),
            );
            self.findings.push(match nearest(&filter.name, jinja::filters()) {
                Some(name) => finding.with_help(format!("did you mean `{name}`?")),
                None => finding,
            });
        }
        self.variables(template, at, field, scope);
        self.keys(template, at, scope);
        if text.contains("stream_state") {
            let message = format!("{}: templates can no longer use `stream_state`; the stream fails", field.name);
            self.findings
                .push(Diagnostic::warning(at, message).with_help("use `stream_interval`, or `incremental_sync`"));
        }
    }

    fn variables(&mut self, template: &Template, at: Position, field: &Field, scope: &Scope) {
        let sees = field.sees.unwrap_or_default();
        let Some(extra) = &scope.extra else { return };
        let extra: &[String] = if sees.contains(&"next_page_token") { extra } else { &[] };
        let known: Vec<&str> = ["config", "parameters"]
            .into_iter()
            .chain(sees.iter().copied())
            .chain(extra.iter().map(String::as_str))
            .collect();
        for name in &template.variables {
            if known.contains(&name.as_str()) || name == "stream_state" {
                continue;
            }
            let message = format!("{}: `{name}` is not known here, the stream fails", field.name);
            let listed: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            let listed = listed.join(", ");
            let help = match nearest(name, known.iter().copied().chain(jinja::functions().iter().copied())) {
                Some(near) => format!("did you mean `{near}`? Known are {listed}"),
                None => format!("known are {listed}"),
            };
            self.findings.push(Diagnostic::warning(self.inside(at, template.line_of(name)), message).with_help(help));
        }
    }

    fn keys(&mut self, template: &Template, at: Position, scope: &Scope) {
        for access in &template.accesses {
            let slice = matches!(access.name.as_str(), "stream_partition" | "stream_slice" | "stream_interval");
            if !slice || !template.variables.contains(&access.name) || scope.has_key(&access.key) {
                continue;
            }
            let keys = scope.keys.as_deref().unwrap_or_default();
            let message = format!("nothing gives `{}` its key `{}`", access.name, access.key);
            let help = match nearest(&access.key, keys.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if keys.is_empty() => "the stream has no `partition_router` and no `incremental_sync`".to_owned(),
                None => format!("it has {}", keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")),
            };
            self.findings.push(Diagnostic::warning(self.inside(at, access.line), message).with_help(help));
        }
    }

    /// Constants that become numbers and do not look the same afterwards.
    fn literals(&mut self, node: &Node) {
        match &node.kind {
            Kind::Text(text) => {
                if let Some(sent) = reparsed(text) {
                    let message = format!("`{text}` is read as a number and sent as `{sent}`");
                    let help = format!("write `\"'{}'\"`, with both quotes, to send it as it is", constant(text));
                    self.findings.push(Diagnostic::warning(node.at, message).with_help(help));
                }
            }
            Kind::Map(map) => map.iter().for_each(|entry| self.literals(&entry.value)),
            _ => {}
        }
    }

    /// Where a line of a text is in the file.
    fn inside(&self, at: Position, line: usize) -> Position {
        let below = || {
            let number = at.line.checked_add(u32::try_from(line.checked_sub(1).filter(|lines| *lines > 0)?).ok()?)?;
            let written = self.lines.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
            let indent = written.chars().take_while(|character| *character == ' ').count();
            Some(Position { line: number, column: u32::try_from(indent).ok()? + 1 })
        };
        below().unwrap_or(at)
    }
}

/// Fields whose text goes out as it is written, unless it looks like a number.
fn is_sent_as_it_is(field: &str) -> bool {
    matches!(field, "request_headers" | "api_token" | "username" | "password")
}

/// The text inside `{{ '…' }}`, or all of it.
fn constant(text: &str) -> &str {
    let inner = text.trim().strip_prefix("{{").and_then(|text| text.strip_suffix("}}")).map(str::trim);
    inner
        .and_then(|inner| {
            let quoted = inner.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            quoted.or_else(|| inner.strip_prefix('"').and_then(|text| text.strip_suffix('"')))
        })
        .unwrap_or(text)
}

/// What a decimal number becomes on its way through Python, if that looks different.
fn reparsed(text: &str) -> Option<String> {
    let constant = constant(text);
    let (whole, fraction) = constant.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || constant.len() > 15 {
        return None;
    }
    let number = constant.parse::<f64>().ok()?;
    let sent = format!("{number:?}");
    (sent != constant).then_some(sent)
}
