//! The command line of Airbyte's own `source-declarative-manifest`.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;

use airbyte_manifest::{Manifest, Report, Severity};

use super::front_end::ManifestFrontEnd;
use super::registry::Registry;
use crate::cli::{self, Command, Invocation, OwnOption};
use crate::error::{Error, Result};
use crate::output::Out;
use crate::run::{FrontEnd, read_config, read_text, start};

const NAME: &str = "source-declarative-manifest";
const USER_AGENT: &str = concat!("source-declarative-manifest airbyte-runtime/", env!("CARGO_PKG_VERSION"));
const MANIFEST_PATH: &str = "--manifest-path";
const COMPONENTS_PATH: &str = "--components-path";
const OPTIONS: [OwnOption; 2] = [
    (MANIFEST_PATH, "the manifest; without it the configuration's, or else manifest.yaml"),
    (COMPONENTS_PATH, "ignored, with a warning: Python does not run here"),
];
/// The key under which Airbyte puts a manifest into a configuration.
pub(super) const INJECTED: &str = "__injected_declarative_manifest";
/// The file that is run where no option names one.
const DEFAULT_FILE: &str = "manifest.yaml";
/// Asks for the manifest itself, as a part of the configuration.
const ANY_MANIFEST: &str = include_str!("any_manifest.yaml");
/// Warnings about one manifest that are logged one by one.
const MAX_WARNINGS: usize = 50;
/// Set to refuse a manifest for what Airbyte would silently accept.
const STRICT: &str = "AIRBYTE_STRICT_MANIFEST";

/// Runs the manifest that the process's arguments, or its configuration, name.
///
/// The arguments are those of Airbyte's own image: `spec | check | discover | read`, and `login`, with `--manifest-path FILE`,
/// `--config`, `--catalog` and `--state`. Without `--manifest-path` the manifest is taken from the configuration's key
/// `__injected_declarative_manifest`, or else from `manifest.yaml` in the working directory.
///
/// `registry` has the classes that stand for the Python classes of custom components.
pub fn run(registry: Registry) -> ExitCode {
    start_with(registry, std::env::args_os().skip(1).collect(), Out::Stdout)
}

/// The same with the given arguments; the messages go to `out`.
pub fn run_with(
    registry: Registry,
    arguments: impl IntoIterator<Item = OsString>,
    out: impl Write + Send + 'static,
) -> ExitCode {
    start_with(registry, arguments.into_iter().collect(), Out::Given(Box::new(out)))
}

fn start_with(registry: Registry, arguments: Vec<OsString>, out: Out) -> ExitCode {
    let arguments = cli::parse(NAME, env!("CARGO_PKG_VERSION"), &OPTIONS, arguments);
    let front_end = |invocation: &Invocation| Ok(Box::new(front_end(invocation, registry)?) as Box<dyn FrontEnd>);
    start(arguments, out, Box::new(front_end))
}

fn front_end(invocation: &Invocation, registry: Registry) -> Result<ManifestFrontEnd> {
    let option = |name| invocation.files.iter().rfind(|(option, _)| *option == name).map(|(_, path)| path.as_path());
    if let Some(path) = option(COMPONENTS_PATH) {
        tracing::warn!(
            "`{}` holds Python, which does not run here; classes are written in Rust and registered by name",
            path.display()
        );
    }
    let (manifest, directory, named) = match option(MANIFEST_PATH) {
        Some(path) => {
            let text = read_text(path, "manifest")?;
            let (manifest, directory) = of_file(&text, path)?;
            (manifest, directory, Some(text))
        }
        None => {
            let (manifest, directory) = match injected(&invocation.command)? {
                Some(text) => (load(&text, INJECTED)?, None),
                None => default_manifest(&invocation.command)?,
            };
            (manifest, directory, None)
        }
    };
    Ok(ManifestFrontEnd {
        manifest: Arc::new(manifest),
        registry: Arc::new(registry),
        named,
        directory,
        user_agent: USER_AGENT.to_owned(),
    })
}

/// The manifest that a file holds, and the directory of the file.
fn of_file(text: &str, path: &Path) -> Result<(Manifest, Option<PathBuf>)> {
    Ok((load(text, &path.display().to_string())?, path.parent().map(Path::to_owned)))
}

/// The manifest where nothing names one: that of the working directory, or for `spec`, which has no configuration to
/// take a manifest from, one that says how to configure any.
fn default_manifest(command: &Command) -> Result<(Manifest, Option<PathBuf>)> {
    let path = Path::new(DEFAULT_FILE);
    match (path.exists(), command) {
        (true, _) => of_file(&read_text(path, "manifest")?, path),
        (false, Command::Spec) => {
            let manifest = Manifest::load(ANY_MANIFEST, INJECTED, false).map_err(|report| refused(&report))?;
            Ok((manifest, None))
        }
        (false, _) => Err(Error::config(format!(
            "there is no manifest: neither `{DEFAULT_FILE}` in this directory nor `{INJECTED}` in the configuration; \
             name one with `{MANIFEST_PATH} FILE`"
        ))),
    }
}

/// The manifest in the configuration, if it has one.
fn injected(command: &Command) -> Result<Option<String>> {
    let config = match command {
        Command::Spec => return Ok(None),
        Command::Check { config }
        | Command::Discover { config }
        | Command::Login { config, .. }
        | Command::Read { config, .. } => config,
    };
    let config = read_config(config)?;
    Ok(match config.value.get(INJECTED) {
        // JSON is YAML, and the reader of the latter gives positions: those of the indented text.
        Some(manifest @ Value::Object(_)) => Some(format!("{manifest:#}")),
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => return Err(Error::config(format!("`{INJECTED}` in the configuration is not an object"))),
        None => None,
    })
}

/// Reads a manifest and logs what is suspicious about it.
///
/// # Errors
/// A manifest that cannot run; all reasons are in the message.
pub(super) fn load(text: &str, file: &str) -> Result<Manifest> {
    let strict = std::env::var_os(STRICT).is_some_and(|value| value != "0" && !value.is_empty());
    let manifest = Manifest::load(text, file, strict).map_err(|report| refused(&report))?;
    let (notes, warnings): (Vec<_>, Vec<_>) =
        manifest.report.findings.iter().partition(|finding| finding.severity == Severity::Note);
    for finding in notes {
        tracing::debug!("{file}:{finding}");
    }
    for finding in warnings.iter().take(MAX_WARNINGS) {
        tracing::warn!("{file}:{finding}");
    }
    if warnings.len() > MAX_WARNINGS {
        tracing::warn!("{file}: {} more warnings like these", warnings.len() - MAX_WARNINGS);
    }
    Ok(manifest)
}

fn refused(report: &Report) -> Error {
    Error::system(format!("the manifest cannot run\n{}", report.clone().without_notes())).unmade()
}
