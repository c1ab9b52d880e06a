//! Requesters of a manifest: what they ask, and what they make of failures.

use std::sync::Arc;

use http::Method;

use airbyte_manifest::model::{
    BackoffStrategy, Custom, DefaultErrorHandler, ErrorHandler as ErrorHandlerModel, HttpMethod, HttpRequester,
    RequestBody, Text,
};
use airbyte_manifest::{Kind, Node};

use super::auth::Requested;
use super::backoff::{Constant, Doubling, Exponential, TimeFromHeader, TimeFromResponse, UntilTimeFromHeader};
use super::error_handler::{Filter, Handler, ManifestErrorHandler};
use super::home::Provenance;
use super::lowering::{Lowering, kind};
use super::properties::is_query_properties;
use super::registry::is_left_out;
use super::requester::{Address, Body, Entries, Entry, ManifestRequester, SliceValue, Tree};
use super::scope::IntervalKeys;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Connections;
use crate::http::cookies::CookieJar;
use crate::jinja::Parameters;
use crate::plan::auth::NoAuth;
use crate::plan::backoff::WaitFromHeader;
use crate::plan::request::{Inject, Requester};
use crate::plan::request_matcher::pattern;
use crate::plan::wording::Wording;
use crate::plan::{Authenticator, Backoff, ErrorHandler, ErrorPolicy, HttpRetriever};

