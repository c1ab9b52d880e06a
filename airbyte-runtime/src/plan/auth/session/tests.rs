use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use http::HeaderMap;
use serde_json::json;

use super::*;
use crate::plan::auth::placement::Collision;
use crate::plan::auth::scripted::{Templates, authenticated, header, run};
use crate::plan::request::Inject;

/// Answers with a new token for every login.
#[derive(Clone, Default)]
struct Logins(Arc<AtomicUsize>);

impl LoginRequest for Logins {
    fn log_in(&self) -> LocalBoxFuture<'_, Result<Value>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(json!(format!("S {count}")))
        })
    }
}

fn session(lifetime: Option<Duration>, shown: SessionUse) -> (SessionTokenAuth, Logins, Redactor) {
    let (logins, redactor) = (Logins::default(), Redactor::default());
    let auth = SessionTokenAuth::new(Box::new(logins.clone()), lifetime, shown, redactor.clone());
    (auth, logins, redactor)
}

fn bearer() -> SessionUse {
    SessionUse::behind("Bearer ", Placement::authorization(Collision::Refuse))
}

fn observe(auth: &SessionTokenAuth, request: &RequestDraft, status: u16) {
    let headers = HeaderMap::new();
    let status = StatusCode::from_u16(status).unwrap();
    auth.observe(request, &Answer::to_any(status, &headers, b""));
}

#[test]
fn one_login_serves_many() {
    for lifetime in [None, Some(Duration::from_seconds(60))] {
        let (auth, logins, redactor) = session(lifetime, bearer());
        let headers = run(join_all((0..20).map(|_| header(&auth, "authorization"))));
        assert!(headers.into_iter().all(|header| header.unwrap() == "Bearer S 1"));
        assert_eq!(logins.0.load(Ordering::SeqCst), 1);
        assert_eq!(redactor.redact("S 1"), "****");
    }
}

#[test]
fn an_expired_session_is_opened_again() {
    let (auth, logins, _) = session(Some(Duration::from_seconds(-1)), bearer());
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer S 1");
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer S 2");
    assert_eq!(logins.0.load(Ordering::SeqCst), 2);
}

#[test]
fn the_token_goes_where_the_manifest_says() {
    let templates = Templates::new(&json!({}));
    let place = |place| Placement::new(place, Collision::Refuse);
    let template = || templates.template("Token {{ session_token }}");
    let (auth, ..) = session(None, SessionUse::template(template(), place(Inject::Param("sess".to_owned()))));
    let request = run(authenticated(&auth)).unwrap();
    assert_eq!(request.query, [("sess".to_owned(), "Token S 1".to_owned())]);
    let (auth, ..) = session(None, SessionUse::template(template(), place(Inject::Header("X-S".to_owned()))));
    assert_eq!(run(header(&auth, "x-s")).unwrap(), "Token S 1");
}

#[test]
fn a_refusal_ends_a_session_without_a_known_end() {
    let (auth, logins, _) = session(None, bearer());
    let first = run(authenticated(&auth)).unwrap();
    observe(&auth, &first, 403);
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer S 1");
    observe(&auth, &first, 401);
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer S 2");
    // The late answer to a request with the old token ends nothing.
    observe(&auth, &first, 401);
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer S 2");
    let (limited, limited_logins, _) = session(Some(Duration::from_seconds(60)), bearer());
    let request = run(authenticated(&limited)).unwrap();
    observe(&limited, &request, 401);
    run(header(&limited, "authorization")).unwrap();
    assert_eq!((logins.0.load(Ordering::SeqCst), limited_logins.0.load(Ordering::SeqCst)), (2, 1));
}

#[test]
fn a_refresh_is_shared_and_not_repeated() {
    let (auth, logins, _) = session(None, bearer());
    let first = run(authenticated(&auth)).unwrap();
    run(join_all((0..9).map(|_| auth.refresh(&first)))).into_iter().for_each(|outcome| outcome.unwrap());
    assert_eq!(logins.0.load(Ordering::SeqCst), 2);
    run(auth.refresh(&first)).unwrap();
    assert_eq!(logins.0.load(Ordering::SeqCst), 2);
    let second = run(authenticated(&auth)).unwrap();
    run(auth.refresh(&second)).unwrap();
    assert_eq!(logins.0.load(Ordering::SeqCst), 3);
}
