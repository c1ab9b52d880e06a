//! A connector as a process of its own, and a reader that ends it: by SIGKILL or SIGTERM, behind a line or at an instant.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// After so long a read hangs: those of this harness take milliseconds.
const PATIENCE: Duration = Duration::from_secs(300);
pub(crate) const SIGKILL: i32 = 9;
pub(crate) const SIGTERM: i32 = 15;

/// When a process is ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum When {
    /// By itself.
    Never,
    /// As soon as so many lines were read.
    Line(usize),
    /// So long after its start.
    Instant(Duration),
}

/// How a process is ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stop {
    pub(crate) when: When,
    pub(crate) signal: Signal,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Signal {
    /// SIGKILL, and nothing more is read: the reader is gone, too, also when the process had ended already.
    KillBoth,
    /// SIGKILL, and what is left in the pipe is read.
    Kill,
    /// SIGTERM, and everything is read.
    Term,
}

pub(crate) const TO_THE_END: Stop = Stop { when: When::Never, signal: Signal::Kill };

/// What was read, and how the process ended.
pub(crate) struct Ended {
    /// Whole lines only.
    pub(crate) lines: Vec<String>,
    pub(crate) status: ExitStatus,
    pub(crate) took: Duration,
}

/// Runs a command and reads what it says.
///
/// # Panics
/// When it hangs, or breaks off in the middle of a line although nobody killed it.
pub(crate) fn run(mut command: Command, stop: Stop) -> Ended {
    let began = Instant::now();
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("a process");
    let lines = listen(&mut process);
    let mut heard = Vec::new();
    let (mut stopped, mut sent_it) = (false, false);
    let mut end = |process: &mut Child| {
        sent_it = send(process, stop.signal);
        // A reader that dies hears no more of a process that ended before it; what it wrote may still be in the pipe.
        sent_it || stop.signal == Signal::KillBoth
    };
    if stop.when == When::Line(0) {
        stopped = end(&mut process);
    }
    let deadline = match stop.when {
        When::Instant(after) => began + after,
        _ => began + PATIENCE,
    };
    while !(stopped && stop.signal == Signal::KillBoth) {
        let until = if stopped { began + PATIENCE } else { deadline };
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                heard.push(line);
                if stop.when == When::Line(heard.len()) {
                    stopped = end(&mut process);
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if !stopped && matches!(stop.when, When::Instant(_)) => {
                stopped = end(&mut process);
            }
            Err(RecvTimeoutError::Timeout) => {
                let _ = process.kill();
                let _ = process.wait();
                panic!("it hangs after {heard:#?}");
            }
        }
    }
    let status = process.wait().expect("a process of ours");
    let is_cut = heard.last().is_some_and(|line| !line.ends_with('\n'));
    if is_cut {
        let cut = heard.pop();
        assert!(stopped && stop.signal != Signal::Term, "the last line is cut: {cut:?}");
    }
    // Whoever dies of a signal that nobody sent has a fault: it was aborted, or its stack or memory is broken.
    let sent = if stop.signal == Signal::Term { SIGTERM } else { SIGKILL };
    let died = status.signal();
    assert!(
        died.is_none() || (sent_it && died == Some(sent)),
        "it died by itself, of signal {died:?}, after {heard:#?}"
    );
    Ended { lines: heard, status, took: began.elapsed() }
}

/// Reads lines on a thread of its own, with their ends.
fn listen(process: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let mut out = BufReader::new(process.stdout.take().expect("a pipe"));
    std::thread::spawn(move || {
        loop {
            let mut line = Vec::new();
            match out.read_until(b'\n', &mut line) {
                Ok(read) if read > 0 => {
                    let line = String::from_utf8(line).expect("messages are UTF-8");
                    if sender.send(line).is_err() {
                        return;
                    }
                }
                _ => return,
            }
        }
    });
    receiver
}

/// Sends the signal; whether the process had not ended before.
fn send(process: &mut Child, signal: Signal) -> bool {
    if process.try_wait().expect("a process of ours").is_some() {
        return false;
    }
    match signal {
        Signal::Kill | Signal::KillBoth => process.kill().expect("a process of ours"),
        Signal::Term => {
            let sent = Command::new("kill").args(["-TERM", &process.id().to_string()]).status();
            assert!(sent.expect("kill runs").success());
        }
    }
    true
}

/// A folder that is removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("airbyte-crash-{}-{number}", std::process::id()));
        // One that was killed and had the same number may have left its files.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn file(&self, name: &str, content: &Value) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content.to_string()).expect("a file");
        path
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that cannot be removed is the system's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
