//! The flags of each stage that the verbs of their names don't have in this form.

use std::fs::OpenOptions;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use bluegreen_shared::plan::rolling::{Amount, Bounds};
use clap::{Args, ValueEnum};

use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target};
use crate::verbs::stage::Wishes;
use crate::verbs::verify;

use super::junit;
use super::report::Report;
use super::strategy::Strategy;

/// How long connections to the side that was left may drain, where nobody says so.
const DRAIN: Span = Span(Duration::from_mins(10));

/// What is staged.
#[derive(Args, Debug)]
#[command(next_help_heading = "Stage")]
pub(super) struct Stage {
    /// How long the idle side may take to come up; 0 waits for ever
    #[arg(
        id = "stage_timeout",
        long = "stage-timeout",
        value_name = "DURATION",
        default_value = "5m"
    )]
    pub(super) timeout: Span,
    /// With --strategy rolling: how many pods more than wanted there may be meanwhile, a number or a
    /// percentage; what the Deployment says by default
    #[arg(long, value_name = "PODS|PERCENT")]
    pub(super) max_surge: Option<Amount>,
    /// With --strategy rolling: how many pods fewer than wanted there may be meanwhile, a number or a
    /// percentage; what the Deployment says by default
    #[arg(long, value_name = "PODS|PERCENT")]
    pub(super) max_unavailable: Option<Amount>,
    #[command(flatten)]
    pub(super) wishes: Wishes,
}

/// How it is verified.
#[derive(Args, Debug)]
#[command(next_help_heading = "Verify")]
pub(super) struct Verify {
    /// How long the verification may take; 0 waits for ever
    #[arg(
        id = "verify_timeout",
        long = "verify-timeout",
        value_name = "DURATION",
        default_value = "60s"
    )]
    timeout: Span,
    #[command(flatten)]
    http: verify::Http,
    #[command(flatten)]
    checks: verify::Checks,
}

/// Who agrees.
#[derive(Args, Debug)]
#[command(next_help_heading = "Confirm")]
pub(super) struct Confirm {
    /// Ask nobody at the terminal
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Wait until so many others have approved what is staged, instead of asking at the terminal
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(super) approvals: Option<u32>,
    /// How long to wait for an answer, or for approvals; 0 waits for ever
    #[arg(
        id = "confirm_timeout",
        long = "confirm-timeout",
        value_name = "DURATION",
        default_value = "30m"
    )]
    pub(super) timeout: Span,
}

/// What becomes of the side that was left.
#[derive(Args, Debug)]
#[command(next_help_heading = "Afterwards")]
pub(super) struct After {
    /// Leave the other side as it is, for a quick way back; scale it down; or make it a hot backup
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "nothing|retire|sync",
        hide_possible_values = true
    )]
    pub(super) after: Then,
    /// How long production must have been elsewhere before that; ten minutes by default, longer than
    /// clouds' load balancers lag
    #[arg(long, value_name = "DURATION")]
    pub(super) drain: Option<Span>,
}

impl After {
    /// How long production must have been elsewhere.
    pub(super) fn drain(&self) -> Span {
        self.drain.unwrap_or(DRAIN)
    }
}

/// What is done with the side that production has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Then {
    /// It stays.
    #[default]
    Nothing,
    /// It is scaled down.
    Retire,
    /// It gets what production runs.
    Sync,
}

/// The result for other programs.
#[derive(Args, Debug)]
pub(super) struct Junit {
    /// Write the stages into a file, as the XML of a test run, whatever becomes of them
    #[arg(long, value_name = "FILE")]
    output_junit: Option<PathBuf>,
}

impl Stage {
    /// Without an image or a manifest nobody could tell whether production runs it already, and each run
    /// would go to the other side.
    ///
    /// # Errors
    /// Neither is named.
    pub(super) fn names_a_release(&self, strategy: Strategy) -> Result<(), Failure> {
        if self.wishes.image.is_empty() && self.wishes.manifests.filename.is_empty() {
            return Err(Failure::usage(
                "a release needs a name for what is released: --image or --filename",
            )
            .hint(match strategy {
                Strategy::Bluegreen => "kubectl bluegreen stage changes the idle side's size alone",
                Strategy::Rolling => {
                    "the size alone: kubectl scale deployment NAME --replicas=NUMBER"
                }
            }));
        }
        Ok(())
    }
}

impl Stage {
    /// How far an update in place may go from the number of replicas.
    pub(super) fn bounds(&self) -> Bounds {
        Bounds {
            max_surge: self.max_surge.clone(),
            max_unavailable: self.max_unavailable.clone(),
        }
    }
}

impl Verify {
    /// What `verify` is asked for; the role is filled in once it is known.
    pub(super) fn args(&self, target: &Target) -> verify::Args {
        verify::Args {
            target: target.clone(),
            role: None,
            timeout: self.timeout,
            output: None,
            http: self.http.clone(),
            checks: self.checks.clone(),
        }
    }
}

impl Confirm {
    /// That somebody can be asked is known before anything is changed.
    ///
    /// # Errors
    /// There is nobody to ask.
    pub(super) fn can_be_asked(
        &self,
        dry_run: DryRun,
        strategy: Strategy,
        wishes: &Wishes,
    ) -> Result<(), Failure> {
        if self.yes || self.approvals.is_some() || dry_run != DryRun::None {
            return Ok(());
        }
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let why = match (terminal, wishes.take_standard_input()) {
            (true, false) => return Ok(()),
            (true, true) => "standard input is the manifests",
            (false, _) => "there is no terminal",
        };
        Err(
            Failure::usage(format!("nobody can be asked to confirm the release: {why}")).hint(
                match strategy {
                    Strategy::Bluegreen => "add --yes, or let others approve it: --approvals 1",
                    Strategy::Rolling => "add --yes",
                },
            ),
        )
    }
}

impl Junit {
    /// That it can be written is known before anything is changed.
    ///
    /// # Errors
    /// It can't.
    pub(super) fn can_be_written(&self) -> Result<(), Failure> {
        let Some(path) = &self.output_junit else {
            return Ok(());
        };
        let opened = OpenOptions::new().create(true).append(true).open(path);
        opened.map(drop).map_err(|error| {
            let path = path.display();
            Failure::usage(format!("can't write {path}: {error}"))
        })
    }

    /// Writes the file, where one is wanted.
    pub(super) fn write(&self, report: &Report) -> Result<(), Failure> {
        let Some(path) = &self.output_junit else {
            return Ok(());
        };
        junit::text(report)
            .and_then(|text| std::fs::write(path, text))
            .map_err(|error| Failure::could_not(format!("can't write {}: {error}", path.display())))
    }
}
