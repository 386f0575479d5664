//! What the guard says to every client, and what it leaves alone.

mod announced;
mod autoscaled;
mod by_status;
mod clients;
mod closed;
mod codes;
mod crowded;
mod dead;
mod denied;
mod malformed;
mod matrix;
mod overlapping;
mod overridden;
mod peaceful;
mod recreated;
mod values;
mod verified;
mod ways;

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::Output;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use crate::shop::{Shop, deployment, service};

const SOON: Duration = Duration::from_mins(1);

/// `web` with production on blue, two pods a side, in a namespace that the guard guards.
async fn web(name: &str, green: Value) -> Shop {
    let shop = Shop::guarded(name).await;
    shop.apply(&[service("web", "blue"), deployment("blue", 2), green])
        .await;
    shop
}

/// Gives the pods of a side an annotation.
fn annotated(mut side: Value, key: &str, value: &str) -> Value {
    side["spec"]["template"]["metadata"]["annotations"] = json!({key: value});
    side
}

/// A side whose pods run, and never get ready.
fn never_ready(side: Value) -> Value {
    annotated(side, "simulate/pod", "never-ready")
}

/// Any client's merge patch of the Service `web`.
async fn patch(shop: &Shop, change: &Value) -> Output {
    let change = change.to_string();
    let arguments = ["patch", "service", "web", "--type=merge", "-p", &change];
    shop.namespace.kubectl(&arguments).await.unwrap()
}

/// What flips `web` to a role.
fn to(role: &str) -> Value {
    json!({"spec": {"selector": {"role": role}}})
}

/// The verdict in what kubectl printed of a refusal: all lines, without kubectl's own words.
fn verdict(output: &Output) -> &str {
    let denied = "Error from server (Forbidden): admission webhook \"flip.bluegreen.dev\" denied the request: ";
    let rest = output.stderr.strip_prefix(denied);
    assert_eq!(output.code, 1, "{output:?}");
    rest.unwrap_or_else(|| panic!("not forbidden by the guard: {output:?}"))
}

/// Waits until a Deployment has so many pods on its account, ready or not.
async fn settled(shop: &Shop, name: &str, pods: i32) {
    eventually(SOON, || async {
        let deployment = shop.namespace.api::<Deployment>().get(name).await?;
        let status = deployment.status.unwrap_or_default();
        ensure!(
            status.observed_generation == deployment.metadata.generation
                && status.replicas.unwrap_or(0) == pods
                && status.updated_replicas.unwrap_or(0) == pods,
            "{status:?}"
        );
        anyhow::Ok(())
    })
    .await
    .unwrap();
}
