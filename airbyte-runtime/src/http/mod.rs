//! The only place that opens sockets: the client, one exchange with retries, links and redirects.

mod client;
pub(crate) mod cookies;
pub(crate) mod link;
mod send;
mod tls;
#[cfg(feature = "manifest")]
pub(crate) mod token;
mod transfer;
mod wire;

pub(crate) use client::{HttpClient, HttpSettings};
pub(crate) use send::{Detour, Exchange, Outcome, Response, Unusable};
pub(crate) use wire::without_query;
