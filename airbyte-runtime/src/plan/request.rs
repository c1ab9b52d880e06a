//! A request before it is sent: the draft that components write into, and the plan that makes it.

use std::borrow::Cow;
use std::fmt;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};
use url::Url;

use super::paginator::PageToken;
use super::slice::Slice;
use super::template::Template;
use crate::error::{Error, Result};
use crate::placeholder::{as_text, joined};

/// A request that is being put together.
///
/// The plan writes what the attributes say, then the paginator, then the authenticator.
#[derive(Clone)]
pub struct RequestDraft {
    /// The HTTP method.
    pub method: Method,
    /// The URL without the parameters in `query`.
    pub url: Url,
    /// Query parameters, appended to the URL in this order.
    pub query: Vec<(String, String)>,
    /// Headers.
    pub headers: HeaderMap,
    /// What the request carries.
    pub body: RequestBody,
}

/// What a request carries.
#[derive(Clone, Default, PartialEq)]
pub enum RequestBody {
    /// Nothing.
    #[default]
    Empty,
    /// JSON.
    Json(Value),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// Text as it stands, without a content type of its own.
    Text(String),
}

/// Where a value goes in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inject {
    /// A query parameter.
    Param(String),
    /// A header.
    Header(String),
    /// A field of the JSON body, by its path.
    Body(Vec<String>),
    /// A field of the form body.
    Form(String),
}

/// Shows names only: what stands in a path, in parameters, headers and bodies may be a credential.
impl fmt::Debug for RequestDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query: Vec<&str> = self.query.iter().map(|(name, _)| name.as_str()).collect();
        let headers: Vec<&str> = self.headers.keys().map(HeaderName::as_str).collect();
        f.debug_struct("RequestDraft")
            .field("method", &self.method)
            .field("origin", &self.url.origin().ascii_serialization())
            .field("query", &query)
            .field("headers", &headers)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// Shows names only, as with [`RequestDraft`].
impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Json(Value::Object(object)) => {
                f.debug_tuple("Json").field(&object.keys().collect::<Vec<_>>()).finish()
            }
            Self::Json(_) => f.write_str("Json(..)"),
            Self::Form(fields) => {
                f.debug_tuple("Form").field(&fields.iter().map(|(name, _)| name).collect::<Vec<_>>()).finish()
            }
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
        }
    }
}

