//! How a version comes to production, and which flags mean something to that.

use clap::ValueEnum;

use crate::failure::Failure;

use super::Args;
use super::flags::Then;

/// How a version comes to production.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Strategy {
    /// To the idle environment, and production flips to it.
    #[default]
    Bluegreen,
    /// To the one Deployment that serves, pod by pod.
    Rolling,
}

impl Strategy {
    /// As it is written.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Bluegreen => "bluegreen",
            Self::Rolling => "rolling",
        }
    }
}

/// Refuses flags that mean nothing to the strategy.
///
/// # Errors
/// One of them was given.
pub(super) fn are_of(args: &Args) -> Result<(), Failure> {
    let Args {
        target,
        stage,
        confirm,
        after,
        ..
    } = args;
    let (flags, why): (&[(&str, bool)], _) = match args.strategy {
        Strategy::Bluegreen => (
            &[
                ("--max-surge", stage.max_surge.is_some()),
                ("--max-unavailable", stage.max_unavailable.is_some()),
            ],
            "is of a Deployment that is updated in place: add --strategy rolling",
        ),
        Strategy::Rolling => (
            &[
                ("--role-key", !target.hints.role_key.is_empty()),
                ("--match-active", stage.wishes.match_active),
                ("--approvals", confirm.approvals.is_some()),
                ("--overlap", args.overlap.is_some()),
                ("--after", after.after != Then::Nothing),
                ("--drain", after.drain.is_some()),
            ],
            "is of two environments, and --strategy rolling updates one Deployment in place: leave it out",
        ),
    };
    match flags.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Failure::usage(format!("{flag} {why}"))),
        None => Ok(()),
    }
}
