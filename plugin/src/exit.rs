//! What the process says to the script that called it.

use std::process::ExitCode;

/// The exit codes, the same for every verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, also when it was so already.
    Done = 0,
    /// It could not be tried: no cluster, an API error, not found, ambiguous.
    CouldNot = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Refused or given up by our own judgement.
    Refused = 3,
    /// Refused by admission.
    Denied = 4,
    /// Verification failed.
    Unverified = 5,
    /// It was not so in time.
    TimedOut = 6,
    /// It failed and was taken back.
    TakenBack = 7,
    /// Somebody else is at it.
    Busy = 8,
    /// Nobody agreed to it in time.
    NotConfirmed = 9,
    /// Ctrl-C, or told to end (SIGTERM, SIGHUP).
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
