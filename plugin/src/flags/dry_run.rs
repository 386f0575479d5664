//! `--dry-run` as kubectl has it.

use clap::ValueEnum;

/// How far a write goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DryRun {
    /// All the way.
    #[default]
    None,
    /// Nothing is sent.
    Client,
    /// Sent, judged by admission, and not stored.
    Server,
}

impl DryRun {
    /// What kubectl puts behind a sentence about something that was not stored.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Client => " (dry run)",
            Self::Server => " (server dry run)",
        }
    }
}
