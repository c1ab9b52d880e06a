//! The commands: what a connector binary does between its arguments and its exit code.

use std::ffi::OsString;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::cli::{self, Command, Invocation, Refusal};
use crate::config::{Config, Redactor, connection_specification};
use crate::define::lower;
use crate::define::{Source, SourceDef};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HttpClient, HttpSettings};
use crate::output::{self, Output};
use crate::plan::Plan;
use crate::protocol::{AirbyteStream, ConfiguredCatalog, ConnectionStatus, ErrorTrace, Message, Spec, StateInput};
use crate::read::{self, Context};

/// Runs a connector: reads the arguments, does what they say, writes protocol messages to stdout.
///
/// This is all of a connector's `main`; [`main!`](crate::main) writes it for you.
///
/// ```no_run
/// # use airbyte_runtime::prelude::*;
/// # /// A source.
/// # #[source(streams = [User], base_url = "https://api.example.com")]
/// # struct Example {}
/// # #[stream(source = Example, path = "/users")]
/// # struct User { id: u64 }
/// fn main() -> std::process::ExitCode {
///     airbyte_runtime::run::<Example>()
/// }
/// ```
pub fn run<S: Source>() -> ExitCode {
    run_with::<S>(std::env::args_os().skip(1), std::io::stdout())
}

/// Runs a connector with the given arguments and writes the messages to `out`.
///
/// For programs that hold a connector inside: a demonstration, a test. `arguments` do not begin with a program's name.
pub fn run_with<S: Source>(
    arguments: impl IntoIterator<Item = OsString>,
    mut out: impl Write + Send + 'static,
) -> ExitCode {
    let source = S::definition();
    match cli::parse(source.name, source.version, arguments) {
        Ok(invocation) => execute::<S>(&invocation, out),
        Err(Refusal::Help(text)) => {
            // Whoever closes the pipe before reading the help does not want it.
            let _ = out.write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(Refusal::Usage(text)) => {
            let _ = std::io::stderr().write_all(text.as_bytes());
            ExitCode::from(2)
        }
    }
}

/// How long the last states may take to reach stdout once the platform wants the process to end.
const PATIENCE_AFTER_SIGTERM: Duration = Duration::from_secs(5);

/// How a command ended.
enum End {
    Done,
    Failed,
    /// SIGTERM: the process dies by the signal once everything is written, as the platform expects.
    Terminated,
}

fn execute<S: Source>(invocation: &Invocation, out: impl Write + Send + 'static) -> ExitCode {
    let redactor = Redactor::default();
    let (output, queue) = output::queue(redactor.clone());
    let writer = output::write_to(out, queue);
    crate::log::install(output.clone(), crate::log::level(invocation.debug));
    crate::panic::install(output.clone());
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| command::<S>(&invocation.command, &output, &redactor)));
    let end = match result {
        Ok(Ok(end)) => end,
        // The hook has reported it.
        Err(_) => End::Failed,
        Ok(Err(error)) => {
            // If stdout is closed, `finish` says so.
            let _ = output.message(Message::Error(ErrorTrace::new(&error, None)));
            End::Failed
        }
    };
    crate::log::uninstall();
    crate::panic::uninstall();
    if let End::Terminated = end {
        // Whoever reads stdout may have gone without closing it; the platform would not wait for ever either.
        output.drain(PATIENCE_AFTER_SIGTERM);
        let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTERM);
        return ExitCode::SUCCESS;
    }
    output.finish();
    finish(end, writer.join(), matches!(invocation.command, Command::Read { .. }))
}

fn finish(end: End, writer: std::thread::Result<std::io::Result<()>>, is_read: bool) -> ExitCode {
    match writer {
        // The other commands say one thing; whoever closes the pipe has heard it.
        Ok(Err(_)) if !is_read => return ExitCode::SUCCESS,
        Ok(Err(error)) => {
            let _ = writeln!(
                std::io::stderr(),
                "stdout was closed before everything was written ({error}); the read is not complete"
            );
            return ExitCode::FAILURE;
        }
        Ok(Ok(())) => {}
        Err(_) => return ExitCode::FAILURE,
    }
    match end {
        End::Done => ExitCode::SUCCESS,
        End::Failed | End::Terminated => ExitCode::FAILURE,
    }
}

fn command<S: Source>(command: &Command, output: &Output, redactor: &Redactor) -> Result<End> {
    match command {
        Command::Spec => spec(S::definition(), &connection_specification(S::definition(), &S::SHAPE), output),
        Command::Check { config } => {
            let status = match read_json(config, "config") {
                Ok(config) => block_on(check::<S>(config, output, redactor))?,
                Err(error) => Err(error),
            };
            say_status(status, output)
        }
        Command::Discover { config } => {
            let config = Config::load::<S>(read_json(config, "config")?, redactor.clone())?;
            block_on(discover(S::definition(), config, output))?
        }
        Command::Read { config, catalog, state } => {
            let config = Config::load::<S>(read_json(config, "config")?, redactor.clone())?;
            let catalog = ConfiguredCatalog::parse(&read_text(catalog, "catalog")?)?;
            let state = state.as_deref().map(|path| read_text(path, "state").and_then(|text| StateInput::parse(&text)));
            let state = state.transpose()?.unwrap_or_default();
            for warning in state.warnings() {
                tracing::warn!("{warning}");
            }
            block_on(read_until_signal(S::definition(), config, &catalog, &state, output))?
        }
    }
}

