//! `deploy`.

mod after;
mod check;
mod confirm;
pub(super) mod file;
mod flags;
mod go_on;
mod heed;
mod junit;
mod pipeline;
mod prompt;
mod record;
mod repeated;
mod report;
mod rolling;
mod row;
mod strategy;
mod switching;
mod teller;

use std::cell::OnceCell;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target, lasting};
use crate::notify;
use crate::outcome::Outcome;
use crate::release::Run;
use crate::render::Format;
use crate::runtime::until_stopped;
use crate::verify::Made;
use crate::verify::production::Flags as ProductionFlags;

use super::stage::{self, Handed};

pub(crate) use file::arguments;
use flags::{After, Confirm, Junit, Stage, Verify};
use pipeline::Pipeline;
use record::Record;
use report::Report;
use row::Step;
use strategy::Strategy;

/// Release: stage the idle environment, verify it, switch production to it, and check that
///
/// The whole pipeline below, as one release that excludes every other one of the application.
///
/// The flags of a stage are those of the verb of that name. All of them can be written into a file
/// instead, bluegreen.yaml, which is read where it lies in the working directory; a flag outweighs what
/// the file says. "kubectl bluegreen config explain" shows what it may hold.
///
/// Where production runs already what is to be released, nothing is staged and nothing is flipped, so
/// that the step of a pipeline can be repeated. A release that was cut off is finished, or taken back
/// where production then fails its checks, by the same command run again.
///
/// With --strategy rolling it is one Deployment without a second environment, found by the Service in
/// front of it, and updated in place, pod by pod: old and new serve at once meanwhile. Whatever fails
/// then, a crash, a check, the time, Ctrl-C too, brings it back to the template, strategy and replicas
/// that it had, and that is waited for. Killed amid it, the same command goes on, or takes it back to
/// what was before. Of manifests only the Deployment may change what is there.
///
/// Exit codes: 0 released, or so already; 3 refused, or it can't succeed; 4 refused by admission;
/// 5 verification failed, or an update in place could not be taken back; 6 timed out; 7 failed in
/// production and was taken back; 8 somebody else is releasing, or has aborted it; 9 not confirmed;
/// 130 interrupted, or 7 where an update in place was taken back for that.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Stages:
  check       which side serves, which one is idle, whether production runs this already
  stage       the idle side gets the images or manifests, and comes up
  verify      every pod of it is asked, and whatever else is to be checked
  confirm     a person at the terminal says yes, or --yes does, or others approve (--approvals)
  switch      production flips to it, if it runs what was verified and the gate allows it
  production  is checked, for as long as it bakes, and goes back where a check fails
  after       the side that was left is retired, or made a hot backup, where that is wanted

Stages of --strategy rolling:
  check       which Deployment serves, what changes, whether it runs this already
  confirm     a person at the terminal says yes, or --yes does
  update      the Deployment gets images, numbers or its manifest, and all pods come up
  verify      every pod of it is asked, and whatever else is to be checked
  production  is checked through the Services, for as long as it bakes
  undo        where one of these has failed: the Deployment is what it was, and up

