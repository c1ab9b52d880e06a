//! A panic is a defect, and is reported as one: a TRACE, exit code 1; never a backtrace on stdout. The other streams are
//! read to their ends, except with `panic = "abort"`.

use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::output::Output;
use crate::protocol::{ErrorTrace, Message};

type Hook = Box<dyn Fn(&std::panic::PanicHookInfo<'_>) + Send + Sync>;

/// What the program did about panics before a command began.
static PREVIOUS: Mutex<Option<Hook>> = Mutex::new(None);

/// Reports panics to `output` until [`uninstall`].
pub(crate) fn install(output: Output) {
    let previous = std::panic::take_hook();
    *PREVIOUS.lock().unwrap_or_else(PoisonError::into_inner) = Some(previous);
    std::panic::set_hook(Box::new(move |info| report(info, &output)));
}

/// Gives the program its own hook back.
pub(crate) fn uninstall() {
    if let Some(previous) = PREVIOUS.lock().unwrap_or_else(PoisonError::into_inner).take() {
        std::panic::set_hook(previous);
    }
}

fn report(info: &std::panic::PanicHookInfo<'_>, output: &Output) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let error = Error::system("the connector has a defect; please report it with its logs")
        .with_detail(format!("panic at {place}: {}", text.unwrap_or_default()));
    // There is nobody left to tell if this fails.
    let _ = output.message(Message::Error(ErrorTrace::new(&error, None)));
    // `panic = "abort"` ends the process when this returns, so what is queued is written first.
    #[cfg(panic = "abort")]
    {
        output.drain(std::time::Duration::from_secs(5));
        std::process::exit(1);
    }
}
