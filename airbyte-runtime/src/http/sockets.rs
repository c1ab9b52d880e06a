//! How many sockets and files the process may have open, and what follows for requests and idle connections.
//!
//! Every request in flight has a socket, and may have a file beside it. A connection that waits to be used again has one,
//! too: to a few hosts they wait, to all further ones they are closed after each answer.

use std::collections::HashSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use url::Url;

/// Open files that are not for requests: stdout, the event queue, libraries, name lookups.
const OTHERS: usize = 64;
/// As many are asked of the system, if it gives them.
#[cfg(unix)]
const WANTED: u64 = 16_384;
/// Where the system says nothing.
const ASSUMED: usize = 1_024;
/// The most hosts to which connections are kept.
const MOST_HOSTS: usize = 16;

/// What the process may have open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Files(usize);

impl Files {
    /// What the system allows this process, which is raised as far as it lets everybody raise it.
    pub(super) fn of_process() -> Self {
        static FILES: OnceLock<usize> = OnceLock::new();
        Self(*FILES.get_or_init(|| limit().unwrap_or(ASSUMED)))
    }

    /// The most requests that may be in flight: a quarter, since each may have a socket and a file.
    pub(super) fn requests(self) -> usize {
        (self.0.saturating_sub(OTHERS) / 4).max(1)
    }

    /// To how many hosts connections are kept: half of the files are for these.
    fn hosts(self) -> usize {
        (self.0.saturating_sub(OTHERS) / 2 / self.idle()).clamp(1, MOST_HOSTS)
    }

    /// The connections to one host that are kept.
    pub(super) fn idle(self) -> usize {
        self.requests().min(MOST_IDLE)
    }
}

/// The most connections to one host that are kept: as many as requests are in flight where nobody asks for more.
const MOST_IDLE: usize = 64;

#[cfg(unix)]
fn limit() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let current = now.current?;
    let wanted = WANTED.min(now.maximum.unwrap_or(WANTED));
    let raised = Rlimit { current: Some(wanted), maximum: now.maximum };
    let allowed = match current < wanted && setrlimit(Resource::Nofile, raised).is_ok() {
        true => wanted,
        false => current,
    };
    usize::try_from(allowed).ok()
}

#[cfg(not(unix))]
fn limit() -> Option<usize> {
    None
}

/// The hosts to which connections are kept.
#[derive(Debug)]
pub(super) struct Kept {
    hosts: Mutex<HashSet<String>>,
    most: usize,
}

impl Kept {
    pub(super) fn new(files: Files) -> Self {
        Self { hosts: Mutex::default(), most: files.hosts() }
    }

    /// Whether connections to a host wait to be used again: to the first hosts that are asked.
    pub(super) fn keeps(&self, url: &Url) -> bool {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let host = url.origin().ascii_serialization();
        hosts.contains(&host) || (hosts.len() < self.most && hosts.insert(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_and_files_stay_below_what_the_process_may_have() {
        for limit in [70, 100, 128, 256, 1_024, 16_384, 1 << 20] {
            let files = Files(limit);
            let (in_flight, idle) = (2 * files.requests(), files.idle() * files.hosts());
            assert!(in_flight + idle + OTHERS <= limit.max(70), "{limit}: {in_flight} and {idle}");
        }
        let (usual, large) = (Files(1_024), Files(16_384));
        assert_eq!((usual.requests(), usual.idle(), usual.hosts()), (240, 64, 7));
        assert_eq!((large.requests(), large.idle(), large.hosts()), (4_080, 64, 16));
    }

    #[test]
    fn connections_to_the_first_hosts_are_kept() {
        let kept = Kept::new(Files(1_024));
        let hosts: Vec<Url> = (0..20).map(|n| Url::parse(&format!("https://host-{n}/path")).unwrap()).collect();
        let answers: Vec<bool> = hosts.iter().map(|host| kept.keeps(host)).collect();
        assert_eq!(answers.iter().filter(|kept| **kept).count(), 7);
        assert!(answers.starts_with(&[true; 7]));
        assert_eq!(hosts.iter().map(|host| kept.keeps(host)).collect::<Vec<_>>(), answers);
    }
}
