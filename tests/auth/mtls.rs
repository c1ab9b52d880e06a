//! Client certificates: an API that speaks to those only whom an authority of its own knows.
//!
//! The authority of the server is trusted by `SSL_CERT_FILE`, which a process reads once, so that the test runs itself.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream};
use serde_json::json;

use super::run::{Events, FrontEnd, read, structs};
use super::sources::{WithCertificate, WithNothing};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/auth/certificates");

const MANIFEST: &str = r#"{
    "type": "ClientCertificateAuthenticator", "certificate": "{{ config['certificate'] }}",
    "private_key": "{{ config['secret_key'] }}",
    "authenticator": {"type": "BearerAuthenticator", "api_token": "ACCESS-1"}
}"#;

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{name}")).expect("a file")
}

/// Serves `/token` and `/rows/{id}` to clients with a certificate; the port.
fn serve() -> u16 {
    let certificate = |name: &str| CertificateDer::from_pem_slice(file(name).as_bytes()).expect("a certificate");
    let mut roots = RootCertStore::empty();
    roots.add(certificate("ca.pem")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let key = PrivateKeyDer::from_pem_slice(file("server.key").as_bytes()).expect("a key");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(vec![certificate("server.pem")], key)
        .expect("a server certificate");
    let config = Arc::new(config);
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let Ok(mut socket) = socket else { continue };
            let Ok(mut connection) = ServerConnection::new(Arc::clone(&config)) else { continue };
            // Who has no certificate is hung up on.
            let _ = answer(&mut Stream::new(&mut connection, &mut socket));
        }
    });
    port
}

fn answer(stream: &mut Stream<'_, ServerConnection, std::net::TcpStream>) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk)?;
        request.extend(chunk.iter().take(count));
        if count == 0 {
            break;
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let body = match path.strip_prefix("/rows/") {
        Some(id) if request.contains("Bearer ACCESS-1") => format!("[{{\"id\": {id}}}]"),
        Some(_) => "[]".to_owned(),
        None => "{\"access_token\": \"ACCESS-1\"}".to_owned(),
    };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}

#[test]
fn a_certificate_opens_the_connection() {
    let test = std::env::current_exe().expect("this test");
    let run = Command::new(test)
        .args(["--exact", "mtls::in_a_process_that_trusts_the_server", "--ignored", "--nocapture"])
        .env("SSL_CERT_FILE", format!("{FOLDER}/ca.pem"))
        .output()
        .expect("the test runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
#[ignore = "run by `a_certificate_opens_the_connection`"]
fn in_a_process_that_trusts_the_server() {
    let base_url = format!("https://127.0.0.1:{}", serve());
    let read_with = |front_end, certificate: &str, key: &str| {
        let events = Events::default();
        let config = json!({
            "base_url": base_url, "parts": ["1", "2"], "workers": 2, "client_id": "the-client",
            "client_secret": "the-client-secret", "certificate": certificate, "secret_key": key,
        });
        read(front_end, &config, &events);
        events.require_hidden(&["-----BEGIN PRIVATE", "the-client-secret"]);
        events
    };
    for front_end in [structs::<WithCertificate>(), FrontEnd::Manifest(MANIFEST)] {
        let events = read_with(front_end, &file("client.pem"), &file("client.key"));
        assert_eq!(events.ids(), [1, 2], "{:?}", events.failure());
        // A key of someone else, and no key at all.
        for (key, words) in [(file("stranger.key"), "do not belong together"), ("key".to_owned(), "cannot be read")] {
            let (kind, message) = read_with(front_end, &file("client.pem"), &key).failure().unwrap_or_default();
            assert_eq!(kind, "config_error");
            assert!(message.contains(words), "{message}");
        }
    }
    // Who has no certificate is not answered.
    let nobody = read_with(structs::<WithNothing>(), "", "");
    assert!(nobody.ids().is_empty() && nobody.failure().is_some());
}
