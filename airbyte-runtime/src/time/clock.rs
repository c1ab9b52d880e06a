//! The wall clock. It is read here only, so that simulations can put it forward and back.

use std::time::SystemTime;

#[cfg(test)]
thread_local! {
    /// What the clock shows on this thread, if it is not the system's.
    pub(crate) static SHOWN: std::cell::Cell<Option<fn() -> SystemTime>> = const { std::cell::Cell::new(None) };
}

/// The clock of this thread stands still, until this goes.
#[cfg(test)]
pub(crate) struct Standing(());

#[cfg(test)]
impl Standing {
    pub(crate) fn still() -> Self {
        SHOWN.set(Some(|| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_709_210_096)));
        Self(())
    }
}

#[cfg(test)]
impl Drop for Standing {
    fn drop(&mut self) {
        SHOWN.set(None);
    }
}

/// What the clock shows. It may go back.
pub(crate) fn now() -> SystemTime {
    #[cfg(test)]
    if let Some(shown) = SHOWN.get() {
        return shown();
    }
    SystemTime::now()
}

/// How long it shows that 1970 is past; nothing before.
pub(crate) fn since_epoch() -> std::time::Duration {
    now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
