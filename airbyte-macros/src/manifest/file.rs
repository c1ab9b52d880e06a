//! The manifest's file: found, read, and loaded as the connector will load it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use airbyte_manifest::model::{StreamDefinition, Text};
use airbyte_manifest::{Diagnostic, Manifest, Node, Position, Severity};

use crate::diag::suggest;

/// The crate that is compiled.
pub(crate) struct Crate {
    /// The folder of its `Cargo.toml`.
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
}

/// A stream of the manifest, for the rules that look for two streams of one name.
#[derive(Debug, PartialEq)]
pub(crate) struct StreamName {
    pub(crate) name: String,
    /// `manifest.yaml:12:5`.
    pub(crate) place: String,
}

/// The help for a path that leads nowhere.
const FROM_WHERE: &str = "the path begins at the folder of the crate's Cargo.toml";

impl Crate {
    /// What cargo says about the crate that it compiles.
    ///
    /// # Errors
    /// A compiler that was not started by cargo.
    pub(crate) fn compiled() -> Result<Self, Vec<String>> {
        let variable = |name: &str| {
            std::env::var(name).map_err(|_| vec![format!(
                "`{name}` is not set, so nobody knows where the manifest is\nhelp: compile with cargo, or set it to the folder of Cargo.toml"
            )])
        };
        Ok(Self { folder: variable("CARGO_MANIFEST_DIR")?.into(), name: variable("CARGO_PKG_NAME")? })
    }

    /// The names of a manifest's streams.
    ///
    /// # Errors
    /// A file that cannot be read; each mistake that keeps it from running, together with the warnings, which may tell
    /// why; where `strict`, every finding.
    pub(crate) fn streams(&self, path: &str, strict: bool) -> Result<Vec<StreamName>, Vec<String>> {
        let text = self.read(path).map_err(|message| vec![message])?;
        let (manifest, report) = match Manifest::load(&text, path, strict) {
            Ok(manifest) => {
                let report = manifest.report.clone();
                (Some(manifest), report)
            }
            Err(report) => (None, report),
        };
        let files: Vec<_> = manifest.iter().flat_map(|manifest| schema_files(&manifest.root)).collect();
        match manifest.filter(|_| !report.has_errors() && files.is_empty()) {
            Some(manifest) => Ok(stream_names(path, &manifest)),
            None => {
                let findings = report.without_notes().findings;
                let messages: Vec<_> = findings.iter().chain(&files).map(|finding| message(path, finding)).collect();
                // Without a word the connector would compile, and be empty.
                let silent = messages.is_empty().then(|| format!("`{path}` cannot be loaded"));
                Err(messages.into_iter().chain(silent).collect())
            }
        }
    }

    fn read(&self, path: &str) -> Result<String, String> {
        if Path::new(path).is_absolute() {
            return Err(format!("`{path}` is an absolute path\nhelp: {FROM_WHERE}, as in `\"manifest.yaml\"`"));
        }
        std::fs::read_to_string(self.folder.join(path)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => self.missing(path),
            _ => format!("`{path}` of crate `{}` cannot be read: {error}\nhelp: {FROM_WHERE}", self.name),
        })
    }

    /// The message for a file that does not exist: where it was looked for, and what is there.
    fn missing(&self, path: &str) -> String {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let Ok(entries) = std::fs::read_dir(self.folder.join(folder)) else {
            return format!("crate `{}` has no folder `{folder}`\nhelp: {FROM_WHERE}", self.name);
        };
        let place = if folder.is_empty() { "folder".to_owned() } else { format!("folder `{folder}`") };
        let mut message = format!("there is no `{file}` in the {place} of crate `{}`", self.name);
        let mut there: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml"))
            .collect();
        there.sort();
        message.push('\n');
        message.push_str(&suggest(file, there.iter().map(String::as_str), "YAML files there"));
        message.push_str(&format!("\nnote: {FROM_WHERE}"));
        message
    }
}

fn message(path: &str, finding: &Diagnostic) -> String {
    let place = place(path, finding.at);
    let severity = if finding.severity == Severity::Error { "" } else { "warning: " };
    match &finding.help {
        Some(help) => format!("{place}: {severity}{}\nhelp: {help}", finding.message),
        None => format!("{place}: {severity}{}", finding.message),
    }
}

fn place(path: &str, Position { line, column }: Position) -> String {
    format!("{path}:{line}:{column}")
}

/// The loaders whose files will not be there: the binary holds the manifest alone.
fn schema_files(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for key in ["streams", "dynamic_streams"] {
        root.get(key).into_iter().for_each(|streams| find_schema_files(streams, &mut found));
    }
    found
}

fn find_schema_files(node: &Node, found: &mut Vec<Diagnostic>) {
    const LOADER: &str = "JsonFileSchemaLoader";
    let is_loader = node.get("type").and_then(Node::as_str) == Some(LOADER);
    // Every reference to one loader is that loader.
    if is_loader && !found.iter().any(|finding| finding.at == node.at) {
        let finding = Diagnostic::error(node.at, format!("a `{LOADER}` reads a file, and the connector is one binary"));
        found.push(finding.with_help("write the schema into the manifest, with an `InlineSchemaLoader`"));
    }
    // How deep the nodes are nested is bounded by the reader of YAML.
    node.as_list().into_iter().flatten().for_each(|item| find_schema_files(item, found));
    node.as_map().into_iter().flat_map(|map| map.iter()).for_each(|entry| find_schema_files(&entry.value, found));
}

fn stream_names(path: &str, manifest: &Manifest) -> Vec<StreamName> {
    let mut names = Vec::new();
    for stream in &manifest.source.streams {
        match stream {
            StreamDefinition::DeclarativeStream(stream) => names.push(&stream.name),
            StreamDefinition::StateDelegatingStream(stream) => names.push(&stream.name),
            StreamDefinition::ConditionalStreams(group) => {
                names.extend(group.streams.iter().map(|stream| &stream.name));
            }
        }
    }
    let named = |name: &Text| StreamName { name: name.text.clone(), place: place(path, name.at) };
    names.into_iter().map(named).collect()
}
