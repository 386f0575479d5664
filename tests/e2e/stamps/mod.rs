//! What the API server itself sees to: that nobody writes in another's name, nor what did not happen.

mod approved;
mod dead;
mod history;
mod replaced;
mod takedown;
mod written;

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::Output;
use bluegreen_shared::history::{Entry, with};
use serde_json::{Value, json};

use crate::fixture::rights::{Right, SWITCH, grant};
use crate::shop::{Shop, deployment, service};

const SOON: Duration = Duration::from_secs(30);
const HISTORY: &str = "bluegreen.dev/history";
const INTENT: &str = "bluegreen.dev/intent";
const VERIFIED: &str = "bluegreen.dev/verified-green";
const OVERRIDE: &str = "bluegreen.dev/override";
const TAKEDOWN: &str = "bluegreen.dev/takedown";

/// What a switch and kubectl's own patch need, and more.
fn rights(more: &[Right]) -> Vec<Right> {
    [&SWITCH[..], &[("get", "", "services")], more].concat()
}

/// `web`, whose two sides are ready, and two users who may switch it.
async fn web(name: &str) -> Shop {
    let shop = Shop::guarded(name).await;
    let sides = [deployment("blue", 1), deployment("green", 1)];
    shop.apply(&[&[service("web", "blue")], &sides[..]].concat())
        .await;
    for user in ["ann", "bob"] {
        grant(&shop, user, &rights(&[])).await;
    }
    shop.ready().await;
    shop
}

/// A user's patch of the Service: annotations, and where it is to route, if it is.
async fn patch(shop: &Shop, user: &str, annotations: Value, role: Option<&str>) -> Output {
    let mut change = json!({"metadata": {"annotations": annotations}});
    if let Some(role) = role {
        change["spec"] = json!({"selector": {"role": role}});
    }
    let change = change.to_string();
    let mut arguments = vec!["patch", "service", "web", "--type=merge", "-p", &change];
    if user != "admin" {
        arguments.extend(["--as", user]);
    }
    shop.namespace.kubectl(&arguments).await.unwrap()
}

/// Whether it was refused by a policy of ours, with these words.
#[track_caller]
fn refused(output: &Output, words: &str) {
    let forbidden = output.stderr.starts_with("Error from server (Forbidden): ");
    let told = output.stderr.contains("denied request: Protected: ");
    assert!(
        output.code == 1 && forbidden && told && output.stderr.contains(words),
        "no {words:?} in {output:?}"
    );
}

/// The flip between the two sides by a user, as it is written down.
fn entry(by: &str, to: &str) -> Entry {
    let from = if to == "green" { "blue" } else { "green" };
    let entry = json!({
        "at": "2026-11-24T08:00:00.5Z", "from": from, "to": to, "by": by,
        "revision": {}, "ready": {"from": 1, "to": 1}, "images": ["web:1"]
    });
    serde_json::from_value(entry).unwrap()
}

/// What the two sides run.
struct Sides {
    blue: String,
    green: String,
}

impl Sides {
    async fn of(shop: &Shop) -> Self {
        let runs = |role: &str| {
            let selector = format!("app=web,role={role}");
            async move {
                let path = r"jsonpath={.items[0].metadata.labels.pod-template-hash}";
                shop.kubectl(&["get", "pods", "-l", &selector, "-o", path])
                    .await
            }
        };
        Self {
            blue: runs("blue").await,
            green: runs("green").await,
        }
    }

    /// The flip by a user, as it is so.
    fn entry(&self, by: &str, to: &str) -> Entry {
        let mut entry = entry(by, to);
        let (from, to) = match to {
            "green" => (&self.blue, &self.green),
            _ => (&self.green, &self.blue),
        };
        entry.revision.from = Some(from.clone());
        entry.revision.to = Some(to.clone());
        entry
    }
}

/// A history of these flips, the newest first.
fn written(entries: &[Entry]) -> String {
    with(entries[0].clone(), entries[1..].to_vec())
}

/// The history as it stands on the Service.
async fn stands(shop: &Shop) -> String {
    let path = r"jsonpath={.metadata.annotations.bluegreen\.dev/history}";
    shop.kubectl(&["get", "service", "web", "-o", path]).await
}

/// Labels the shop's namespace, and waits until that counts.
async fn policy(shop: &Shop, label: &str) {
    let place = &shop.namespace.name;
    shop.kubectl(&["label", "namespace", place, label]).await;
    let guarded = i32::from(label.ends_with('-'));
    let made_up = format!("{HISTORY}=made up");
    let rehearsal = [
        "annotate",
        "service",
        "web",
        "--overwrite",
        "--dry-run=server",
        &made_up,
    ];
    eventually(SOON, || async {
        let output = shop.namespace.kubectl(&rehearsal).await?;
        ensure!(output.code == guarded, "{output:?}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
}
