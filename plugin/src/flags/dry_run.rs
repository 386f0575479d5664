//! `--dry-run` as kubectl has it.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, ValueEnum};

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

/// The flag of the verbs that write.
#[derive(clap::Args)]
struct Flag {
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

impl Args for DryRun {
    fn augment_args(command: Command) -> Command {
        Flag::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flag::augment_args_for_update(command)
    }
}

impl FromArgMatches for DryRun {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Flag::from_arg_matches(matches).map(|flag| flag.dry_run)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
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
