//! The requests of a manifest's stream: address, parameters, headers and body from templates.

use http::Method;
use serde_json::{Map, Value};
use url::Url;

use super::home::Provenance;
use super::scope::{IntervalKeys, of_request};
use crate::error::{Error, Result};
use crate::jinja::{PyType, Scope, Template};
use crate::plan::request::{Inject, Requester, header};
use crate::plan::{PageToken, RequestBody, RequestDraft, Slice};
use crate::python::{PyValue, is_truthy};

/// Makes requests of an `HttpRequester`.
pub(super) struct ManifestRequester {
    pub(super) method: Method,
    pub(super) address: Address,
    /// Whether the page token is the address of the page.
    pub(super) token_is_path: bool,
    pub(super) parameters: Entries,
    pub(super) headers: Entries,
    pub(super) body: Body,
    /// Where values of the slice go.
    pub(super) slice_options: Vec<(SliceValue, Inject)>,
    /// Whether only the first page's request has them.
    pub(super) slice_options_once: bool,
    pub(super) interval_keys: IntervalKeys,
    /// What of the slices comes from records.
    pub(super) provenance: Provenance,
}

/// The parts of an address; a `path` is joined to the other.
pub(super) struct Address {
    pub(super) url_base: Option<Template>,
    pub(super) url: Option<Template>,
    pub(super) path: Option<Template>,
}

/// Parameters, headers or form fields.
pub(super) enum Entries {
    Mapping(Vec<(Template, Entry)>),
    /// A template whose value is a mapping.
    Text(Template),
}

/// The value of an entry.
pub(super) enum Entry {
    Template(Template),
    Fixed(Value),
}

/// What a request carries.
pub(super) enum Body {
    Empty,
    Json(Tree),
    /// A template whose value is a JSON object.
    JsonText(Template),
    Form(Entries),
    /// Text, which is a form if it reads like a mapping.
    Text(Template),
}

/// JSON with templates as keys and leaves.
pub(super) enum Tree {
    Template(Template),
    /// Text that is not converted.
    Plain(Template),
    Fixed(Value),
    List(Vec<Tree>),
    Map(Vec<(Template, Tree)>),
}

/// A value of the slice that goes into a request.
#[derive(Clone, Debug)]
pub(super) enum SliceValue {
    /// A key of the partition; an empty value is left out.
    Partition(String),
    Start,
    End,
}

impl Requester for ManifestRequester {
    fn home(&self, slice: &Slice) -> Result<Url> {
        let of_request = |slice: &Slice| of_request(slice, &self.interval_keys, None);
        let told = || slice.partition.extra.keys().chain(slice.job.iter().flat_map(|job| job.keys()));
        let is_data = |part: &Template| {
            part.mentions("stream_slice")
                || part.mentions("query_properties")
                || OF_JOBS.iter().any(|name| part.mentions(name))
                || told().any(|name| part.mentions(name))
        };
        // What a record says must not decide who sees the credentials: not as a path, and not as the rest of the address.
        let address = |slice: &Slice| match self.address.path.as_ref().is_some_and(is_data) {
            true => self.address.base(&of_request(slice)),
            false => self.address.url(&of_request(slice), None),
        };
        match [&self.address.url_base, &self.address.url].into_iter().flatten().any(is_data) {
            true => self.provenance.home(slice, address),
            false => address(slice),
        }
    }

    fn draft(&self, slice: &Slice, token: Option<&PageToken>) -> Result<RequestDraft> {
        let scope = of_request(slice, &self.interval_keys, token);
        let path =
            token.filter(|_| self.token_is_path).map(|token| PyValue::from_json(&super::scope::token_value(token)));
        let mut draft = RequestDraft {
            method: self.method.clone(),
            url: self.address.url(&scope, path.filter(PyValue::is_truthy).map(|path| path.to_text()).as_deref())?,
            query: Vec::new(),
            headers: http::HeaderMap::new(),
            body: self.body.draft(&scope)?,
        };
        for (name, value) in self.parameters.evaluate(&scope, &[PyType::Str, PyType::List])? {
            push_param(&mut draft.query, &name, &value)?;
        }
        for (name, value) in self.headers.evaluate(&scope, &[])? {
            let text = value.to_text();
            let (name, value) = header(&name, &text)?;
            draft.headers.insert(name, latin1(&text).unwrap_or(value));
        }
        if token.is_none() || !self.slice_options_once {
            for (source, place) in &self.slice_options {
                self.inject(source, place, slice, &mut draft)?;
            }
        }
        Ok(draft)
    }

