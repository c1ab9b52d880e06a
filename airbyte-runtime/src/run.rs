//! The commands: what a connector binary does between its arguments and its exit code.

use std::ffi::OsString;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};
use tokio::task::LocalSet;
use url::Url;

use crate::allocator::keep_pages;
use crate::cli::{self, Command, Invocation, Refusal};
use crate::config::{Config, Redactor, change, secrets_in};
use crate::define::any_source::AnySource;
use crate::define::auth::Services;
use crate::define::{Source, SourceDef, lower};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HttpClient, HttpSettings};
use crate::login::login;
use crate::output::{self, Out, Output};
use crate::plan::{Plan, SchemaPlan};
use crate::protocol::{AirbyteStream, ConfiguredCatalog, ConnectionStatus, ErrorTrace, Message, Spec, StateInput};
use crate::read::{self, Backfill, Context};
use crate::replace::replace;
use crate::terminate::Terminate;

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
    run_source(AnySource::of::<S>(), std::env::args_os().skip(1).collect(), Out::Stdout)
}

/// Runs a connector with the given arguments and writes the messages to `out`.
///
/// For programs that hold a connector inside: a demonstration, a test. `arguments` do not begin with a program's name.
pub fn run_with<S: Source>(
    arguments: impl IntoIterator<Item = OsString>,
    out: impl Write + Send + 'static,
) -> ExitCode {
    run_source(AnySource::of::<S>(), arguments.into_iter().collect(), Out::Given(Box::new(out)))
}

// Nothing from here on knows a connector's types, or it would be compiled again in each connector's crate.

fn run_source(source: AnySource, arguments: Vec<OsString>, out: Out) -> ExitCode {
    let AnySource { definition: SourceDef { name, version, .. }, .. } = source;
    start(cli::parse(name, version, &[], arguments), out, Box::new(move |_| Ok(Box::new(source))))
}

/// Makes the front end that the arguments lead to.
pub(crate) type MakeFrontEnd = Box<dyn FnOnce(&Invocation) -> Result<Box<dyn FrontEnd>>>;

/// Does what the arguments say, with the front end that they lead to.
pub(crate) fn start(arguments: Result<Invocation, Refusal>, out: Out, front_end: MakeFrontEnd) -> ExitCode {
    match arguments {
        Ok(invocation) => execute(&invocation, out, front_end),
        Err(Refusal::Help(text)) => {
            // Whoever closes the pipe before reading the help does not want it.
            let _ = out.open(false).write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(Refusal::Usage(text)) => {
            let _ = std::io::stderr().write_all(text.as_bytes());
            ExitCode::from(2)
        }
    }
}

/// What describes a connector: it answers `spec`, and makes a plan of a configuration.
pub(crate) trait FrontEnd {
    /// Answers `spec`.
    ///
    /// # Errors
    /// A connector without a specification, and a closed stdout.
    fn spec(&self, output: &Output) -> Result<()>;

    /// How a user logs in, as the specification says it; `None` if there is nothing but the configuration.
    ///
    /// # Errors
    /// A connector without a specification.
    fn advanced_auth(&self) -> Result<Option<Value>>;

    /// The secrets of a configuration, before anything is made of it.
    ///
    /// # Errors
    /// A connector without a specification.
    fn secrets(&self, config: &Value) -> Result<Vec<String>>;

    /// Whether the connector says what it is configured with; without that no check has a verdict on a connection.
    ///
    /// # Errors
    /// A connector without a specification.
    fn require_spec(&self) -> Result<()> {
        Ok(())
    }

    /// The error of a catalog or a state that cannot be read.
    fn of_input(&self, error: Error) -> Error {
        error
    }

    /// Whether a stream that the catalog lists twice is read twice, and not refused.
    fn repeats_streams(&self) -> bool {
        false
    }

    /// Checks a configuration and makes the plan.
    fn prepare<'a>(&'a self, config: ConfigFile, output: &'a Output, purpose: Purpose<'a>) -> Preparing<'a>;
}

/// A plan, and the client that it is carried out with.
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    pub(crate) client: HttpClient,
}

