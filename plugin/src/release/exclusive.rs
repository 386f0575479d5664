//! One release of an application at a time: the Lease that whoever releases holds, and renews.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use bluegreen_shared::keys;
use bluegreen_shared::lease::{self, Abort, Holder, Standing};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Service;

use crate::cluster::{Cluster, Deleted, Rejected, Written};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::Output;

/// Between two renewals: a third of how long it holds.
const RENEW: Duration = Duration::from_secs(5);
/// Longer than a holder lets pass between two renewals. By its clock and ours it may look ended.
const WATCH: Duration = Duration::from_secs(6);
/// Attempts to take what others take at the same time.
const ATTEMPTS: usize = 5;

/// The Lease of an application, held by this run.
pub(crate) struct Held {
    cluster: Cluster,
    application: String,
    /// The production Services that say so.
    services: Vec<Service>,
    lease: RefCell<Lease>,
    lost: RefCell<Option<Lost>>,
}

/// Why the release must not go on.
#[derive(Clone, Debug)]
enum Lost {
    /// Somebody asks for that.
    Aborted(Abort),
    /// Somebody else holds the Lease by now.
    Taken(Holder),
    /// It could not be renewed in time.
    Ended(Failure),
}

/// Refuses while somebody else releases the application. What is left of a release that was cut off is
/// cleared away.
///
/// It costs nothing where the production Services don't say that there is one.
pub(crate) async fn nobody_releases(
    cluster: &Cluster,
    application: &Application<'_>,
    output: &Output,
) -> Result<(), Failure> {
    let Some(name) = lease::marked(application) else {
        return Ok(());
    };
    let before = cluster.lease(name).await?;
    if let Some(before) = &before {
        free(cluster, &application.name, before, output).await?;
        cluster.delete_lease(before).await?;
    }
    unmark(cluster, &services(application), name, output).await;
    Ok(())
}

/// What there is to say of a release that is under way, or was cut off; nothing where there is none, or
/// nobody may look.
pub(crate) async fn release_under_way(
    cluster: &Cluster,
    application: &Application<'_>,
) -> Option<String> {
    let lease = cluster.lease(lease::marked(application)?).await.ok()??;
    let name = &application.name;
    match lease::standing(&lease, Context::now()) {
        Standing::Free => None,
        Standing::Held(holder) => Some(format!(
            "a release is under way, by {holder}; to end it: kubectl bluegreen abort {name}"
        )),
        Standing::Ended(holder) => Some(format!(
            "a release by {holder} was cut off; the next one clears it away, or kubectl bluegreen abort {name}"
        )),
    }
}

