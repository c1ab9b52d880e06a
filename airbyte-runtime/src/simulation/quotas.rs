//! Several tokens, each with a quota of its own in every window: all of them are used up, and hardly ever overdrawn.
//! Everything is real but the network: the tokens that take turns, the gate and its pace, the tries.

use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use tokio::task::LocalSet;
use tokio::time::{Instant, timeout};
use url::Url;

use super::network::Network;
use super::scenario::runtime;
use super::server::{Act, Asked, Serves};
use super::world::{Connecting, lock, start_clock};
use crate::config::Redactor;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Exchange, Gate, HttpClient, HttpSettings, Outcome, Unusable};
use crate::plan::auth::quota::{QuotaStatusSource, RotatingTokens, RotationSettings, TokenQuota};
use crate::plan::backoff::{Exponential, WaitFromHeader};
use crate::plan::request::{RequestBody, Requester};
use crate::plan::wording::Wording;
use crate::plan::{Authenticator, Concurrency, ErrorPolicy, HttpRetriever, PageToken, RequestDraft, Slice};

/// What the clock shows when a simulation begins; a whole number of any window.
const CLOCK: u64 = 1_707_523_200;
/// Windows that are read in.
const WINDOWS: u64 = 6;

/// How an API counts.
#[derive(Clone, Copy, Debug)]
struct Quotas {
    tokens: u64,
    /// Requests of each token in a window.
    most: u64,
    seconds: u64,
    /// Whether the windows of the tokens begin one after the other.
    staggered: bool,
    /// Whether each answer says what is left.
    announces: bool,
    /// Whether a refusal says how long to wait.
    tells: bool,
}

/// An API that counts, and what it has counted.
struct Api {
    quotas: Quotas,
    began: Instant,
    /// For each token its window, and what was used of it.
    used: Vec<(u64, u64)>,
    served: u64,
    refused: u64,
    asked: u64,
}

impl Api {
    fn new(quotas: Quotas) -> Self {
        let used = vec![(u64::MAX, 0); quotas.tokens as usize];
        Self { quotas, began: Instant::now(), used, served: 0, refused: 0, asked: 0 }
    }

    /// What is left of a token's quota, and the seconds until its window ends and since 1970.
    fn left(&mut self, token: u64) -> (u64, u64, u64) {
        let Quotas { tokens, most, seconds, staggered, .. } = self.quotas;
        let shift = if staggered { seconds * token / tokens } else { 0 };
        let now = self.began.elapsed().as_secs() + shift;
        let window = now / seconds;
        let used = &mut self.used[token as usize];
        if used.0 != window {
            *used = (window, 0);
        }
        let end = (window + 1) * seconds - now;
        (most - used.1, end, CLOCK + self.began.elapsed().as_secs() + end)
    }
}

impl Serves for Api {
    fn connect(&mut self) -> Connecting {
        Connecting::Takes(Duration::from_millis(1))
    }

    fn answer(&mut self, asked: &Asked) -> Vec<Act> {
        let token = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer token-"));
        let token: u64 = token.and_then(|number| number.parse().ok()).expect("a token");
        let (remaining, end, reset) = self.left(token);
        let Quotas { most, announces, tells, .. } = self.quotas;
        let (mut status, mut headers, mut body) = (200, String::new(), json!([{"id": 1}]).to_string());
        if asked.path == "/rate_limit" {
            body = json!({"core": {"remaining": remaining, "limit": most, "reset": reset}}).to_string();
        } else {
            if remaining > 0 {
                self.served += 1;
                self.used[token as usize].1 += 1;
            } else {
                self.refused += 1;
                status = 429;
                if tells {
                    headers.push_str(&format!("retry-after: {end}\r\n"));
                }
            }
            if announces {
                let left = remaining.saturating_sub(1);
                headers.push_str(&format!("x-ratelimit-remaining: {left}\r\nx-ratelimit-limit: {most}\r\n"));
                headers.push_str(&format!("x-ratelimit-reset: {reset}\r\n"));
            }
        }
        self.asked += 1;
        let length = body.len();
        let head = format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {length}\r\n\r\n");
        let latency = Duration::from_millis(45 + self.asked.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 10);
        vec![Act::Sleep(latency), Act::Write((head + &body).into_bytes())]
    }
}

/// One page, always the same.
struct Rows(Url);

impl Requester for Rows {
    fn draft(&self, _slice: &Slice, _token: Option<&PageToken>) -> Result<RequestDraft> {
        Ok(draft(&self.0))
    }
}

fn draft(url: &Url) -> RequestDraft {
    RequestDraft {
        method: Method::GET,
        url: url.clone(),
        query: Vec::new(),
        headers: http::HeaderMap::new(),
        body: RequestBody::Empty,
    }
}

