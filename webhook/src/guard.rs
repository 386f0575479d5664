//! The validating hooks: may this happen to what serves, or is to serve?

use std::time::Instant;

use bluegreen_shared::drift::Requester;
use bluegreen_shared::gate::{self, Flip, Verdict};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::protect::{self, Change};
use bluegreen_shared::selector;
use bluegreen_shared::workload::Workload;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v1::Scale;
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use serde::de::DeserializeOwned;
use tokio::time;

use crate::app::{App, Failure};
use crate::lookup::Freshness;
use crate::review::{Answer, Malformed, Review};

/// Decides on live reads.
///
/// Every error is an error of the call, for the failure policy to decide about; only a verdict denies.
pub(crate) async fn judge(
    app: &App,
    hook: &'static str,
    review: &Review<'_>,
    deadline: time::Instant,
) -> Result<Answer, Failure> {
    let asked = Asked {
        app,
        hook,
        review,
        deadline,
    };
    let (group, kind) = review.kind();
    match (group, kind, review.operation()) {
        ("", "Service", "UPDATE") => asked.flip().await,
        ("", "Service", "DELETE") => asked.service_deleted().await,
        ("", "Pod", "UPDATE") => asked.pod().await,
        ("", "Namespace", "DELETE") => asked.namespace_deleted().await,
        ("apps", "Deployment", _) => asked.workload::<Deployment>().await,
        ("apps", "StatefulSet", _) => asked.workload::<StatefulSet>().await,
        ("autoscaling", "Scale", "UPDATE") => asked.scale().await,
        (_, _, operation) => Err(Failure::Malformed(Malformed(format!(
            "the guard has no rule for the {operation:.20} of {kind:.60}"
        )))),
    }
}

/// One question, and with what it is answered.
struct Asked<'a> {
    app: &'a App,
    hook: &'static str,
    review: &'a Review<'a>,
    deadline: time::Instant,
}

