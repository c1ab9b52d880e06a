//! Authentication against scripted authorization servers: expiry, rotation, refusal and concurrency, of every kind of
//! credentials, from attributes and from a manifest.

#[path = "auth/flow.rs"]
mod flow;
#[path = "auth/jwt.rs"]
mod jwt;
#[path = "auth/login.rs"]
mod login;
#[path = "auth/mtls.rs"]
mod mtls;
#[path = "auth/oauth.rs"]
mod oauth;
#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod quickstart;
#[path = "auth/run.rs"]
mod run;
#[path = "auth/service.rs"]
mod service;
#[path = "auth/session.rs"]
mod session;
#[path = "auth/signing.rs"]
mod signing;
#[path = "auth/sources.rs"]
mod sources;
#[path = "auth/tokens.rs"]
mod tokens;
