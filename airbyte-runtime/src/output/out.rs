//! Where messages are written to.

use std::io::Write;

/// Where messages are written to.
pub(crate) enum Out {
    /// That of the process.
    Stdout,
    /// That of a program which holds the connector inside.
    Given(Box<dyn Write + Send>),
}

impl Out {
    /// Opens it. With `is_long` there will be many messages: they get a larger pipe, if stdout is one.
    pub(crate) fn open(self, is_long: bool) -> Box<dyn Write + Send> {
        match self {
            Self::Stdout => {
                #[cfg(target_os = "linux")]
                if is_long {
                    widen(std::io::stdout());
                }
                #[cfg(not(target_os = "linux"))]
                let _ = is_long;
                Box::new(std::io::stdout())
            }
            Self::Given(out) => out,
        }
    }
}

/// Bytes that a pipe shall hold: the most that Linux gives everybody. With the usual 64 KiB the writer of a page and its
/// reader wait for each other several times.
#[cfg(target_os = "linux")]
const PIPE: usize = 1 << 20;

/// Widens a pipe. What is none, or cannot be wider because the user has so many already, stays as it is.
#[cfg(target_os = "linux")]
fn widen(pipe: impl std::os::fd::AsFd) {
    use rustix::pipe::{fcntl_getpipe_size, fcntl_setpipe_size};
    if fcntl_getpipe_size(&pipe).is_ok_and(|size| size < PIPE) {
        let _ = fcntl_setpipe_size(&pipe, PIPE);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::pipe::{fcntl_getpipe_size, fcntl_setpipe_size};

    use super::*;

    #[test]
    fn a_pipe_becomes_wider_and_never_narrower() {
        let (reader, writer) = std::io::pipe().unwrap();
        // Whoever has many pipes already may not widen another.
        if fcntl_setpipe_size(&std::io::pipe().unwrap().0, PIPE).is_ok() {
            widen(&writer);
            assert_eq!(fcntl_getpipe_size(&reader), Ok(PIPE));
        }
        let (reader, writer) = std::io::pipe().unwrap();
        // More than anybody may have is given to some.
        if fcntl_setpipe_size(&reader, 2 * PIPE).is_ok() {
            widen(&writer);
            assert_eq!(fcntl_getpipe_size(&reader), Ok(2 * PIPE));
        }
    }

    #[test]
    fn what_is_no_pipe_stays_as_it_is() {
        widen(std::fs::File::open("/dev/null").unwrap());
    }
}
