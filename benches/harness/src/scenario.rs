//! What is read, and by whom.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Result;
use crate::api;

/// One way to use an API.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// How many records a read gives; 0 where nothing is read.
    pub(crate) records: u32,
    stream: &'static str,
    /// What stands before the paths: `/slow` waits 50 ms, `/gz` compresses, `/whole` has but one page.
    prefix: &'static str,
    total: u32,
    /// Whether the two loops can do the same, with as many records as one likes.
    pub(crate) baselines: bool,
    mode: &'static str,
    /// Whether another process reads what is written, and is counted with it; usually nobody does.
    is_piped: bool,
    /// Whether it takes so long that it has to be asked for by its name.
    pub(crate) is_long: bool,
}

/// One scenario as most of them are.
const COMMON: Scenario = Scenario {
    name: "",
    what: "",
    records: 100_000,
    stream: "issues",
    prefix: "",
    total: 100_000,
    baselines: false,
    mode: "full_refresh",
    is_piped: false,
    is_long: false,
};

pub(crate) const ALL: &[Scenario] = &[
    Scenario { name: "start", what: "`spec`", records: 0, total: 0, ..COMMON },
    Scenario { name: "pages", what: "100,000 records, 1,000 pages one after the other", baselines: true, ..COMMON },
    Scenario {
        name: "million",
        what: "1,000,000 records in 10,000 pages",
        records: 1_000_000,
        total: 1_000_000,
        baselines: true,
        ..COMMON
    },
    Scenario { name: "gzip", what: "100,000 records, compressed answers", prefix: "/gz", baselines: true, ..COMMON },
    Scenario {
        name: "piped",
        what: "100,000 records through a pipe to `cat`",
        baselines: true,
        is_piped: true,
        ..COMMON
    },
    Scenario {
        name: "whole",
        what: "220,000 records in one answer of 109 MB",
        records: 220_000,
        total: 220_000,
        prefix: "/whole",
        baselines: true,
        ..COMMON
    },
    Scenario {
        name: "partitions",
        what: "200 partitions of 5 pages, each answer after 50 ms",
        records: 90_000,
        stream: "repo_issues",
        prefix: "/slow",
        ..COMMON
    },
    Scenario {
        name: "windows",
        what: "100,000 records in 60 monthly windows, with state",
        stream: "window",
        mode: "incremental",
        ..COMMON
    },
    Scenario { name: "many", what: "1,000,000 partitions of one record", ..MANY },
    Scenario {
        name: "many-states",
        what: "1,000,000 partitions of one record, with state",
        mode: "incremental",
        ..MANY
    },
];

const MANY: Scenario = Scenario { records: 1_000_000, stream: "entries", total: 1_000_000, is_long: true, ..COMMON };

/// A program under measurement.
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) command: Vec<String>,
    /// How many RECORD messages it writes; `None` if it writes what is none.
    pub(crate) records: Option<u32>,
}

/// What the programs are given.
pub(crate) struct Files {
    folder: PathBuf,
    url: String,
}

impl Files {
    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }

    /// The names under which commands of peers find the files.
    pub(crate) fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("CONFIG", self.path("config.json")),
            ("CATALOG", self.path("catalog.json")),
            ("MANIFEST", manifest().to_string_lossy().into_owned()),
            ("URL", self.url.clone()),
        ]
    }
}

fn manifest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("manifest.yaml")
}

impl Scenario {
    /// Whether instructions say something about it that they do not say about another: in `million`, `whole` and `piped`
    /// each record takes what it takes in `pages`, and `partitions` wait.
    pub(crate) fn is_countable(&self) -> bool {
        !self.is_long && !self.is_piped && !matches!(self.name, "million" | "whole" | "partitions")
    }

    /// Writes configuration and catalog beside the programs.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub(crate) fn prepare(&self, url: &str) -> Result<Files> {
        self.prepare_for(url, self.total)
    }

    /// The same for another number of records.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub(crate) fn prepare_for(&self, url: &str, total: u32) -> Result<Files> {
        let folder = programs()?.join("bench-files").join(format!("{}-{total}", self.name));
        std::fs::create_dir_all(&folder)?;
        let config = json!({
            "base_url": format!("{url}{}", self.prefix),
            "total": total,
            "start_date": "2020-01-01T00:00:00Z",
            "end_date": api::updated(total).to_string(),
        });
        let mode = self.mode;
        let catalog = json!({"streams": [{
            "stream": {"name": self.stream, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
            "sync_mode": mode,
            "destination_sync_mode": "append",
            "cursor_field": if mode == "incremental" { vec!["updated_at"] } else { Vec::new() },
        }]});
        let write = |name: &str, value: &Value| std::fs::write(folder.join(name), value.to_string());
        write("config.json", &config)?;
        write("catalog.json", &catalog)?;
        let url = format!("{url}{}/issues?per_page=100&total={total}", self.prefix);
        Ok(Files { folder, url })
    }

    /// Who takes part: the two loops, the struct connector, the manifest, and the peers.
    ///
    /// # Errors
    /// Programs of the project that are not built.
    pub(crate) fn programs(&self, files: &Files, peers: &[(String, String)]) -> Result<Vec<Program>> {
        let bench = std::env::current_exe()?.to_string_lossy().into_owned();
        let mut programs = Vec::new();
        if self.baselines {
            for (name, records) in [("copy", None), ("values", Some(self.records))] {
                let command = vec![bench.clone(), name.to_owned(), files.url.clone()];
                programs.push(Program { name: name.to_owned(), command, records });
            }
        }
        let mut add = |name: &str, command| {
            programs.push(Program { name: name.to_owned(), command, records: Some(self.records) });
        };
        add("struct", self.command("bench-connector", files, &[])?);
        let manifest = ["--manifest-path".to_owned(), manifest().to_string_lossy().into_owned()];
        add("manifest", self.command("source-declarative-manifest", files, &manifest)?);
        // How the start of another program is asked for is not known.
        for (name, line) in peers.iter().filter(|_| self.records > 0) {
            add(name, vec!["sh".to_owned(), "-c".to_owned(), format!("exec {line}")]);
        }
        if self.is_piped {
            for program in &mut programs {
                let line = ["sh", "-c", "\"$@\" | cat", "sh"].map(str::to_owned);
                program.command.splice(..0, line);
            }
        }
        Ok(programs)
    }

    fn command(&self, program: &str, files: &Files, more: &[String]) -> Result<Vec<String>> {
        let path = programs()?.join(program);
        if !path.exists() {
            let build = format!("cargo build --release -p {program}");
            return Err(format!("{} is not there; `{build}` makes it", path.display()).into());
        }
        let mut command = vec![path.to_string_lossy().into_owned()];
        match self.records {
            0 => command.push("spec".to_owned()),
            _ => command.extend(
                ["read", "--config", &files.path("config.json"), "--catalog", &files.path("catalog.json")]
                    .map(str::to_owned),
            ),
        }
        command.extend_from_slice(more);
        Ok(command)
    }
}

/// The folder of this program, where cargo puts the others, too.
fn programs() -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    Ok(here.parent().ok_or("this program is in no folder")?.to_owned())
}