    fn is_addressed_by_answers(&self) -> bool {
        let of_slice = |part: &Template| match part.paths_of("stream_slice") {
            Some(paths) => paths
                .iter()
                .any(|path| path.first().is_some_and(|key| key == "extra_fields" || OF_JOBS.contains(&key.as_str()))),
            None => false,
        };
        let address = [&self.address.url_base, &self.address.url];
        address.into_iter().flatten().any(|part| OF_JOBS.iter().any(|name| part.mentions(name)) || of_slice(part))
    }

    fn paths_of(&self, name: &str) -> Option<Vec<Vec<String>>> {
        let mut paths = Vec::new();
        for template in self.templates() {
            paths.extend(template.paths_of(name)?);
            // The slice holds the same values a second time.
            let of_slice = template.paths_of("stream_slice")?;
            if of_slice.iter().any(|path| path.first().is_some_and(|key| key == "extra_fields")) {
                return None;
            }
        }
        Some(paths)
    }
}

/// What answers about a job tell.
const OF_JOBS: [&str; 3] = ["creation_response", "polling_response", "download_target"];

impl ManifestRequester {
    fn templates(&self) -> Vec<&Template> {
        let Address { url_base, url, path } = &self.address;
        let mut templates: Vec<&Template> = [url_base, url, path].into_iter().flatten().collect();
        self.parameters.list(&mut templates);
        self.headers.list(&mut templates);
        match &self.body {
            Body::Empty => {}
            Body::Json(tree) => tree.list(&mut templates),
            Body::Form(entries) => entries.list(&mut templates),
            Body::JsonText(template) | Body::Text(template) => templates.push(template),
        }
        templates
    }

    fn inject(&self, source: &SliceValue, place: &Inject, slice: &Slice, draft: &mut RequestDraft) -> Result<()> {
        let value = match source {
            SliceValue::Partition(key) => slice.partition.keys.get(key).cloned(),
            SliceValue::Start => slice.interval().map(|interval| interval.start.clone().into()),
            SliceValue::End => slice.interval().map(|interval| interval.end.clone().into()),
        };
        match value {
            Some(value) if is_truthy(&value) => insert(draft, place, &value),
            _ => Ok(()),
        }
    }
}

impl Address {
    /// The address without the path.
    pub(super) fn base(&self, scope: &Scope) -> Result<Url> {
        Self { url_base: self.url_base.clone(), url: self.url.clone(), path: None }.url(scope, None)
    }

    fn url(&self, scope: &Scope, token: Option<&str>) -> Result<Url> {
        let text = |template: &Option<Template>| match template {
            Some(template) => template.eval(scope).map(|value| value.to_text()),
            None => Ok(String::new()),
        };
        let own = match token {
            Some(_) => String::new(),
            None => text(&self.path)?.trim_start_matches('/').to_owned(),
        };
        let path = token.unwrap_or(&own);
        let base = match text(&self.url_base)? {
            base if base.is_empty() => text(&self.url)?,
            base => base,
        };
        let unusable = |text: &str| {
            Error::system(format!("`{text}` is not a URL that begins with https:// or http://"))
                .with_detail("the manifest's `url_base`, `url` and `path` make it, together with the configuration")
        };
        let url = if path.is_empty() {
            Url::parse(&base).map_err(|_| unusable(&base))?
        } else {
            let slash = if base.ends_with('/') { "" } else { "/" };
            let base = Url::parse(&format!("{base}{slash}")).map_err(|_| unusable(&base))?;
            // A URL parser takes a backslash for a slash, which is not what a value with one means.
            let mut url = base.join(&path.replace('\\', "%5C")).map_err(|_| unusable(path))?;
            if url.path().contains("//") && url.origin() == base.origin() {
                let single: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
                let end = if url.path().ends_with('/') { "/" } else { "" };
                let single = format!("/{}{end}", single.join("/"));
                url.set_path(&single);
            }
            url
        };
        match url.has_host() && matches!(url.scheme(), "http" | "https") {
            true => Ok(url),
            // What the user entered may have a colon, and what stands before that is taken for the scheme.
            false => Err(Error::config(unusable(url.as_str()).message())),
        }
    }
}