impl RequestDraft {
    /// Sets a query parameter, in place of one of the same name, also of one in the URL itself.
    pub fn set_param(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        self.remove_from_url(name);
        match self.query.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.query.push((name.to_owned(), value)),
        }
    }

    /// Takes a parameter out of the URL; the others keep their spelling.
    fn remove_from_url(&mut self, name: &str) {
        let is_named = |pair: &&str| url::form_urlencoded::parse(pair.as_bytes()).any(|(key, _)| key == name);
        let Some(query) = self.url.query() else { return };
        if query.split('&').any(|pair| is_named(&pair)) {
            let kept: Vec<&str> = query.split('&').filter(|pair| !is_named(pair)).collect();
            let kept = kept.join("&");
            self.url.set_query((!kept.is_empty()).then_some(kept.as_str()));
        }
    }

    /// Sets a header, in place of one of the same name.
    ///
    /// # Errors
    /// A name or value that HTTP does not allow is a config error that does not show the value.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<()> {
        let (name, value) = header(name, value)?;
        self.headers.insert(name, value);
        Ok(())
    }

    /// Puts a value where `place` says. A list gives a parameter, or a form field, for each of its items, one header
    /// with commas, and a list in JSON.
    ///
    /// # Errors
    /// A value that HTTP does not allow in a header is a config error; a body of another kind is a system error.
    pub fn inject(&mut self, place: &Inject, value: &Value) -> Result<()> {
        match (place, value) {
            (Inject::Param(name), Value::Array(items)) => {
                self.remove_from_url(name);
                self.query.retain(|(key, _)| key != name);
                self.query.extend(items.iter().map(|item| (name.clone(), as_text(item).into_owned())));
                return Ok(());
            }
            (Inject::Form(name), Value::Array(items)) => {
                let fields = self.form_fields(name)?;
                fields.retain(|(key, _)| key != name);
                fields.extend(items.iter().map(|item| (name.clone(), as_text(item).into_owned())));
                return Ok(());
            }
            _ => {}
        }
        match place {
            Inject::Param(name) => self.set_param(name, as_text(value)),
            Inject::Header(name) => self.set_header(name, &joined(value, ","))?,
            Inject::Body(path) => self.set_body_field(path, value.clone())?,
            Inject::Form(name) => self.set_form_field(name, &as_text(value))?,
        }
        Ok(())
    }

    /// The URL as it is sent: with the parameters of `query` behind its own.
    ///
    /// What an authenticator signs; it is asked last, when nothing else changes the request any more.
    #[must_use]
    pub fn full_url(&self) -> Url {
        crate::http::full_url(self)
    }

    /// The body as it is sent; empty if there is none.
    #[must_use]
    pub fn body_text(&self) -> Cow<'_, str> {
        match &self.body {
            RequestBody::Empty => Cow::Borrowed(""),
            RequestBody::Text(text) => Cow::Borrowed(text),
            RequestBody::Json(value) => Cow::Owned(value.to_string()),
            RequestBody::Form(fields) => Cow::Owned(crate::http::encode_form(fields)),
        }
    }

    fn set_body_field(&mut self, path: &[String], value: Value) -> Result<()> {
        if self.body == RequestBody::Empty {
            self.body = RequestBody::Json(Value::Object(Map::new()));
        }
        let RequestBody::Json(body) = &mut self.body else {
            return Err(Error::system(format!(
                "`{}` goes into a JSON body, but the request carries another one; write the value into it, as in `{{interval.start}}`",
                path.join(".")
            )));
        };
        let mut target = body;
        for key in path {
            if !target.is_object() {
                *target = Value::Object(Map::new());
            }
            let Value::Object(object) = target else { continue };
            target = object.entry(key.as_str()).or_insert(Value::Null);
        }
        *target = value;
        Ok(())
    }

    fn form_fields(&mut self, name: &str) -> Result<&mut Vec<(String, String)>> {
        if self.body == RequestBody::Empty {
            self.body = RequestBody::Form(Vec::new());
        }
        match &mut self.body {
            RequestBody::Form(fields) => Ok(fields),
            _ => Err(Error::system(format!("`{name}` goes into a form, but the request carries another body"))),
        }
    }

    fn set_form_field(&mut self, name: &str, value: &str) -> Result<()> {
        let fields = self.form_fields(name)?;
        match fields.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => value.clone_into(old),
            None => fields.push((name.to_owned(), value.to_owned())),
        }
        Ok(())
    }
}

/// A header whose value no log shows.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let refuse = |what: &str| {
        Error::config(format!(
            "the {what} of header `{name}` has characters that HTTP does not allow; look for line breaks or blanks"
        ))
    };
    let name = HeaderName::try_from(name).map_err(|_| refuse("name"))?;
    let mut value = HeaderValue::try_from(value).map_err(|_| refuse("value"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// Makes the requests of a stream, before the paginator and the authenticator have seen them.
pub trait Requester: Send + Sync + 'static {
    /// The stream's own URL for a slice: only its host, and hosts that the stream allows, see the credentials.
    ///
    /// # Errors
    /// See [`Requester::draft`].
    fn home(&self, slice: &Slice) -> Result<Url> {
        self.draft(slice, None).map(|draft| draft.url)
    }

    /// The request for a page of a slice.
    ///
    /// # Errors
    /// A base URL that is no URL is a config error; a value that is missing is a system error.
    fn draft(&self, slice: &Slice, token: Option<&PageToken>) -> Result<RequestDraft>;

    /// Whether an answer about a job says where requests go, host and all.
    fn is_addressed_by_answers(&self) -> bool {
        false
    }

    /// The paths by which requests read a value of the slice's job; `None` if they may need all of it.
    #[cfg(feature = "manifest")]
    fn paths_of(&self, _name: &str) -> Option<Vec<Vec<String>>> {
        Some(Vec::new())
    }
}

/// What a stream asks for: everything but the page and the credentials.
#[derive(Clone, Debug)]
pub(crate) struct RequestPlan {
    pub(crate) method: Method,
    pub(crate) base_url: Template,
    pub(crate) path: Template,
    /// The path of all pages but the first, if it is another one; their requests have nothing else of the first but its
    /// headers.
    pub(crate) next_path: Option<Template>,
    pub(crate) query: Vec<(String, Node)>,
    pub(crate) headers: Vec<(String, Node)>,
    pub(crate) body: BodyPlan,
    /// Where the bounds of an interval and the values of a partition go.
    pub(crate) start: Option<Inject>,
    pub(crate) end: Option<Inject>,
    pub(crate) partition: Vec<(String, Inject)>,
}

/// What a request carries, with templates.
#[derive(Clone, Debug)]
pub(crate) enum BodyPlan {
    Empty,
    Json(Node),
    Form(Vec<(String, Node)>),
    Text(Template),
    Xml { text: Template, content_type: HeaderValue },
}

/// A JSON value with templates as its leaves.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Literal(Value),
    Template(Template),
    List(Vec<Node>),
    /// The items of a list as one text, with this between them.
    Joined(Box<Node>, String),
    Map(Vec<(String, Node)>),
}

