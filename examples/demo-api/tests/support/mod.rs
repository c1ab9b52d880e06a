//! A blocking client that shows an answer as it is on the wire.

use std::io::{Read, Write};
use std::net::TcpStream;

use demo_api::DemoApi;
use serde_json::Value;

pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn error_code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Asks with the token; a target may be a whole URL of the API.
pub fn get(api: &DemoApi, target: &str) -> Answer {
    get_with(api, target, &format!("authorization: Bearer {}\r\n", DemoApi::TOKEN)).expect("an answer")
}

pub fn post(api: &DemoApi, target: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let token = DemoApi::TOKEN;
    exchange(
        api,
        &format!("POST {target} HTTP/1.1\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n", body.len()),
        &body,
    )
    .expect("an answer")
}

/// `None` when the connection ended without an answer.
pub fn get_with(api: &DemoApi, target: &str, headers: &str) -> Option<Answer> {
    let target = target.strip_prefix(&api.url()).unwrap_or(target);
    exchange(api, &format!("GET {target} HTTP/1.1\r\n{headers}"), "")
}

fn exchange(api: &DemoApi, head: &str, body: &str) -> Option<Answer> {
    let address = api.url().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    // In one write, because the parts of a request would wait for each other's acknowledgement.
    let request = format!("{head}host: {address}\r\nconnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    // A connection may end in a reset; what came before counts.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(Answer { status, head, body: bytes[end + 4..].to_vec() })
}
