//! Where a browser brings the user back to after a login: one request on loopback.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use url::Url;

use crate::error::{Error, Result};

/// A request with more bytes is nobody's return from a login.
const MAX_REQUEST: usize = 16 << 10;
/// How long a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether somebody has come.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits on this machine for a browser.
pub(crate) struct Callback {
    listener: TcpListener,
    port: u16,
}

impl Callback {
    /// Waits on this port; 0 is any that is free.
    ///
    /// # Errors
    /// A port that is taken is a config error.
    pub(crate) fn bind(port: u16) -> Result<Self> {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|listener| {
            listener.set_nonblocking(true)?;
            let port = listener.local_addr()?.port();
            Ok(Self { listener, port })
        });
        bound.map_err(|error| {
            Error::config(format!("nobody can come back to port {port} after the login; choose another with `--port`"))
                .with_source(error)
        })
    }

    /// The address to come back to.
    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }

    /// Waits until `take` makes something of the parameters that a browser brings; others are told that nothing is here.
    ///
    /// # Errors
    /// Nobody came in time: a config error.
    pub(crate) async fn wait<T>(
        &self,
        longest: Duration,
        take: impl Fn(&BTreeMap<String, String>) -> Option<T>,
    ) -> Result<T> {
        let until = Instant::now() + longest;
        while Instant::now() < until {
            match self.listener.accept() {
                Ok((mut stream, _)) => {
                    let taken = parameters(&mut stream).and_then(|parameters| take(&parameters));
                    answer(&mut stream, taken.is_some());
                    if let Some(taken) = taken {
                        return Ok(taken);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => tokio::time::sleep(PAUSE).await,
                Err(error) => tracing::debug!("a browser could not be heard: {error}"),
            }
        }
        Err(Error::config(format!("nobody came back from the login in {} minutes; try again", longest.as_secs() / 60)))
    }
}

/// The parameters of the address that is asked for.
fn parameters(stream: &mut TcpStream) -> Option<BTreeMap<String, String>> {
    stream.set_nonblocking(false).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < MAX_REQUEST {
        match stream.read(&mut buffer).ok()? {
            0 => break,
            read => request.extend_from_slice(buffer.get(..read)?),
        }
    }
    let text = String::from_utf8_lossy(&request);
    let target = text.lines().next()?.split(' ').nth(1)?;
    let url = Url::parse("http://localhost/").ok()?.join(target).ok()?;
    Some(url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
}

/// Tells the user that the window is no longer needed. A browser that has gone already does not need to know.
fn answer(stream: &mut TcpStream, is_taken: bool) {
    let (status, text) = match is_taken {
        true => ("200 OK", "That is all. You can close this window and go back to the terminal."),
        false => ("404 Not Found", "Nothing is here."),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
}
