//! What is wrong with a document: each finding with its place, all of them together.

use std::fmt;

use crate::node::Position;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// There is a newer way to say it; nearly every manifest uses the old one.
    Note,
    /// Airbyte would accept it; it is most likely a mistake.
    Warning,
    /// The manifest cannot run.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub at: Position,
    /// What is wrong, with the offending text.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// The findings about one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The file's name as the user gave it.
    pub file: String,
    /// The findings in the order of the file.
    pub findings: Vec<Diagnostic>,
}

impl Diagnostic {
    /// A mistake that keeps the manifest from running.
    pub fn error(at: Position, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, at, message: message.into(), help: None }
    }

    /// Something that Airbyte accepts, and that most likely is not meant.
    pub fn warning(at: Position, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, at, message: message.into(), help: None }
    }

    /// Something for which there is a newer way.
    pub fn note(at: Position, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, at, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Report {
    /// Whether the manifest cannot run.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// `line:column: error: message; help`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let Position { line, column } = self.at;
        write!(f, "{line}:{column}: {severity}: {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// One line for each finding: `file:line:column: error: message; help`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, finding) in self.findings.iter().enumerate() {
            let separator = if number == 0 { "" } else { "\n" };
            write!(f, "{separator}{}:{finding}", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}
