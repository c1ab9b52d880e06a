//! Files of records: each is fetched into the staging directory before its record leaves, which then names it.
//!
//! Files of one page are fetched side by side, their records leave in order. What a page itself needs no longer, its
//! permit, is given back before: each request for a file has its own.

use std::collections::HashSet;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_LENGTH};

use super::Context;
use super::page::fingerprint;
use super::slice::queue;
use super::stream::Run;
use crate::error::{Error, Result};
use crate::http::{Detour, Exchange, Outcome, Permit, Response, Unusable, deliver};
use crate::plan::files::{FilePlan, FileSource, relative_path};
use crate::plan::memory::Entry;
use crate::protocol::{FileReference, RecordEnvelope};
use crate::replace::Partial;

/// Where the platform shares files between the source and the destination, unless it says otherwise.
const PLATFORM: &str = "/staging/files";
/// Where files are put on a machine without the platform, below the system's place for such things.
const LOCAL: &str = "airbyte-file-transfer";
/// As much of a file is waited for before the first of it is written.
const START: usize = 64 << 10;

/// A record whose file has not been fetched.
pub(super) struct Pending {
    /// Where the record's line ends among the lines of the page.
    pub(super) end: usize,
    /// The file; `None` if the record has none.
    pub(super) source: Result<Option<FileSource>>,
}

/// Where the files of a read are put.
#[derive(Clone)]
pub(super) struct Staging {
    directory: Directory,
    /// The paths that are taken, as numbers: of a file that was staged under a name, another one must not be made.
    taken: Arc<Mutex<HashSet<u64>>>,
}

/// A staging directory.
#[derive(Clone)]
struct Directory {
    path: PathBuf,
    /// Whether it lies where every user of the machine can put something, so that it has to be this user's own.
    is_local: bool,
}

impl Staging {
    /// The directory that the platform names, or one of this machine.
    pub(super) fn of_environment() -> Self {
        let named = std::env::var_os("AIRBYTE_STAGING_DIRECTORY").filter(|named| !named.is_empty());
        let platform = named.map_or_else(|| PathBuf::from(PLATFORM), PathBuf::from);
        let directory = match platform.is_dir() {
            true => Directory { path: platform, is_local: false },
            false => Directory { path: std::env::temp_dir().join(LOCAL), is_local: true },
        };
        Self { directory, taken: Arc::default() }
    }
}

/// Fetches the files of a page's records, and queues each record behind its file.
///
/// # Errors
/// A file that cannot be fetched; the records before it have been queued.
pub(super) async fn write(
    context: &Context,
    run: &Run,
    lines: &[u8],
    pending: Vec<Pending>,
    entries: Vec<Entry>,
) -> Result<()> {
    let (Some(files), Some(staging)) = (&run.stream.files, &run.staging) else {
        return Err(Error::system("the files of a stream without files were asked for"));
    };
    let mut start = 0;
    let fetched = pending.into_iter().map(|Pending { end, source }| {
        let line = lines.get(std::mem::replace(&mut start, end)..end).unwrap_or_default();
        async move {
            let file = match source? {
                Some(source) => fetch(context, run, files, staging, source).await?,
                None => None,
            };
            Ok::<_, Error>((line, file))
        }
    });
    let mut fetched = futures_util::stream::iter(fetched).buffered(context.plan.concurrency.most);
    while let Some(record) = fetched.next().await {
        let (line, file) = record?;
        let mut whole = Vec::with_capacity(line.len() + 256);
        match file {
            Some(file) => RecordEnvelope::write_with_file(line, &file, &mut whole),
            None => whole.extend_from_slice(line),
        }
        queue(context, run, whole, 1).await?;
    }
    run.remember(entries);
    Ok(())
}