impl Requester for RequestPlan {
    fn home(&self, slice: &Slice) -> Result<Url> {
        match self.path.is_address() {
            // An answer must not decide who sees the credentials.
            true => self.base(slice).map(|(_, base)| base),
            false => self.url(&self.path, slice),
        }
    }

    fn draft(&self, slice: &Slice, token: Option<&PageToken>) -> Result<RequestDraft> {
        let next_path = self.next_path.as_ref().filter(|_| token.is_some());
        let mut draft = RequestDraft {
            method: self.method.clone(),
            url: self.url(next_path.unwrap_or(&self.path), slice)?,
            query: Vec::with_capacity(self.query.len() + 4),
            headers: HeaderMap::new(),
            body: RequestBody::Empty,
        };
        for (name, node) in &self.headers {
            if let Some(value) = node.evaluate(slice)? {
                draft.set_header(name, &as_text(&value))?;
            }
        }
        if next_path.is_some() {
            return Ok(draft);
        }
        draft.body = self.body.draft(slice)?;
        if let BodyPlan::Xml { content_type, .. } = &self.body {
            draft.headers.entry(CONTENT_TYPE).or_insert_with(|| content_type.clone());
        }
        for (name, node) in &self.query {
            push_params(&mut draft.query, name, node, slice)?;
        }
        for (key, place) in &self.partition {
            if let Some(value) = slice.partition(key) {
                draft.inject(place, value)?;
            }
        }
        if let Some(interval) = slice.interval() {
            for (place, value) in [(&self.start, &interval.start), (&self.end, &interval.end)] {
                if let (Some(place), false) = (place, value.is_empty()) {
                    draft.inject(place, &Value::from(value.as_str()))?;
                }
            }
        }
        Ok(draft)
    }
}

impl RequestPlan {
    /// Whether a window's end is part of the request, so that the API can be asked for one window at a time.
    pub(crate) fn bounds_end(&self) -> bool {
        let body = match &self.body {
            BodyPlan::Empty => false,
            BodyPlan::Json(node) => node.names_interval_end(),
            BodyPlan::Form(entries) => entries.iter().any(|(_, node)| node.names_interval_end()),
            BodyPlan::Text(text) | BodyPlan::Xml { text, .. } => text.names_interval_end(),
        };
        let named = self.query.iter().chain(&self.headers).any(|(_, node)| node.names_interval_end());
        self.end.is_some() || body || named || self.path.names_interval_end()
    }

