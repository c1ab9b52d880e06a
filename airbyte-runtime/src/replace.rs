//! Files of the user that are replaced as a whole: whoever reads one finds the old content or the new one.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Replaces what is in a file, which keeps its owner and its permissions. Where no other file can have these, or its
/// folder no other file, or the other file not its place, as with one that is mounted into a container, it is written as
/// it is.
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
    let old = OpenOptions::new().write(true).open(&file)?.metadata()?;
    let Ok((partial, mut beside)) = beside(&file, &old) else { return fs::write(&file, content) };
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

/// An empty file in the same folder, with the owner and the permissions of another; nothing is left of one that cannot
/// have them.
fn beside(file: &Path, like: &Metadata) -> io::Result<(Partial, File)> {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    let path = file.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // Nobody else can read it before it is known who may.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = match options.open(&path) {
        // A process that ended in the middle has left it. In a container all of them have the same number.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(&path)?;
            options.open(&path)?
        }
        opened => opened?,
    };
    let partial = Partial(path);
    #[cfg(unix)]
    own(&opened, like)?;
    opened.set_permissions(like.permissions())?;
    Ok((partial, opened))
}

/// Gives a file the owner and the group of another. That it is theirs already is the rule, and whoever may not give
/// files away is not even asked to.
#[cfg(unix)]
fn own(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let is = file.metadata()?;
    match (is.uid(), is.gid()) == (like.uid(), like.gid()) {
        true => Ok(()),
        false => std::os::unix::fs::fchown(file, Some(like.uid()), Some(like.gid())),
    }
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
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};

    use super::*;

    /// A folder with a file that has a mode; the folder, and the file.
    fn folder(name: &str, mode: u32) -> (PathBuf, PathBuf) {
        let folder = std::env::temp_dir().join(format!("airbyte-replace-{name}-{}", std::process::id()));
        // What a killed process of this number left.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("config.json");
        fs::write(&file, "the old content, which is longer").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        (folder, file)
    }

    fn partial(folder: &Path) -> PathBuf {
        folder.join(format!(".config.json.{}.part", std::process::id()))
    }

    /// What is in the folder besides the file.
    fn left(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count() - 1
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_keeps_its_permissions() {
        let (folder, file) = folder("whole", 0o640);
        let link = folder.join("link.json");
        symlink(&file, &link).unwrap();
        let mut reader = File::open(&file).unwrap();
        replace(&link, "the new content").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "the new content");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        // Who has opened it before still has the old one.
        let old = io::read_to_string(&mut reader).unwrap();
        assert_eq!(old, "the old content, which is longer");
        assert_eq!(left(&folder), 1, "nothing is left beside it but the link");
        assert!(replace(&folder.join("none.json"), "").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }

    /// As a container that runs as root does it with the file of a user.
    #[test]
    fn a_file_keeps_its_owner() {
        let (folder, file) = folder("owner", 0o600);
        // Only root may give files away; everybody else owns what is written and what was there.
        let given = chown(&file, Some(1000), Some(1001)).is_ok();
        let before = fs::metadata(&file).unwrap();
        replace(&file, "the new content").unwrap();
        let after = fs::metadata(&file).unwrap();
        assert_eq!((after.uid(), after.gid(), after.mode()), (before.uid(), before.gid(), before.mode()));
        assert!(!given || (after.uid(), after.gid()) == (1000, 1001));
        assert_ne!(after.ino(), before.ino(), "it is another file");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_a_crash_left_is_removed() {
        let (folder, file) = folder("crash", 0o600);
        fs::write(partial(&folder), "half of a content, which is longer than the n").unwrap();
        let before = fs::metadata(&file).unwrap().ino();
        replace(&file, "the new content").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "the new content");
        assert_ne!(fs::metadata(&file).unwrap().ino(), before, "it is another file");
        assert_eq!(left(&folder), 0);
        fs::remove_dir_all(&folder).unwrap();
    }

    /// No file can be made in the folder of some mounts, and on others none has permissions of its own.
    #[test]
    fn a_file_that_cannot_have_another_beside_it_is_written_as_it_is() {
        let (folder, file) = folder("mount", 0o600);
        fs::create_dir(partial(&folder)).unwrap();
        let before = fs::metadata(&file).unwrap().ino();
        replace(&file, "the new content").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "the new content");
        assert_eq!(fs::metadata(&file).unwrap().ino(), before);
        fs::remove_dir_all(&folder).unwrap();
    }

    /// What belongs to others cannot be made to by this process, unless it is root.
    #[test]
    fn nothing_is_left_of_a_file_that_cannot_have_the_owner() {
        let (folder, file) = folder("foreign", 0o600);
        let root = fs::metadata("/").unwrap();
        let is_root = fs::metadata(&file).unwrap().uid() == root.uid();
        assert_eq!(beside(&file, &root).is_ok(), is_root);
        assert_eq!(left(&folder), 0);
        fs::remove_dir_all(&folder).unwrap();
    }
}
