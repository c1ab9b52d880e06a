//! What was asked for.

use crate::scenario::Scenario;

/// What the process is to do.
pub(crate) enum Mode {
    /// Runs the scenarios.
    Bench(Arguments),
    /// Runs a command and tells what it took; a process of its own, because the kernel adds up all children.
    Measure(Vec<String>),
    /// Copies pages to stdout.
    Copy(String),
    /// Writes a message for each record, by way of JSON values.
    Values(String),
    /// Serves the API until it is stopped.
    Serve(u16),
}

pub(crate) struct Arguments {
    /// Whether instructions are counted, not time.
    pub(crate) instructions: bool,
    pub(crate) rounds: usize,
    pub(crate) scenarios: Vec<String>,
    /// Names of other programs, and the command lines that a shell runs.
    pub(crate) peers: Vec<(String, String)>,
}

impl Arguments {
    /// Whether a scenario was named, or none was and it is not a long one.
    pub(crate) fn wants(&self, scenario: &Scenario) -> bool {
        match self.scenarios.as_slice() {
            [] => !scenario.is_long,
            named => named.iter().any(|name| name == scenario.name),
        }
    }
}

const USAGE: &str = "usage: bench [--instructions] [--rounds N] [--scenario NAME]… [--peer NAME='command with $CONFIG $CATALOG $MANIFEST']… | serve PORT";

/// Reads the arguments behind the program's name.
pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Mode, String> {
    let mut words = arguments.peekable();
    let url = |words: &mut dyn Iterator<Item = String>| words.next().ok_or_else(|| USAGE.to_owned());
    match words.peek().map(String::as_str) {
        Some("measure") => return Ok(Mode::Measure(words.skip(1).collect())),
        Some("copy") => return Ok(Mode::Copy(url(&mut words.skip(1))?)),
        Some("values") => return Ok(Mode::Values(url(&mut words.skip(1))?)),
        Some("serve") => {
            let port = url(&mut words.skip(1))?;
            return port.parse().map(Mode::Serve).map_err(|_| format!("`{port}` is no port; {USAGE}"));
        }
        _ => {}
    }
    let mut read = Arguments { instructions: false, rounds: 5, scenarios: Vec::new(), peers: Vec::new() };
    while let Some(word) = words.next() {
        if word == "--instructions" {
            read.instructions = true;
            continue;
        }
        let value = words.next().ok_or_else(|| format!("`{word}` needs a value; {USAGE}"))?;
        match word.as_str() {
            "--rounds" => {
                let rounds = value.parse().ok().filter(|rounds| *rounds > 0);
                read.rounds = rounds.ok_or_else(|| format!("`{value}` is no number of rounds"))?;
            }
            "--scenario" => read.scenarios.push(scenario(value)?),
            "--peer" => {
                let peer = value.split_once('=').ok_or_else(|| format!("`{value}` has no `=` behind a name"))?;
                read.peers.push((peer.0.to_owned(), peer.1.to_owned()));
            }
            _ => return Err(format!("unknown argument `{word}`; {USAGE}")),
        }
    }
    if read.instructions {
        if !read.peers.is_empty() {
            return Err("instructions are counted of the project's own programs only, without `--peer`".to_owned());
        }
        let named =
            crate::scenario::ALL.iter().filter(|scenario| read.scenarios.iter().any(|name| name == scenario.name));
        if let Some(scenario) = named.into_iter().find(|scenario| !scenario.is_countable()) {
            return Err(format!("instructions are not counted for `{}`", scenario.name));
        }
    }
    Ok(Mode::Bench(read))
}

fn scenario(name: String) -> Result<String, String> {
    let names = crate::scenario::ALL.iter().map(|scenario| scenario.name).collect::<Vec<_>>();
    match names.contains(&name.as_str()) {
        true => Ok(name),
        false => Err(format!("there is no scenario `{name}`, only {}", names.join(", "))),
    }
}
