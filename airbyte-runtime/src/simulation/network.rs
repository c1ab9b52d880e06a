//! The client's end of the simulated network: what reqwest is made of, from its pool of connections upwards, on pipes in
//! place of sockets.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tower_service::Service;

use super::server::{self, Serves};
use super::world::Connecting;

/// Bytes that are on their way between two ends.
const PIPE: usize = 64 << 10;

/// The network that stands in for reqwest's.
#[derive(Clone)]
pub(crate) struct Network(Client<Connector, reqwest::Body>);

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

impl Network {
    pub(super) fn new(world: &Arc<Mutex<impl Serves + 'static>>) -> Self {
        let world = Arc::clone(world);
        let mut clients = Client::builder(TokioExecutor::new());
        // It would be measured by the clock of the machine.
        clients.pool_idle_timeout(None);
        Self(clients.build(Connector(world)))
    }

    /// Sends a request, as reqwest's client does.
    ///
    /// # Errors
    /// What reqwest's client would say.
    pub(crate) async fn send(&self, request: reqwest::Request) -> reqwest::Result<reqwest::Response> {
        match self.0.request(http::Request::try_from(request)?).await {
            Ok(answer) => Ok(reqwest::Response::from(answer.map(reqwest::Body::wrap))),
            Err(error) => Err(as_reqwest(error).await),
        }
    }
}

/// An error of the kind that reqwest gives: it makes none of others', but it wraps those of a body.
async fn as_reqwest(error: Error) -> reqwest::Error {
    let failing = futures_util::stream::once(std::future::ready(Err::<Bytes, _>(error)));
    let body = reqwest::Body::wrap_stream(failing);
    reqwest::Response::from(http::Response::new(body)).bytes().await.expect_err("the body is an error")
}

/// Opens connections to simulated servers.
#[derive(Clone)]
struct Connector(Arc<Mutex<dyn Serves>>);

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<TokioIo<Wire>>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let world = Arc::clone(&self.0);
        async move {
            let host = uri.host().unwrap_or_default().to_owned();
            let connecting = super::world::lock(&world).connect();
            match connecting {
                Connecting::Takes(delay) => tokio::time::sleep(delay).await,
                Connecting::Refused => return Err(io::ErrorKind::ConnectionRefused.into()),
                Connecting::Never => std::future::pending().await,
            }
            let (near, far) = tokio::io::duplex(PIPE);
            let is_reset = Arc::new(AtomicBool::new(false));
            tokio::spawn(server::serve(world, host, far, Arc::clone(&is_reset)));
            Ok(TokioIo::new(Wire { pipe: near, is_reset }))
        }
        .boxed()
    }
}

/// A pipe that can break as a socket does.
struct Wire {
    pipe: DuplexStream,
    is_reset: Arc<AtomicBool>,
}

impl Wire {
    fn broken(&self) -> Option<io::Error> {
        self.is_reset.load(Ordering::Relaxed).then(|| io::ErrorKind::ConnectionReset.into())
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.pipe).poll_read(context, buffer))?;
        match self.broken().filter(|_| buffer.filled().len() == before) {
            Some(error) => Poll::Ready(Err(error)),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.pipe).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(context)
    }
}
