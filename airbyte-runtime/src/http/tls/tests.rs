//! A server that offers HTTP/2 is spoken to in it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::{HeaderName, HeaderValue, Method, Version};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::http::Pending;
use crate::http::client::{Connections, HttpSettings};
use crate::http::failure::large_head;
use crate::http::pool::{Lost, Pool};

/// A header of a kilobyte.
const FILL: &str = match str::from_utf8(&[b'x'; 1000]) {
    Ok(fill) => fill,
    Err(_) => "",
};

/// For 127.0.0.1, from 2024 to 2124.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBUDCB9qADAgECAgEBMAoGCCqGSM49BAMCMB8xHTAbBgNVBAMMFGFpcmJ5dGUt
cnVudGltZSB0ZXN0MCAXDTI0MDEwMTAwMDAwMFoYDzIxMjQwMTAxMDAwMDAwWjAf
MR0wGwYDVQQDDBRhaXJieXRlLXJ1bnRpbWUgdGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABA57XEuok5G0WLAwGCiyh8+hdX/xE5m39r2dSI8oPFbWAWdNnEdW
vcFuP0KDTU/I/swIdNK1jbzIGwY4C/jRxjyjITAfMA8GA1UdEQQIMAaHBH8AAAEw
DAYDVR0TAQH/BAIwADAKBggqhkjOPQQDAgNJADBGAiEAznMBgsJdePnxhurZ5ceh
P9uxBlb/KJe0VpIMVi0bKV8CIQD7AAR5dm2+iTEr+j968Gs5c+EBAOfiIs7081BY
0+sEIg==
-----END CERTIFICATE-----";
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgE/yQnTmwVB3aHJ7N
7YKnn2GIdFhrrqzx8SC+LcIohJ+hRANCAAQOe1xLqJORtFiwMBgosofPoXV/8ROZ
t/a9nUiPKDxW1gFnTZxHVr3Bbj9Cg01PyP7MCHTStY28yBsGOAv40cY8
-----END PRIVATE KEY-----";

/// A server that speaks the best protocol of those that it offers, and counts its connections.
async fn serve(offers: &[&str]) -> (SocketAddr, Arc<AtomicUsize>) {
    let Identity { certificates, key } = Identity::parse(CERTIFICATE, KEY).expect("PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("versions").with_no_client_auth();
    let mut config = builder.with_single_cert(certificates, key).expect("a pair");
    config.alpn_protocols = offers.iter().map(|offer| offer.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            let Ok(stream) = acceptor.accept(socket).await else { continue };
            let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let answer = service_fn(async |request: http::Request<_>| {
                // A body of as many bytes as the query says.
                let body = request.uri().query().and_then(|bytes| Some("x".repeat(bytes.parse().ok()?)));
                let mut answer = http::Response::new(body.unwrap_or_else(|| "[]".to_owned()));
                // As many bytes of headers as the path says.
                let size: usize = request.uri().path().trim_start_matches('/').parse().unwrap_or(0);
                let header = |number| HeaderName::try_from(format!("x-{number}")).expect("a name");
                let values = (0..size / 1000).map(|number| (header(number), HeaderValue::from_static(FILL)));
                answer.headers_mut().extend(values);
                Ok::<_, Infallible>(answer)
            });
            tokio::spawn(async move {
                let stream = TokioIo::new(stream);
                // The end of a connection is the client's affair.
                let _ = match is_h2 {
                    true => http2::Builder::new(TokioExecutor::new()).serve_connection(stream, answer).await,
                    false => http1::Builder::new().serve_connection(stream, answer).await,
                };
            });
        }
    });
    (address, connections)
}

/// A client that trusts the server.
fn pool() -> Pool {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).expect("PEM")).expect("a root");
    let encryption = Encryption(trusting(roots, None).expect("TLS"));
    Pool::new(encryption, "test", &HttpSettings::patient(), Connections::default()).expect("a client")
}