/// A [`Prepared`] that may first have to ask the API.
pub(crate) type Preparing<'a> = LocalBoxFuture<'a, Result<Prepared>>;

/// The configuration of a command.
pub(crate) struct ConfigFile {
    /// Where migrations are written back to.
    pub(crate) path: PathBuf,
    pub(crate) value: Value,
}

/// What a plan is made for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose<'a> {
    Check,
    Discover,
    /// The state that the read goes on from.
    Read(&'a StateInput),
}

impl Purpose<'_> {
    /// How patient the requests are: a person waits for a check.
    pub(crate) fn http(self) -> HttpSettings {
        match self {
            Self::Check => HttpSettings::prompt(),
            Self::Discover | Self::Read(..) => HttpSettings::patient(),
        }
    }
}

/// Structs with attributes.
impl FrontEnd for AnySource {
    fn spec(&self, output: &Output) -> Result<()> {
        let advanced_auth = self.advanced_auth()?;
        output.message(Message::Spec(Spec {
            connection_specification: &self.specification(),
            documentation_url: self.definition.documentation_url,
            changelog_url: None,
            advanced_auth: advanced_auth.as_ref(),
            supports_dbt: None,
            supports_normalization: None,
            protocol_version: None,
        }))
    }

    fn advanced_auth(&self) -> Result<Option<Value>> {
        Ok(self.definition.advanced_auth.map(|auth| auth.specification(self.shape.fields())))
    }

    fn secrets(&self, config: &Value) -> Result<Vec<String>> {
        Ok(secrets_in(&self.specification(), config))
    }

    fn prepare<'a>(&'a self, config: ConfigFile, output: &'a Output, purpose: Purpose<'a>) -> Preparing<'a> {
        Box::pin(prepare(*self, config.value, Some(config.path), None, output, purpose))
    }
}

/// The plan of a source, and the client that it is carried out with. `file` is where the configuration is from, if it is
/// a file, and `origin` where all requests go, if it is set.
///
/// # Errors
/// A configuration that is not valid is a config error.
pub(crate) async fn prepare(
    source: AnySource,
    mut config: Value,
    file: Option<PathBuf>,
    origin: Option<Url>,
    output: &Output,
    purpose: Purpose<'_>,
) -> Result<Prepared> {
    let redactor = output.redactor();
    for secret in secrets_in(&source.specification(), &config) {
        redactor.add(&secret);
    }
    // What stands under the keys of an older version is in no specification.
    let given = config.clone();
    let migrate = || change(source.definition.migrate_config, source.shape.fields(), &mut config);
    if redactor.masking(&given, migrate)?
        && let Value::Object(migrated) = &config
    {
        store_config(file.as_deref(), migrated, output)?;
    }
    let own = config.as_object().cloned().unwrap_or_default();
    let config = Config::load(source, config, output.redactor().clone())?;
    let settings = HttpSettings { origin, ..purpose.http() };
    let agent = user_agent(source.definition.name, source.definition.version);
    let client = HttpClient::new(&agent, settings, output.redactor().clone());
    let services = Services::new(client.clone(), own, output);
    let planning = async {
        let plan = lower::plan(source.definition, config.into(), &services, output, purpose).await?;
        #[cfg(feature = "manifest")]
        let plan = crate::manifest::add_streams(source, plan, &client, output, purpose).await?;
        Ok(plan)
    };
    let plan: Result<Plan> = read::watched(&client, output, planning).await;
    Ok(Prepared { plan: plan?, client })
}

/// Stores a configuration that was brought up to date: in the user's file, if there is one, and at the platform.
///
/// # Errors
/// A file that cannot be written, and a closed stdout.
pub(crate) fn store_config(file: Option<&Path>, config: &Map<String, Value>, output: &Output) -> Result<()> {
    if let Some(file) = file {
        write_config(file, config)?;
    }
    output.message(Message::ConnectorConfig(config))
}

