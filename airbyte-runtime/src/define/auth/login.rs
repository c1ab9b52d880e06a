//! `post("/login", body = { … })`: the request that opens a session.

use http::Method;

use super::AuthContext;
use super::oauth::require_address;
use crate::define::inject::require_header_names;
use crate::define::lower::entries;
use crate::define::value::Map;
use crate::error::{ErrorKind, Result};
use crate::plan::request::{BodyPlan, Node, RequestPlan};
use crate::plan::template::Template;
use crate::plan::wording::Wording;
use crate::plan::{ErrorPolicy, HttpRetriever, auth};
use crate::rules::text::Text;

/// The method, the address and the headers of a request that is sent as it is.
pub(super) type PlainRequest = (Method, url::Url, Vec<(String, String)>);

/// A login by POST: `post("/login", body = { user = config.user, password = config.password })`.
///
/// The address is a URL, or a path below the base URL.
#[must_use]
#[track_caller]
pub const fn post(address: &'static str) -> Login {
    Login::new("post", true, address)
}

/// The same by GET: `get("/rate_limit")`.
#[must_use]
#[track_caller]
pub const fn get(address: &'static str) -> Login {
    Login::new("get", false, address)
}

/// See [`post`].
#[derive(Clone, Copy, Debug)]
pub struct Login {
    component: &'static str,
    is_post: bool,
    address: &'static str,
    body: Option<Map>,
    form: Option<Map>,
    query: Map,
    headers: Map,
}

setters! { Login
    /// Query parameters.
    query: Map;
    /// Headers.
    headers: Map [require_header_names];
}

impl Login {
    #[track_caller]
    const fn new(component: &'static str, is_post: bool, address: &'static str) -> Self {
        require_address("the address of the request", address);
        Self { component, is_post, address, body: None, form: None, query: &[], headers: &[] }
    }

    /// The JSON body.
    #[must_use]
    #[track_caller]
    pub const fn body(mut self, body: Map) -> Self {
        self.require_body();
        self.body = Some(body);
        self
    }

    /// The form body.
    #[must_use]
    #[track_caller]
    pub const fn form(mut self, form: Map) -> Self {
        self.require_body();
        self.form = Some(form);
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }

    #[track_caller]
    const fn require_body(&self) {
        if !self.is_post {
            let text = Text::new().push("`").push(self.component).push("` sends no body\nhelp: write `post(…)`");
            panic!("{}", text.as_str());
        }
        assert!(self.body.is_none() && self.form.is_none(), "a request has one body\nhelp: keep `body` or `form`");
    }

    /// The method, the address and the headers, for a request that is sent as it is.
    ///
    /// # Errors
    /// An address that is no URL.
    pub(super) fn plain(&self, context: &AuthContext<'_>) -> Result<PlainRequest> {
        let mut url = context.url(self.address)?;
        for (name, value) in context.config.entries(self.query)? {
            url.query_pairs_mut().append_pair(&name, &crate::placeholder::as_text(&value));
        }
        let headers = context.config.entries(self.headers)?;
        let headers = headers.into_iter().map(|(name, value)| (name, crate::placeholder::as_text(&value).into_owned()));
        Ok((self.method(), url, headers.collect()))
    }

    /// What sends the request, with the retries of a stream.
    ///
    /// # Errors
    /// An address that is no URL, and config fields that are not set.
    pub(super) fn retriever(&self, context: &AuthContext<'_>) -> Result<HttpRetriever> {
        let config = context.config;
        let text = String::from(context.url(self.address)?);
        let request = RequestPlan {
            method: self.method(),
            base_url: Template::literal(text),
            path: Template::literal(String::new()),
            next_path: None,
            query: entries(self.query, config)?,
            headers: entries(self.headers, config)?,
            body: match (self.body, self.form) {
                (Some(body), _) => BodyPlan::Json(Node::Map(entries(body, config)?)),
                (None, Some(form)) => BodyPlan::Form(entries(form, config)?),
                (None, None) => BodyPlan::Empty,
            },
            start: None,
            end: None,
            partition: Vec::new(),
        };
        // Logins are few, and each has its own bound.
        Ok(HttpRetriever::new(
            Box::new(request),
            std::sync::Arc::new(auth::NoAuth),
            ErrorPolicy {
                handlers: Vec::new(),
                backoff: crate::define::lower::default_backoff(),
                max_retries: crate::define::lower::DEFAULT_MAX_RETRIES,
                unreachable: ErrorKind::Transient,
                wording: Wording::Own,
            },
        ))
    }

    fn method(&self) -> Method {
        if self.is_post { Method::POST } else { Method::GET }
    }
}
