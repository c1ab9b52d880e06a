//! Every definition of Airbyte's low-code language has a row in `docs/components.tsv`, with the tests that fail when the
//! component is broken; `docs/components.md` is made of it.
//!
//! `BLESS=1` writes `docs/components.md` anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use airbyte_manifest::{Manifest, model};

/// What a component has no form for: the reason stands behind it.
const NONE: &str = "-";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

fn read(path: PathBuf) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A line of the table.
struct Row {
    component: String,
    /// How attributes say it, or `- why they do not`.
    attribute: String,
    /// The folders in `tests/manifests/` that use it, and tests that run a manifest of `tests/manifest/` with it.
    manifests: Vec<String>,
    /// Tests of the attribute form, as `tests/laws/child.rs::name`.
    tests: Vec<String>,
}

fn rows() -> Vec<Row> {
    let table = read(root().join("docs/components.tsv"));
    let lines = table.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let rows = lines.map(|(at, line)| {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let [component, attribute, manifests, tests] = cells.as_slice() else {
            panic!("line {} of components.tsv has {} cells, expected 4 between tabs", at + 1, cells.len())
        };
        let list = |cell: &str| match cell {
            NONE => Vec::new(),
            cell => cell.split(',').map(|item| item.trim().to_owned()).collect(),
        };
        Row {
            component: (*component).to_owned(),
            attribute: (*attribute).to_owned(),
            manifests: list(manifests),
            tests: list(tests),
        }
    });
    rows.collect()
}

/// The definitions that each manifest among the cases uses.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let folder = root().join("tests/manifests");
    let entries = fs::read_dir(&folder).expect("the cases").filter_map(Result::ok);
    let folders =
        entries.filter(|entry| entry.path().is_dir()).filter_map(|entry| entry.file_name().into_string().ok());
    folders.map(|name| (name.clone(), used_by(folder.join(&name).join("manifest.yaml")))).collect()
}

/// The definitions that a manifest uses.
fn used_by(path: PathBuf) -> BTreeSet<String> {
    let name = path.display().to_string();
    let text = read(path);
    let manifest = Manifest::load(&text, &name, false).unwrap_or_else(|report| panic!("{report}"));
    let mut used: BTreeSet<String> = model::definitions_of(&manifest.root).into_iter().map(str::to_owned).collect();
    // What templates of streams hold is read when values are written into them.
    used.extend(definitions().filter(|name| text.contains(&format!("type: {name}\n"))));
    // Words and mappings that have a name in Airbyte's schema, and no `type`.
    used.extend(UNTYPED.iter().filter(|(_, key)| text.contains(key)).map(|(name, _)| (*name).to_owned()));
    used
}

/// What the manifests use that a file of tests runs beside structs: there Rust classes stand for those of Python.
fn used_beside_structs(test: &str) -> BTreeSet<String> {
    let Some((file, _)) = test.split_once("::").filter(|_| exists(test)) else { return BTreeSet::new() };
    let text = read(root().join(file));
    let manifests = text.split("manifest = \"manifest/").skip(1).filter_map(|rest| rest.split('"').next());
    manifests.flat_map(|name| used_by(root().join("tests/manifest").join(name))).collect()
}

/// Whether there is a test of this path and name.
fn exists(test: &str) -> bool {
    test.split_once("::").is_some_and(|(file, name)| {
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        text.contains(&format!("#[test]\nfn {name}()"))
    })
}

/// Definitions that are no components, and what a manifest that uses them has.
const UNTYPED: [(&str, &str); 5] = [
    ("CombineMode", "mode:"),
    ("PrimaryKey", "primary_key:"),
    ("SchemaNormalization", "schema_normalization:"),
    ("Schemas", "schemas:"),
    ("ValueType", "value_type:"),
];

fn definitions() -> impl Iterator<Item = String> {
    model::definitions().iter().map(|definition| definition.name.to_owned())
}

#[test]
fn every_definition_has_a_row() {
    let named: Vec<String> = rows().into_iter().map(|row| row.component).collect();
    assert_eq!(named, definitions().collect::<Vec<_>>(), "one row for each, in alphabetical order");
}

#[test]
fn every_component_is_used_by_the_manifests_of_its_row() {
    let uses = uses();
    let mut wrong = String::new();
    for row in rows() {
        if row.manifests.is_empty() {
            let users = uses.iter().filter(|(_, used)| used.contains(&row.component));
            let users = users.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            let _ = writeln!(wrong, "{} has no test of a manifest; manifests that use it: {users}", row.component);
        }
        let (tests, folders): (Vec<_>, Vec<_>) = row.manifests.iter().partition(|name| name.contains("::"));
        for test in tests.into_iter().filter(|test| !used_beside_structs(test).contains(&row.component)) {
            let _ = writeln!(wrong, "{}: there is no test {test}, or its manifests do not use it", row.component);
        }
        for folder in folders {
            match uses.get(folder) {
                None => _ = writeln!(wrong, "{}: there is no tests/manifests/{folder}", row.component),
                Some(used) if !used.contains(&row.component) => {
                    _ = writeln!(wrong, "tests/manifests/{folder} has no {}", row.component);
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_attribute_form_has_its_tests() {
    let mut wrong = String::new();
    for row in rows() {
        let (form, reason) = (row.attribute.as_str(), row.attribute.strip_prefix(NONE).map(str::trim));
        match reason {
            Some("") => _ = writeln!(wrong, "{}: why is there no attribute?", row.component),
            None if form.is_empty() || row.tests.is_empty() => {
                let _ = writeln!(wrong, "{} has no test of its attribute `{form}`", row.component);
            }
            _ => {}
        }
        for test in &row.tests {
            if !exists(test) {
                let _ = writeln!(wrong, "{}: there is no test {test}", row.component);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_page_says_what_the_table_does() {
    let page = root().join("docs/components.md");
    let rendered = render();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&page, &rendered).expect("the page can be written");
    }
    assert!(read(page) == rendered, "docs/components.md is not what docs/components.tsv says; BLESS=1 writes it");
}

fn render() -> String {
    let mut page = String::from(
        "# Components\n\n\
         All definitions of Airbyte's declarative language, from the schema of `airbyte-cdk` 7.39.1.\n\
         The second column is how a struct's attributes say the same, or why they do not.\n\
         The third has a manifest that uses the definition and is compared with what the CDK made of it, or a test that \
         runs one, and the fourth tests of the attribute.\n\
         `tests/components.rs` checks that these tests are there and use the definition; what they do not look at is not \
         shown here, and [compatibility.md](compatibility.md) says what is different.\n\n\
         <!-- Made of components.tsv by tests/components.rs: BLESS=1 cargo test -p airbyte-tests --test components -->\n\n\
         | Definition | Attribute | Test of the manifest | Test of the attribute |\n|---|---|---|---|\n",
    );
    for row in rows() {
        let attribute = match row.attribute.strip_prefix(NONE) {
            Some(reason) => reason.trim().to_owned(),
            None => format!("`{}`", row.attribute.replace('|', "\\|")),
        };
        let link = |test: &String| match test.split_once("::") {
            Some((file, name)) => format!("[{name}](../{file})"),
            None => format!("[{test}](../tests/manifests/{test}/manifest.yaml)"),
        };
        let (manifests, tests) = (row.manifests.iter().map(link), row.tests.iter().map(link));
        let (manifests, tests) = (manifests.collect::<Vec<_>>(), tests.collect::<Vec<_>>());
        let _ =
            writeln!(page, "| `{}` | {attribute} | {} | {} |", row.component, manifests.join(", "), tests.join(", "));
    }
    page
}
