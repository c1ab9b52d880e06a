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

/// A sound manifest but for a key that is ignored.
const METHOD: &str = "
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

#[test]
fn strict_takes_warnings_for_errors() {
    let text = METHOD;
    let manifest = Manifest::load(text, "manifest.yaml", false).expect("warnings only");
    assert_eq!(manifest.report.findings.len(), 1);
    let report = Manifest::load(text, "manifest.yaml", true).expect_err("a warning");
    assert_eq!(
        report.to_string(),
        "manifest.yaml:9:77: error: HttpRequester has no field `methd`, it is ignored; remove it"
    );
}

#[test]
fn strict_takes_deprecated_fields_for_errors() {
    let text = METHOD.replace("methd: GET", "path: users");
    let manifest = Manifest::load(&text, "manifest.yaml", false).expect("a note only");
    assert!(!manifest.report.has_errors());
    assert_eq!(manifest.report.without_notes().findings, []);
    let report = Manifest::load(&text, "manifest.yaml", true).expect_err("a deprecated field");
    assert_eq!(
        report.to_string(),
        "manifest.yaml:9:77: error: HttpRequester.path is deprecated; write the whole address in `url`"
    );
}

#[test]
fn a_misspelt_key_is_one_mistake() {
    let sound = METHOD.replace(", methd: GET", "");
    for (from, to, expected) in [
        (
            "record_selector:",
            "record_selecter:",
            "10:7: error: SimpleRetriever has no field `record_selecter`; did you mean `record_selector`?",
        ),
        ("version:", "verson:", "2:1: error: DeclarativeSource has no field `verson`; did you mean `version`?"),
        ("\nstreams:", "\nstreems:", "4:1: error: DeclarativeSource has no field `streems`; did you mean `streams`?"),
        ("spec:", "sepc:", "11:1: error: DeclarativeSource has no field `sepc`; did you mean `spec`?"),
        (
            "    retriever:",
            "    retriver:",
            "7:5: error: DeclarativeStream has no field `retriver`; did you mean `retriever`?",
        ),
    ] {
        let text = sound.replacen(from, to, 1);
        let report = Manifest::load(&text, "m", false).expect_err("a required key is missing").to_string();
        assert!(report.starts_with(&format!("m:{expected}")), "{report}");
        assert!(!report.contains("needs `") && !report.contains("no `spec`"), "{report}");
    }
}

#[test]
fn a_file_without_a_mapping_is_told_what_a_manifest_is() {
    const HELP: &str = "a manifest is a mapping with `version`, `type`, `check` and `streams`";
    for (text, expected) in [
        ("", "1:1: error: the file is empty"),
        ("\u{feff}# nothing yet\n", "1:1: error: the file is empty"),
        ("- a\n", "1:1: error: the file is a list"),
        ("\n\nmanifest", "3:1: error: the file is text"),
    ] {
        let report = Manifest::load(text, "m", false).expect_err("no mapping");
        assert_eq!(report.to_string(), format!("m:{expected}; {HELP}"));
    }
}

/// Twenty thousand definitions, of which a thousand are folders that others refer to.
#[test]
fn definitions_that_nothing_refers_to_are_found_in_time() {
    let definitions: String = (0..20_000).map(|at| format!("  d{at}: {{ x: {{ y: 1 }} }}\n")).collect();
    let used: String = (0..20_000).step_by(20).map(|at| format!("  - '#/definitions/d{at}/x'\n")).collect();
    let text = format!("definitions:\n{definitions}schemas:\n  used:\n{}", used.replace("  -", "    -"));
    let report = Manifest::load(&text, "m", false).expect_err("no streams");
    let unused = report.findings.iter().filter(|finding| finding.message.starts_with("nothing refers to")).count();
    assert_eq!(unused, 19_000);
}
