//! The Lease of an application while it is held: renewed, lost, let go of.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::time::{Duration, Instant};

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

/// The Lease of an application, held by this run.
pub(crate) struct Held {
    cluster: Cluster,
    application: String,
    /// The production Services that say so.
    services: Vec<Service>,
    lease: RefCell<Lease>,
    /// Whose release was cut off that had it before.
    settles: Option<Holder>,
    lost: RefCell<Option<Lost>>,
    /// Whether it is cut off, should it end now.
    unfinished: Cell<bool>,
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
    ) -> Self {
        // One that was cut off is not forgotten before the work knows of it.
        let unfinished = Cell::new(settles.is_some());
        Self {
            cluster,
            application,
            services,
            lease: RefCell::new(lease),
            settles,
            lost: RefCell::new(None),
            unfinished,
        }
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

    /// From here on the next release must know of this one, should it be interrupted: it is left to end
    /// by itself, as if it had been killed.
    pub(crate) fn unfinished(&self, unfinished: bool) {
        self.unfinished.set(unfinished);
    }

    /// Whether it takes the place of a release that was cut off.
    pub(crate) fn settles_another(&self) -> bool {
        self.settles.is_some()
    }

    /// Whether somebody asked for the end of this release, which is still the only one.
    pub(crate) fn is_aborted(&self) -> bool {
        matches!(*self.lost.borrow(), Some(Lost::Aborted(_)))
    }

    /// Whether it has ended, and nobody else is known to have begun another.
    pub(super) fn is_over(&self) -> bool {
        matches!(*self.lost.borrow(), Some(Lost::Aborted(_) | Lost::Ended(_)))
    }

    /// Says on the production Services that it is held. From then on the work says whether it is unfinished.
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
        self.unfinished.set(false);
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

    /// Deletes the Lease, if it is still this run's; one that stays ends by itself. Who has asked for the end
    /// waits for that.
    pub(crate) async fn let_go(&self, output: &Output) {
        let is_taken = matches!(*self.lost.borrow(), Some(Lost::Taken(_)));
        if is_taken || self.unfinished.get() && !self.is_aborted() {
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
