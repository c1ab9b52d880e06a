//! What `manifest!` says about its file.

use super::check_errors;
use crate::manifest::file::Crate;

#[test]
fn the_path_is_a_text() {
    let form = "help: write `manifest!(\"manifest.yaml\")`, or `manifest!(\"manifest.yaml\", strict)`";
    check_errors(&[
        ("const X: M = manifest!();", &[&format!("`manifest!` needs a file\n{form}")]),
        ("const X: M = manifest!(manifest);", &["expected a text in quotes\nhelp: write `\"manifest\"`"]),
        ("const X: M = manifest!(\"m.yaml\", strictly);", &[&format!("unexpected `strictly`\n{form}")]),
        ("const X: M = manifest!(\"m.yaml\" 1);", &[&format!("unexpected `1`\n{form}")]),
    ]);
}

/// A folder with these files, which goes with it.
struct Folder(Crate);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("airbyte-macros-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            std::fs::write(folder.join(file), text).unwrap();
        }
        Self(Crate { folder, name: "source-shop".to_owned() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0.folder).unwrap();
    }
}

#[test]
fn a_missing_file_is_looked_for_among_those_that_are_there() {
    const NOTE: &str = "note: the path begins at the folder of the crate's Cargo.toml";
    let full = Folder::new("full", &[("manifest.yaml", ""), ("other.yml", ""), ("notes.txt", "")]);
    let empty = Folder::new("empty", &[]);
    for (folder, path, expected) in [
        (
            &full,
            "manfest.yaml",
            format!("there is no `manfest.yaml` in the folder of crate `source-shop`\nhelp: did you mean `manifest.yaml`?\n{NOTE}"),
        ),
        (
            &full,
            "x.yaml",
            format!("there is no `x.yaml` in the folder of crate `source-shop`\nhelp: the YAML files there are `manifest.yaml`, `other.yml`\n{NOTE}"),
        ),
        (
            &empty,
            "./manifest.yaml",
            format!("there is no `manifest.yaml` in the folder `.` of crate `source-shop`\nhelp: there are no YAML files there\n{NOTE}"),
        ),
        (
            &full,
            "src/manifest.yaml",
            "crate `source-shop` has no folder `src`\nhelp: the path begins at the folder of the crate's Cargo.toml".to_owned(),
        ),
        (
            &full,
            "/manifest.yaml",
            "`/manifest.yaml` is an absolute path\nhelp: the path begins at the folder of the crate's Cargo.toml, as in `\"manifest.yaml\"`"
                .to_owned(),
        ),
    ] {
        assert_eq!(folder.0.streams(path, false), Err(vec![expected]), "{path}");
    }
}

/// With a `spec`, so that a case tells of nothing but its own mistake.
const SHOP: &str =
    concat!(include_str!("../../tests/expand/manifest.yaml"), "spec: { type: Spec, connection_specification: {} }\n");

#[test]
fn every_finding_is_an_error_of_its_own() {
    const UNKNOWN: &str = "url: \"https://api.example.com/{{ stream_slce.id }}\"";
    let loader = "name: orders\n    schema_loader:\n      type: JsonFileSchemaLoader";
    for (number, (from, to, strict, expected)) in [
        ("url: https://api.example.com/orders", UNKNOWN, false, None),
        (
            "url: https://api.example.com/orders",
            UNKNOWN,
            true,
            Some("m.yaml:13:14: url: `stream_slce` is not known here"),
        ),
        (
            "url: https://api.example.com/orders",
            "url: \"{{ 1 | nothng }}\"",
            false,
            Some("m.yaml:13:14: url: there is no filter `nothng`"),
        ),
        (
            "type: DeclarativeSource",
            "chek: 1",
            false,
            Some("m.yaml:2:1: DeclarativeSource has no field `chek`\nhelp: did you mean `check`?"),
        ),
        ("version: 7.39.1", "version: [", false, Some("m.yaml:1:10: this `[` is not closed\nhelp: close it with `]`")),
        ("name: orders", loader, false, Some("m.yaml:10:7: a `JsonFileSchemaLoader` reads a file")),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(SHOP.contains(from));
        let folder = Folder::new(&format!("finding-{number}"), &[("m.yaml", &SHOP.replacen(from, to, 1))]);
        match (folder.0.streams("m.yaml", strict), expected) {
            (Ok(_), None) => {}
            (Err(found), Some(expected)) => {
                assert!(matches!(&*found, [message] if message.starts_with(expected)), "{found:?}");
            }
            (found, expected) => panic!("{to}: {found:?}, {expected:?}"),
        }
    }
}

#[test]
fn the_streams_are_named_with_their_places() {
    let folder = Folder::new("names", &[("m.yaml", &format!("\u{feff}{SHOP}"))]);
    let streams = folder.0.streams("m.yaml", false).unwrap();
    let streams: Vec<(&str, &str)> = streams.iter().map(|stream| (&*stream.name, &*stream.place)).collect();
    assert_eq!(streams, [("orders", "m.yaml:8:11"), ("customers", "m.yaml:20:11")]);
}