impl Entries {
    /// Lists the templates.
    fn list<'t>(&'t self, templates: &mut Vec<&'t Template>) {
        match self {
            Self::Text(template) => templates.push(template),
            Self::Mapping(entries) => {
                for (key, entry) in entries {
                    templates.push(key);
                    if let Entry::Template(template) = entry {
                        templates.push(template);
                    }
                }
            }
        }
    }

    /// The entries that have a value.
    fn evaluate(&self, scope: &Scope, valid: &[PyType]) -> Result<Vec<(String, PyValue)>> {
        let mut entries = Vec::new();
        match self {
            Self::Mapping(mapping) => {
                for (key, entry) in mapping {
                    let value = match entry {
                        Entry::Template(template) => template.eval_entry(scope, valid)?,
                        Entry::Fixed(value) => PyValue::from_json(value),
                    };
                    if value != PyValue::None {
                        entries.push((key.eval(scope)?.to_text(), value));
                    }
                }
            }
            Self::Text(template) => {
                if let PyValue::Dict(pairs) = template.eval(scope)? {
                    entries.extend(
                        pairs
                            .into_iter()
                            .filter(|(_, value)| *value != PyValue::None)
                            .map(|(key, value)| (key.to_text(), value)),
                    );
                }
            }
        }
        Ok(entries)
    }

    fn form(&self, scope: &Scope) -> Result<Vec<(String, String)>> {
        let mut fields = Vec::new();
        for (name, value) in self.evaluate(scope, &[PyType::Str, PyType::List])? {
            push_param(&mut fields, &name, &value)?;
        }
        Ok(fields)
    }
}

impl Body {
    fn draft(&self, scope: &Scope) -> Result<RequestBody> {
        let object = |object: Map<String, Value>| match object.is_empty() {
            true => RequestBody::Empty,
            false => RequestBody::Json(Value::Object(object)),
        };
        Ok(match self {
            Self::Empty => RequestBody::Empty,
            Self::Json(tree) => match tree.evaluate(scope)? {
                Value::Object(map) => object(map),
                other => RequestBody::Json(other),
            },
            Self::JsonText(template) => match template.eval(scope)?.to_json() {
                Some(Value::Object(map)) => object(map),
                // As with the Python CDK, anything else is no body.
                _ => {
                    tracing::debug!("`{}` gives no mapping, so the request has no body", template.text());
                    RequestBody::Empty
                }
            },
            Self::Form(entries) => match entries.form(scope)? {
                fields if fields.is_empty() => RequestBody::Empty,
                fields => RequestBody::Form(fields),
            },
            Self::Text(template) => match template.eval(scope)? {
                PyValue::Dict(pairs) => {
                    let mut fields = Vec::new();
                    for (key, value) in pairs {
                        push_param(&mut fields, &key.to_text(), &value)?;
                    }
                    RequestBody::Form(fields)
                }
                // Text that looks like a number becomes one, and a number is no body.
                PyValue::Int(_) | PyValue::Float(_) => RequestBody::Empty,
                value => match value.to_text() {
                    text if text.is_empty() => RequestBody::Empty,
                    text => RequestBody::Text(text),
                },
            },
        })
    }
}

impl Tree {
    /// Lists the templates.
    fn list<'t>(&'t self, templates: &mut Vec<&'t Template>) {
        match self {
            Self::Template(template) | Self::Plain(template) => templates.push(template),
            Self::Fixed(_) => {}
            Self::List(items) => items.iter().for_each(|item| item.list(templates)),
            Self::Map(entries) => {
                for (key, tree) in entries {
                    templates.push(key);
                    tree.list(templates);
                }
            }
        }
    }

    /// The JSON: entries without a value are left out of objects, and are null in lists.
    fn evaluate(&self, scope: &Scope) -> Result<Value> {
        let unwritable = |template: &Template| {
            Error::system("a template in the JSON body gives a value that JSON does not have")
                .with_detail(format!("`{}`", template.text()))
        };
        Ok(match self {
            Self::Template(template) => {
                template.eval_entry(scope, &[])?.to_json().ok_or_else(|| unwritable(template))?
            }
            Self::Plain(template) => Value::from(template.eval(scope)?.to_text()),
            Self::Fixed(value) => value.clone(),
            Self::List(items) => Value::Array(items.iter().map(|item| item.evaluate(scope)).collect::<Result<_>>()?),
            Self::Map(entries) => {
                let mut object = Map::with_capacity(entries.len());
                for (key, tree) in entries {
                    let value = tree.evaluate(scope)?;
                    if !value.is_null() {
                        object.insert(json_key(&key.eval(scope)?), value);
                    }
                }
                Value::Object(object)
            }
        })
    }
}

