//! What is written once and meant in many places: references, and the parameters and types of components.

mod parameters;
mod references;
#[cfg(test)]
mod tests;

pub use parameters::{parameters, propagate};
pub use references::references;
pub(crate) use references::target;
