//! Paginators of a manifest: page numbers, offsets, and tokens from templates.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::requester::insert;
use super::scope::{IntervalKeys, headers_with_links, of_slice};
use crate::error::{Error, Result};
use crate::jinja::{self, Scope, Template};
use crate::json::JsonPath;
use crate::plan::decoder::{Body, Decoder};
use crate::plan::request::Inject;
use crate::plan::{Page, PageToken, Paginator, RequestDraft};
use crate::python::PyValue;

/// A `DefaultPaginator`.
pub(super) struct ManifestPaginator {
    pub(super) strategy: Strategy,
    /// Where the token goes, unless it is an address.
    pub(super) token_option: Option<Inject>,
    /// Where the page size goes.
    pub(super) size_option: Option<Inject>,
    pub(super) page_size: Option<i64>,
    pub(super) interval_keys: IntervalKeys,
}

/// How the next page is found.
pub(super) enum Strategy {
    PageIncrement {
        start: i64,
        inject_on_first_request: bool,
    },
    /// `size_of_page` is the size that a template reads from the answer.
    OffsetIncrement {
        inject_on_first_request: bool,
        size_of_page: Option<Template>,
    },
    Cursor(CursorStrategy),
    Custom(Arc<dyn Paginator>),
}

/// A `CursorPagination`.
pub(super) struct CursorStrategy {
    pub(super) value: Template,
    pub(super) stop: Option<Template>,
    pub(super) decoder: Arc<Decoder>,
    /// The paths by which the templates read `response`; `None` if they need all of it.
    pub(super) paths: Option<Vec<Vec<String>>>,
}

impl Paginator for ManifestPaginator {
    fn first(&self) -> Option<PageToken> {
        match &self.strategy {
            Strategy::PageIncrement { start, inject_on_first_request: true } => Some(PageToken::from(*start)),
            Strategy::OffsetIncrement { inject_on_first_request: true, .. } => Some(PageToken::from(0)),
            Strategy::Custom(custom) => custom.first(),
            _ => None,
        }
    }

    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        if let (Some(size), Some(place)) = (self.page_size, &self.size_option) {
            insert(request, place, &Value::from(size))?;
        }
        if let Strategy::Custom(custom) = &self.strategy
            && self.token_option.is_none()
        {
            return custom.apply(token, request);
        }
        match (token, &self.token_option) {
            (Some(token), Some(place)) => insert(request, place, &super::scope::token_value(token)),
            _ => Ok(()),
        }
    }

    fn page_size(&self) -> Option<u64> {
        match &self.strategy {
            Strategy::Custom(custom) => custom.page_size(),
            _ => self.size_option.as_ref().and(self.page_size).and_then(|size| u64::try_from(size).ok()),
        }
    }

    fn resize(&self, records: u64, request: &mut RequestDraft) -> Result<()> {
        match (&self.strategy, &self.size_option) {
            (Strategy::Custom(custom), None) => custom.resize(records, request),
            (_, Some(place)) => request.inject(place, &Value::from(records)),
            (_, None) => Ok(()),
        }
    }

    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        let reduced = page.reduced_size().map(|size| i64::try_from(size).unwrap_or(i64::MAX));
        match &self.strategy {
            Strategy::PageIncrement { start, .. } => {
                let number = self.number(page.token())?.unwrap_or(*start);
                Ok((!is_last(page, self.page_size)).then(|| PageToken::from(number.saturating_add(1))))
            }
            Strategy::OffsetIncrement { size_of_page, .. } => {
                let offset = self.number(page.token())?.unwrap_or(0);
                let size = match (reduced, size_of_page) {
                    (Some(reduced), _) => Some(reduced),
                    (None, Some(template)) => size_in(template, page)?,
                    (None, None) => self.page_size,
                };
                let received = i64::try_from(page.records()).unwrap_or(i64::MAX);
                Ok((!is_last(page, size)).then(|| PageToken::from(offset.saturating_add(received))))
            }
            Strategy::Cursor(cursor) => cursor.next(page, reduced.or(self.page_size), &self.interval_keys),
            Strategy::Custom(custom) => custom.next(page),
        }
    }

    fn body_paths(&self) -> Vec<String> {
        match &self.strategy {
            Strategy::Cursor(cursor) => cursor.paths.iter().flatten().map(|path| path.join(".")).collect(),
            Strategy::Custom(custom) => custom.body_paths(),
            _ => Vec::new(),
        }
    }

    fn record_paths(&self) -> Vec<String> {
        match &self.strategy {
            Strategy::Custom(custom) => custom.record_paths(),
            _ => Vec::new(),
        }
    }

    fn reads_body(&self) -> bool {
        match &self.strategy {
            Strategy::PageIncrement { .. } => false,
            Strategy::OffsetIncrement { size_of_page, .. } => size_of_page.is_some(),
            Strategy::Cursor(cursor) => cursor.paths.is_none() && !cursor.decoder.is_streamed(),
            Strategy::Custom(custom) => custom.reads_body(),
        }
    }
}

