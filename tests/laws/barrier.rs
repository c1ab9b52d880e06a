//! An API whose answers may wait for other requests: each connection has a thread of its own.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// After so long an answer leaves whatever it waits for, and its test fails for that.
const PATIENCE: Duration = Duration::from_secs(60);

/// What handlers know, and wait for.
#[derive(Default)]
pub(crate) struct Shared<T> {
    value: Mutex<T>,
    changed: Condvar,
}

impl<T> Shared<T> {
    /// Looks at it, or changes it.
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.value.lock().expect("no handler panics"));
        self.changed.notify_all();
        result
    }

    /// Waits until that is so; whether it came to be.
    pub(crate) fn wait_until(&self, is_so: impl Fn(&T) -> bool) -> bool {
        let value = self.value.lock().expect("no handler panics");
        let (_value, waited) =
            self.changed.wait_timeout_while(value, PATIENCE, |value| !is_so(value)).expect("no handler panics");
        !waited.timed_out()
    }
}

/// The running API.
pub(crate) struct Barrier {
    address: String,
    stops: Arc<AtomicBool>,
}

impl Barrier {
    /// Answers each path with a status and a body; the handler may block.
    pub(crate) fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::writing(move |target, stream| {
            let (status, body) = answer(target);
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            )
        })
    }

    /// Lets a function write all of each answer: its head, its body, and whatever is wrong with them.
    pub(crate) fn writing(answer: impl Fn(&str, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stops, answer) = (Arc::new(AtomicBool::new(false)), Arc::new(answer));
        let stopped = Arc::clone(&stops);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let answer = Arc::clone(&answer);
                thread::spawn(move || serve(stream, &*answer));
            }
        });
        Self { address, stops }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Barrier {
    fn drop(&mut self) {
        self.stops.store(true, Ordering::Relaxed);
        // The listener waits for one more.
        drop(TcpStream::connect(&self.address));
    }
}

/// Answers requests without bodies until the client goes away.
fn serve(mut stream: TcpStream, answer: &dyn Fn(&str, &mut TcpStream) -> io::Result<()>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while let Some(line) = lines.next() {
        let line = line?;
        let target = line.split(' ').nth(1).unwrap_or_default();
        while lines.next().transpose()?.is_some_and(|header| !header.is_empty()) {}
        answer(target, &mut stream)?;
    }
    Ok(())
}
