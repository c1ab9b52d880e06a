//! A folder of JSON-lines files, one for each day: a source without HTTP, whose records come from a function.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use airbyte_runtime::prelude::*;

/// A folder of JSON-lines files.
#[source(documentation_url = "https://jsonlines.org", streams = [Event], check = Event)]
struct Files {
    /// Folder with one file for each day (UTC), such as `2024-03-01.jsonl`.
    #[config(example = "/data/events")]
    folder: String,
}

/// One line of a file.
#[stream(
    source      = Files,
    read        = read_events,
    // The function leaves out whole files only; the engine drops the lines before the state.
    cursor      = datetime(at, client_side = true),
    primary_key = id,
)]
struct Event {
    id: u64,
    at: Timestamp,
    kind: EventKind,
    user: Option<String>,
}

/// What happened.
#[record]
#[serde(rename_all = "snake_case")]
enum EventKind {
    SignUp,
    LogIn,
    Purchase,
}

/// Yields the events of the files that may reach into the interval.
async fn read_events(source: &Files, slice: &Slice, records: &mut Records<'_, Event>) -> Result<()> {
    // The interval of the first sync is open: it starts with the empty text, which sorts before every name.
    let first_day = slice.interval().and_then(|interval| interval.start.get(..10)).unwrap_or_default();
    for path in files(Path::new(&source.folder))? {
        if path.file_stem().is_some_and(|day| day < first_day) {
            continue;
        }
        let file = File::open(&path).map_err(|error| unreadable(&path, error))?;
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            let line = line.map_err(|error| unreadable(&path, error))?;
            let event = serde_json::from_str(&line).map_err(|error| {
                Error::config(format!("line {number} of `{}` is not an event", path.display())).with_source(error)
            })?;
            records.push(event).await?;
        }
    }
    Ok(())
}

/// The JSON-lines files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::config(format!("`{}` cannot be read", path.display())).with_source(error)
}

airbyte_runtime::main!(Files);

airbyte_runtime::connector_tests!(Files, "tests");