/// The versions of a first answer and of twenty at once, and over how many connections they came.
async fn ask(offers: &[&str]) -> (Vec<Version>, usize) {
    let (address, connections) = serve(offers).await;
    let pool = pool();
    let url = Url::parse(&format!("https://{address}/")).expect("a URL");
    let version = async || {
        let mark = Pending::default().request(String::new());
        let mut answer = pool.send(pool.request(Method::GET, url.clone()), mark).await.expect("an answer");
        let version = answer.response().version();
        while answer.chunk().await.expect("a body").is_some() {}
        version
    };
    let first = version().await;
    let mut versions = join_all((0..20).map(|_| version())).await;
    versions.push(first);
    (versions, connections.load(Ordering::Relaxed))
}

#[tokio::test]
async fn requests_share_one_connection_where_the_server_offers_http_2() {
    assert_eq!(ask(&["h2", "http/1.1"]).await, (vec![Version::HTTP_2; 21], 1));
}

#[tokio::test]
async fn a_server_without_http_2_is_spoken_to_in_http_1() {
    let (versions, connections) = ask(&["http/1.1"]).await;
    assert_eq!(versions, [Version::HTTP_11; 21]);
    assert!(connections > 1, "{connections}");
}

#[tokio::test]
async fn over_http_2_a_head_may_be_as_large_as_over_http_1() {
    let (address, _) = serve(&["h2"]).await;
    let pool = pool();
    let ask = async |size: usize| {
        let url = Url::parse(&format!("https://{address}/{size}")).expect("a URL");
        pool.send(pool.request(Method::GET, url), Pending::default().request(String::new())).await
    };
    let mut answer = ask(300_000).await.expect("an answer");
    assert_eq!(answer.response().headers().get("x-299").map(HeaderValue::len), Some(FILL.len()));
    let lost = ask(500_000).await.err().expect("too large a head");
    let Lost::Connection(error) = lost else { panic!("{lost:?}") };
    let said = large_head(&error, &Url::parse("https://host/path?token=secret").expect("a URL")).expect("it is known");
    assert_eq!(
        said.message(),
        "the answer of https://host/path is broken HTTP/2, or has more than 400 KB of headers; look at what the API, or a \
         proxy before it, puts there: often it is cookies"
    );
    ask(0).await.expect("an answer");
}

/// Bodies that wait for memory must not hold up the one that has it.
#[tokio::test]
async fn bodies_that_nobody_reads_hold_up_no_other() {
    let (address, connections) = serve(&["h2"]).await;
    let pool = pool();
    let url = Url::parse(&format!("https://{address}/?{}", 4 << 20)).expect("a URL");
    let begin = async || {
        let mark = Pending::default().request(String::new());
        pool.send(pool.request(Method::GET, url.clone()), mark).await.expect("an answer")
    };
    let mut unread = vec![begin().await];
    unread.extend(join_all((0..19).map(|_| begin())).await);
    let mut last = begin().await;
    let whole = async {
        let mut bytes = 0;
        while let Some(chunk) = last.chunk().await.expect("a body") {
            bytes += chunk.len();
        }
        bytes
    };
    let bytes = tokio::time::timeout(Duration::from_secs(100), whole).await.expect("the body is held up");
    assert_eq!((bytes, connections.load(Ordering::Relaxed)), (4 << 20, 1));
}

#[test]
fn a_file_of_roots_that_two_variables_name_is_read_once() {
    let files = |first: &'static str, second: &'static str| {
        root_files(|name| match name {
            "SSL_CERT_FILE" => Some(first.into()),
            _ => Some(second.into()),
        })
    };
    let [first, second] = ROOT_FILES;
    assert_eq!(files("/a.pem", "/a.pem"), [(first, "/a.pem".into())]);
    assert_eq!(files("/a.pem", "/b.pem"), [(first, "/a.pem".into()), (second, "/b.pem".into())]);
    assert_eq!(files("", "/b.pem"), [(second, "/b.pem".into())]);
}