Examples:
  # From image to production, and back by itself if production then fails for five minutes
  kubectl bluegreen deploy tomcat --image tomcat:8 --bake 5m

  # In a pipeline: nobody is asked, and the result is written for it
  kubectl bluegreen deploy tomcat -f manifests/ --set TOMCAT_VERSION=8 --yes --output-junit result.xml

  # Two others have to approve it within an hour
  kubectl bluegreen deploy tomcat --image tomcat:8 --approvals 2 --confirm-timeout 1h

  # One Deployment, updated in place and taken back where that fails
  kubectl bluegreen deploy tomcat --strategy rolling --image tomcat:8 --max-surge 50% --max-unavailable 0

  # As bluegreen.yaml says
  kubectl bluegreen deploy

  # What would be staged, admission asked, nothing stored
  kubectl bluegreen deploy tomcat --image tomcat:8 --dry-run=server")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) target: Target,
    /// The file that holds flags; bluegreen.yaml where there is one
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// To the idle environment, which production flips to; or to the one Deployment that serves, pod by
    /// pod
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "bluegreen|rolling",
        hide_possible_values = true
    )]
    strategy: Strategy,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    dry_run: DryRun,
    /// How to print the result: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
    #[command(flatten)]
    junit: Junit,
    #[command(flatten)]
    stage: Stage,
    #[command(flatten)]
    verify: Verify,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten, next_help_heading = "Production")]
    production: ProductionFlags,
    /// Let both sides serve for so long before the new one does alone, for load balancers outside that
    /// hear of a flip late; not where the role is all that the Service selects by
    #[arg(long, value_name = "DURATION", value_parser = lasting, help_heading = "Production")]
    overlap: Option<Span>,
    #[command(flatten)]
    after: After,
    #[command(flatten)]
    notify: notify::Flags,
}

/// Reads the manifests, which may come from a terminal: before anything else runs.
pub(super) fn read(args: &Args) -> Result<Option<Handed>, Failure> {
    let handed = stage::read(&args.stage.wishes)?;
    strategy::are_of(args)?;
    args.confirm
        .can_be_asked(args.dry_run, args.strategy, &args.stage.wishes)?;
    args.stage.names_a_release(args.strategy)?;
    args.production.agree()?;
    args.junit.can_be_written()?;
    Ok(handed)
}

impl Args {
    /// Who it is about: two environments, or one Deployment.
    fn aimed(&self) -> Target {
        match self.strategy {
            Strategy::Bluegreen => self.target.clone(),
            Strategy::Rolling => self.target.in_place(),
        }
    }
}

/// Reads all files that the flags name.
pub(super) fn check_files(args: &Args) -> Result<(), Failure> {
    stage::read(&args.stage.wishes)?;
    strategy::are_of(args)?;
    args.stage.names_a_release(args.strategy)?;
    args.production.agree()?;
    args.verify.args(&args.aimed()).whole().map(drop)
}

pub(super) async fn run(
    args: &Args,
    handed: Option<Handed>,
    context: &Context,
) -> Result<Outcome, Failure> {
    let verify = args.verify.args(&args.aimed());
    let whole = verify.whole()?;
    let made = Made::default();
    let steps: &[Step] = match args.strategy {
        Strategy::Bluegreen => &row::BLUEGREEN,
        Strategy::Rolling => &row::ROLLING,
    };
    let run = Run::new(context);
    let record = Record::new(&context.output, steps);
    let pipeline = Pipeline {
        args,
        handed: handed.as_ref(),
        verify: &verify,
        whole: &whole,
        context,
        run: &run,
        made: &made,
        record: &record,
        cluster: OnceCell::new(),
    };
    let result = match args.strategy {
        Strategy::Bluegreen => until_stopped(Box::pin(pipeline.run())).await,
        Strategy::Rolling => Box::pin(rolling::run(&pipeline)).await,
    };
    let result = Box::pin(run.settled(result)).await;
    // However it was stopped; who stops this too does not wait for it.
    let tidied = until_stopped(async {
        pipeline.tidy().await;
        run.let_go().await;
        if let Err(failure) = &result {
            record.tell_of_the_end(failure).await;
        }
        Ok(())
    });
    let tidied = tidied.await;
    let report = Report::of(args, &record, result.as_ref().err());
    let written = args.junit.write(&report);
    let format = args.output.as_ref().unwrap_or(&Format::Text);
    let failure = result.and(tidied).and(written).err();
    let Some(failure) = failure else {
        return Ok(Outcome::view(report, format));
    };
    // How far it went is worth as much when it failed.
    context
        .output
        .data(&context.output.render(&report, format)?);
    Err(match failure.exit {
        // Where production went back to is said by then.
        Exit::Interrupted if failure.hint.is_none() => {
            failure.hint(report.how_to_go_on(&args.target.name))
        }
        _ => failure,
    })
}
