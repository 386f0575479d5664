//! Flips by users and tools, and what they get for them.

mod keep;

use bluegreen_shared::drift::{Requester, keep};
use bluegreen_shared::gate::{self, Flip};
use bluegreen_shared::keys;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::refusal::Code;
use k8s_openapi::api::core::v1::{Namespace, Service};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const NOW: &str = "2026-05-01T12:00:00Z";
pub(crate) const SOON: &str = "2026-05-01T12:01:00Z";
pub(crate) const PAST: &str = "2026-05-01T11:59:59Z";

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

pub(crate) fn service(selector: impl Into<Value>) -> Value {
    let selector = selector.into();
    json!({ "metadata": { "name": "web", "namespace": "shop" }, "spec": { "selector": selector } })
}

pub(crate) fn annotated(mut service: Value, key: &str, value: impl Into<String>) -> Value {
    service["metadata"]["annotations"][key] = value.into().into();
    service
}

pub(crate) fn labelled(mut service: Value, role: &str) -> Value {
    service["metadata"]["labels"]["role"] = role.into();
    service
}

pub(crate) fn intent(service: Value, to: &str, by: &str, until: &str) -> Value {
    let intent = json!({ "to": to, "by": by, "until": until });
    annotated(service, keys::INTENT, intent.to_string())
}

pub(crate) fn role(role: &str) -> Value {
    service(json!({ "app": "web", "role": role }))
}

pub(crate) fn version(version: &str) -> Value {
    annotated(
        service(json!({ "app": "web", "version": version })),
        keys::ROLE_KEY,
        "version",
    )
}

/// A user at a terminal, or a tool that applies what stands in a repository.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum By {
    Ann,
    Tool,
}

/// What a user with a tool gets for a flip under a setting of the Namespace.
fn ask<T>(
    on_drift: &str,
    by: By,
    before: &Value,
    after: &Value,
    answer: impl FnOnce(&Flip<'_>, Option<&Namespace>, &Requester<'_>) -> T,
) -> T {
    let namespace =
        json!({ "metadata": { "name": "shop", "annotations": { keys::ON_DRIFT: on_drift } } });
    let (before, after): (Service, Service) = (read(before), read(after));
    let delivery_tools = ["helm".to_owned(), "argocd-controller".to_owned()];
    let flip = Flip {
        before: &before,
        after: &after,
        now: NOW.parse().unwrap(),
    };
    let manager = match by {
        By::Ann => "kubectl-patch",
        By::Tool => "argocd-controller",
    };
    let requester = Requester {
        user: "ann",
        manager,
        delivery_tools: &delivery_tools,
    };
    answer(&flip, Some(&read(&namespace)), &requester)
}

/// The sentence of a refusal for drift.
pub(crate) fn refused(on_drift: &str, by: By, before: &Value, after: &Value) -> Option<String> {
    ask(on_drift, by, before, after, |flip, namespace, requester| {
        let objects = Objects {
            namespace: namespace.cloned(),
            ..Objects::default()
        };
        let verdict = gate::judge_for(flip, &objects, Some(requester));
        let mut all = verdict.refusals.into_iter();
        let drift = all.find(|refusal| refusal.code == Code::Drift)?;
        assert_eq!(drift.remedy, "kubectl bluegreen switch web -n shop");
        Some(drift.message)
    })
}

/// The Service as it would be stored; `None` where nothing is kept.
pub(crate) fn kept(on_drift: &str, by: By, before: &Value, after: &Value) -> Option<Value> {
    let patch = ask(on_drift, by, before, after, keep);
    if patch.is_empty() {
        return None;
    }
    let mut stored = after.clone();
    json_patch::patch(&mut stored, &patch).unwrap();
    let again = ask(on_drift, by, before, &stored, keep);
    assert_eq!(again, [], "what was kept is kept");
    Some(stored)
}
