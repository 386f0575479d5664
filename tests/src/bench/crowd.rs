//! What a decision of the guard, and a look at the application, costs beside thousands of pods that they
//! have nothing to do with.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bluegreen_shared::pod_list;
use futures::{StreamExt, TryStreamExt, stream};
use http_body_util::BodyExt;
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::Client;
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::client::Body;
use serde_json::json;

use super::application;
use super::figure::{Figure, Series};
use super::runs::{kubectl, process};
use crate::audit::{self, Event};
use crate::eventually::eventually;
use crate::progress::say;

/// Pods that belong to somebody else while the status is shown.
const BESIDE_STATUS: usize = 2000;
/// And while the guard decides.
const BESIDE_A_DECISION: usize = 5000;
/// Of those, so many are made at a time.
const AT_ONCE: usize = 16;
/// The API server writes its log a moment after it answers.
const SOON: Duration = Duration::from_secs(10);
/// How the webhook's requests are known in the log.
const AGENT: &str = "bluegreen-webhook/";

/// The application alone, and the same application in a crowd.
const NAMESPACES: [&str; 2] = ["alone", "crowd"];

/// Judges the same flip in both namespaces, in turns: time and bytes of a decision; and shows the status
/// of both.
pub(super) async fn decisions(runs: usize) -> Result<[Figure; 3]> {
    let client = Client::try_default().await?;
    for namespace in NAMESPACES {
        application::two_a_side(namespace).await?;
    }
    gather(&client, BESIDE_STATUS).await?;
    let mut looks = [Series::new(), Series::new()];
    for _ in 0..runs {
        for (namespace, series) in NAMESPACES.iter().zip(&mut looks) {
            let status = ["kubectl-bluegreen", "status", "web", "-n", namespace];
            series.add(process(&status).await?);
        }
    }
    gather(&client, BESIDE_A_DECISION - BESIDE_STATUS).await?;
    let mut times = [Series::new(), Series::new()];
    for namespace in NAMESPACES {
        // The first one opens connections.
        judge(&client, namespace).await?;
    }
    for _ in 0..runs {
        for (namespace, series) in NAMESPACES.iter().zip(&mut times) {
            series.add(judge(&client, namespace).await?);
        }
    }
    let [alone, crowd] = NAMESPACES.map(|namespace| bytes(&client, namespace));
    let (alone, crowd) = (alone.await?, crowd.await?);
    // Its end is nobody's figure.
    let delete = ["delete", "namespace", NAMESPACES[1], "--timeout=120s"];
    if let Err(error) = kubectl(&delete).await {
        say(&format!("{error:#}"));
    }
    Ok([
        Figure::against(
            &format!("decision beside {BESIDE_A_DECISION} pods, a dry run of a flip"),
            &times[1],
            "alone",
            &times[0],
        ),
        Figure::against(
            &format!("status beside {BESIDE_STATUS} pods"),
            &looks[1],
            "alone",
            &looks[0],
        ),
        Figure::bytes(
            &format!("bytes that the webhook reads for it beside {BESIDE_A_DECISION} pods"),
            crowd,
            alone,
        ),
    ])
}

/// Pods that nobody schedules, so that they cost nothing but their place.
async fn gather(client: &Client, number: usize) -> Result<()> {
    say(&format!("{number} pods of others gather"));
    let pods: Api<Pod> = Api::namespaced(client.clone(), NAMESPACES[1]);
    let pod: Pod = serde_json::from_value(json!({
        "metadata": {"generateName": "other-", "labels": {"app": "other"}},
        "spec": {
            "schedulerName": "none",
            "containers": [{"name": "other", "image": "other:1"}]
        }
    }))?;
    let params = PostParams::default();
    stream::iter(0..number)
        .map(|_| pods.create(&params, &pod))
        .buffer_unordered(AT_ONCE)
        .try_for_each(|_| std::future::ready(Ok(())))
        .await?;
    Ok(())
}

/// A flip that leaves nothing behind, and is judged as one that does.
async fn judge(client: &Client, namespace: &str) -> Result<Duration> {
    let services: Api<Service> = Api::namespaced(client.clone(), namespace);
    let flip = json!({"spec": {"selector": {"role": "green"}}});
    let params = PatchParams {
        dry_run: true,
        ..PatchParams::default()
    };
    let began = Instant::now();
    services.patch("web", &params, &Patch::Merge(flip)).await?;
    Ok(began.elapsed())
}

/// The bodies of all that the webhook asks for during one decision, by the audit log: the same is
/// asked for again, in the same form.
async fn bytes(client: &Client, namespace: &str) -> Result<u64> {
    let mark = audit::mark()?;
    judge(client, namespace).await?;
    let events = eventually(SOON, || {
        let events = audit::since(mark).and_then(|events| {
            let flip = |event: &Event| event.verb == "patch" && is_about(event, namespace);
            ensure!(events.iter().any(flip), "the flip is not in the audit log");
            Ok(events)
        });
        std::future::ready(events)
    })
    .await?;
    let mut all = 0;
    for event in &events {
        let is_read = event.verb == "get" || event.verb == "list";
        if is_read && event.user_agent.starts_with(AGENT) && is_about(event, namespace) {
            all += body(client, event).await?;
        }
    }
    ensure!(all > 0, "the webhook has read nothing");
    Ok(all)
}

fn is_about(event: &Event, namespace: &str) -> bool {
    let object = event.object_ref.as_ref();
    object.is_some_and(|object| object.namespace == namespace || object.name == namespace)
}

async fn body(client: &Client, event: &Event) -> Result<u64> {
    let object = event.object_ref.as_ref();
    let is_pods = object.is_some_and(|object| object.resource == "pods");
    let form = if is_pods {
        pod_list::ACCEPT
    } else {
        "application/json"
    };
    let request = http::Request::get(&event.uri)
        .header(http::header::ACCEPT, form)
        .body(Body::empty())?;
    let answer = client.send(request).await?;
    ensure!(answer.status().is_success(), "{}: {answer:?}", event.uri);
    let body = answer.into_body().collect().await;
    let bytes = body.context("the answer breaks off")?.to_bytes();
    Ok(u64::try_from(bytes.len())?)
}
