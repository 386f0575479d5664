//! Whether somebody agrees to what was staged and verified.

use std::time::Instant;

use bluegreen_shared::application::{Application, Environment};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::switch::{FlipPlan, Switch, switch};

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::look::{find, look, look_again};
use crate::release::{Asked, not_confirmed};
use crate::render::{Progress, Style, Table};

use crate::verbs::switch::still_runs;

use super::pipeline::{Pipeline, Verified};
use super::prompt;

/// Between two looks at the approvals.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// Waits for the answer, or for the approvals.
///
/// # Errors
/// The answer is no, or does not come in time (exit code 9).
pub(super) async fn confirm(
    pipeline: &Pipeline<'_>,
    cluster: &Cluster,
    verified: &Verified,
) -> Result<((), String), Failure> {
    let flags = &pipeline.args.confirm;
    if let Some(wanted) = flags.approvals {
        return approved(pipeline, cluster, verified, wanted).await;
    }
    if flags.yes {
        return Ok(((), "by --yes".to_owned()));
    }
    let objects = look(cluster, &pipeline.args.target).await?;
    let application = find(&objects, &pipeline.args.target)?;
    let name = &application.name;
    let plan = match switch(&application, &objects, Some(&verified.role), Context::now())? {
        Switch::Already(role) => return Ok(((), format!("{role} serves already"))),
        Switch::Flip(plan) => plan,
    };
    let output = &pipeline.context.output;
    for line in shown(&application, &objects, &plan).lines() {
        output.note(line);
    }
    let question = format!("Switch production of {name} to {}?", verified.role);
    pipeline.record.tell_of_waiting(&question).await;
    let answer = prompt::ask(&question, flags.timeout.limit(), output).await?;
    let refused = |why: &str| {
        Failure::new(
            Exit::NotConfirmed,
            format!("{name} was not switched to {}: {why}", verified.role),
        )
        .hint(format!(
            "it stays staged and verified: kubectl bluegreen switch {name}"
        ))
    };
    match answer {
        Some(true) => Ok(((), "at the terminal".to_owned())),
        Some(false) => Err(refused("the answer was no")),
        None => {
            let limit = flags.timeout;
            Err(refused(&format!("nobody answered within {limit}")))
        }
    }
}

/// Both sides as a table, and what the gate says.
fn shown(application: &Application<'_>, objects: &Objects, plan: &FlipPlan<'_>) -> String {
    let mut table = Table::new(vec!["", "ROLE", "IMAGE", "REPLICAS", "READY"]);
    let from = plan.from.as_deref().unwrap_or_default();
    for (what, role) in [("from", from), ("to", plan.to.as_str())] {
        let Some(side) = application.environment(role) else {
            continue;
        };
        let (replicas, ready) = counts(side, objects);
        table.row(vec![
            what.into(),
            role.into(),
            side.images().join(",").into(),
            replicas.to_string().into(),
            ready.to_string().into(),
        ]);
    }
    let verdict = &plan.verdict;
    let allowed = verdict.allows().then(|| "the gate allows it".to_owned());
    let reasons = verdict.refusals.iter().chain(&verdict.warnings);
    let lines: Vec<String> = std::iter::once(table.render(Style::new(false)).trim_end().to_owned())
        .chain(allowed)
        .chain(reasons.map(ToString::to_string))
        .collect();
    lines.join("\n")
}

fn counts(side: &Environment<'_>, objects: &Objects) -> (i32, usize) {
    let replicas = side.workloads.iter().map(|workload| workload.replicas());
    let pods = side.pods(&objects.pods);
    let ready = pods
        .iter()
        .filter(|pod| bluegreen_shared::pod::is_ready(pod));
    (replicas.sum(), ready.count())
}

async fn approved(
    pipeline: &Pipeline<'_>,
    cluster: &Cluster,
    verified: &Verified,
    wanted: u32,
) -> Result<((), String), Failure> {
    let target = &pipeline.args.target;
    let limit = pipeline.args.confirm.timeout.limit();
    let output = &pipeline.context.output;
    let releaser = cluster.whoami().await?;
    let asked = Asked {
        wanted,
        releaser: &releaser,
    };
    let mut progress = Progress::new(output);
    let began = Instant::now();
    let mut told = false;
    let mut objects = look(cluster, target).await?;
    loop {
        let application = find(&objects, target)?;
        let to = &verified.role;
        still_runs(&verified.revision, &application, &objects, to)
            .inspect_err(|_| progress.clear())?;
        let who = asked.who(&application, &verified.revision);
        if asked.are_enough(&who) {
            progress.clear();
            let who: Vec<String> = who.into_iter().collect();
            let names = who.join(", ");
            output.step("approved", format_args!("by {names}"));
            pipeline.record.sides.borrow_mut().approved_by = who;
            return Ok(((), format!("by {names}")));
        }
        let missing = asked.lacking(&who);
        if limit.is_some_and(|limit| began.elapsed() >= limit) {
            progress.clear();
            return Err(not_confirmed(&application.name, to, &missing));
        }
        if !told {
            told = true;
            pipeline.record.tell_of_waiting(&missing).await;
            pipeline.context.hint(&format!(
                "somebody else: kubectl bluegreen approve {}",
                application.name
            ));
        }
        progress.show(vec![format!("waiting for {to}: {missing}")]);
        tokio::time::sleep(PAUSE).await;
        objects = look_again(cluster, target).await?;
    }
}
