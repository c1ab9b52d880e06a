//! The servers' end of the network: raw HTTP/1.1, because what is wrong with it is what is wanted.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::sleep;

use super::world::{Connecting, lock};

/// A request as it arrived.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What is behind a network.
pub(super) trait Serves: Send {
    /// What becomes of a connection.
    fn connect(&mut self) -> Connecting;

    /// What a server does about a request.
    fn answer(&mut self, asked: &Asked) -> Vec<Act>;
}

/// What a server does with a connection.
#[derive(Debug)]
pub(super) enum Act {
    Write(Vec<u8>),
    Sleep(Duration),
    /// Writes no more, but listens on.
    HalfClose,
    Close,
    Reset,
    /// Neither writes nor closes for ever.
    Fall,
}

/// Answers the requests of one connection, until one of the two ends it.
pub(super) async fn serve(
    world: Arc<Mutex<dyn Serves>>,
    host: String,
    mut pipe: DuplexStream,
    is_reset: Arc<AtomicBool>,
) {
    let mut unread = Vec::new();
    while let Ok(Some(asked)) = read_request(&mut pipe, &mut unread, &host).await {
        let acts = lock(&world).answer(&asked);
        for act in acts {
            let done = match act {
                Act::Write(bytes) => pipe.write_all(&bytes).await,
                Act::Sleep(time) => {
                    sleep(time).await;
                    Ok(())
                }
                Act::HalfClose => {
                    let _ = pipe.shutdown().await;
                    let mut ignored = Vec::new();
                    let _ = pipe.read_to_end(&mut ignored).await;
                    return;
                }
                Act::Close => return,
                Act::Reset => {
                    is_reset.store(true, Ordering::Relaxed);
                    return;
                }
                Act::Fall => {
                    let mut ignored = Vec::new();
                    let _ = pipe.read_to_end(&mut ignored).await;
                    return;
                }
            };
            if done.is_err() {
                return;
            }
        }
    }
}

async fn read_request(pipe: &mut DuplexStream, unread: &mut Vec<u8>, host: &str) -> io::Result<Option<Asked>> {
    let end = loop {
        if let Some(end) = unread.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if pipe.read_buf(unread).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&unread[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or("0", |(_, value)| value);
    let whole = end + 4 + length.parse::<usize>().unwrap_or(0);
    while unread.len() < whole {
        if pipe.read_buf(unread).await? == 0 {
            return Ok(None);
        }
    }
    let rest = unread.split_off(whole);
    let body = String::from_utf8_lossy(&std::mem::replace(unread, rest)[end + 4..]).into_owned();
    let url = url::Url::parse("http://any").and_then(|base| base.join(target)).map_err(io::Error::other)?;
    Ok(Some(Asked {
        method: method.to_owned(),
        host: host.to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers,
        body,
    }))
}
