//! The command line of a connector: `spec | check | discover | read | login`, and what a mistake prints.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::config::closest;
use crate::read::Backfill;

/// An option of a front end of its own: its name, and what `--help` says about it. It takes a file.
pub(crate) type OwnOption = (&'static str, &'static str);

/// What to do.
#[derive(Debug, PartialEq)]
pub(crate) struct Invocation {
    pub(crate) command: Command,
    pub(crate) debug: bool,
    /// The files of a front end's own options.
    pub(crate) files: Vec<(&'static str, PathBuf)>,
}

/// A command with its files.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Spec,
    Check { config: PathBuf },
    Discover { config: PathBuf },
    Login { config: PathBuf, port: u16 },
    Read { config: PathBuf, catalog: PathBuf, state: Option<PathBuf>, backfill: Backfill },
}

/// Why nothing is done.
#[derive(Debug, PartialEq)]
pub(crate) enum Refusal {
    /// Help was asked for: the text goes to stdout, and the exit code is 0.
    Help(String),
    /// The words are wrong: the text goes to stderr, and the exit code is 2.
    Usage(String),
}

const COMMANDS: [&str; 5] = ["spec", "check", "discover", "read", "login"];
const OPTIONS: [&str; 8] =
    ["--config", "--catalog", "--state", "--backfill", "--port", "--debug", "--help", "--version"];

/// Reads the arguments after the program's name. `own_options` may stand at any command.
///
/// # Errors
/// Help, or what is wrong with the words.
pub(crate) fn parse(
    name: &str,
    version: &str,
    own_options: &[OwnOption],
    arguments: Vec<OsString>,
) -> Result<Invocation, Refusal> {
    let mut words = Words::default();
    let own_names: Vec<&'static str> = own_options.iter().map(|(option, _)| *option).collect();
    let refuse = |problem: &str| refuse(name, problem, own_options);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy().into_owned();
        let (option, inline) = match text.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option.to_owned(), Some(OsString::from(value))),
            _ => (text, None),
        };
        match option.as_str() {
            "--help" | "-h" => return Err(Refusal::Help(usage(name, own_options))),
            "--version" | "-V" => return Err(Refusal::Help(format!("{name} {version}\n"))),
            "--debug" => words.debug = true,
            "--port" => {
                let port = inline.or_else(|| arguments.next()).and_then(|port| port.to_string_lossy().parse().ok());
                words.port = Some(port.ok_or_else(|| refuse("`--port` needs a number up to 65535 behind it"))?);
            }
            "--backfill" => {
                let range = inline.or_else(|| arguments.next()).ok_or_else(|| {
                    refuse("`--backfill` needs a range behind it, such as orders=2023-01-01..2023-02-01")
                })?;
                words
                    .backfill
                    .add(&range.to_string_lossy())
                    .map_err(|problem| refuse(&format!("`--backfill`: {problem}")))?;
            }
            text if matches!(text, "--config" | "--catalog" | "--state") || own_names.contains(&text) => {
                let value = inline
                    .or_else(|| arguments.next())
                    .ok_or_else(|| refuse(&format!("`{option}` needs a file behind it")))?;
                match own_names.iter().find(|own| **own == option) {
                    Some(own) => words.files.push((own, PathBuf::from(value))),
                    None => words.set(&option, PathBuf::from(value)).map_err(|text| refuse(&text))?,
                }
            }
            _ if option.starts_with('-') => {
                let known = [&OPTIONS[..], &own_names].concat();
                return Err(refuse(&unknown("option", &option, &known)));
            }
            _ if words.command.is_none() => words.command = Some(option),
            _ => return Err(refuse(&format!("unexpected argument `{option}`"))),
        }
    }
    let (debug, files) = (words.debug, std::mem::take(&mut words.files));
    words.command().map_err(|problem| refuse(&problem)).map(|command| Invocation { command, debug, files })
}

#[derive(Default)]
struct Words {
    command: Option<String>,
    config: Option<PathBuf>,
    catalog: Option<PathBuf>,
    state: Option<PathBuf>,
    backfill: Backfill,
    port: Option<u16>,
    debug: bool,
    files: Vec<(&'static str, PathBuf)>,
}

impl Words {
    fn set(&mut self, option: &str, path: PathBuf) -> Result<(), String> {
        let slot = match option {
            "--config" => &mut self.config,
            "--catalog" => &mut self.catalog,
            _ => &mut self.state,
        };
        match slot.replace(path) {
            Some(_) => Err(format!("`{option}` stands twice")),
            None => Ok(()),
        }
    }

