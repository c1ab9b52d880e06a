//! An HTTP/1.1 server for tests, on a thread and a runtime of its own.

use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use url::form_urlencoded;

use super::message::{Ending, Request, Response};

/// An HTTP/1.1 server on a free port of 127.0.0.1, stopped when it is dropped.
///
/// The handler runs on the server's one thread, so a slow answer is made with [`Response::delay`], not by sleeping.
///
/// ```
/// use airbyte_runtime::testing::{Response, Server};
/// use serde_json::json;
///
/// let server = Server::start(|request| match request.path.as_str() {
///     "/users" => Response::json(200, &json!([{ "id": 1 }])),
///     _ => Response::new(404),
/// })?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Server {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port.
    ///
    /// # Errors
    ///
    /// When no port can be bound or no thread can be started.
    pub fn start(handler: impl Fn(Request) -> Response + Send + Sync + 'static) -> io::Result<Self> {
        Self::start_on(0, handler)
    }

    /// Starts a server on the given port; 0 stands for a free one.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound or no thread can be started.
    pub fn start_on(port: u16, handler: impl Fn(Request) -> Response + Send + Sync + 'static) -> io::Result<Self> {
        Self::serve(StdListener::bind((Ipv4Addr::LOCALHOST, port))?, Arc::new(handler))
    }

    /// Serves on a listener whose port the handler may already know.
    pub(super) fn serve(listener: StdListener, handler: Handler) -> io::Result<Self> {
        let port = listener.local_addr()?.port();
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _guard = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("test-server".to_owned())
            .spawn(move || runtime.block_on(accept(listener, handler, stopped)))?;
        Ok(Self { port, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL, `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported where it happened.
            let _ = thread.join();
        }
    }
}

pub(super) type Handler = Arc<dyn Fn(Request) -> Response + Send + Sync>;

async fn accept(listener: TcpListener, handler: Handler, mut stopped: oneshot::Receiver<()>) {
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(serve_connection(stream, handler.clone()));
            }
            // The process is out of file handles, which a closing connection mends.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve_connection(stream: TcpStream, handler: Handler) {
    // Without this an answer in two packets may wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let hang_up = HangUp::default();
    let service = service_fn(|request| answer(request, handler.clone(), hang_up.clone()));
    let connection = Connection { stream: TokioIo::new(stream), hang_up: hang_up.clone() };
    // A connection ends in an error when the client goes away and when a fault was asked for: neither is news.
    let _ = http1::Builder::new().serve_connection(connection, service).await;
}

async fn answer(
    request: hyper::Request<Incoming>,
    handler: Handler,
    hang_up: HangUp,
) -> Result<hyper::Response<Content>, Closed> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let request = Request { method: head.method, path: head.uri.path().to_owned(), query, headers: head.headers, body };
    let response = handler(request).corrected();
    if !response.delay.is_zero() {
        tokio::time::sleep(response.delay).await;
    }
    let length = response.body.len();
    let content = match response.ending {
        Ending::Reset => return Err(Closed),
        Ending::TruncatedAt(sent) if sent < length => {
            Content { rest: response.body.slice(..sent), declared: length, hang_up: Some(hang_up) }
        }
        Ending::TruncatedAt(_) | Ending::Complete => Content { rest: response.body, declared: length, hang_up: None },
    };
    let mut answer = hyper::Response::new(content);
    *answer.status_mut() = response.status;
    *answer.headers_mut() = response.headers;
    Ok(answer)
}

/// Tells hyper to close the connection without an answer.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is to be closed")
    }
}

impl std::error::Error for Closed {}

/// The body of an answer, which may promise more than it holds.
struct Content {
    rest: Bytes,
    declared: usize,
    hang_up: Option<HangUp>,
}

impl Body for Content {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.rest)))));
        }
        match &self.hang_up {
            // An error here would drop what hyper has not written yet, so the connection closes after the next flush.
            Some(hang_up) => {
                hang_up.request();
                Poll::Pending
            }
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.hang_up.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.declared as u64)
    }
}

/// The wish of a truncated body that its connection be closed.
#[derive(Clone, Default)]
struct HangUp(Arc<AtomicBool>);

impl HangUp {
    fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A connection that fails, and so closes, once everything before a [`HangUp`] is written.
struct Connection {
    stream: TokioIo<TcpStream>,
    hang_up: HangUp,
}

impl Read for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl Write for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(cx) {
            Poll::Ready(Ok(())) if self.hang_up.is_requested() => {
                Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
            }
            other => other,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpStream;
    use std::sync::mpsc;

    use serde_json::json;

    use super::super::raw_client::{Client, exchange, get};
    use super::*;

    #[test]
    fn a_request_arrives_whole() {
        let server = Server::start(|request| {
            let seen = json!({
                "method": request.method.as_str(), "path": request.path, "query": request.query,
                "key": request.header("x-key"), "json": request.json().ok(),
            });
            Response::json(201, &seen).header("x-answer", "yes")
        })
        .unwrap();
        let head = "POST /a%20b?q=x+y%26z&q=2&empty= HTTP/1.1\r\nhost: h\r\nX-Key: k\r\ncontent-length: 7\r\n\r\n";
        let answer = exchange(server.port(), &format!("{head}{{\"a\":1}}"));
        assert_eq!(answer.status, 201);
        assert_eq!(answer.header("x-answer"), Some("yes"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let expected = json!({
            "method": "POST", "path": "/a%20b", "query": [["q", "x y&z"], ["q", "2"], ["empty", ""]],
            "key": "k", "json": { "a": 1 },
        });
        assert_eq!(answer.json(), expected);
    }

    #[test]
    fn a_connection_serves_many_requests() {
        let page = Bytes::from(vec![b'x'; 3_000_000]);
        let server = Server::start(move |_| Response::new(200).body(page.clone())).unwrap();
        let mut client = Client::connect(server.port());
        for _ in 0..20 {
            assert_eq!(client.get("/").body.len(), 3_000_000);
        }
    }

    #[test]
    fn a_delay_holds_up_one_connection_only_and_not_the_end() {
        let (asked, slow_is_asked) = mpsc::channel();
        let server = Server::start(move |request| match request.path.as_str() {
            "/slow" => {
                asked.send(()).unwrap();
                Response::new(200).delay(Duration::from_secs(60))
            }
            _ => Response::new(204),
        })
        .unwrap();
        let port = server.port();
        let slow = thread::spawn(move || received(port, "/slow"));
        slow_is_asked.recv().unwrap();
        let mut quick = Client::connect(port);
        for _ in 0..5 {
            assert_eq!(quick.get("/").status, 204);
        }
        assert!(!slow.is_finished());
        drop(server);
        // A server that waited for the answer to leave would have sent it.
        assert_eq!(slow.join().unwrap(), b"");
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    }

    #[test]
    fn a_truncated_answer_declares_its_whole_length() {
        // The large body does not fit the socket's buffers, so it is written in many steps.
        for (length, sent) in [(10, 0), (10, 4), (20_000_000, 15_000_000)] {
            let server =
                Server::start(move |_| Response::new(200).body(vec![b'x'; length]).truncated_at(sent)).unwrap();
            let answer = exchange(server.port(), "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
            assert_eq!(answer.header("content-length"), Some(length.to_string().as_str()));
            assert_eq!(answer.body.len(), sent);
        }
    }

    #[test]
    fn a_short_body_is_not_truncated() {
        let server = Server::start(|_| Response::new(200).body("whole").truncated_at(5)).unwrap();
        let mut client = Client::connect(server.port());
        assert_eq!(client.get("/").body, b"whole");
        assert_eq!(client.get("/").body, b"whole");
    }

    /// All that comes back for a request until the connection ends, or is reset.
    fn received(port: u16, path: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        io::Write::write_all(&mut stream, format!("GET {path} HTTP/1.1\r\nhost: h\r\n\r\n").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    }

    #[test]
    fn a_reset_gives_no_answer() {
        let server = Server::start(|_| Response::new(200).reset()).unwrap();
        assert_eq!(received(server.port(), "/"), b"");
    }

    #[test]
    fn gzip_is_readable() {
        let server = Server::start(|_| Response::json(200, &json!({ "a": "b".repeat(1000) })).gzip()).unwrap();
        let answer = get(server.port(), "/");
        assert_eq!(answer.header("content-encoding"), Some("gzip"));
        assert!(answer.body.len() < 100);
        let mut text = String::new();
        flate2::read::GzDecoder::new(&answer.body[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text.len(), 1008);
    }
}
