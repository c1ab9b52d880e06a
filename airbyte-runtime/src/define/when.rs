//! `when = …`: whether a stream is there, by the configuration.

use std::marker::PhantomData;

use crate::config::Config;
use crate::error::Result;

/// Whether a stream is there.
pub trait WhenDef: Sync {
    /// Whether it is, with this configuration.
    ///
    /// # Errors
    /// A configuration of another source.
    fn holds(&self, config: &Config) -> Result<bool>;
}

impl WhenDef for super::Component<dyn WhenDef> {
    fn holds(&self, config: &Config) -> Result<bool> {
        self.0.holds(config)
    }
}

/// What may stand behind `when =`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say of a `{S}` whether the stream is there",
    label = "not a condition on `{S}`",
    note = "it is `fn(&{S}) -> bool`, or a closure such as `|source| source.beta`"
)]
pub trait WhenHook<S>: Sync {
    /// Whether the stream is there.
    fn holds(&self, source: &S) -> bool;
}

impl<S, F: Fn(&S) -> bool + Sync> WhenHook<S> for F {
    fn holds(&self, source: &S) -> bool {
        self(source)
    }
}

/// A condition on source `S`.
#[must_use]
pub const fn when<S, F: WhenHook<S>>(condition: F) -> When<S, F> {
    When { condition, source: PhantomData }
}

/// See [`when`].
#[derive(Debug)]
pub struct When<S, F> {
    condition: F,
    source: PhantomData<fn(&S)>,
}

impl<S: Send + Sync + 'static, F: WhenHook<S>> WhenDef for When<S, F> {
    fn holds(&self, config: &Config) -> Result<bool> {
        Ok(self.condition.holds(&*config.typed::<S>()?))
    }
}
