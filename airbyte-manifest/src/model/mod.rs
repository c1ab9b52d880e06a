//! The manifest as typed components: each is declared once, with its table of fields and its reader.
//!
//! Names are those of Airbyte's schema. A list that may be left out is empty where it is absent.

mod auth;
mod budget;
mod choice;
mod custom;
mod declare;
mod decoder;
mod definition;
mod error_handler;
mod extension;
mod incremental;
mod oauth;
mod paginator;
mod partition;
mod query;
pub(crate) mod read;
mod record;
mod requester;
mod resolver;
mod retriever;
mod rule;
mod schema;
mod source;
mod spec;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod transformation;
mod value;
mod variables;

pub use auth::*;
pub use budget::*;
pub use custom::Custom;
pub use decoder::*;
pub use definition::{Definition, Field, Others, Tag};
pub use error_handler::*;
pub use extension::*;
pub use incremental::*;
pub use oauth::*;
pub use paginator::*;
pub use partition::*;
pub use query::*;
pub use record::*;
pub use requester::*;
pub use resolver::*;
pub use retriever::*;
pub use schema::*;
pub(crate) use source::ROOT;
pub use source::*;
pub use spec::*;
pub use stream::*;
pub use table::definitions;
pub use transformation::*;
pub use value::{IntOrText, NumberOrText, OneOrMany, Text, TextOr};

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Severity};
use crate::node::Node;

use read::{Parse, Place, Reader};
pub(crate) use read::{describe, is_misspelt};

/// Reads a manifest whose references are resolved and whose parameters are handed down.
///
/// The findings are in the order of the file, each once. A manifest with errors may still give a source, with the
/// streams that are sound.
pub fn parse(root: &Node) -> (Option<DeclarativeSource>, Vec<Diagnostic>) {
    let mut reader = Reader::default();
    let source = DeclarativeSource::parse(root, &mut reader);
    (source, ordered(reader.findings))
}

/// The names of the definitions that a manifest uses, also inside of broken ones.
///
/// It is read as by [`parse`]; what the template of a dynamic stream holds counts only as far as it is sound before
/// values are written into it.
pub fn definitions_of(root: &Node) -> BTreeSet<&'static str> {
    let mut reader = Reader::default();
    let _ = DeclarativeSource::parse(root, &mut reader);
    reader.met
}

/// Reads one stream, as after values were written into the template of a dynamic stream.
///
/// # Errors
///
/// The findings, if one of them is an error.
pub fn parse_stream(node: &Node) -> Result<StreamDefinition, Vec<Diagnostic>> {
    part(node, "streams")
}

/// Reads the properties to ask for, as `request_parameters` may hold them.
///
/// # Errors
///
/// The findings, if one of them is an error.
pub fn parse_query_properties(node: &Node) -> Result<QueryProperties, Vec<Diagnostic>> {
    part(node, "request_parameters")
}

fn part<T: Parse>(node: &Node, field: &'static str) -> Result<T, Vec<Diagnostic>> {
    let mut reader = Reader::default();
    let parsed = T::parse(node, Place { component: "DeclarativeSource", field }, &mut reader);
    let findings = ordered(reader.findings);
    match parsed {
        Some(parsed) if findings.iter().all(|finding| finding.severity != Severity::Error) => Ok(parsed),
        _ => Err(findings),
    }
}

/// Each finding once, in the order of the file: many references may lead to one mistake.
pub(crate) fn ordered(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by(|a, b| a.at.cmp(&b.at).then(b.severity.cmp(&a.severity)).then_with(|| a.message.cmp(&b.message)));
    findings.dedup_by(|a, b| a.at == b.at && a.message == b.message);
    findings
}