impl Asked<'_> {
    async fn flip(&self) -> Result<Answer, Failure> {
        let (before, after): (Service, Service) = self.both()?;
        let namespace = self.review.namespace();
        let lookup = &self.app.lookup;
        let started = Instant::now();
        let objects = lookup
            .around_flip(namespace, &before, &after, self.deadline)
            .await?;
        self.took("read", started);
        let started = Instant::now();
        let flip = Flip {
            before: &before,
            after: &after,
            now: Timestamp::now(),
        };
        let requester = requester(self.app, self.review);
        let Verdict {
            mut refusals,
            warnings,
            ..
        } = gate::judge_for(&flip, &objects, Some(&requester));
        let (before, after) = (&before, &after);
        refusals.extend(protect::judge(
            &Change::Service { before, after },
            &objects,
            flip.now,
        ));
        self.took("judge", started);
        for warning in &warnings {
            self.app.metrics.refused(self.hook, warning.code.as_str());
        }
        if refusals.is_empty() {
            return Ok(Answer::Allow {
                patch: Vec::new(),
                warnings: warnings.iter().map(ToString::to_string).collect(),
            });
        }
        Ok(self.app.deny(self.hook, refusals))
    }

    async fn workload<K>(&self) -> Result<Answer, Failure>
    where
        K: DeserializeOwned,
        Workload: From<K>,
    {
        let Some(before) = self.review.old_object::<K>()?.map(Workload::from) else {
            return Err(self.incomplete());
        };
        let after = self.review.object::<K>()?.map(Workload::from);
        self.of_workload(&before, after.as_ref()).await
    }

    /// The object says nothing but a number: the workload itself has to be looked up.
    async fn scale(&self) -> Result<Answer, Failure> {
        let (_, after): (Scale, Scale) = self.both()?;
        // A number that is absent is 0 here, unlike in the workload itself.
        if after.spec.and_then(|spec| spec.replicas).unwrap_or(0) > 0 {
            return Ok(allowed());
        }
        let resource = self.review.resource();
        if !matches!(resource, "deployments" | "statefulsets") {
            return Err(self.incomplete());
        }
        let (namespace, name) = (self.review.namespace(), self.review.name());
        let lookup = &self.app.lookup;
        let Some(before) = lookup
            .workload(namespace, resource, name, self.deadline)
            .await?
        else {
            return Ok(allowed());
        };
        let mut after = before.clone();
        after.set_replicas(0);
        self.of_workload(&before, Some(&after)).await
    }

    async fn of_workload(
        &self,
        before: &Workload,
        after: Option<&Workload>,
    ) -> Result<Answer, Failure> {
        let change = match after {
            Some(after) => Change::Workload { before, after },
            None => Change::DeleteWorkload(before),
        };
        let objects = Objects {
            services: self.services().await?,
            ..Objects::default()
        };
        Ok(self.protect(&change, &objects))
    }

    async fn pod(&self) -> Result<Answer, Failure> {
        let (before, after): (Pod, Pod) = self.both()?;
        let mut objects = Objects {
            services: self.services().await?,
            ..Objects::default()
        };
        let services = &mut objects.services;
        services.retain(|service| protect::is_left(service, &before, &after));
        for service in &objects.services {
            let (namespace, selector) = (self.review.namespace(), selector::of(service));
            let fresh = Freshness::Live;
            let none = selector::Labels::new();
            let lookup = &self.app.lookup;
            let pods = lookup
                .pods(namespace, selector, &none, fresh, self.deadline)
                .await?;
            objects.pods.extend(pods);
        }
        let (before, after) = (&before, &after);
        Ok(self.protect(&Change::Pod { before, after }, &objects))
    }

    async fn service_deleted(&self) -> Result<Answer, Failure> {
        let Some(service) = self.review.old_object::<Service>()? else {
            return Err(self.incomplete());
        };
        let lookup = &self.app.lookup;
        let objects = Objects {
            workloads: lookup
                .workloads(self.review.namespace(), self.deadline)
                .await?,
            ..Objects::default()
        };
        Ok(self.protect(&Change::DeleteService(&service), &objects))
    }

    async fn namespace_deleted(&self) -> Result<Answer, Failure> {
        let Some(namespace) = self.review.old_object::<Namespace>()? else {
            return Err(self.incomplete());
        };
        let lookup = &self.app.lookup;
        let objects = lookup
            .application(self.review.name(), Freshness::Live, self.deadline)
            .await?;
        Ok(self.protect(&Change::DeleteNamespace(&namespace), &objects))
    }

    async fn services(&self) -> Result<Vec<Service>, Failure> {
        let lookup = &self.app.lookup;
        Ok(lookup
            .services(self.review.namespace(), self.deadline)
            .await?)
    }

    fn protect(&self, change: &Change<'_>, objects: &Objects) -> Answer {
        let refusals = protect::judge(change, objects, Timestamp::now());
        if refusals.is_empty() {
            return allowed();
        }
        self.app.deny(self.hook, refusals)
    }

    fn both<K: DeserializeOwned>(&self) -> Result<(K, K), Failure> {
        match (self.review.old_object()?, self.review.object()?) {
            (Some(before), Some(after)) => Ok((before, after)),
            _ => Err(self.incomplete()),
        }
    }

    fn incomplete(&self) -> Failure {
        let (operation, kind) = (self.review.operation(), self.review.kind().1);
        Failure::Malformed(Malformed(format!(
            "the review of the {operation:.20} of {kind:.60} lacks what is to be judged"
        )))
    }

    fn took(&self, phase: &'static str, started: Instant) {
        self.app.metrics.took(self.hook, phase, started.elapsed());
    }
}

/// Who asks, and with which tool.
pub(crate) fn requester<'a>(app: &'a App, review: &'a Review<'_>) -> Requester<'a> {
    Requester {
        user: review.user(),
        manager: review.manager(),
        delivery_tools: &app.delivery_tools,
    }
}

fn allowed() -> Answer {
    Answer::Allow {
        patch: Vec::new(),
        warnings: Vec::new(),
    }
}
