//! One cell: a client tries a way, for real or as a rehearsal.

use std::fs;
use std::path::PathBuf;

use bluegreen_e2e::cluster::kubeconfig;
use serde_json::Value;
use tokio::process::Command;

use super::clients::Client;
use super::place::{Place, State};
use super::way::{Change, Way};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Allowed,
    /// By the guard, with these codes.
    Refused(Vec<String>),
    /// Something else went wrong, which no cell may.
    Failed,
}

/// Runs a client's command on an object as it is now, and gives what it said.
pub(super) async fn run(
    place: &Place,
    way: &Way,
    client: Client,
    state: &State,
    object: &str,
    dry: bool,
) -> (Outcome, String) {
    let (kind, name) = object.split_once('/').unwrap();
    let mut full = state[object].clone();
    let mut manifest = place.manifests.get(object).cloned();
    let mut steps = String::new();
    let mut patch = String::new();
    if let Change::Update(change) = &way.change {
        let before = full.clone();
        json_patch::merge(&mut full, change);
        if let Some(manifest) = &mut manifest {
            json_patch::merge(manifest, change);
        }
        steps = serde_json::to_string(&json_patch::diff(&before, &full)).unwrap();
        patch = change.to_string();
    }
    // A controller may write to its status meanwhile.
    full["metadata"]
        .as_object_mut()
        .unwrap()
        .remove("resourceVersion");
    let file = |name: &str, content: &str| -> PathBuf {
        let written = place.folder.join(name);
        fs::write(&written, content).unwrap();
        written
    };
    let others: Vec<&Value> = place
        .manifests
        .iter()
        .filter(|(name, _)| *name != object)
        .map(|(_, manifest)| manifest)
        .collect();
    let others = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": others});
    let namespace = &place.shop.namespace.name;
    let (collection, kind_of_api) = match kind {
        "deployment" => (
            format!("/apis/apps/v1/namespaces/{namespace}/deployments"),
            "apps/v1/Deployment",
        ),
        "namespace" => ("/api/v1/namespaces".to_owned(), "core/v1/Namespace"),
        "pod" => (
            format!("/api/v1/namespaces/{namespace}/pods"),
            "core/v1/Pod",
        ),
        _ => (
            format!("/api/v1/namespaces/{namespace}/services"),
            "core/v1/Service",
        ),
    };
    let user = way.user.map(|user| format!("--as={user}"));
    let output = in_place(place, "sh")
        .args(["-c", &format!("{PRELUDE}\n{}", client.command)])
        .env("NS", namespace)
        .env("USER_FLAG", user.unwrap_or_default())
        .env("OBJECT", object)
        .env("KIND", kind)
        .env("NAME", name)
        .env("URL", format!("{collection}/{name}"))
        .env("COLLECTION", collection)
        .env("TYPE", kind_of_api)
        .env("PATCH", patch)
        .env("STEPS", steps)
        .env(
            "NEW",
            file("new.json", &manifest.unwrap_or_default().to_string()),
        )
        .env("FULL", file("full.json", &full.to_string()))
        .env("OTHERS", file("others.json", &others.to_string()))
        .env("CHART", place.folder.join("chart"))
        .env("REVISION", way.revision.unwrap_or_default())
        .env("DRY", if dry { "--dry-run=server" } else { "" })
        .env("QUERY", if dry { "?dryRun=All" } else { "" })
        .output()
        .await
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout)
    );
    (outcome(output.status.success(), &text), text)
}

/// Helm, in the namespace of a place.
pub(super) fn helm(place: &Place) -> Command {
    in_place(place, "helm")
}

fn in_place(place: &Place, program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env("KUBECONFIG", kubeconfig())
        .env("HELM_NAMESPACE", &place.shop.namespace.name)
        // All revisions are kept, for some are gone back to.
        .env("HELM_MAX_HISTORY", "0");
    for folder in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(folder, place.folder.join("helm"));
    }
    command
}

const PRELUDE: &str = r#"kubectl() { command kubectl --namespace "$NS" $USER_FLAG "$@"; }"#;

fn outcome(succeeded: bool, text: &str) -> Outcome {
    if succeeded {
        return Outcome::Allowed;
    }
    let Some((_, told)) = text
        .split_once("denied the request: ")
        .or_else(|| text.split_once("denied request: "))
    else {
        return Outcome::Failed;
    };
    let mut codes = Vec::new();
    for line in told.lines() {
        if let Some((code, _)) = line.split_once(": ")
            && code.starts_with(|first: char| first.is_ascii_uppercase())
            && code.chars().all(|letter| letter.is_ascii_alphabetic())
            && !codes.contains(&code.to_owned())
        {
            codes.push(code.to_owned());
        }
    }
    Outcome::Refused(codes)
}
