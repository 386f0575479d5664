//! The flip: from then on the Service selects a role.

use bluegreen_shared::plan::adopt::{Crossing, Scene, crossing};
use bluegreen_shared::plan::flip::ServiceFlip;
use k8s_openapi::api::core::v1::Service;
use serde_json::json;

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::look::{A_LONG_WHILE, patiently};
use crate::release::{Followed, Order, Others, flip as carry_out, insist, judged};

use super::Run;
use super::look::Seen;

/// Judges, flips and follows; `false` where the Service was changed meanwhile.
pub(super) async fn flip(
    run: &mut Run<'_>,
    scene: &Scene<'_>,
    seen: &Seen,
) -> Result<bool, Failure> {
    let (cluster, output) = (run.cluster, &run.context.output);
    let now = Context::now();
    let Some(Crossing { application, plan }) = crossing(scene, &seen.objects, now) else {
        return Ok(false);
    };
    if !plan.verdict.allows() {
        // It did a moment ago.
        return Ok(false);
    }
    let mut others = Others::default();
    others
        .not_busy(cluster, &application.name, &plan, output)
        .await?;
    judged(&application, &seen.objects, &plan, DryRun::None, output);
    let order = Order {
        application: &application,
        pods: &seen.objects.pods,
        plan: &plan,
        reason: run.args.reason.as_deref(),
        override_reason: None,
        dry_run: DryRun::None,
        seen: Freshness::Live,
    };
    let flipped = match carry_out(cluster, &order, output).await {
        Ok(flipped) => flipped,
        Err(stop) => {
            run.conflicts.again(stop)?;
            return Ok(false);
        }
    };
    let service = scene.service_name();
    let role = format!("{}={}", scene.origin.key, scene.role.as_str());
    output.step(
        "flipped",
        format_args!("{service}: to {role} ({} ms)", flipped.took.as_millis()),
    );
    match flipped.followed {
        Some(Followed::Yes { endpoints, took }) => {
            let took = took.as_millis();
            output.step(
                "followed",
                format_args!(
                    "{endpoints} of {endpoints} endpoints are {} ({took} ms)",
                    plan.to
                ),
            );
            Ok(true)
        }
        Some(Followed::Lost(what)) => Err(taken_back(cluster, scene, &plan.flips, what).await),
        Some(Followed::Late(failure)) => Err(failure.details([format!(
            "Deployment/{} stays until they have; the same command goes on from there",
            scene.origin.name
        )])),
        None => Ok(true),
    }
}

/// The old pods are all there still: the Service is to select them again.
async fn taken_back(
    cluster: &Cluster,
    scene: &Scene<'_>,
    flips: &[ServiceFlip<'_>],
    what: String,
) -> Failure {
    let (name, namespace) = (scene.service_name(), cluster.namespace());
    let old = format!("Deployment/{}", scene.origin.name);
    match put_back(cluster, name, flips).await {
        Ok(()) => Failure::new(
            Exit::TakenBack,
            format!("{what}: Service/{name} selects the pods of {old} again"),
        )
        .hint(format!(
            "kubectl get pods -l {}; then the same command goes on from there",
            bluegreen_shared::selector::query(&scene.selector(scene.role))
        )),
        Err(why) => {
            let body = json!({
                "metadata": {"annotations": {"bluegreen.dev/override": "REASON"}},
                "spec": {"selector": {scene.origin.key.as_str(): null}},
            });
            Failure::new(Exit::Unverified, what)
                .details([format!(
                    "Service/{name} could not be put back to the pods of {old}: {}",
                    why.message
                )])
                .hint(format!(
                    "past the guard, for holders of the verb \"override\": \
                     kubectl patch service {name} -n {namespace} --type=merge -p '{body}'"
                ))
        }
    }
}

async fn put_back(cluster: &Cluster, name: &str, flips: &[ServiceFlip<'_>]) -> Result<(), Failure> {
    let list = async || cluster.list::<Service>(cluster.namespace(), None).await;
    let mut services = patiently(A_LONG_WHILE, list).await?.into_iter();
    let now = services.find(|service| service.metadata.name.as_deref() == Some(name));
    let (Some(flip), Some(now)) = (flips.first(), now) else {
        return Err(Failure::could_not("somebody has deleted it"));
    };
    insist(cluster, flip, &flip.put_back(&now)).await
}