/// Fetches a file; `None` if the rules for errors ignore that it cannot be had.
async fn fetch(
    context: &Context,
    run: &Run,
    files: &FilePlan,
    staging: &Staging,
    source: FileSource,
) -> Result<Option<FileReference>> {
    let home = files.home(&run.stream.retriever, &source.slice)?;
    let mut draft = files.retriever.requester.draft(&source.slice, None)?;
    draft.headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    let name = match source.name {
        Some(name) => name,
        None => random_name()?,
    };
    let relative = relative_path(&run.stream.name, &name);
    let exchange = Exchange {
        client: &context.client,
        retriever: &files.retriever,
        gate: &context.gate,
        on_rate_limit: &|wait| run.rate_limited(context, wait),
        before_retry: &|| (),
        on_head: &|_| (),
        at_once: Some(START),
        is_file: true,
    };
    let accept = async |outcome, _: &mut Permit| match outcome {
        Outcome::Page(response) => save(response, files.max_size, staging, &relative).await.map(Some),
        Outcome::Detour(Detour::End(_)) => Ok(None),
        Outcome::Detour(_) => Err(Unusable::Fatal(Error::system(
            "a rule for errors changes pages or windows, which a file does not have",
        ))),
    };
    let fetched = exchange.send_and_read(&draft, &home, accept).await;
    let (file, _permit) = fetched.map_err(|error| error.within("the file of a record"))?;
    if let Some(file) = &file {
        tracing::debug!("stream `{}`: a file of {} bytes is staged", run.stream.name, file.file_size_bytes);
    }
    Ok(file)
}

/// Writes a body into the staging directory while it arrives, on a thread that may wait for the disk.
async fn save(response: Response, limit: u64, staging: &Staging, relative: &str) -> Result<FileReference, Unusable> {
    let number = |name| response.headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let announced = number(CONTENT_LENGTH).filter(|_| !response.headers.contains_key(CONTENT_ENCODING));
    if announced.is_some_and(|length| length > limit) {
        return Err(Unusable::Fatal(too_large(limit, relative)));
    }
    let (mut body, delivery) = deliver(response.body, response.rest);
    let (directory, path, taken) = (staging.directory.clone(), relative.to_owned(), Arc::clone(&staging.taken));
    let stored = tokio::task::spawn_blocking(move || store(&mut body, limit, &directory, &path, &taken)).await;
    if let Some(broken) = delivery.breakage() {
        return Err(broken);
    }
    match stored {
        Ok(Ok((place, size))) => Ok(FileReference {
            staging_file_url: place,
            source_file_relative_path: relative.to_owned(),
            file_size_bytes: size,
        }),
        Ok(Err(error)) => Err(Unusable::Fatal(error)),
        // The panic itself has been reported by the hook.
        Err(_) => Err(Unusable::Fatal(Error::system("the connector has a defect"))),
    }
}

impl Directory {
    /// Makes the directory, unless it is there. A local one is for its user only.
    ///
    /// # Errors
    /// A local one that is a link, and no directory of this user's, so that somebody else could decide where files go.
    fn open(&self) -> io::Result<()> {
        if !self.is_local {
            return std::fs::create_dir_all(&self.path);
        }
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created,
        }
        match std::fs::symlink_metadata(&self.path)?.is_dir() {
            true => Ok(()),
            false => Err(io::Error::other("it is a link or a file, not a directory")),
        }
    }

    /// Whether the directory belongs to whoever has made this file.
    #[cfg(unix)]
    fn is_of_owner_of(&self, file: &std::fs::File) -> io::Result<bool> {
        use std::os::unix::fs::MetadataExt as _;
        Ok(!self.is_local || std::fs::symlink_metadata(&self.path)?.uid() == file.metadata()?.uid())
    }

    #[cfg(not(unix))]
    fn is_of_owner_of(&self, _: &std::fs::File) -> io::Result<bool> {
        Ok(true)
    }
}

/// Writes a file beside its place, and puts it there when it is complete. Returns where it is and how long it is.
fn store(
    body: &mut impl Read,
    limit: u64,
    staging: &Directory,
    relative: &str,
    taken: &Mutex<HashSet<u64>>,
) -> Result<(String, u64)> {
    let directory = &staging.path;
    let failed = |error: io::Error| {
        Error::system(format!(
            "a file cannot be written to the staging directory {}; look at its space and its permissions",
            directory.display()
        ))
        .with_detail(format!("{relative}: {error}"))
    };
    let foreign = |error: io::Error| match staging.is_local {
        true => Error::config(format!(
            "files cannot be put into {}: {error}; remove it, or name a directory of your own in the environment's \
             AIRBYTE_STAGING_DIRECTORY",
            directory.display()
        )),
        false => failed(error),
    };
    staging.open().map_err(foreign)?;
    let partial = Partial(directory.join(format!(".{}.part", random_name()?)));
    let mut file = std::fs::File::create_new(&partial.0).map_err(foreign)?;
    if !staging.is_of_owner_of(&file).map_err(failed)? {
        return Err(foreign(io::Error::other("it belongs to another user")));
    }
    let mut buffer = vec![0; START];
    let mut size = 0;
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::of_body(error)),
        };
        size += count as u64;
        if size > limit {
            return Err(too_large(limit, relative));
        }
        file.write_all(buffer.get(..count).unwrap_or_default()).map_err(failed)?;
    }
    drop(file);
    let is_free = taken.lock().unwrap_or_else(PoisonError::into_inner).insert(fingerprint(&relative));
    let mut place = directory.join(relative);
    if !is_free || settle(&partial.0, &place).is_err() {
        // The name belongs to another file, or one of its folders does.
        place = directory.join(random_name()?).join(relative);
        settle(&partial.0, &place).map_err(failed)?;
    }
    Ok((place.to_string_lossy().into_owned(), size))
}

