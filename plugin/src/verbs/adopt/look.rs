//! One live look at what is to be adopted.

use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::adopt::{Ask, Beside, Found, find};
use bluegreen_shared::workload::Workload;
use futures::future::{try_join, try_join4};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Freshness, Manifest};
use crate::failure::Failure;
use crate::look::{A_WHILE, patiently};

/// What was seen.
pub(super) struct Seen {
    pub(super) objects: Objects,
    old: Option<Value>,
    made: Option<Value>,
    scalers: Vec<HorizontalPodAutoscaler>,
    budgets: Vec<PodDisruptionBudget>,
}

impl Seen {
    /// Reads the namespace, and what is meant by the name as the API server has it.
    pub(super) async fn look(cluster: &Cluster, ask: &Ask) -> Result<Self, Failure> {
        let namespace = cluster.namespace();
        let mut objects = cluster.read_objects(namespace, Freshness::Live).await?;
        let Found::Scene(scene) = find(&objects, ask)? else {
            return Ok(Self::without(objects));
        };
        let query = scene.query();
        let raws = try_join(raw(cluster, scene.old), raw(cluster, scene.made));
        let all = try_join4(
            cluster.read_rest(namespace, Some(&query), Freshness::Live),
            raws,
            cluster.list::<HorizontalPodAutoscaler>(namespace, None),
            cluster.read_budgets(namespace),
        );
        let ((place, pods), (old, made), scalers, budgets) = Box::pin(all).await?;
        drop(scene);
        (objects.namespace, objects.pods) = (place, pods);
        Ok(Self {
            objects,
            old,
            made,
            scalers,
            budgets,
        })
    }

    /// The same after a look that succeeded: one that fails is no reason to give up yet.
    pub(super) async fn again(cluster: &Cluster, ask: &Ask) -> Result<Self, Failure> {
        patiently(A_WHILE, async || Self::look(cluster, ask).await).await
    }

    /// What a plan needs beside the objects.
    pub(super) fn beside(&self) -> Beside<'_> {
        Beside {
            old: self.old.as_ref(),
            made: self.made.as_ref(),
            scalers: &self.scalers,
            budgets: &self.budgets,
        }
    }

    fn without(objects: Objects) -> Self {
        Self {
            objects,
            old: None,
            made: None,
            scalers: Vec::new(),
            budgets: Vec::new(),
        }
    }
}

/// The Deployment with the fields that only a newer API server knows; `None` where none is meant.
async fn raw(cluster: &Cluster, workload: Option<&Workload>) -> Result<Option<Value>, Failure> {
    let Some(workload) = workload.filter(|one| matches!(one, Workload::Deployment(_))) else {
        return Ok(None);
    };
    let gone = || Failure::could_not(format!("{} is gone", workload.reference()));
    let manifest = named(workload, cluster.namespace()).ok_or_else(gone)?;
    let found = cluster.fetch(&manifest).await?;
    found.map(|found| Some(json!(found))).ok_or_else(gone)
}

/// The object without what it says.
pub(super) fn named(workload: &Workload, namespace: &str) -> Option<Manifest> {
    Manifest::of(json!({
        "apiVersion": "apps/v1", "kind": workload.kind(),
        "metadata": {"name": workload.name(), "namespace": namespace},
    }))
}