impl Lowering<'_> {
    /// A requester without pages and records.
    ///
    /// # Errors
    /// Templates that cannot be compiled, and parts that contradict each other.
    pub(super) fn http(
        &self,
        model: &HttpRequester,
        slice_options: Vec<(SliceValue, Inject)>,
        slice_options_once: bool,
        token_is_path: bool,
        interval_keys: &IntervalKeys,
        provenance: &Provenance,
    ) -> Result<HttpRetriever> {
        let own = model.parameters();
        let header_names: Vec<String> = model
            .request_headers
            .as_ref()
            .and_then(Node::as_map)
            .into_iter()
            .flatten()
            .map(|entry| entry.key.clone())
            .collect();
        let address = model.url_base.as_ref().or(model.url.as_ref());
        let auth = self.authenticator(model.authenticator.as_ref(), &Requested { headers: &header_names, address })?;
        let requester = ManifestRequester {
            method: match model.http_method {
                HttpMethod::Get => Method::GET,
                HttpMethod::Post => Method::POST,
            },
            address: Address {
                url_base: self.optional(model.url_base.as_ref(), &own),
                url: self.optional(model.url.as_ref(), &own),
                path: self.optional(model.path.as_ref(), &own),
            },
            token_is_path,
            parameters: self.entries(model.request_parameters.as_ref(), &own)?,
            headers: self.entries(model.request_headers.as_ref(), &own)?,
            body: self.body(model, &own)?,
            slice_options,
            slice_options_once,
            interval_keys: Arc::clone(interval_keys),
            provenance: provenance.clone(),
        };
        Ok(HttpRetriever {
            properties: self.properties(model)?,
            connections: Connections {
                connect_timeout: timeout(model.connect_timeout_in_seconds, "connect_timeout_in_seconds")?,
                read_timeout: timeout(model.read_timeout_in_seconds, "read_timeout_in_seconds")?,
                keepalive: model.use_tcp_keepalive,
                ..Connections::default()
            },
            ..self.http_retriever(Box::new(requester), auth, self.errors(model.error_handler.as_ref())?)
        })
    }

    /// A retriever with what all of this manifest's have in common.
    fn http_retriever(
        &self,
        requester: Box<dyn Requester>,
        auth: Arc<dyn Authenticator>,
        errors: ErrorPolicy,
    ) -> HttpRetriever {
        HttpRetriever {
            budget: self.budget.clone(),
            cookies: Some(CookieJar::default()),
            allow_hosts: self.allowed_hosts.clone(),
            ..HttpRetriever::new(requester, auth, errors)
        }
    }

    /// The requester of a class; credentials and slices are its own business.
    ///
    /// # Errors
    /// A class that is not registered.
    pub(super) fn custom_http(&self, custom: &Custom) -> Result<HttpRetriever> {
        let requester = self.registry.make_requester(custom, self.config)?;
        Ok(self.http_retriever(requester, Arc::new(NoAuth), self.errors(None)?))
    }

    fn entries(&self, node: Option<&Node>, parameters: &Parameters) -> Result<Entries> {
        let Some(node) = node else { return Ok(Entries::Mapping(Vec::new())) };
        if let Some(text) = node.as_str() {
            return Ok(Entries::Text(self.compile(text, parameters)));
        }
        let mut mapping = Vec::new();
        for entry in node.as_map().into_iter().flatten() {
            let value = match &entry.value.kind {
                Kind::Text(text) => Entry::Template(self.compile(text, parameters)),
                // They are written into the request once it is known which of them it asks for.
                _ if is_query_properties(&entry.value) => continue,
                _ => Entry::Fixed(entry.value.to_json()),
            };
            mapping.push((self.compile(&entry.key, parameters), value));
        }
        Ok(Entries::Mapping(mapping))
    }

    fn body(&self, model: &HttpRequester, parameters: &Parameters) -> Result<Body> {
        if model.request_body_data.is_some() && model.request_body_json.is_some() {
            return Err(Error::system("a requester has `request_body_data` and `request_body_json`; keep one of them"));
        }
        match (&model.request_body, &model.request_body_json, &model.request_body_data) {
            (Some(body), ..) => self.request_body(body, parameters),
            (None, Some(json), _) => match json.as_str() {
                Some(text) => Ok(Body::JsonText(self.compile(text, parameters))),
                None => Ok(Body::Json(self.tree(json, parameters)?)),
            },
            (None, None, Some(data)) => self.data(data, parameters),
            (None, None, None) => Ok(Body::Empty),
        }
    }

    fn data(&self, node: &Node, parameters: &Parameters) -> Result<Body> {
        match node.as_str() {
            Some(text) => Ok(Body::Text(self.compile(text, parameters))),
            None => Ok(Body::Form(self.entries(Some(node), parameters)?)),
        }
    }

    fn request_body(&self, body: &RequestBody, parameters: &Parameters) -> Result<Body> {
        match body {
            RequestBody::RequestBodyPlainText(model) => Ok(Body::Text(self.template(&model.value, parameters))),
            RequestBody::RequestBodyUrlEncodedForm(model) => self.data(&model.value, parameters),
            RequestBody::RequestBodyJsonObject(model) => Ok(Body::Json(self.tree(&model.value, parameters)?)),
            RequestBody::RequestBodyGraphQL(model) => {
                let mut entries = Vec::new();
                for entry in model.value.as_map().into_iter().flatten() {
                    let value = match (entry.key.as_str(), entry.value.as_str()) {
                        ("type" | "$parameters", _) => continue,
                        ("query", Some(query)) => Tree::Plain(self.compile(query, parameters)),
                        _ => self.tree(&entry.value, parameters)?,
                    };
                    entries.push((self.compile(&entry.key, parameters), value));
                }
                Ok(Body::Json(Tree::Map(entries)))
            }
        }
    }

    fn tree(&self, node: &Node, parameters: &Parameters) -> Result<Tree> {
        Ok(match &node.kind {
            Kind::Text(text) => Tree::Template(self.compile(text, parameters)),
            Kind::List(items) => {
                Tree::List(items.iter().map(|item| self.tree(item, parameters)).collect::<Result<_>>()?)
            }
            Kind::Map(map) => {
                let entries = map
                    .iter()
                    .map(|entry| Ok((self.compile(&entry.key, parameters), self.tree(&entry.value, parameters)?)));
                Tree::Map(entries.collect::<Result<_>>()?)
            }
            _ => Tree::Fixed(node.to_json()),
        })
    }

    fn errors(&self, model: Option<&ErrorHandlerModel>) -> Result<ErrorPolicy> {
        let mut backoff: Vec<Arc<dyn Backoff>> = Vec::new();
        let root = match model {
            None => Handler::Filters(Vec::new()),
            Some(model) => self.handler(model, &mut backoff)?,
        };
        if backoff.is_empty() {
            backoff.push(Arc::new(WaitFromHeader::retry_after()));
        }
        backoff.push(Arc::new(Doubling));
        let max_retries = match model {
            Some(model) => self.max_retries(model)?,
            None => DEFAULT_MAX_RETRIES,
        };
        let handler: Arc<dyn ErrorHandler> = Arc::new(ManifestErrorHandler { root });
        Ok(ErrorPolicy {
            handlers: vec![handler],
            backoff,
            max_retries: u32::try_from(max_retries.max(0)).unwrap_or(u32::MAX),
            unreachable: ErrorKind::System,
            wording: Wording::Airbyte,
        })
    }

    /// The retries of a handler; those of a composite are its first one's.
    fn max_retries(&self, model: &ErrorHandlerModel) -> Result<i64> {
        match model {
            ErrorHandlerModel::DefaultErrorHandler(model) => {
                self.int(&model.max_retries, &model.parameters(), "`max_retries`")
            }
            ErrorHandlerModel::CompositeErrorHandler(model) => match model.error_handlers.first() {
                Some(first) => self.max_retries(first),
                None => Ok(DEFAULT_MAX_RETRIES),
            },
            ErrorHandlerModel::CustomErrorHandler(_) => Ok(DEFAULT_MAX_RETRIES),
        }
    }

    fn handler(&self, model: &ErrorHandlerModel, backoff: &mut Vec<Arc<dyn Backoff>>) -> Result<Handler> {
        Ok(match model {
            ErrorHandlerModel::DefaultErrorHandler(model) => {
                for strategy in &model.backoff_strategies {
                    match self.backoff(strategy) {
                        Ok(strategy) => backoff.push(strategy),
                        Err(error) if is_left_out(&error) => return Err(error),
                        // A wait that may never be needed keeps no stream from being read.
                        Err(error) => tracing::warn!("a backoff strategy is left out: {}", error.message()),
                    }
                }
                Handler::Filters(self.filters(model)?)
            }
            ErrorHandlerModel::CompositeErrorHandler(model) => {
                let handlers = model.error_handlers.iter().map(|handler| self.handler(handler, backoff));
                Handler::Composite(handlers.collect::<Result<_>>()?)
            }
            ErrorHandlerModel::CustomErrorHandler(custom) => {
                Handler::Custom(self.registry.make_error_handler(custom, self.config)?)
            }
        })
    }

    fn filters(&self, model: &DefaultErrorHandler) -> Result<Vec<Filter>> {
        let mut filters = Vec::new();
        for filter in &model.response_filters {
            // Without an action a filter decides nothing.
            let Some(action) = filter.action else { continue };
            let own = filter.parameters();
            filters.push(Filter {
                action,
                failure: filter.failure_type.map(kind),
                message: self.optional(filter.error_message.as_ref(), &own),
                contains: filter.error_message_contains.as_ref().map(|text| text.text.clone()),
                codes: filter.http_codes.clone(),
                predicate: self.optional(filter.predicate.as_ref().filter(|text| !text.text.is_empty()), &own),
            });
        }
        Ok(filters)
    }

    fn backoff(&self, model: &BackoffStrategy) -> Result<Arc<dyn Backoff>> {
        let max = |number: &Option<_>, parameters: &Parameters| {
            let what = "`max_waiting_time_in_seconds`";
            number.as_ref().map(|number| self.number(number, parameters, what)).transpose()
        };
        let regex = |text: &Option<Text>, parameters: &Parameters| {
            text.as_ref().map(|text| pattern(&self.text(text, parameters)?)).transpose()
        };
        Ok(match model {
            BackoffStrategy::ConstantBackoffStrategy(model) => {
                let own = model.parameters();
                let what = "`backoff_time_in_seconds`";
                let seconds = self.number(&model.backoff_time_in_seconds, &own, what)?;
                Arc::new(Constant { seconds, jitter: model.jitter_range_in_seconds.unwrap_or(0.0) })
            }
            BackoffStrategy::ExponentialBackoffStrategy(model) => {
                let factor = self.number(&model.factor, &model.parameters(), "`factor`")?;
                Arc::new(Exponential { factor, jitter: model.jitter_range_in_seconds.unwrap_or(0.0) })
            }
            BackoffStrategy::WaitTimeFromHeader(model) => {
                let own = model.parameters();
                Arc::new(TimeFromHeader {
                    header: self.text(&model.header, &own)?,
                    regex: regex(&model.regex, &own)?,
                    max: max(&model.max_waiting_time_in_seconds, &own)?,
                })
            }
            BackoffStrategy::WaitTimeFromResponse(model) => {
                let own = model.parameters();
                Arc::new(TimeFromResponse {
                    seconds: self.template(&model.wait_time_in_seconds, &own),
                    max: max(&model.max_waiting_time_in_seconds, &own)?,
                })
            }
            BackoffStrategy::WaitUntilTimeFromHeader(model) => {
                let own = model.parameters();
                let min = model.min_wait.as_ref().map(|min| self.number(min, &own, "`min_wait`")).transpose()?;
                Arc::new(UntilTimeFromHeader {
                    header: self.text(&model.header, &own)?,
                    regex: regex(&model.regex, &own)?,
                    min,
                    max: max(&model.max_waiting_time_in_seconds, &own)?,
                })
            }
            BackoffStrategy::CustomBackoffStrategy(custom) => self.registry.make_backoff(custom, self.config)?,
        })
    }
}

/// A number of seconds that is a time to wait.
fn timeout(seconds: Option<f64>, what: &str) -> Result<Option<std::time::Duration>> {
    let Some(seconds) = seconds else { return Ok(None) };
    let timeout = std::time::Duration::try_from_secs_f64(seconds).ok().filter(|timeout| !timeout.is_zero());
    timeout.map(Some).ok_or_else(|| Error::system(format!("`{what}` is {seconds}; it has to be more than 0")))
}

const DEFAULT_MAX_RETRIES: i64 = 5;