/// The runtime of a command: one thread, since everything but DNS waits in one task.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::system("the system gives no event queue").with_source(error))?;
    let result = runtime.block_on(future);
    // A name lookup that hangs must not keep the process.
    runtime.shutdown_background();
    Ok(result)
}

fn spec(source: &SourceDef, specification: &Value, output: &Output) -> Result<End> {
    output.message(Message::Spec(Spec {
        connection_specification: specification,
        documentation_url: source.documentation_url,
        changelog_url: None,
        advanced_auth: None,
        protocol_version: None,
    }))?;
    Ok(End::Done)
}

/// The reason why a connection does not work, if it does not.
///
/// # Errors
/// Only that stdout was closed.
async fn check<S: Source>(config: Value, output: &Output, redactor: &Redactor) -> Result<()> {
    let source = S::definition();
    let config = Config::load::<S>(config, redactor.clone())?;
    let plan = lower::plan(source, config.into())?;
    let client = HttpClient::new(&user_agent(source), HttpSettings::prompt(), redactor.clone())?;
    check_streams(&Context::new(plan, client, output.clone())).await
}

/// Asks each stream that `check` names for its first page.
///
/// # Errors
/// The first reason why one of them cannot be read.
pub(crate) async fn check_streams(context: &Context) -> Result<()> {
    let streams = if context.plan.check.is_empty() { vec![0] } else { context.plan.check.clone() };
    for stream in streams {
        read::first_record(context, stream).await.map_err(|error| {
            let name = context.plan.streams.get(stream).map_or("", |stream| stream.name.as_str());
            tracing::error!(
                "check of stream `{name}`: {}",
                error.detail().unwrap_or_else(|| error.message().to_owned())
            );
            error.within(format!("stream `{name}`"))
        })?;
    }
    Ok(())
}

fn say_status(status: Result<()>, output: &Output) -> Result<End> {
    match status {
        Ok(()) => output.message(Message::ConnectionStatus(ConnectionStatus::Succeeded))?,
        Err(error) => output.message(Message::ConnectionStatus(ConnectionStatus::Failed(error.message().into())))?,
    }
    Ok(End::Done)
}

async fn discover(source: &SourceDef, config: Config, output: &Output) -> Result<End> {
    let plan = lower::plan(source, config.into())?;
    output.message(Message::Catalog(&catalog_entries(&plan).await?))?;
    Ok(End::Done)
}

/// What `discover` says about the streams.
///
/// # Errors
/// A stream whose schema the API does not give.
pub(crate) async fn catalog_entries(plan: &Plan) -> Result<Vec<AirbyteStream>> {
    let mut entries = Vec::with_capacity(plan.streams.len());
    for stream in plan.streams.iter().filter(|stream| !stream.hidden) {
        entries.push(catalog_entry(stream).await?);
    }
    Ok(entries)
}

async fn catalog_entry(stream: &crate::plan::StreamPlan) -> Result<AirbyteStream> {
    let mut entry = AirbyteStream::new(stream.name.clone(), stream.json_schema().await?);
    entry.namespace.clone_from(&stream.namespace);
    entry.source_defined_primary_key.clone_from(&stream.primary_key);
    if let Some(cursor) = &stream.cursor {
        entry.supports_incremental = true;
        entry.source_defined_cursor = Some(true);
        entry.default_cursor_field = vec![cursor.key.clone()];
    }
    entry.is_resumable = stream.cursor.is_some();
    Ok(entry)
}

async fn read_until_signal(
    source: &SourceDef,
    config: Config,
    catalog: &ConfiguredCatalog,
    state: &StateInput,
    output: &Output,
) -> Result<End> {
    let redactor = config.redactor().clone();
    let plan = lower::plan(source, config.into())?;
    let client = HttpClient::new(&user_agent(source), HttpSettings::patient(), redactor)?;
    let context = Rc::new(Context::new(plan, client, output.clone()));
    let terminated = std::cell::Cell::new(false);
    let stop = async {
        tokio::select! {
            () = terminate() => {
                terminated.set(true);
                Error::new(ErrorKind::Transient, "the read was stopped by the platform")
            }
            () = output.closed() => Error::system("stdout was closed before everything was read"),
        }
    };
    let result = read::read(context, catalog, state, stop).await;
    if terminated.get() {
        tracing::warn!("stopped by SIGTERM; the last states are safe to go on from");
        return Ok(End::Terminated);
    }
    result.map(|()| End::Done)
}

/// Returns at SIGTERM; never where the system has no such signal.
async fn terminate() {
    #[cfg(unix)]
    if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        signal.recv().await;
        return;
    }
    std::future::pending::<()>().await;
}

pub(crate) fn user_agent(source: &SourceDef) -> String {
    format!("{}/{} airbyte-runtime/{}", source.name, source.version, env!("CARGO_PKG_VERSION"))
}

fn read_text(path: &Path, what: &str) -> Result<String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::config(format!("the {what} file `{}` cannot be read: {error}", path.display())))?;
    // Some editors put a byte order mark before UTF-8.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn read_json(path: &Path, what: &str) -> Result<Value> {
    let text = read_text(path, what)?;
    // The parser's message holds positions and expectations, never a value of the file.
    serde_json::from_str(&text)
        .map_err(|error| Error::config(format!("the {what} file `{}` is not JSON: {error}", path.display())))
}
