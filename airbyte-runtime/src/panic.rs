//! A panic is a defect, and is reported as one: a LOG, a TRACE, exit code 1; never a backtrace on stdout.

use crate::error::Error;
use crate::output::Output;
use crate::protocol::{ErrorTrace, Message};

/// Reports panics to `output` from now on.
pub(crate) fn install(output: Output) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let payload = info.payload();
        let text =
            payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let error = Error::system("the connector has a defect and stopped; please report it with its logs")
            .with_detail(format!("panic at {place}: {}", text.unwrap_or_default()));
        // There is nobody left to tell if this fails.
        let _ = output.message(Message::Error(ErrorTrace::new(&error, None)));
        // `panic = "abort"` ends the process when this returns, so what is queued is written first.
        output.drain(std::time::Duration::from_secs(5));
    }));
}
