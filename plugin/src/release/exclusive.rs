//! One release of an application at a time: who may take its Lease, and when.

use std::rc::Rc;
use std::time::Duration;

use bluegreen_shared::application::Application;
use bluegreen_shared::history;
use bluegreen_shared::lease::{self, Holder, Standing, flipped_since};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Service;

use crate::cluster::{Cluster, Written};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{find, look};
use crate::render::Output;

use super::held::{Held, name_of, unmark};
use super::run::Run;

/// Longer than a holder lets pass between two renewals. By its clock and ours it may look ended.
const WATCH: Duration = Duration::from_secs(6);
/// Attempts to take what others take at the same time.
const ATTEMPTS: usize = 5;

/// Refuses while somebody else releases the application. What is left of a release that was cut off is
/// cleared away, but by a dry run.
///
/// It costs nothing where the production Services don't say that there is one.
pub(crate) async fn nobody_releases(
    cluster: &Cluster,
    application: &Application<'_>,
    dry_run: DryRun,
    output: &Output,
) -> Result<(), Failure> {
    let Some(name) = lease::marked(application) else {
        return Ok(());
    };
    let before = cluster.lease(name).await?;
    if let Some(before) = &before {
        free(cluster, &application.name, before, output).await?;
    }
    if dry_run != DryRun::None {
        return Ok(());
    }
    if let Some(before) = &before {
        cluster.delete_lease(before).await?;
    }
    unmark(cluster, &services(application), name, output).await;
    Ok(())
}

/// The same for a part of a release, which goes on only while that still holds the Lease.
pub(crate) async fn nobody_else_releases(
    held: Option<&Held>,
    cluster: &Cluster,
    application: &Application<'_>,
    dry_run: DryRun,
    output: &Output,
) -> Result<(), Failure> {
    match held {
        Some(held) => held.check(),
        None => nobody_releases(cluster, application, dry_run, output).await,
    }
}

/// A release that has begun, and not ended.
pub(crate) struct Begun {
    /// Whether it goes on, or was cut off.
    pub(crate) goes_on: bool,
    /// What there is to say of it.
    pub(crate) told: String,
}

/// The release that is under way, or was cut off; nothing where there is none, or nobody may look.
pub(crate) async fn release_under_way(
    cluster: &Cluster,
    application: &Application<'_>,
) -> Option<Begun> {
    let lease = cluster.lease(lease::marked(application)?).await.ok()??;
    let name = &application.name;
    let (goes_on, told) = match lease::standing(&lease, Context::now()) {
        Standing::Free => return None,
        Standing::Held(holder) => (
            true,
            format!(
                "a release is under way, by {holder}; to end it: kubectl bluegreen abort {name}"
            ),
        ),
        Standing::Ended(holder) => (
            false,
            format!(
                "a release by {holder} was cut off; the next one clears it away, or kubectl bluegreen abort {name}"
            ),
        ),
    };
    Some(Begun { goes_on, told })
}