/// A key as Python writes it into JSON.
fn json_key(key: &PyValue) -> String {
    match key {
        PyValue::Bool(true) => "true".to_owned(),
        PyValue::Bool(false) => "false".to_owned(),
        PyValue::None => "null".to_owned(),
        other => other.to_text(),
    }
}

/// A header's text beyond ASCII as Python sends it: a byte for each character. `None` if there is nothing to change, or
/// if a character needs more than a byte.
fn latin1(text: &str) -> Option<http::HeaderValue> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect();
    let mut value = http::HeaderValue::from_bytes(&bytes?).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Adds a parameter; a list gives one for each of its items.
fn push_param(query: &mut Vec<(String, String)>, name: &str, value: &PyValue) -> Result<()> {
    match value {
        PyValue::None => {}
        PyValue::List(items) | PyValue::Tuple(items) | PyValue::Set(items) => {
            // An item that is a list gives one for each of its own, and a mapping one for each key, as Python writes them.
            for item in items {
                match item {
                    PyValue::None => {}
                    PyValue::List(inner) | PyValue::Tuple(inner) | PyValue::Set(inner) => {
                        query.extend(inner.iter().map(|inner| (name.to_owned(), inner.to_text())));
                    }
                    PyValue::Dict(members) => {
                        query.extend(members.iter().map(|(key, _)| (name.to_owned(), key.to_text())));
                    }
                    other => query.push((name.to_owned(), other.to_text())),
                }
            }
        }
        PyValue::Dict(_) => {
            return Err(Error::system(format!("the value of parameter `{name}` is a mapping, which no URL can hold")));
        }
        other => query.push((name.to_owned(), other.to_text())),
    }
    Ok(())
}

/// Puts a value where nothing stands yet.
///
/// # Errors
/// A place that is taken: the CDK refuses such a request, since one of the two values would be lost.
pub(super) fn insert(draft: &mut RequestDraft, place: &Inject, value: &Value) -> Result<()> {
    let taken = match place {
        Inject::Param(name) => draft.query.iter().any(|(key, _)| key == name),
        Inject::Header(name) => draft.headers.contains_key(name.as_str()),
        Inject::Form(name) => match &draft.body {
            RequestBody::Form(fields) => fields.iter().any(|(key, _)| key == name),
            _ => false,
        },
        Inject::Body(path) => match &draft.body {
            RequestBody::Json(body) => {
                let found = path.iter().try_fold(body, |body, key| body.get(key));
                found.is_some_and(|found| found != value)
            }
            _ => false,
        },
    };
    let python = PyValue::from_json(value);
    match place {
        _ if taken => Err(Error::system(format!(
            "two parts of the manifest set {}; remove one of them",
            match place {
                Inject::Param(name) => format!("the request parameter `{name}`"),
                Inject::Header(name) => format!("the header `{name}`"),
                Inject::Form(name) => format!("the form field `{name}`"),
                Inject::Body(path) => format!("`{}` in the request body", path.join(".")),
            }
        ))),
        Inject::Param(name) => push_param(&mut draft.query, name, &python),
        Inject::Header(name) => draft.set_header(name, &python.to_text()),
        Inject::Form(_) => draft.inject(place, &Value::from(python.to_text())),
        Inject::Body(_) => draft.inject(place, value),
    }
}

#[cfg(test)]
mod tests {
    use super::{latin1, push_param};
    use crate::python::PyValue;

    #[test]
    fn lists_in_a_list_give_a_parameter_for_each_item() {
        let value = PyValue::from_json(&serde_json::json!([1, null, [2, "x"], {"k": 3}]));
        let mut query = Vec::new();
        push_param(&mut query, "q", &value).unwrap();
        let values: Vec<&str> = query.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["1", "2", "x", "k"]);
    }

    #[test]
    fn headers_beyond_ascii_have_a_byte_for_each_character() {
        for (text, bytes) in [("plain", None), ("é ü", Some(&b"\xe9 \xfc"[..])), ("é€", None), ("é\n", None)] {
            assert_eq!(latin1(text).as_ref().map(http::HeaderValue::as_bytes), bytes, "{text}");
        }
    }
}
