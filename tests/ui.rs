//! What the macros refuse, in which words, and what they accept: every file below `ui/` is compiled on its own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The toolchain whose wording the `.stderr` files hold.
const TOOLCHAIN: &str = include_str!("../rust-toolchain.toml");

#[test]
fn ui() {
    require_pinned_compiler();
    place_manifests();
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*/fail/*.rs");
    cases.pass("ui/*/pass/*.rs");
}

/// A case that lies elsewhere would never be compiled, and nobody would notice.
#[test]
fn every_case_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    for file in entries(&root).iter().flat_map(|topic| entries(topic)).flat_map(|outcome| entries(&outcome)) {
        let outcome = file.parent().and_then(Path::file_name).and_then(OsStr::to_str);
        let belongs = match (outcome, file.extension().and_then(OsStr::to_str)) {
            (Some("fail" | "pass"), Some("rs")) => true,
            // The file that the case gives to `manifest!`.
            (Some("fail" | "pass"), Some("yaml")) => file.with_extension("rs").exists(),
            (Some("fail"), Some("stderr")) => file.with_extension("rs").exists(),
            _ => false,
        };
        assert!(
            belongs,
            "{}: a case is ui/<topic>/fail/<mistake>.rs with its .stderr, or ui/<topic>/pass/<case>.rs; either may have a .yaml",
            file.display()
        );
    }
}

fn require_pinned_compiler() {
    let pinned = TOOLCHAIN
        .lines()
        .find_map(|line| line.strip_prefix("channel = \"")?.strip_suffix('"'))
        .expect("rust-toolchain.toml names a channel");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc runs").stdout;
    let version = String::from_utf8_lossy(&version);
    assert!(
        version.starts_with(&format!("rustc {pinned} ")),
        "the files below tests/ui hold the wording of rustc {pinned}, but this is {}\n\
         help: run `cargo +{pinned} test -p airbyte-tests --test ui`; to move to another compiler, change \
         rust-toolchain.toml, bless as tests/README.md says, and read every difference",
        version.trim_end(),
    );
}

/// Puts the manifests of the cases where `manifest!` looks for them: below the crate that trybuild makes of the cases.
fn place_manifests() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target directory");
    let to = target.join("tests/trybuild").join(env!("CARGO_PKG_NAME"));
    for outcome in ["ui/manifest/fail", "ui/manifest/pass"] {
        let (from, to) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(outcome), to.join(outcome));
        // Those of cases that are gone are gone, too.
        let _ = std::fs::remove_dir_all(&to);
        std::fs::create_dir_all(&to).expect("a folder");
        for file in entries(&from).iter().filter(|file| file.extension() == Some(OsStr::new("yaml"))) {
            std::fs::copy(file, to.join(file.file_name().unwrap_or_default())).expect("a copy");
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    entries.sort();
    entries
}
