//! From a file's text to a source, with everything that is wrong with it.

use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::model::DeclarativeSource;
use crate::node::{Kind, Node, Position};
use crate::{check, model, resolve, yaml};

/// A manifest that the Python CDK would load.
///
/// Its report may still have errors: templates that are none, cursors that cannot be built. They end the streams in
/// question, or `discover` and `read` as a whole, but not `spec`.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The typed components.
    pub source: DeclarativeSource,
    /// What is wrong with it or most likely not meant.
    pub report: Report,
    /// The document with references resolved and parameters handed down.
    pub root: Node,
}

impl Manifest {
    /// Reads a manifest: YAML, references, parameters, components, and then what Airbyte does not look at.
    ///
    /// `file` is the name in the report. Where `strict`, every finding is an error, also a deprecated
    /// field, and refuses the manifest.
    ///
    /// # Errors
    ///
    /// What is wrong, if the Python CDK would not load it either, or if `strict`.
    pub fn load(text: &str, file: &str, strict: bool) -> Result<Self, Report> {
        let report = |findings: Vec<Diagnostic>| Report { file: file.to_owned(), findings: model::ordered(findings) };
        let yaml::Document { root: written, warnings } = yaml::read(text).map_err(|finding| report(vec![finding]))?;
        mapping(&written).map_err(|finding| report(vec![finding]))?;
        let resolved = resolve::references(&written).map_err(report)?;
        let root = resolve::parameters(&resolved).map_err(|finding| report(vec![finding]))?;
        let (source, mut findings) = model::parse(&root);
        let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
        findings.extend(warnings);
        findings.extend(check::findings(text, &written, &root));
        if strict {
            findings.iter_mut().for_each(|finding| finding.severity = Severity::Error);
        }
        let report = report(findings);
        match source {
            Some(source) if !refused && (!strict || !report.has_errors()) => Ok(Self { source, report, root }),
            _ => Err(report),
        }
    }
}

/// Refuses a document that is no mapping, in words for someone who never heard of the model's root.
fn mapping(root: &Node) -> Result<(), Diagnostic> {
    let what = match &root.kind {
        Kind::Map(_) => return Ok(()),
        Kind::Null => "empty",
        other => model::describe(other),
    };
    // Nothing has no place.
    let at = Position { line: root.at.line.max(1), column: root.at.column.max(1) };
    let help = "a manifest is a mapping with `version`, `type`, `check` and `streams`";
    Err(Diagnostic::error(at, format!("the file is {what}")).with_help(help))
}
