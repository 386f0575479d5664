//! How a new template comes to a workload's pods.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::Workload;

/// A quarter of all, as the API server fills in where nothing is said.
const A_QUARTER: i64 = 25;

impl Workload {
    /// What of its strategy lets a new template stop all its pods before there are new ones.
    #[must_use]
    pub fn recreates(&self) -> Option<String> {
        let replicas = i64::from(self.replicas());
        match self {
            Self::Deployment(deployment) => of_deployment(deployment, replicas),
            Self::StatefulSet(set) => of_stateful_set(set, replicas),
        }
    }
}

/// `Recreate`, or a rolling update that may do without any (`deployment/util`, `ResolveFenceposts`).
fn of_deployment(deployment: &Deployment, replicas: i64) -> Option<String> {
    let strategy = deployment.spec.as_ref()?.strategy.as_ref()?;
    if strategy.type_.as_deref() == Some("Recreate") {
        return Some("strategy Recreate".to_owned());
    }
    let rolling = strategy.rolling_update.as_ref()?;
    let surplus = hundredths(rolling.max_surge.as_ref(), replicas)?;
    let lacking = hundredths(rolling.max_unavailable.as_ref(), replicas)?;
    // Of what is left of a pod, a surplus is rounded up and a lack down; where that leaves neither, one
    // may lack, or nothing would ever change.
    let stands_still = surplus <= 0 && lacking < 100;
    let may_lack = if stands_still { 1 } else { lacking / 100 };
    (replicas > 0 && may_lack >= replicas).then(|| {
        let written = written(rolling.max_unavailable.as_ref());
        if stands_still {
            format!("maxSurge 0 and maxUnavailable {written}, which comes to one pod")
        } else {
            format!("maxUnavailable {written}")
        }
    })
}

/// As many as there are may lack: a pod is replaced in its place, never by one beside it
/// (`statefulset`, `getStatefulSetMaxUnavailable`). With a partition some keep what they run.
fn of_stateful_set(set: &StatefulSet, replicas: i64) -> Option<String> {
    let strategy = set.spec.as_ref()?.update_strategy.as_ref();
    if strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("OnDelete") {
        return None;
    }
    let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
    if rolling.and_then(|rolling| rolling.partition).unwrap_or(0) > 0 {
        return None;
    }
    let unavailable = rolling.and_then(|rolling| rolling.max_unavailable.as_ref());
    let may_lack = match unavailable {
        None => 1,
        some => (hundredths(some, replicas)? / 100).max(1),
    };
    (replicas > 0 && may_lack >= replicas).then(|| {
        if replicas == 1 {
            "a StatefulSet of one pod, which is replaced in its place".to_owned()
        } else {
            format!("maxUnavailable {}", written(unavailable))
        }
    })
}

/// Hundredths of pods: so many pods, or that share of all.
fn hundredths(amount: Option<&IntOrString>, replicas: i64) -> Option<i64> {
    Some(match amount {
        None => A_QUARTER * replicas,
        Some(IntOrString::Int(pods)) => i64::from(*pods) * 100,
        Some(IntOrString::String(share)) => {
            i64::from(share.strip_suffix('%')?.parse::<u32>().ok()?) * replicas
        }
    })
}

fn written(amount: Option<&IntOrString>) -> String {
    match amount {
        None => format!("{A_QUARTER}%"),
        Some(IntOrString::Int(pods)) => pods.to_string(),
        Some(IntOrString::String(share)) => share.clone(),
    }
}
