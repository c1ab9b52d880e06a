//! The only place that opens sockets: the client, one exchange with retries, links and redirects.

mod arrival;
mod callback;
mod client;
pub(crate) mod cookies;
mod failure;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod gate;
pub(crate) mod link;
mod memory;
mod pace;
mod patience;
mod pending;
mod pool;
mod send;
mod sockets;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
mod tls;
pub(crate) mod token;
mod transfer;
mod unpack;
mod wire;

pub(crate) use arrival::{BodyReader, Delivery, deliver};
pub(crate) use callback::Callback;
pub(crate) use client::{Connections, HttpClient, HttpSettings};
pub(crate) use gate::{Gate, OnWait, Permit};
pub(crate) use memory::max_body;
#[cfg(test)]
pub(crate) use pending::Mark;
pub(crate) use pending::Pending;
pub(crate) use pool::Rest;
pub(crate) use send::{Chance, Detour, Exchange, Outcome, Response, Unusable};
pub(crate) use tls::Identity;
pub(crate) use wire::{PARAM, encode_form, full_url, without_query};
