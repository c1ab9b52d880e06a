//! A blocking client for the tests of the server: it shows what is on the wire, also when the answer is broken.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    /// What came before the end of the stream or of the declared length.
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(super) fn get(port: u16, target: &str) -> Answer {
    Client::connect(port).get(target)
}

/// Sends the text as it stands.
pub(super) fn exchange(port: u16, request: &str) -> Answer {
    Client::connect(port).exchange(request)
}

pub(super) struct Client(BufReader<TcpStream>);

impl Client {
    pub(super) fn connect(port: u16) -> Self {
        Self(BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap()))
    }

    pub(super) fn get(&mut self, target: &str) -> Answer {
        self.exchange(&format!("GET {target} HTTP/1.1\r\nhost: h\r\n\r\n"))
    }

    fn exchange(&mut self, request: &str) -> Answer {
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let status = self.line().split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, headers: Vec::new(), body: Vec::new() };
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(": ") else { break };
            answer.headers.push((name.to_owned(), value.to_owned()));
        }
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        self.0.by_ref().take(length).read_to_end(&mut answer.body).unwrap();
        answer
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