/// Stores a configuration that was brought up to date in the user's file: as a whole or not at all, wherever the
/// [file can be replaced](replace) by one that is alike.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn write_config(file: &Path, config: &Map<String, Value>) -> Result<()> {
    replace(file, &Value::Object(config.clone()).to_string()).map_err(|error| {
        Error::config(format!("the migrated config file `{}` cannot be written: {error}", file.display()))
    })
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

fn execute(invocation: &Invocation, out: Out, front_end: MakeFrontEnd) -> ExitCode {
    let redactor = Redactor::default();
    let (output, queue) = output::queue(redactor.clone());
    let is_read = matches!(invocation.command, Command::Read { .. });
    let writer = output::write_to(out.open(is_read), queue);
    crate::log::install(output.clone(), crate::log::level(invocation.debug));
    crate::panic::install(output.clone());
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| command(invocation, front_end, &output)));
    let end = match result {
        Ok(Ok(end)) => end,
        // The hook has reported it.
        Err(_) => End::Failed,
        Ok(Err(error)) => failed(&error, &output),
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
    finish(end, writer.join(), is_read)
}

/// Says why a command failed.
fn failed(error: &Error, output: &Output) -> End {
    // If stdout is closed, `finish` says so.
    let _ = output.message(Message::Error(ErrorTrace::new(error, None)));
    End::Failed
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

fn command(invocation: &Invocation, front_end: MakeFrontEnd, output: &Output) -> Result<End> {
    match &invocation.command {
        Command::Spec => front_end(invocation)?.spec(output).map(|()| End::Done),
        Command::Check { config } => {
            let status = match front_end(invocation).and_then(|front_end| Ok((front_end, read_config(config)?))) {
                Ok((front_end, config)) => {
                    front_end.require_spec()?;
                    block_on(check(&*front_end, config, output))?
                }
                Err(error) => Err(error),
            };
            say_status(status, output)
        }
        Command::Login { config, port } => {
            let front_end = front_end(invocation)?;
            let file = read_config(config)?;
            let secrets = front_end.secrets(&file.value)?;
            let login = login(front_end.advanced_auth()?, file, secrets, *port, output);
            block_on(login)?.map(|()| End::Done)
        }
        Command::Discover { config } => block_on(discover(&*front_end(invocation)?, read_config(config)?, output))?,
        Command::Read { config, catalog, state, backfill } => {
            let front_end = front_end(invocation)?;
            let config = read_config(config)?;
            let catalog = read_text(catalog, "catalog")?;
            let parse = match front_end.repeats_streams() {
                true => ConfiguredCatalog::parse_with_repeats,
                false => ConfiguredCatalog::parse,
            };
            let catalog = parse(&catalog).map_err(|error| front_end.of_input(error))?;
            let state = state.as_deref().map(|path| read_text(path, "state").and_then(|text| StateInput::parse(&text)));
            let state = state.transpose().map_err(|error| front_end.of_input(error))?.unwrap_or_default();
            for warning in state.warnings() {
                tracing::warn!("{warning}");
            }
            let mut backfill = backfill.clone();
            backfill.add_configured(&config.value)?;
            block_on(read_until_signal(&*front_end, config, &catalog, &state, backfill, output))?
        }
    }
}

/// The runtime of a command: one thread, since next to everything but DNS waits in one task.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::system("the system gives no event queue").with_source(error))?;
    // In its place: what is handed on is copied on the stack, and a read is large.
    let future = Box::pin(future);
    // What goes on when whoever began it is dropped, as an exchange of tokens does, is a task on the same thread.
    let result = LocalSet::new().block_on(&runtime, future);
    // A name lookup that hangs must not keep the process.
    runtime.shutdown_background();
    Ok(result)
}

/// The reason why a connection does not work, if it does not.
async fn check(front_end: &dyn FrontEnd, config: ConfigFile, output: &Output) -> Result<()> {
    let Prepared { plan, client } = front_end.prepare(config, output, Purpose::Check).await?;
    check_streams(&Context::new(plan, client, output.clone())).await
}

