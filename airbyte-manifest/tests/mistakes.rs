//! A manifest full of mistakes: each is reported once, on its line, with what to do about it.

use airbyte_manifest::{Manifest, Severity};

/// What a line of the manifest says about itself, behind `#!`: severity, message and perhaps help.
struct Expected<'a> {
    line: u32,
    severity: Severity,
    message: &'a str,
    help: &'a str,
}

fn expected(text: &str) -> Vec<Expected<'_>> {
    (1..)
        .zip(text.lines())
        .filter_map(|(line, written)| {
            let (_, note) = written.split_once("#! ")?;
            let (severity, note) = note.trim_end_matches(" #}").split_once(": ")?;
            let severity = if severity == "error" { Severity::Error } else { Severity::Warning };
            let (message, help) = note.split_once(" ; ").unwrap_or((note, ""));
            Some(Expected { line, severity, message, help })
        })
        .collect()
}

#[test]
fn each_mistake_is_reported_once_on_its_line() {
    let text = include_str!("mistakes.yaml");
    let expected = expected(text);
    assert!(expected.len() > 20);
    let report = Manifest::load(text, "manifest.yaml", false).expect_err("it has errors");
    for finding in &expected {
        let found = report.findings.iter().filter(|found| {
            found.at.line == finding.line
                && found.severity == finding.severity
                && found.message.contains(finding.message)
                && found.help.as_deref().unwrap_or_default().contains(finding.help)
        });
        assert_eq!(found.count(), 1, "line {}: {}\n{report}", finding.line, finding.message);
    }
    assert_eq!(report.findings.len(), expected.len(), "{report}");
    assert!(report.findings.is_sorted_by_key(|finding| finding.at));
}

#[test]
fn strict_takes_warnings_for_errors() {
    let text = "
version: 7.39.1
check: { type: CheckStream, stream_names: [users] }
streams:
  - type: DeclarativeStream
    name: users
    retriever:
      type: SimpleRetriever
      requester: { type: HttpRequester, url: https://api.example.com/users, methd: GET }
      record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
spec: { type: Spec, connection_specification: {} }
";
    let manifest = Manifest::load(text, "manifest.yaml", false).expect("warnings only");
    assert_eq!(manifest.report.findings.len(), 1);
    let report = Manifest::load(text, "manifest.yaml", true).expect_err("a warning");
    assert_eq!(
        report.to_string(),
        "manifest.yaml:9:77: error: HttpRequester has no field `methd`, it is ignored; remove it"
    );
}
