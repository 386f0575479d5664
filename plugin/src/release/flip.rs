//! Announces, flips, and follows: the guarded patches in their order.

use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use bluegreen_shared::history::{self, Entry};
use bluegreen_shared::overlap::Step;
use bluegreen_shared::plan::flip::ServiceFlip;
use bluegreen_shared::plan::switch::FlipPlan;
use k8s_openapi::api::core::v1::{Pod, Service};

use crate::cluster::{Cluster, Freshness, Rejected};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::look::{A_WHILE, patiently};
use crate::render::Output;

use super::announce::{Announced, announce, stamped, unannounced, withdraw_all};
use super::follow::{Followed, follow};
use super::rehearse::rehearse;

/// Attempts to flip an object that others change at the same time.
const ATTEMPTS: usize = 5;

/// Counts the attempts that met a change by somebody else.
#[derive(Debug, Default)]
pub(crate) struct Conflicts(usize);

impl Conflicts {
    /// Whether the order, as it is by then, may be tried again.
    pub(crate) fn again(&mut self, stop: Stop) -> Result<(), Failure> {
        match stop {
            Stop::Changed(_) if self.0 + 1 < ATTEMPTS => {
                self.0 += 1;
                Ok(())
            }
            Stop::Unsure => Ok(()),
            Stop::Changed(failure) | Stop::Failed(failure) => Err(failure),
        }
    }
}

/// What is to be flipped, and how.
pub(crate) struct Order<'o> {
    /// The application.
    pub(crate) application: &'o Application<'o>,
    /// The pods that were read for it.
    pub(crate) pods: &'o [Pod],
    /// The flips, judged.
    pub(crate) plan: &'o FlipPlan<'o>,
    /// Why, for the history.
    pub(crate) reason: Option<&'o str>,
    /// Why the guard is to be passed; `None` for a flip that it judges.
    pub(crate) override_reason: Option<&'o str>,
    /// How far.
    pub(crate) dry_run: DryRun,
    /// How fresh what it was judged by is. Where that is not live, it is carried out only if the guard
    /// judges it too.
    pub(crate) seen: Freshness,
}

/// What was done.
pub(crate) struct Flipped {
    /// The Services, in the order in which they were flipped.
    pub(crate) services: Vec<String>,
    /// From the first patch of a selector to the last answer.
    pub(crate) took: Duration,
    /// What the slices said afterwards; `None` for a dry run.
    pub(crate) followed: Option<Followed>,
}

/// Why the order was not carried out. As far as can be seen, nothing of it is left behind.
pub(crate) enum Stop {
    /// A Service is not as it was judged: look again, decide again.
    Changed(Failure),
    /// What it was judged by is not fresh enough for that: look live, decide again.
    Unsure,
    /// It can't be done.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Rejected> for Stop {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Conflict(failure) => Self::Changed(failure),
            other => Self::Failed(other.into()),
        }
    }
}

/// Announces the order and carries it out: all of its Services, or none.
pub(crate) async fn flip(
    cluster: &Cluster,
    order: &Order<'_>,
    output: &Output,
) -> Result<Flipped, Stop> {
    if order.dry_run != DryRun::None {
        return rehearse(cluster, order).await;
    }
    match announce_and_flip(cluster, order, output).await {
        // The guard looks live, and may have seen more.
        Err(Stop::Failed(failure))
            if order.seen == Freshness::Recent && failure.exit == Exit::Denied =>
        {
            Err(Stop::Unsure)
        }
        result => result,
    }
}

async fn announce_and_flip(
    cluster: &Cluster,
    order: &Order<'_>,
    output: &Output,
) -> Result<Flipped, Stop> {
    let flips = &order.plan.flips;
    let announced = if order.override_reason.is_some() {
        unannounced(cluster, flips).await?
    } else {
        announce(cluster, flips, &order.plan.to, output).await?
    };
    let by = match stamped(&announced.services) {
        Some(by) => by,
        None if order.seen == Freshness::Recent => {
            withdraw_all(cluster, &announced.services, output).await;
            return Err(Stop::Unsure);
        }
        None => match cluster.whoami().await {
            Ok(by) => by,
            Err(failure) => {
                withdraw_all(cluster, &announced.services, output).await;
                return Err(failure.into());
            }
        },
    };
    carry_out(cluster, order, announced, &by, output).await
}

