//! The Lease of an application while it is held: renewed, lost, let go of.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::time::{Duration, Instant};

use bluegreen_shared::keys;
use bluegreen_shared::lease::{self, Abort, Holder, Standing};
use jiff::Timestamp;
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

/// The Lease of an application, held by this run.
pub(crate) struct Held {
    cluster: Cluster,
    application: String,
    /// The production Services that say so.
    services: Vec<Service>,
    lease: RefCell<Lease>,
    /// Whose release was cut off that had it before.
    settles: Option<Holder>,
    /// The role that that has flipped production to.
    unchecked: Option<String>,
    lost: RefCell<Option<Lost>>,
    /// When what is cut off was begun, should it end now.
    unfinished: Cell<Option<Timestamp>>,
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

impl Held {
    /// Taken at this moment, and marked nowhere yet.
    pub(super) fn new(
        cluster: Cluster,
        application: String,
        services: Vec<Service>,
        lease: Lease,
        settles: Option<Holder>,
        unchecked: Option<String>,
    ) -> Self {
        let held = Self {
            cluster,
            application,
            services,
            lease: RefCell::new(lease),
            unfinished: Cell::new(None),
            settles,
            unchecked,
            lost: RefCell::new(None),
        };
        held.inherit_unfinished();
        held
    }

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

    /// Says whether the next release must know of this one, should it end now: its Lease is then left
    /// behind, as if it had been killed.
    pub(crate) fn set_unfinished(&self, unfinished: bool) {
        let begun = lease::begun(&self.lease.borrow());
        self.unfinished.set(begun.filter(|_| unfinished));
    }

    /// What this run has begun is finished. What it found unchecked may not be.
    pub(crate) fn inherit_unfinished(&self) {
        let unchecked = self.settles.as_ref().filter(|_| self.unchecked.is_some());
        self.unfinished.set(unchecked.and_then(|one| one.since));
    }

    /// Whether the next release would have to know of it.
    pub(super) fn is_unfinished(&self) -> bool {
        self.unfinished.get().is_some()
    }

    /// The role that the release has flipped production to whose place it takes, where that may be unchecked.
    pub(crate) fn left_unchecked(&self) -> Option<&str> {
        self.unchecked.as_deref()
    }

    /// What there is to do where it is cut off after its flip.
    pub(super) fn how_to_go_on(&self) -> String {
        let name = &self.application;
        format!(
            "production may be flipped already, and was not checked to the end: kubectl bluegreen status {name}; \
             kubectl bluegreen rollback {name} goes back, and a switch --to the side that serves checks it again"
        )
    }

    /// Whether it takes the place of a release that was cut off.
    pub(crate) fn settles_another(&self) -> bool {
        self.settles.is_some()
    }

    /// Whether it has to end, and is who takes back what it has begun: nobody else is known to have begun
    /// another.
    pub(crate) fn may_settle(&self) -> bool {
        matches!(*self.lost.borrow(), Some(Lost::Aborted(_) | Lost::Ended(_)))
    }

    /// Says on the production Services that it is held.
    pub(super) async fn mark(&self) -> Result<(), Failure> {
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

    /// Renews it, and remembers why that came to nothing.
    pub(super) async fn renew_for_ever(&self) -> Infallible {
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

    /// Deletes the Lease, if it is still this run's; one that stays ends by itself. That of a release that
    /// the next one must know of is ended and stays, but where somebody has asked for its end, and waits for that.
    pub(crate) async fn let_go(&self, output: &Output) {
        if matches!(*self.lost.borrow(), Some(Lost::Taken(_))) {
            return;
        }
        let mine = self.lease.borrow().clone();
        let is_aborted = matches!(*self.lost.borrow(), Some(Lost::Aborted(_)));
        if let Some(begun) = self.unfinished.get().filter(|_| !is_aborted) {
            // In vain is no harm: it ends by itself a little later.
            let _ = self.cluster.write_lease(&lease::ended(&mine, begun)).await;
            return;
        }
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

pub(super) fn name_of(lease: &Lease) -> &str {
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

/// Takes the marks away that are still there.
pub(super) async fn unmark(cluster: &Cluster, services: &[Service], name: &str, output: &Output) {
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
