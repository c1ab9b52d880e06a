//! Tests of a connector without its API: a scripted server on loopback, and the standard tests of every source.

mod connector;
mod expectation;
mod message;
#[cfg(test)]
mod raw_client;
mod script;
mod script_file;
mod server;
mod spec_rules;

pub use connector::ConnectorTests;
pub use http::Method;
pub use message::{Request, Response};
pub use script::{Rule, Script, ScriptedApi};
pub use server::Server;
