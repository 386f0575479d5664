//! `wait`.

use std::time::{Duration, Instant};

use bluegreen_shared::plan::goal::{Goal, Standing};
use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{Span, Target};
use crate::look::{find, look_again, look_and_watch};
use crate::outcome::Outcome;
use crate::render::{Format, Output, Progress, Style, View};

/// Between two looks, where nothing is seen to change.
const PAUSE: Duration = Duration::from_millis(500);

/// Wait until an application is as you want it
///
/// Changes nothing. staged: every replica of the side runs its newest template and is ready. ready: the
/// gate would let production flip to it. verified: what it runs is what verify recorded last. These
/// three are of the idle side, or of the one that --role names; which side that is does not change
/// while it waits. active=ROLE: every production Service selects it. idle=ROLE: none does.
///
/// A side that serves is staged and ready.
///
/// Exit codes: 0 it is so; 3 it can't become so by waiting (a rollout exceeded its progress deadline,
/// or pods can't be created); 6 timed out.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # Until the idle side could be switched to
  kubectl bluegreen wait tomcat --for=ready

  # Until somebody has switched to green
  kubectl bluegreen wait tomcat --for=active=green --timeout 1h")]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// What to wait for
    #[arg(
        long = "for",
        value_name = "staged|ready|verified|active=ROLE|idle=ROLE"
    )]
    goal: Goal,
    /// The side that is to be staged, ready or verified; the idle one by default
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// How long to wait at most; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    timeout: Span,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let named = args.role.as_deref();
    let (target, goal) = (&args.target, &args.goal);
    let reached = until(&cluster, target, goal, named, args.timeout, &context.output);
    Ok(Outcome::view(
        Box::pin(reached).await?,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

/// Waits until the application is as wanted; `named` is the side, the idle one by default.
///
/// # Errors
/// Waiting does not help (exit code 3), or it was not so in time (6).
pub(super) async fn until(
    cluster: &Cluster,
    target: &Target,
    goal: &Goal,
    named: Option<&str>,
    timeout: Span,
    output: &Output,
) -> Result<Reached, Failure> {
    let began = Instant::now();
    let mut progress = Progress::new(output);
    let (mut objects, mut changes) = look_and_watch(cluster, target).await?;
    // Once and for all: production may go there meanwhile.
    let role = goal.side(&find(&objects, target)?, named)?;
    loop {
        let application = find(&objects, target)?;
        let name = &application.name;
        let missing = match goal.standing(&application, &objects, &role, Context::now())? {
            Standing::Reached => {
                progress.clear();
                let production = application.production.iter();
                return Ok(Reached {
                    application: application.name.clone(),
                    namespace: cluster.namespace().to_owned(),
                    role,
                    goal: goal.to_string(),
                    seconds: began.elapsed().as_secs(),
                    services: production.map(|one| one.name().to_owned()).collect(),
                });
            }
            Standing::Missing(missing) => missing,
            Standing::Stuck(sentences) => {
                progress.clear();
                let what = format!("{role} of {name} will not be {goal}: waiting does not help");
                return Err(Failure::new(Exit::Refused, what)
                    .details(sentences)
                    .hint(format!("kubectl bluegreen status {name}")));
            }
        };
        let limit = timeout.limit();
        if limit.is_some_and(|limit| began.elapsed() >= limit) {
            progress.clear();
            let what = format!("{role} of {name} was not {goal} within {timeout}");
            return Err(Failure::new(Exit::TimedOut, what)
                .details(missing)
                .hint(format!("kubectl bluegreen status {name}")));
        }
        let lines = missing.iter();
        let lines = lines.map(|line| format!("waiting for {role} to be {goal}: {line}"));
        progress.show(lines.collect());
        let left = limit.map_or(PAUSE, |limit| limit.saturating_sub(began.elapsed()));
        changes.next(PAUSE.min(left)).await;
        objects = look_again(cluster, target).await?;
    }
}

/// What was waited for.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Reached {
    application: String,
    namespace: String,
    role: String,
    /// `ready`.
    goal: String,
    /// How long that took.
    seconds: u64,
    #[serde(skip)]
    services: Vec<String>,
}

impl View for Reached {
    fn text(&self, style: Style, _wide: bool) -> String {
        let Self {
            application, goal, ..
        } = self;
        format!("{} of {application} is {goal}\n", style.strong(&self.role))
    }

    fn names(&self) -> Vec<String> {
        let services = self.services.iter();
        services.map(|name| format!("service/{name}")).collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}