/// Does what lasts as [`exclusively`] does it; what flips and ends needs no Lease.
pub(crate) async fn exclusively_where<T>(
    lasts: bool,
    cluster: &Cluster,
    target: &Target,
    run: &Run<'_>,
    work: impl AsyncFnOnce(Option<&Held>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if !lasts {
        return Box::pin(work(None)).await;
    }
    let objects = look(cluster, target).await?;
    let application = find(&objects, target)?;
    let work = async |held: &Held| work(Some(held)).await;
    Box::pin(exclusively(cluster, &application, run, work)).await
}

/// Does the work while this run holds the application's Lease, and lets go of it in the end, Ctrl-C
/// included.
///
/// # Errors
/// Somebody else holds it (exit code 8), or the work fails.
pub(crate) async fn exclusively<T>(
    cluster: &Cluster,
    application: &Application<'_>,
    run: &Run<'_>,
    work: impl AsyncFnOnce(&Held) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let output = &run.context.output;
    let held = Rc::new(take(cluster, application, output).await?);
    run.holds(Some(Rc::clone(&held)));
    let work = async {
        held.mark().await?;
        Box::pin(work(&held)).await
    };
    let result = tokio::select! {
        result = work => result,
        never = held.renew_for_ever() => match never {},
    };
    if is_settled(&result) {
        held.set_unfinished(false);
    }
    run.holds(None);
    held.let_go(output).await;
    result
}

/// Whether production is where it belongs: on what was released, or back.
pub(crate) fn is_settled<T>(result: &Result<T, Failure>) -> bool {
    match result {
        Ok(_) => true,
        Err(failure) => failure.exit == Exit::TakenBack,
    }
}

/// Whether what failed so is taken back: whoever else is at it decides what becomes of production, and who
/// asks for the end of this release wants it to be as it was.
pub(crate) fn goes_back(seen: &Failure, may_settle: bool) -> bool {
    match seen.exit {
        Exit::Busy => may_settle,
        Exit::TakenBack => false,
        _ => true,
    }
}

async fn take(
    cluster: &Cluster,
    application: &Application<'_>,
    output: &Output,
) -> Result<Held, Failure> {
    let name = lease::name(application);
    let identity = identity(cluster).await?;
    for _ in 0..ATTEMPTS {
        let before = cluster.lease(&name).await?;
        let settles = match &before {
            Some(before) => free(cluster, &application.name, before, output).await?,
            None => None,
        };
        let taken = lease::taken(&name, &identity, before.as_ref(), Context::now());
        if let Written::Stored(lease) = cluster.write_lease(&taken).await? {
            let unchecked = settles.as_ref().and_then(|cut_off| {
                let mut production = application.production.iter();
                production.find_map(|one| flipped_since(cut_off, &history::of(one.service)))
            });
            return Ok(Held::new(
                cluster.clone(),
                application.name.clone(),
                services(application),
                *lease,
                settles,
                unchecked,
            ));
        }
    }
    Err(Failure::new(
        Exit::Busy,
        format!("others take Lease/{name} all the time"),
    ))
}

fn services(application: &Application<'_>) -> Vec<Service> {
    let production = application.production.iter();
    production.map(|one| one.service.clone()).collect()
}

/// Lets a Lease pass that nobody holds any more; whose it was, where that release was cut off.
async fn free(
    cluster: &Cluster,
    application: &str,
    lease: &Lease,
    output: &Output,
) -> Result<Option<Holder>, Failure> {
    let holder = match lease::standing(lease, Context::now()) {
        Standing::Free => return Ok(None),
        Standing::Held(holder) => return Err(busy(application, &holder)),
        Standing::Ended(holder) => holder,
    };
    if renewed(cluster, lease).await?.is_some() {
        return Err(busy(application, &holder));
    }
    output.warning(format_args!(
        "a release of {application} by {holder} was cut off; this one takes its place"
    ));
    Ok(Some(holder))
}

/// A Lease that has ended by our clock, as it is a little later, if somebody renews it whose clock is behind
/// ours.
pub(crate) async fn renewed(cluster: &Cluster, before: &Lease) -> Result<Option<Lease>, Failure> {
    if lease::is_left(before) {
        return Ok(None);
    }
    tokio::time::sleep(WATCH).await;
    let version = |lease: &Lease| lease.metadata.resource_version.clone();
    let now = cluster.lease(name_of(before)).await?;
    Ok(now.filter(|now| version(now) != version(before)))
}

/// The user, and what tells this run from all others of the same user.
async fn identity(cluster: &Cluster) -> Result<String, Failure> {
    let by = cluster.whoami().await?;
    let moment = Context::now().as_microsecond();
    Ok(format!("{by} ({}-{moment:x})", std::process::id()))
}

fn busy(application: &str, holder: &Holder) -> Failure {
    Failure::new(
        Exit::Busy,
        format!("{application} is being released by {holder}"),
    )
    .hint(format!(
        "wait until it is done, or end it: kubectl bluegreen abort {application}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_else_is_at_goes_back_also_where_it_could_not_be_checked() {
        let goes_back = |exit, may_settle| goes_back(&Failure::new(exit, ""), may_settle);
        assert!(goes_back(Exit::Unverified, false));
        assert!(goes_back(Exit::CouldNot, false));
        assert!(goes_back(Exit::Busy, true));
        assert!(!goes_back(Exit::Busy, false));
        assert!(!goes_back(Exit::TakenBack, true));
    }
}