/// Flips what has been announced, and follows it.
pub(super) async fn carry_out(
    cluster: &Cluster,
    order: &Order<'_>,
    announced: Announced<'_>,
    by: &str,
    output: &Output,
) -> Result<Flipped, Stop> {
    let Announced {
        services,
        mut watched,
    } = announced;
    let began = Instant::now();
    flip_all(cluster, order, &services, by, output).await?;
    let took = began.elapsed();
    let followed = follow(cluster, &mut watched, order, began).await;
    Ok(Flipped {
        services: order
            .plan
            .flips
            .iter()
            .map(|flip| flip.name().to_owned())
            .collect(),
        took,
        followed: Some(followed),
    })
}

/// Flips every Service. When one fails, those before it are put back.
async fn flip_all(
    cluster: &Cluster,
    order: &Order<'_>,
    announced: &[Service],
    by: &str,
    output: &Output,
) -> Result<(), Stop> {
    let now = Context::now();
    let past_the_guard = order
        .override_reason
        .map(|reason| format!("{reason} ({by}, {})", now.strftime("%Y-%m-%dT%H:%M:%SZ")));
    let mut done: Vec<(&ServiceFlip<'_>, Service)> = Vec::new();
    for (flip, service) in order.plan.flips.iter().zip(announced) {
        let mut entry = order
            .plan
            .entry(flip, now, by, order.reason.or(order.override_reason));
        entry.overridden = past_the_guard.is_some();
        let patch = flip.flip(service, entry.clone(), past_the_guard.as_deref());
        let answer = cluster
            .patch_service(cluster.namespace(), flip.name(), &patch, DryRun::None)
            .await;
        let flipped = match answer {
            Ok(flipped) => Ok(flipped),
            Err(rejected @ (Rejected::Conflict(_) | Rejected::Other(_))) => {
                match landed(cluster, flip, &entry).await {
                    Ok(Some(flipped)) => Ok(flipped),
                    Ok(None) => Err(rejected),
                    Err(_) => Err(unknown(order, flip, rejected)),
                }
            }
            Err(rejected) => Err(rejected),
        };
        match flipped {
            Ok(flipped) => done.push((flip, flipped)),
            Err(rejected) => {
                withdraw_all(cluster, &announced[done.len()..], output).await;
                put_back(cluster, &done).await?;
                return Err(if !done.is_empty() && flip.step == Step::Leave {
                    // What was put back is in no overlap any more, so that it can't be tried again.
                    Stop::Failed(rejected.into())
                } else {
                    rejected.into()
                });
            }
        }
    }
    Ok(())
}

/// The Service, if it was flipped although the answer says otherwise: a request whose answer was
/// lost on its way may have been carried out, and one that was sent again then meets itself.
async fn landed(
    cluster: &Cluster,
    flip: &ServiceFlip<'_>,
    entry: &Entry,
) -> Result<Option<Service>, Failure> {
    let list = async || cluster.list::<Service>(cluster.namespace(), None).await;
    let mut services = patiently(A_WHILE, list).await?.into_iter();
    let is_flipped = |service: &Service| {
        if !flip.step.is_recorded() {
            return flip.is_stored(service);
        }
        history::of(service).first().is_some_and(|newest| {
            newest.at == entry.at && newest.by == entry.by && newest.to == entry.to
        })
    };
    let service = services.find(|one| one.metadata.name.as_deref() == Some(flip.name()));
    Ok(service.filter(is_flipped))
}

/// Neither answer nor look told whether the request was carried out.
fn unknown(order: &Order<'_>, flip: &ServiceFlip<'_>, rejected: Rejected) -> Rejected {
    let (application, service) = (&order.application.name, flip.name());
    let failure = Failure::from(rejected);
    let what = format!("whether Service/{service} was flipped all the same can't be seen");
    let next = format!("kubectl bluegreen status {application}");
    Rejected::Other(failure.details([what]).hint(next))
}

/// Puts back what was flipped, all that can be.
async fn put_back(cluster: &Cluster, done: &[(&ServiceFlip<'_>, Service)]) -> Result<(), Failure> {
    let mut failed: Option<Failure> = None;
    for (flip, flipped) in done {
        let patch = flip.put_back(flipped);
        let answer = cluster
            .patch_service(cluster.namespace(), flip.name(), &patch, DryRun::None)
            .await;
        if let Err(rejected) = answer {
            let why = Failure::from(rejected);
            let message = format!(
                "Service/{} was flipped, another was not, and it could not be put back: {}",
                flip.name(),
                why.message
            );
            failed = Some(match failed {
                Some(before) => before.details([message]),
                None => Failure { message, ..why }
                    .hint("production is split: kubectl bluegreen switch NAME --to ROLE"),
            });
        }
    }
    failed.map_or(Ok(()), Err)
}
