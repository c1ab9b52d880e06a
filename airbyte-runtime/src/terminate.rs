//! SIGTERM, by which the platform ends a sync.

#[cfg(unix)]
use std::sync::Arc;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

/// Listens for the signal; never hears it where the system has none.
///
/// It is listened for before any stream has started: one that has said so must also say how it ended.
#[derive(Debug)]
pub(crate) struct Terminate {
    #[cfg(unix)]
    came: Arc<AtomicBool>,
    /// Whether nobody waits for the signal any more, so that it ends the process as if nobody had listened.
    #[cfg(unix)]
    is_over: Arc<AtomicBool>,
    #[cfg(unix)]
    waker: Option<std::cell::RefCell<tokio::signal::unix::Signal>>,
    /// Whether `come` has ended.
    heard: std::cell::Cell<bool>,
}

impl Terminate {
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        use signal_hook::consts::SIGTERM;
        use signal_hook::flag;
        use tokio::signal::unix::{SignalKind, signal};

        let (came, is_over) = (Arc::default(), Arc::default());
        // Without a handler the signal ends the process at once, which loses nothing but time.
        let waker = signal(SignalKind::terminate()).ok().filter(|_| {
            // In this order: a signal that `end` does not see in `came` finds `is_over` set.
            let notes = flag::register(SIGTERM, Arc::clone(&came));
            notes.and_then(|_| flag::register_conditional_default(SIGTERM, Arc::clone(&is_over))).is_ok()
        });
        Self { came, is_over, waker: waker.map(Into::into), heard: false.into() }
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Self { heard: false.into() }
    }

    /// Ends when the signal comes.
    pub(crate) async fn come(&self) {
        #[cfg(unix)]
        if let Some(waker) = &self.waker {
            // Only one waits at a time, so nobody is refused.
            std::future::poll_fn(|context| waker.borrow_mut().poll_recv(context)).await;
            self.heard.set(true);
            return;
        }
        std::future::pending::<()>().await;
    }

    /// Whether it has come.
    pub(crate) fn has_come(&self) -> bool {
        #[cfg(unix)]
        if self.came.load(Ordering::SeqCst) {
            return true;
        }
        // Another thread may still be about to note it.
        self.heard.get()
    }

    /// Listens no longer: from now on the signal ends the process, also while stdout is full and nobody reads it.
    /// Returns whether it came before.
    pub(crate) fn end(self) -> bool {
        #[cfg(unix)]
        {
            self.is_over.store(true, Ordering::SeqCst);
        }
        self.has_come()
    }
}
