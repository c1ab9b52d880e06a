//! What Python would raise while a template is rendered.

/// An exception, classed by what the CDK makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raise {
    /// A `TypeError`: the template's own text becomes the result.
    Type(String),
    /// Jinja's `UndefinedError`: the place of the template decides.
    Undefined(String),
    /// Anything else ends the evaluation.
    Other(String),
}

/// The result of one step of a rendering.
pub(super) type Step<T> = Result<T, Raise>;

impl Raise {
    /// A `TypeError` about two operands.
    pub(super) fn operands(operator: &str, left: &str, right: &str) -> Self {
        Self::Type(format!("`{operator}` does not work between {left} and {right}"))
    }

    pub(super) fn other(message: impl Into<String>) -> Self {
        Self::Other(message.into())
    }

    pub(super) fn type_error(message: impl Into<String>) -> Self {
        Self::Type(message.into())
    }

    pub(super) fn undefined(what: &str) -> Self {
        Self::Undefined(format!("{what} is undefined"))
    }
}