/// Asks each stream that `check` names for its first page.
///
/// # Errors
/// The first reason why one of them cannot be read.
pub(crate) async fn check_streams(context: &Context) -> Result<()> {
    for &stream in &context.plan.check {
        try_stream(context, stream).await.map_err(|error| {
            let Some(stream) = context.plan.streams.get(stream) else { return error };
            let name = &stream.name;
            tracing::error!(
                "check of stream `{name}`: {}",
                error.detail().unwrap_or_else(|| error.message().to_owned())
            );
            stream.conduct.wording.fails_check(name, error)
        })?;
    }
    Ok(())
}

/// A stream of which the API does not say what its records look like could not be discovered either.
async fn try_stream(context: &Context, number: usize) -> Result<()> {
    if let Some(stream) = context.plan.streams.get(number)
        && let SchemaPlan::Loaded(schema) = &stream.schema
    {
        schema.load().await?;
    }
    read::first_record(context, number).await
}

fn say_status(status: Result<()>, output: &Output) -> Result<End> {
    match status {
        Ok(()) => output.message(Message::ConnectionStatus(ConnectionStatus::Succeeded))?,
        // The trace says it, and the exit code tells it from a connection that does not work.
        Err(error) if error.is_unanswerable() => return Err(error),
        Err(error) => output.message(Message::ConnectionStatus(ConnectionStatus::Failed(error.message().into())))?,
    }
    Ok(End::Done)
}

async fn discover(front_end: &dyn FrontEnd, config: ConfigFile, output: &Output) -> Result<End> {
    let Prepared { plan, .. } = front_end.prepare(config, output, Purpose::Discover).await?;
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
    entry.supports_incremental = stream.is_incremental();
    if stream.memory.is_some() {
        entry.source_defined_cursor = Some(true);
    }
    if let Some(cursor) = &stream.cursor {
        entry.source_defined_cursor = Some(!cursor.is_catalog_defined);
        entry.default_cursor_field = vec![cursor.key.clone()];
    }
    entry.is_file_based = stream.files.is_some();
    entry.is_resumable = stream.is_incremental();
    Ok(entry)
}

async fn read_until_signal(
    front_end: &dyn FrontEnd,
    config: ConfigFile,
    catalog: &ConfiguredCatalog,
    state: &StateInput,
    backfill: Backfill,
    output: &Output,
) -> Result<End> {
    keep_pages();
    let Prepared { mut plan, client } = front_end.prepare(config, output, Purpose::Read(state)).await?;
    plan.follow(catalog)?;
    let context = Rc::new(Context::new(plan, client, output.clone()).reading(backfill));
    let signal = Terminate::listen();
    let stop = async {
        tokio::select! {
            () = signal.come() => Error::new(ErrorKind::Transient, "the read was stopped by the platform"),
            () = output.closed() => Error::system("stdout was closed before everything was read"),
        }
    };
    let result = read::read(context, catalog, state, stop).await;
    let mut end = End::Terminated;
    if !signal.has_come() {
        end = result.map_or_else(|error| failed(&error, output), |()| End::Done);
        // The last states and statuses may still wait for a slow reader.
        tokio::select! {
            () = signal.come() => {}
            _ = output.written() => {}
        }
    }
    if signal.end() {
        tracing::warn!("stopped by SIGTERM; the last states are safe to go on from");
        end = End::Terminated;
    }
    Ok(end)
}

pub(crate) fn user_agent(name: &str, version: &str) -> String {
    format!("{name}/{version} airbyte-runtime/{}", env!("CARGO_PKG_VERSION"))
}

pub(crate) fn read_text(path: &Path, what: &str) -> Result<String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::config(format!("the {what} file `{}` cannot be read: {error}", path.display())))?;
    // Some editors put a byte order mark before UTF-8.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

pub(crate) fn read_config(path: &Path) -> Result<ConfigFile> {
    let text = read_text(path, "config")?;
    // The parser's message holds positions and expectations, never a value of the file.
    let value = serde_json::from_str(&text)
        .map_err(|error| Error::config(format!("the config file `{}` is not JSON: {error}", path.display())))?;
    Ok(ConfigFile { path: path.to_owned(), value })
}