    /// The base URL, as it is written and as it is meant.
    fn base(&self, slice: &Slice) -> Result<(String, Url)> {
        let missing = || {
            Error::system("a value in the stream's path is missing")
                .with_detail(format!("partition {}", slice.partition.id))
        };
        let base = self.base_url.render(slice)?.ok_or_else(missing)?;
        let parsed = Url::parse(&base).ok().filter(is_usable);
        let parsed = parsed
            .ok_or_else(|| Error::config(format!("`{base}` is not a URL that begins with https:// or http://")))?;
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(Error::config(format!(
                "`{base}` has parameters, but the paths of streams are appended to it; leave them out"
            )));
        }
        Ok((base, parsed))
    }

    fn url(&self, path: &Template, slice: &Slice) -> Result<Url> {
        let (base, parsed) = self.base(slice)?;
        if path.is_address() {
            let address = path.evaluate(slice)?.map(|address| as_text(&address).into_owned()).unwrap_or_default();
            let below = Url::parse(&format!("{}/", base.trim_end_matches('/'))).unwrap_or(parsed);
            // A path that begins with a slash is one of the host, not one below the base URL.
            return below
                .join(&address)
                .ok()
                .filter(is_usable)
                .filter(|_| !address.is_empty())
                .ok_or_else(|| Error::system(format!("the API says `{address}` where an address is expected")));
        }
        let path = path.render(slice)?.ok_or_else(|| {
            Error::system("a value in the stream's path is missing")
                .with_detail(format!("partition {}", slice.partition.id))
        })?;
        let text = match (base.strip_suffix('/').unwrap_or(&base), path.strip_prefix('/').unwrap_or(&path)) {
            (_, "") => base.clone(),
            (base, path) => format!("{base}/{path}"),
        };
        Url::parse(&text).map_err(|error| Error::system("the stream's path does not make a URL").with_source(error))
    }
}

fn is_usable(url: &Url) -> bool {
    url.has_host() && matches!(url.scheme(), "http" | "https")
}

fn push_params(query: &mut Vec<(String, String)>, name: &str, node: &Node, slice: &Slice) -> Result<()> {
    match node.evaluate(slice)? {
        None | Some(Value::Null) => {}
        Some(Value::Array(values)) => {
            query.extend(
                values
                    .iter()
                    .filter(|value| !value.is_null())
                    .map(|value| (name.to_owned(), as_text(value).into_owned())),
            );
        }
        Some(value) => query.push((name.to_owned(), as_text(&value).into_owned())),
    }
    Ok(())
}

impl BodyPlan {
    fn draft(&self, slice: &Slice) -> Result<RequestBody> {
        Ok(match self {
            Self::Empty => RequestBody::Empty,
            Self::Json(node) => RequestBody::Json(node.evaluate(slice)?.unwrap_or_else(|| Value::Object(Map::new()))),
            Self::Form(entries) => {
                let mut fields = Vec::with_capacity(entries.len());
                for (name, node) in entries {
                    push_params(&mut fields, name, node, slice)?;
                }
                RequestBody::Form(fields)
            }
            Self::Text(text) => RequestBody::Text(text.render(slice)?.ok_or_else(|| {
                Error::system("a value in the body of the request is missing")
                    .with_detail(format!("partition {}", slice.partition.id))
            })?),
            Self::Xml { text, .. } => RequestBody::Text(text.render(slice)?.unwrap_or_default()),
        })
    }
}

impl Node {
    fn names_interval_end(&self) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Template(template) => template.names_interval_end(),
            Self::List(items) => items.iter().any(Self::names_interval_end),
            Self::Joined(items, _) => items.names_interval_end(),
            Self::Map(entries) => entries.iter().any(|(_, node)| node.names_interval_end()),
        }
    }

    /// The value for a slice; `None` when a template's value is missing, so that the key is left out.
    fn evaluate(&self, slice: &Slice) -> Result<Option<Value>> {
        Ok(Some(match self {
            Self::Literal(value) => value.clone(),
            Self::Template(template) => return template.evaluate(slice),
            Self::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.extend(item.evaluate(slice)?);
                }
                Value::Array(values)
            }
            Self::Joined(items, separator) => match items.evaluate(slice)? {
                None | Some(Value::Null) => return Ok(None),
                Some(items) => Value::from(joined(&items, separator)),
            },
            Self::Map(entries) => {
                let mut object = Map::with_capacity(entries.len());
                for (key, node) in entries {
                    if let Some(value) = node.evaluate(slice)? {
                        object.insert(key.clone(), value);
                    }
                }
                Value::Object(object)
            }
        }))
    }
}
