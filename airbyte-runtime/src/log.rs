//! Logs: `tracing` events become LOG messages on stdout, with every secret masked.

mod forward;

use std::fmt::Write as _;
use std::sync::{PoisonError, RwLock};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

pub(crate) use self::forward::{along, dispatch, masked};
use crate::output::Output;
use crate::protocol::{Log, LogLevel, Message};

/// Where the events of this process go: the command that runs now. A program may run several, one after the other.
static LISTENER: RwLock<Option<(Output, Level)>> = RwLock::new(None);

/// Sends the events of this process to `output` from now on. Other crates are heard from WARN on only:
/// their lower levels may print requests with credentials.
pub(crate) fn install(output: Output, level: Level) {
    *LISTENER.write().unwrap_or_else(PoisonError::into_inner) = Some((output, level));
    // A program with a subscriber of its own keeps it.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(LogLayer));
}

/// Ends what [`install`] began, so that the queue of `output` can end.
pub(crate) fn uninstall() {
    *LISTENER.write().unwrap_or_else(PoisonError::into_inner) = None;
}

/// The level that `LOG_LEVEL` asks for, or `--debug`; INFO otherwise.
pub(crate) fn level(debug: bool) -> Level {
    let wanted = std::env::var("LOG_LEVEL").unwrap_or_default();
    match wanted.to_ascii_lowercase().as_str() {
        _ if debug => Level::DEBUG,
        "debug" => Level::DEBUG,
        "trace" => Level::TRACE,
        "warn" | "warning" => Level::WARN,
        "error" | "fatal" => Level::ERROR,
        _ => Level::INFO,
    }
}

struct LogLayer;

impl<S: Subscriber> Layer<S> for LogLayer {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _context: Context<'_, S>) -> bool {
        let listener = LISTENER.read().unwrap_or_else(PoisonError::into_inner);
        let Some((_, level)) = listener.as_ref() else { return false };
        let least = if is_foreign(metadata) { Level::WARN.min(*level) } else { *level };
        *metadata.level() <= least
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => LogLevel::Error,
            Level::WARN => LogLevel::Warn,
            Level::INFO => LogLevel::Info,
            Level::DEBUG => LogLevel::Debug,
            Level::TRACE => LogLevel::Trace,
        };
        let message = text_of(event);
        if let Some((output, _)) = LISTENER.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            // Once stdout is closed there is nobody to tell.
            let _ = output.message(Message::Log(Log { level, message: message.into(), stack_trace: None }));
        }
    }
}

/// Whether an event is of a crate whose lower levels may print requests with credentials.
fn is_foreign(metadata: &tracing::Metadata<'_>) -> bool {
    const FOREIGN: [&str; 9] = ["hyper", "hyper_util", "reqwest", "rustls", "h2", "tower", "mio", "tokio", "want"];
    FOREIGN.contains(&metadata.target().split("::").next().unwrap_or_default())
}

/// The message of an event, and its other fields as ` name=value`.
fn text_of(event: &Event<'_>) -> String {
    let mut text = Text::default();
    event.record(&mut text);
    text.message + &text.fields
}

#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a String does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