fn rotation(quotas: Quotas) -> RotationSettings {
    let path = |name: &str| vec!["core".to_owned(), name.to_owned()];
    let header = |name: &str| quotas.announces.then(|| format!("x-ratelimit-{name}"));
    RotationSettings {
        tokens: (0..quotas.tokens).map(|token| format!("token-{token}")).collect(),
        quotas: vec![TokenQuota {
            name: "core".to_owned(),
            remaining_path: path("remaining"),
            reset_path: path("reset"),
            limit_path: Some(path("limit")),
            matchers: Vec::new(),
            remaining_header: header("remaining"),
            reset_header: header("reset"),
            limit_header: header("limit"),
            exhaustion_status_codes: vec![429],
        }],
        status: QuotaStatusSource {
            method: Method::GET,
            url: Url::parse("http://api.example/rate_limit").expect("a URL"),
            headers: Vec::new(),
            unavailable_status_codes: vec![404],
        },
        auth_method: "Bearer".to_owned(),
        header: "Authorization".to_owned(),
        max_wait: Duration::from_secs(7_200),
        budget_reserve_fraction: 0.1,
        budget_min_reserve: 50.0,
    }
}

/// Asks as fast as the engine does, for some windows: the share of the quotas that was used, and that of the requests
/// that were refused.
async fn read(quotas: Quotas) -> (f64, f64) {
    start_clock(CLOCK as i64);
    let api = Arc::new(Mutex::new(Api::new(quotas)));
    super::enter(Network::new(&api));
    let redactor = Redactor::default();
    let client = HttpClient::new("test", HttpSettings::patient(), redactor.clone());
    let auth = RotatingTokens::new(rotation(quotas), client.clone(), &redactor).expect("tokens");
    let failed = ask(&client, Arc::new(auth), 20, Duration::from_secs(WINDOWS * quotas.seconds)).await;
    super::leave();
    assert!(failed.is_none(), "{quotas:?}: {failed:?}");
    let api = lock(&api);
    let (served, refused) = (api.served as f64, api.refused as f64);
    (served / (quotas.tokens * quotas.most * WINDOWS) as f64, refused / (served + refused))
}

/// Asks for so long, 64 readers side by side; with the error that ended it before.
pub(super) async fn ask(
    client: &HttpClient,
    auth: Arc<dyn Authenticator>,
    max_retries: u32,
    time: Duration,
) -> Option<Error> {
    let url = Url::parse("http://api.example/rows").expect("a URL");
    let errors = ErrorPolicy {
        handlers: Vec::new(),
        backoff: vec![
            Arc::new(WaitFromHeader::retry_after()),
            Arc::new(Exponential { base: Duration::from_secs(1), max: Duration::from_secs(60), jitter: None }),
        ],
        max_retries,
        unreachable: ErrorKind::Transient,
        wording: Wording::Own,
    };
    let retriever = HttpRetriever::new(Box::new(Rows(url.clone())), auth, errors);
    let gate = Gate::new(Concurrency { start: 10, most: 64 });
    let exchange = Exchange {
        client,
        retriever: &retriever,
        gate: &gate,
        on_rate_limit: &|_| (),
        before_retry: &|| (),
        on_head: &|_| (),
        at_once: Some(1 << 20),
        is_file: false,
    };
    let failed = Cell::new(None);
    let reader = async || {
        loop {
            let draft = draft(&url);
            let sent = exchange.send_and_read(&draft, &url, async |outcome, _| match outcome {
                Outcome::Page(mut page) => {
                    let Some(rest) = &mut page.rest else { return Ok(()) };
                    while rest.chunk().await.map_err(Unusable::Lost)?.is_some() {}
                    Ok(())
                }
                Outcome::Detour(detour) => panic!("{detour:?}"),
            });
            if let Err(error) = sent.await {
                failed.set(Some(error));
                return;
            }
        }
    };
    // It ends early if all of them have failed.
    let _ = timeout(time, join_all((0..64).map(|_| reader()))).await;
    failed.take()
}

#[test]
fn the_quotas_of_all_tokens_are_used_up_and_hardly_ever_overdrawn() {
    let mut wrong = Vec::new();
    for (tokens, most, seconds) in [(1, 100, 60), (3, 100, 60), (4, 60, 60)] {
        for staggered in [false, true] {
            for (announces, tells) in [(true, true), (false, true), (false, false)] {
                let quotas = Quotas { tokens, most, seconds, staggered, announces, tells };
                if tokens == 1 && staggered {
                    continue;
                }
                let (used, refused) = runtime().block_on(LocalSet::new().run_until(read(quotas)));
                if used < 0.9 || refused > 0.005 {
                    wrong.push(format!("{quotas:?}: {used:.3} of the quotas used, {refused:.4} refused"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
