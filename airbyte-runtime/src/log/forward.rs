//! Events of an embedded connector: they reach the subscriber of the program around it, with every secret masked.

use tracing::callsite::{Callsite, Identifier};
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use super::{is_foreign, text_of};
use crate::config::Redactor;

/// Where the events of this thread go.
pub(crate) fn dispatch() -> Dispatch {
    tracing::dispatcher::get_default(Dispatch::clone)
}

/// Does something on this thread whose events go to `host`, masked, and nowhere else. Each becomes a message without
/// fields, since what is masked is text.
pub(crate) fn masked<T>(host: Dispatch, redactor: Redactor, run: impl FnOnce() -> T) -> T {
    tracing::subscriber::with_default(tracing_subscriber::registry().with(MaskLayer { host, redactor }), run)
}

/// Does something on another thread than the rest of a read, so that its events go where those of the rest go.
pub(crate) fn along<T>(dispatch: &Dispatch, run: impl FnOnce() -> T) -> T {
    tracing::dispatcher::with_default(dispatch, run)
}

struct MaskLayer {
    host: Dispatch,
    redactor: Redactor,
}

impl<S: Subscriber> Layer<S> for MaskLayer {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        (!is_foreign(metadata) || *metadata.level() <= Level::WARN) && self.host.enabled(metadata)
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let Line(metadata) = match *event.metadata().level() {
            Level::ERROR => &ERROR,
            Level::WARN => &WARN,
            Level::INFO => &INFO,
            Level::DEBUG => &DEBUG,
            Level::TRACE => &TRACE,
        };
        let Some(field) = metadata.fields().field(MESSAGE).filter(|_| self.host.enabled(metadata)) else { return };
        let text = text_of(event);
        let text = self.redactor.redact(&text);
        // An event cannot be sent by the macros while another one is on its way.
        let (text, fields) = (format_args!("{text}"), metadata.fields());
        let values = [(&field, Some(&text as &dyn tracing::Value))];
        self.host.event(&Event::new(metadata, &fields.value_set(&values)));
    }
}

const MESSAGE: &str = "message";

/// What masked events are of one level.
struct Line(Metadata<'static>);

impl Callsite for Line {
    fn set_interest(&self, _interest: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &self.0
    }
}

impl Line {
    const fn new(level: Level, this: &'static Self) -> Self {
        let fields = FieldSet::new(&[MESSAGE], Identifier(this));
        Self(Metadata::new("event", "airbyte_runtime", level, None, None, None, fields, Kind::EVENT))
    }
}

static ERROR: Line = Line::new(Level::ERROR, &ERROR);
static WARN: Line = Line::new(Level::WARN, &WARN);
static INFO: Line = Line::new(Level::INFO, &INFO);
static DEBUG: Line = Line::new(Level::DEBUG, &DEBUG);
static TRACE: Line = Line::new(Level::TRACE, &TRACE);

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A program's subscriber, which notes down what it hears.
    #[derive(Clone, Default)]
    struct Host(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Host {
        fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
            let metadata = event.metadata();
            let heard = format!("{} {}: {}", metadata.level(), metadata.target(), text_of(event));
            self.0.lock().unwrap().push(heard);
        }
    }

    #[test]
    fn the_program_around_a_connector_hears_no_secret() {
        let host = Host::default();
        let heard = Arc::clone(&host.0);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(host), || {
            let redactor = Redactor::new(["s3cr3t/token"]);
            masked(dispatch(), redactor, || {
                tracing::warn!(path = "/bots3cr3t%2Ftoken", "failed with {}", "s3cr3t/token");
                tracing::info!(target: "hyper::client", "s3cr3t/token");
                tracing::error!(target: "hyper::client", "lost");
                let dispatch = dispatch();
                let other = std::thread::spawn(move || along(&dispatch, || tracing::info!("elsewhere: s3cr3t/token")));
                other.join().unwrap();
            });
            tracing::info!(target: "program", "its own");
        });
        let expected = [
            "WARN airbyte_runtime: failed with **** path=\"/bot****\"",
            "ERROR airbyte_runtime: lost",
            "INFO airbyte_runtime: elsewhere: ****",
            "INFO program: its own",
        ];
        assert_eq!(*heard.lock().unwrap(), expected);
    }
}
