//! Refresh tokens that can be used once, where pages are asked for ahead: none is lost with a request that is given up.

use std::sync::{Arc, Mutex};

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use airbyte_runtime::{Batch, Connector};
use serde_json::{Value, json};

use super::ahead::{page_of, start_of};
use super::api::Api;
use super::reading::catalog;

/// Rows behind page numbers, for whoever has the newest token.
#[source(
    base_url    = "{config.base_url}",
    auth        = oauth(
        token_url     = "/token",
        client_id     = "the-client",
        client_secret = config.client_secret,
        refresh_token = config.refresh_token,
        single_use    = write_back(access_token = config.access_token, token_expiry_date = config.token_expiry_date)
    ),
    concurrency = 64,
    streams     = [Numbers],
)]
struct Renewing {
    /// Where the API is.
    base_url: String,
    /// The client's secret.
    client_secret: Secret,
    /// What new tokens are fetched with.
    refresh_token: Secret,
    /// The token to begin with.
    access_token: Option<Secret>,
    /// When it ends.
    token_expiry_date: Option<String>,
}

#[stream(
    source = Renewing, name = "numbers", path = "/rows", primary_key = id,
    paginator = page_increment(page_size = 3, prefetch = 8),
)]
struct Numbers {
    id: u64,
}

const ROWS: u64 = 60;

/// What the service has given, and how often each thing was asked for.
#[derive(Default)]
struct Service {
    given: u64,
    /// Requests with the newest access token.
    used: u64,
    exchanges: u64,
    pages: u64,
}

impl Service {
    /// Tokens live as long as that by their own account, and are refused after so many requests.
    fn answer(&mut self, request: &Request, lifetime: u64, uses: u64) -> Response {
        let newest = self.given;
        if request.path == "/token" {
            self.exchanges += 1;
            let form = String::from_utf8_lossy(&request.body).into_owned();
            if !form.contains(&format!("refresh_token=refresh-{newest}-of-the-laws")) {
                return Response::json(400, &json!({"error": "invalid_grant"}));
            }
            (self.given, self.used) = (newest + 1, 0);
            let (access, refresh) = (format!("access-{}", self.given), format!("refresh-{}-of-the-laws", self.given));
            let body = json!({"access_token": access, "expires_in": lifetime, "refresh_token": refresh});
            return Response::json(200, &body);
        }
        self.used += 1;
        if request.header("authorization") != Some(&*format!("Bearer access-{newest}")) || self.used > uses {
            return Response::json(401, &json!({"message": "the token is over"}));
        }
        self.pages += 1;
        let start = start_of(request);
        Response::new(200).body(page_of((start + 1..=start + 3).filter(|id| *id <= ROWS)))
    }
}

/// Reads all rows, and holds what the service gave against what is to be stored.
fn read(lifetime: u64, uses: u64) -> Service {
    let service = Arc::new(Mutex::new(Service::default()));
    let shared = Arc::clone(&service);
    let api = Api::answering(move |request| shared.lock().expect("no panic").answer(request, lifetime, uses));
    let config = json!({
        "base_url": api.url(), "client_secret": "secret-of-the-laws", "refresh_token": "refresh-0-of-the-laws",
    });
    let (mut stored, mut ids) = (config["refresh_token"].clone(), Vec::new());
    let mut messages = Connector::<Renewing>::new(config).read(catalog(&["numbers"]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        while let Some(batch) = messages.next().await {
            match batch {
                Ok(Batch::Records(lines)) => {
                    let lines = String::from_utf8(lines).expect("text");
                    let records = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
                    ids.extend(records.filter_map(|record| record["record"]["data"]["id"].as_u64()));
                }
                Ok(Batch::Message(message)) if message["type"] == "CONTROL" => {
                    stored = message["control"]["connectorConfig"]["config"]["refresh_token"].clone();
                }
                Ok(Batch::Message(_)) => {}
                Err(error) => panic!("tokens for {lifetime} s and {uses} requests: {error:?}"),
            }
        }
    });
    assert_eq!(ids, (1..=ROWS).collect::<Vec<_>>(), "tokens for {lifetime} s and {uses} requests");
    drop(api);
    let service = std::mem::take(&mut *service.lock().expect("no panic"));
    assert_eq!(
        stored,
        format!("refresh-{}-of-the-laws", service.given),
        "tokens for {lifetime} s and {uses} requests: another one is stored than the last that was given"
    );
    service
}

/// Whoever sees that the token is over renews it; a page that nobody needs yet is not asked for with a token that is.
#[test]
fn a_page_ahead_renews_nothing() {
    let service = read(0, u64::MAX);
    // Each page that was needed, and the empty one behind them.
    assert_eq!((service.exchanges, service.pages), (ROWS / 3 + 1, ROWS / 3 + 1));
}

#[test]
fn a_token_that_is_refused_in_the_middle_is_stored_with_its_successor() {
    for uses in [2, 3, 5, 8, 13, 20] {
        let service = read(3600, uses);
        assert!(service.exchanges >= 2, "{uses}");
    }
}