impl ManifestPaginator {
    fn number(&self, token: Option<&PageToken>) -> Result<Option<i64>> {
        match token {
            None => Ok(None),
            Some(PageToken::Value(value)) if value.is_i64() => Ok(value.as_i64()),
            Some(token) => Err(Error::system(format!("{token:?} is not a page number"))),
        }
    }
}

/// A page is the last one if it is empty, or shorter than a full page.
fn is_last(page: &Page<'_>, page_size: Option<i64>) -> bool {
    page.records() == 0
        || page_size.is_some_and(|size| size > 0 && page.records() < u64::try_from(size).unwrap_or(u64::MAX))
}

/// The size that an answer tells; an answer that tells nothing has pages until an empty one.
fn size_in(template: &Template, page: &Page<'_>) -> Result<Option<i64>> {
    let response = page.json().unwrap_or_else(|| Value::Object(Map::new()));
    match template.eval(&Scope::new().with("response", jinja::json(&response)))? {
        PyValue::Int(size) => i64::try_from(size).map(Some).map_err(|_| not_a_size(template)),
        nothing if !nothing.is_truthy() => Ok(None),
        _ => Err(not_a_size(template)),
    }
}

fn not_a_size(template: &Template) -> Error {
    Error::system("the page size is not a whole number").with_detail(format!("`{}`", template.text()))
}

impl CursorStrategy {
    /// The paths by which both templates read the answer; `None` if they need all of it.
    pub(super) fn paths(value: &Template, stop: Option<&Template>) -> Option<Vec<Vec<String>>> {
        let mut paths = Vec::new();
        for template in [Some(value), stop].into_iter().flatten() {
            if template.mentions("response") {
                paths.extend(template.paths_of("response")?);
            }
        }
        // A key with a dot cannot be told from two keys in a path that is one text.
        let is_plain = |path: &Vec<String>| {
            !path.is_empty() && path.iter().all(|key| !key.is_empty() && !key.contains('.') && key != "*")
        };
        paths.iter().all(is_plain).then_some(paths)
    }

    fn next(&self, page: &Page<'_>, page_size: Option<i64>, keys: &IntervalKeys) -> Result<Option<PageToken>> {
        let scope = self.scope(page, page_size, keys);
        if let Some(stop) = &self.stop
            && stop.condition(&scope)?
        {
            return Ok(None);
        }
        let token = self.value.eval(&scope)?;
        if !token.is_truthy() {
            return Ok(None);
        }
        let value = token.to_json().ok_or_else(|| {
            Error::system("the token of the next page is a value that JSON does not have")
                .with_detail(format!("`{}`", self.value.text()))
        })?;
        Ok(Some(PageToken::Value(value)))
    }

