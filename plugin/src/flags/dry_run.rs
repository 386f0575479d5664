//! `--dry-run` as kubectl has it.

use clap::{Args, ValueEnum};

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

/// The flag, for the verbs that write.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct DryRunFlag {
    /// Only say what would be done: client asks nobody, server asks admission
    #[arg(
        long,
        value_enum,
        value_name = "none|client|server",
        default_value_t,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "client",
        hide_possible_values = true
    )]
    dry_run: DryRun,
}

impl DryRunFlag {
    /// How far a write goes.
    pub(crate) fn how(self) -> DryRun {
        self.dry_run
    }
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
