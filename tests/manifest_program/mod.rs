//! The program that runs manifests, which is built when it is first asked for.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const NAME: &str = "source-declarative-manifest";

/// The program's file.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(build).as_deref().unwrap_or_else(|| panic!("{NAME} does not build"))
}

fn build() -> Option<PathBuf> {
    // This test is `<target>/<profile>/deps/<name>-<hash>`.
    let test = std::env::current_exe().ok()?;
    let profile = test.parent()?.parent()?;
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--package", NAME, "--target-dir"]).arg(profile.parent()?);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().ok()?;
    status.success().then(|| profile.join(NAME).with_extension(std::env::consts::EXE_EXTENSION))
}