    fn scope(&self, page: &Page<'_>, page_size: Option<i64>, keys: &IntervalKeys) -> Scope {
        let mentions =
            |variable| self.value.mentions(variable) || self.stop.as_ref().is_some_and(|stop| stop.mentions(variable));
        let mut scope = of_slice(page.slice(), keys);
        if mentions("response") {
            scope = scope.with("response", jinja::json(&self.response(page)));
        }
        if mentions("headers") {
            scope = scope.with("headers", headers_with_links(page.headers));
        }
        if mentions("last_record") {
            scope =
                scope.with("last_record", page.last_record_json().map_or_else(none, |record| jinja::record(&record)));
        }
        if let Some(size) = page_size {
            scope = scope.with("page_size", minijinja::Value::from(size));
        }
        scope.with("last_page_size", minijinja::Value::from(page.records_kept()))
    }

    /// What templates see of the answer: the first element that the decoder gives, or as much of it as they read.
    fn response(&self, page: &Page<'_>) -> Value {
        let is_object = page.raw_body.trim_ascii_start().first() == Some(&b'{');
        match &self.paths {
            Some(paths) if matches!(*self.decoder, Decoder::Json) && is_object => {
                let mut sparse = Value::Object(Map::new());
                for path in paths {
                    match page.body(&path.join(".")) {
                        Some(value) => graft(&mut sparse, path, value.clone()),
                        None if page.is_long => graft_known_ancestor(&mut sparse, path, page),
                        None => graft_ancestor(&mut sparse, path, page.raw_body),
                    }
                }
                sparse
            }
            _ if self.decoder.is_streamed() => Value::Object(Map::new()),
            _ => {
                let content_type = page.header("content-type");
                let mut first = None;
                // An answer that cannot be decoded was reported where its records were.
                let _ = self.decoder.decode(Body::new(page.raw_body, content_type), &mut |element| {
                    first = Some(element);
                    Ok(std::ops::ControlFlow::Break(()))
                });
                first.unwrap_or_else(|| Value::Object(Map::new()))
            }
        }
    }
}

/// Writes the deepest ancestor of a missing value that the body has: `response.meta.next` of a body with an empty `meta`
/// is undefined, and without `meta` it is a mistake. Of an object only that it is one counts.
fn graft_ancestor(root: &mut Value, path: &[String], body: &[u8]) {
    for length in (1..path.len()).rev() {
        let Some(ancestor) = path.get(..length) else { continue };
        let Some(raw) = JsonPath::from_segments(ancestor.iter().map(String::as_str)).get(body) else { continue };
        let value = match raw.first() {
            Some(b'{') => Value::Object(Map::new()),
            Some(b'[') => Value::Array(Vec::new()),
            _ => serde_json::from_slice(raw).unwrap_or(Value::Null),
        };
        return graft(root, ancestor, value);
    }
}

/// The same for a body that was read as it arrived, whose ancestors were looked for on the way. What holds the records
/// counts as an object.
fn graft_known_ancestor(root: &mut Value, path: &[String], page: &Page<'_>) {
    for length in (1..path.len()).rev() {
        let Some(ancestor) = path.get(..length) else { continue };
        let value = match page.body.iter().find(|(known, _)| *known == ancestor.join(".")) {
            Some((_, None)) => continue,
            Some((_, Some(Value::Object(_)))) | None => Value::Object(Map::new()),
            Some((_, Some(Value::Array(_)))) => Value::Array(Vec::new()),
            Some((_, Some(value))) => value.clone(),
        };
        return graft(root, ancestor, value);
    }
}

/// Writes a value at a path of keys; what stands there already, because another path leads through it, stays.
fn graft(root: &mut Value, path: &[String], value: Value) {
    let Some((last, parents)) = path.split_last() else { return };
    let mut target = root;
    for key in parents {
        let Value::Object(object) = target else { return };
        target = object.entry(key.as_str()).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Value::Object(object) = target {
        object.entry(last.as_str()).or_insert(value);
    }
}

fn none() -> minijinja::Value {
    minijinja::Value::from(())
}
