//! Files of the user that are replaced as a whole: whoever reads one finds the old content or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Replaces what is in a file, which keeps its permissions. Where its folder cannot have another file, or the file no
/// other in its place, as with one that is mounted into a container, it is written as it is.
///
/// What is no file, such as a pipe, is left alone: nobody reads it a second time.
///
/// # Errors
/// A file that is not there or cannot be written.
pub(crate) fn replace(file: &Path, content: &str) -> io::Result<()> {
    if !fs::metadata(file)?.is_file() {
        return Ok(());
    }
    // What a link leads to is replaced, not the link. A file that is not to be written is not replaced either.
    let file = fs::canonicalize(file)?;
    let permissions = OpenOptions::new().write(true).open(&file)?.metadata()?.permissions();
    let Ok((partial, mut beside)) = beside(&file) else { return fs::write(&file, content) };
    beside.set_permissions(permissions)?;
    beside.write_all(content.as_bytes())?;
    beside.sync_all()?;
    drop(beside);
    if fs::rename(&partial.0, &file).is_err() {
        return fs::write(&file, content);
    }
    // Only some systems know folders as files.
    if let Some(folder) = file.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// A new file in the same folder, which nobody else can read.
fn beside(file: &Path) -> io::Result<(Partial, File)> {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    let path = file.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(&path)?;
    Ok((Partial(path), opened))
}

/// A file that is not complete; it goes unless it was put into its place.
pub(crate) struct Partial(pub(crate) PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // It is usually not there any more.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_keeps_its_permissions() {
        let folder = std::env::temp_dir().join(format!("airbyte-replace-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (file, link) = (folder.join("config.json"), folder.join("link.json"));
        fs::write(&file, "the old content, which is longer").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        let mut reader = File::open(&file).unwrap();
        replace(&link, "the new content").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "the new content");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        // Who has opened it before still has the old one.
        let old = io::read_to_string(&mut reader).unwrap();
        assert_eq!(old, "the old content, which is longer");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing is left beside it");
        assert!(replace(&folder.join("none.json"), "").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