    fn command(self) -> Result<Command, String> {
        let command = self.command.as_deref().ok_or("no command")?;
        if !COMMANDS.contains(&command) {
            return Err(unknown("command", command, &COMMANDS));
        }
        if command != "read" && !self.backfill.is_none() {
            return Err(format!("`--backfill` is for `read`, not for `{command}`"));
        }
        if command != "login" && self.port.is_some() {
            return Err(format!("`--port` is for `login`, not for `{command}`"));
        }
        let needs = |option: &str| format!("`{command}` needs `{option} FILE`");
        Ok(match command {
            "spec" => Command::Spec,
            "check" => Command::Check { config: self.config.ok_or_else(|| needs("--config"))? },
            "discover" => Command::Discover { config: self.config.ok_or_else(|| needs("--config"))? },
            "login" => Command::Login {
                config: self.config.ok_or_else(|| needs("--config"))?,
                port: self.port.unwrap_or(DEFAULT_PORT),
            },
            _ => Command::Read {
                config: self.config.ok_or_else(|| needs("--config"))?,
                catalog: self.catalog.ok_or_else(|| needs("--catalog"))?,
                state: self.state,
                backfill: self.backfill,
            },
        })
    }
}

/// Where a browser comes back to unless the user says otherwise; a fixed one, because OAuth applications list it.
const DEFAULT_PORT: u16 = 8765;

fn unknown(what: &str, found: &str, known: &[&str]) -> String {
    match closest(found, known.iter().copied()) {
        Some(name) => format!("unknown {what} `{found}`; did you mean `{name}`?"),
        None => format!("unknown {what} `{found}`; there are {}", known.join(", ")),
    }
}

fn refuse(name: &str, problem: &str, own_options: &[OwnOption]) -> Refusal {
    Refusal::Usage(format!("{name}: {problem}\n\n{}", usage(name, own_options)))
}

fn usage(name: &str, own_options: &[OwnOption]) -> String {
    let own: Vec<String> =
        own_options.iter().map(|(option, meaning)| format!("  {:24}{meaning}\n", format!("{option} FILE"))).collect();
    format!(
        "usage: {name} spec
       {name} check    --config FILE
       {name} discover --config FILE
       {name} read     --config FILE --catalog FILE [--state FILE] [--backfill [STREAM=]START..END]
       {name} login    --config FILE [--port NUMBER]

{}  --backfill [STREAM=]START..END
              read this range of dates, and leave the state as it is; for several streams several times
  --port NUMBER
              where a browser comes back to after the login; {DEFAULT_PORT} if it is not set
  --debug     log more; so does LOG_LEVEL=debug
  --version   print the version
  --help      print this text
",
        own.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Result<Invocation, Refusal> {
        parse(
            "source-x",
            "1.0.0",
            &[("--manifest-path", "the manifest")],
            line.split_whitespace().map(OsString::from).collect(),
        )
    }

    #[test]
    fn arguments_come_in_any_order_and_form() {
        let read = Command::Read {
            config: "c".into(),
            catalog: "k".into(),
            state: Some("s".into()),
            backfill: Backfill::default(),
        };
        let invocation = run("--state=s read --config c --debug --catalog=k").unwrap();
        assert_eq!(invocation, Invocation { command: read, debug: true, files: Vec::new() });
        assert_eq!(run("spec").unwrap().command, Command::Spec);
        assert_eq!(run("spec --manifest-path m.yaml").unwrap().files, [("--manifest-path", PathBuf::from("m.yaml"))]);
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        let cases = [
            ("", "no command"),
            ("chekc --config c", "did you mean `check`?"),
            ("sync", "there are spec, check, discover, read, login"),
            ("check", "`check` needs `--config FILE`"),
            ("read --config c", "`read` needs `--catalog FILE`"),
            ("check --config", "`--config` needs a file behind it"),
            ("login", "`login` needs `--config FILE`"),
            ("login --config c --port x", "needs a number up to 65535"),
            ("check --config c --port 1", "`--port` is for `login`"),
            ("check --confg c", "did you mean `--config`?"),
            ("spec check", "unexpected argument `check`"),
            ("check --config a --config b", "`--config` stands twice"),
            ("check --config a --backfill 2023-01-01..2023-02-01", "`--backfill` is for `read`"),
            ("read --config c --catalog k --backfill 2023", "`--backfill`: `2023` is not a range"),
            ("read --config c --catalog k --backfill", "needs a range behind it"),
        ];
        for (line, expected) in cases {
            match run(line) {
                Err(Refusal::Usage(text)) => assert!(text.contains(expected), "{line}: {text}"),
                other => panic!("{line}: {other:?}"),
            }
        }
        assert!(matches!(run("--help"), Err(Refusal::Help(_))));
    }
}