/// Does the work while this run holds the application's Lease, and lets go of it in the end, Ctrl-C
/// included.
///
/// # Errors
/// Somebody else holds it (exit code 8), or the work fails.
pub(crate) async fn exclusively<T>(
    cluster: &Cluster,
    application: &Application<'_>,
    context: &Context,
    work: impl AsyncFnOnce(&Held) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let held = Rc::new(take(cluster, application, &context.output).await?);
    context.holds(Some(Rc::clone(&held)));
    let work = async {
        held.mark().await?;
        Box::pin(work(&held)).await
    };
    let result = tokio::select! {
        result = work => result,
        never = held.renew_for_ever() => match never {},
    };
    context.holds(None);
    held.let_go(&context.output).await;
    result
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
        if let Some(before) = &before {
            free(cluster, &application.name, before, output).await?;
        }
        let taken = lease::taken(&name, &identity, before.as_ref(), Context::now());
        if let Written::Stored(lease) = cluster.write_lease(&taken).await? {
            return Ok(Held {
                cluster: cluster.clone(),
                application: application.name.clone(),
                services: services(application),
                lease: RefCell::new(*lease),
                lost: RefCell::new(None),
            });
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

/// Lets a Lease pass that nobody holds any more.
async fn free(
    cluster: &Cluster,
    application: &str,
    lease: &Lease,
    output: &Output,
) -> Result<(), Failure> {
    let holder = match lease::standing(lease, Context::now()) {
        Standing::Free => return Ok(()),
        Standing::Held(holder) => return Err(busy(application, &holder)),
        Standing::Ended(holder) => holder,
    };
    if is_renewed(cluster, lease).await? {
        return Err(busy(application, &holder));
    }
    output.warning(format_args!(
        "a release of {application} by {holder} was cut off; this one takes its place"
    ));
    Ok(())
}

/// Takes the marks away that are still there.
async fn unmark(cluster: &Cluster, services: &[Service], name: &str, output: &Output) {
    for service in services {
        let (patch, of) = (lease::unmark(service, name), cluster.namespace());
        let service = service.metadata.name.as_deref().unwrap_or_default();
        let answer = cluster
            .patch_service(of, service, &patch, DryRun::None)
            .await;
        match answer {
            Ok(_) | Err(Rejected::Conflict(_)) => {}
            Err(rejected) => output.warning(format_args!(
                "{} stays on Service/{service}, and means nothing once its Lease has ended: {}",
                keys::RELEASE,
                Failure::from(rejected).message
            )),
        }
    }
}

/// Whether somebody renews it whose clock is behind ours.
async fn is_renewed(cluster: &Cluster, before: &Lease) -> Result<bool, Failure> {
    tokio::time::sleep(WATCH).await;
    let now = cluster.lease(name_of(before)).await?;
    Ok(now.is_some_and(|now| now.metadata.resource_version != before.metadata.resource_version))
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

impl Held {
    /// Nothing more may be done where somebody ended the release, or may have begun another.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Some(lost) = self.lost.borrow().clone() else {
            return Ok(());
        };
        let application = &self.application;
        Err(match lost {
            Lost::Aborted(abort) => Failure::new(
                Exit::Busy,
                format!("the release of {application} was aborted by {abort}"),
            ),
            Lost::Taken(holder) => Failure::new(
                Exit::Busy,
                format!("the release of {application} was taken over by {holder}"),
            ),
            Lost::Ended(failure) => Failure {
                exit: Exit::Busy,
                message: format!(
                    "others may release {application} by now, its Lease could not be renewed: {}",
                    failure.message
                ),
                ..failure
            },
        }
        .hint(format!("kubectl bluegreen status {application}")))
    }

    /// Whether somebody asked for the end of this release, which is still the only one.
    pub(crate) fn is_aborted(&self) -> bool {
        matches!(*self.lost.borrow(), Some(Lost::Aborted(_)))
    }

    async fn mark(&self) -> Result<(), Failure> {
        let lease = self.lease.borrow().clone();
        for service in &self.services {
            let patch = lease::mark(service, name_of(&lease));
            let name = service.metadata.name.as_deref().unwrap_or_default();
            let namespace = self.cluster.namespace();
            self.cluster
                .patch_service(namespace, name, &patch, DryRun::None)
                .await?;
        }
        Ok(())
    }

    async fn renew_for_ever(&self) -> Infallible {
        let mut renewed = Instant::now();
        let longest = lease::DURATION.unsigned_abs();
        loop {
            tokio::time::sleep(RENEW).await;
            match self.renew().await {
                Ok(None) => renewed = Instant::now(),
                Ok(Some(lost)) => *self.lost.borrow_mut() = Some(lost),
                Err(failure) if renewed.elapsed() >= longest => {
                    *self.lost.borrow_mut() = Some(Lost::Ended(failure));
                }
                Err(_) => {}
            }
        }
    }

    async fn renew(&self) -> Result<Option<Lost>, Failure> {
        let mine = self.lease.borrow().clone();
        let renewed = lease::renewed(&mine, Context::now());
        if let Written::Stored(stored) = self.cluster.write_lease(&renewed).await? {
            *self.lease.borrow_mut() = *stored;
            return Ok(None);
        }
        let Some(now) = self.cluster.lease(name_of(&mine)).await? else {
            // Somebody deleted it, and may be releasing by now.
            return Ok(Some(taken_by("somebody who deleted its Lease")));
        };
        if !is_of_the_same(&now, &mine) {
            return Ok(Some(match lease::standing(&now, Context::now()) {
                Standing::Held(holder) | Standing::Ended(holder) => Lost::Taken(holder),
                Standing::Free => taken_by("somebody who emptied its Lease"),
            }));
        }
        let abort = lease::abort(&now);
        *self.lease.borrow_mut() = now;
        Ok(abort.map(Lost::Aborted))
    }

    /// Deletes the Lease, if it is still this run's; one that stays ends by itself.
    pub(crate) async fn let_go(&self, output: &Output) {
        if matches!(*self.lost.borrow(), Some(Lost::Taken(_))) {
            return;
        }
        let mine = self.lease.borrow().clone();
        unmark(&self.cluster, &self.services, name_of(&mine), output).await;
        let deleted = async {
            if self.cluster.delete_lease(&mine).await? == Deleted::Gone {
                return Ok(());
            }
            // Somebody wrote on it, an abort for example.
            match self.cluster.lease(name_of(&mine)).await? {
                Some(now) if is_of_the_same(&now, &mine) => {
                    self.cluster.delete_lease(&now).await.map(drop)
                }
                _ => Ok(()),
            }
        };
        let result: Result<(), Failure> = deleted.await;
        if let Err(failure) = result {
            output.warning(format_args!(
                "the Lease of {} is left, and ends by itself in {} seconds: {}",
                self.application,
                lease::DURATION.as_secs(),
                failure.message
            ));
        }
    }
}

fn name_of(lease: &Lease) -> &str {
    lease.metadata.name.as_deref().unwrap_or_default()
}

fn is_of_the_same(one: &Lease, other: &Lease) -> bool {
    let holder = |lease: &Lease| lease.spec.as_ref()?.holder_identity.clone();
    one.metadata.uid == other.metadata.uid && holder(one) == holder(other)
}

fn taken_by(whom: &str) -> Lost {
    Lost::Taken(Holder {
        identity: whom.to_owned(),
        since: None,
    })
}
