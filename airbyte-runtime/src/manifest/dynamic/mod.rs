//! Streams that the configuration, the state or an API decide about.

mod components;
mod conditional;
mod delegating;
mod expand;
mod graft;
mod mapping;
#[cfg(test)]
mod tests;

pub(crate) use components::{Component, components_of_config, components_of_list};
pub(crate) use conditional::{Included, included};
pub(crate) use delegating::choose;
pub(crate) use expand::expand;
pub(crate) use mapping::value_type;
