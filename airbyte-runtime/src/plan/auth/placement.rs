//! Where a manifest's credentials go, and what happens if the request already has something there.

use http::HeaderName;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::plan::request::{Inject, RequestBody, RequestDraft};

/// What to do about a value that stands where the credentials go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collision {
    /// The request is an error, as with the Python CDK.
    Refuse,
    /// The credentials take the place: for headers that a manifest spells in two ways.
    Replace,
}

/// Where credentials go.
#[derive(Clone, Debug)]
pub(crate) struct Placement {
    place: Inject,
    collision: Collision,
}

impl Placement {
    pub(crate) fn new(place: Inject, collision: Collision) -> Self {
        Self { place, collision }
    }

    /// The header `Authorization`.
    pub(crate) fn authorization(collision: Collision) -> Self {
        Self::new(Inject::Header("Authorization".to_owned()), collision)
    }

    /// Writes the credentials into the request.
    ///
    /// # Errors
    /// A place that is taken is a system error, unless it may be replaced; a value that HTTP does not allow in a
    /// header is a config error. Neither shows the credentials.
    pub(crate) fn write(&self, request: &mut RequestDraft, credentials: &str) -> Result<()> {
        if self.collision == Collision::Refuse {
            self.refuse_collision(request, credentials)?;
        }
        request.inject(&self.place, &Value::from(credentials))
    }

    /// What the request holds in this place, if that is a header or a query parameter.
    pub(crate) fn read<'r>(&self, request: &'r RequestDraft) -> Option<&'r str> {
        match &self.place {
            Inject::Header(name) => request.headers.get(name)?.to_str().ok(),
            Inject::Param(name) => request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()),
            _ => None,
        }
    }

    fn refuse_collision(&self, request: &RequestDraft, credentials: &str) -> Result<()> {
        let (kind, name, taken) = match &self.place {
            Inject::Param(name) => ("query parameter", name.clone(), request.query.iter().any(|(key, _)| key == name)),
            Inject::Header(name) => {
                let taken = HeaderName::try_from(name.as_str()).is_ok_and(|name| request.headers.contains_key(name));
                ("header", name.clone(), taken)
            }
            Inject::Form(name) => {
                let fields = match &request.body {
                    RequestBody::Form(fields) => fields.as_slice(),
                    _ => &[],
                };
                ("form field", name.clone(), fields.iter().any(|(key, _)| key == name))
            }
            Inject::Body(path) => ("body field", path.join("."), is_taken(&request.body, path, credentials)),
        };
        if taken {
            return Err(Error::system(format!(
                "the {kind} `{name}` is set twice, by the authenticator and by the request's own options; \
                 remove one of them from the manifest"
            )));
        }
        Ok(())
    }
}

/// Whether another value stands at the path, or on the way to it. The same value may be set twice.
fn is_taken(body: &RequestBody, path: &[String], credentials: &str) -> bool {
    let RequestBody::Json(body) = body else { return false };
    let mut value = body;
    for key in path {
        let Value::Object(object) = value else { return !value.is_null() };
        let Some(next) = object.get(key) else { return false };
        value = next;
    }
    value.as_str() != Some(credentials)
}