fn settle(partial: &Path, place: &Path) -> io::Result<()> {
    place.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::rename(partial, place)
}

fn too_large(limit: u64, relative: &str) -> Error {
    Error::config(format!(
        "a file has more than {limit} bytes, which is more than the stream brings along; leave its record out, sync without files, or raise `max_size`"
    ))
    .with_detail(relative.to_owned())
}

/// A name that nothing else has: a UUID of version 4.
fn random_name() -> Result<String> {
    let random: [u8; 16] = ring::rand::generate(&ring::rand::SystemRandom::new())
        .map_err(|_| Error::system("the system gives no random numbers"))?
        .expose();
    let number = u128::from_be_bytes(random) & !(0xF << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    Ok([part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_name_is_a_uuid() {
        let (one, other) = (random_name().unwrap(), random_name().unwrap());
        assert_ne!(one, other);
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(matches!(one.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{one}");
    }

    #[test]
    fn a_file_is_where_it_says_and_another_of_its_name_does_not_touch_it() {
        let directory = std::env::temp_dir().join(format!("airbyte-files-{}", random_name().unwrap()));
        let taken = Mutex::default();
        let staging = Directory { path: directory.clone(), is_local: false };
        let store = |text: &str, limit, name: &str| store(&mut text.as_bytes(), limit, &staging, name, &taken);
        let (first, size) = store("one", 3, "s/a").unwrap();
        assert_eq!((Path::new(&first), size), (directory.join("s/a").as_path(), 3));
        let (second, _) = store("two", 3, "s/a").unwrap();
        let (inside, _) = store("in", 3, "s/a/b").unwrap();
        assert!(second.ends_with("/s/a") && inside.ends_with("/s/a/b"), "{second} {inside}");
        for (path, text) in [(first, "one"), (second, "two"), (inside, "in")] {
            assert!(path.starts_with(&*directory.to_string_lossy()));
            assert_eq!(std::fs::read_to_string(path).unwrap(), text);
        }
        let error = store("four", 3, "s/c").unwrap_err();
        assert!(error.message().starts_with("a file has more than 3 bytes"), "{}", error.message());
        let left = std::fs::read_dir(&directory).unwrap().filter_map(Result::ok);
        assert!(left.into_iter().all(|entry| !entry.file_name().to_string_lossy().ends_with(".part")));
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_on_this_machine_is_of_this_user_only() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let home = std::env::temp_dir().join(format!("airbyte-files-{}", random_name().unwrap()));
        std::fs::create_dir(&home).unwrap();
        let stored = |name: &str| {
            let staging = Directory { path: home.join(name), is_local: true };
            store(&mut &b"one"[..], 3, &staging, "s/a", &Mutex::default())
        };
        stored("own").unwrap();
        let mode = std::fs::metadata(home.join("own")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        stored("own").unwrap();
        symlink(home.join("own"), home.join("link")).unwrap();
        let error = stored("link").unwrap_err();
        assert!(error.message().contains("it is a link or a file, not a directory; remove it"), "{}", error.message());
        // Only the superuser can give a directory to somebody else.
        std::fs::create_dir(home.join("foreign")).unwrap();
        if std::os::unix::fs::chown(home.join("foreign"), Some(12345), None).is_ok() {
            let error = stored("foreign").unwrap_err();
            assert!(error.message().contains("it belongs to another user; remove it"), "{}", error.message());
            assert_eq!(std::fs::read_dir(home.join("foreign")).unwrap().count(), 0);
        }
        std::fs::remove_dir_all(&home).unwrap();
    }
}
