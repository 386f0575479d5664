//! Who flipped what: nobody takes it away, changes it or makes it up.

use serde_json::json;

use super::{HISTORY, OVERRIDE, Sides, entry, patch, refused, stands, web, written};
use crate::fixture::guard;
use crate::shop::{Shop, service};

const ALONE: &str = "bluegreen.dev/history of Service/web would change without a flip";
const NEWEST: &str =
    "the newest entry in bluegreen.dev/history of Service/web must be of this flip and by ";
const BELOW: &str =
    "bluegreen.dev/history of Service/web would not be what it was below the newest entry";

#[tokio::test]
async fn history_changes_with_a_flip_and_by_who_flips() {
    let _guard = guard::standing().await;
    let shop = web("history").await;
    let sides = Sides::of(&shop).await;
    let by = |entries: &[_]| json!({HISTORY: written(entries)});
    let (ann, bob) = (sides.entry("ann", "green"), sides.entry("bob", "blue"));

    let made_up = by(std::slice::from_ref(&ann));
    refused(&patch(&shop, "admin", made_up.clone(), None).await, ALONE);
    refused(
        &patch(&shop, "bob", made_up.clone(), Some("green")).await,
        &format!("{NEWEST}bob"),
    );
    let two = by(&[ann.clone(), ann.clone()]);
    refused(&patch(&shop, "ann", two, Some("green")).await, BELOW);
    let flipped = patch(&shop, "ann", made_up.clone(), Some("green")).await;
    flipped.succeeded().unwrap();

    // What ann did stays below what bob does.
    let mut another = ann.clone();
    another.reason = Some("not this one".to_owned());
    for below in [vec![], vec![another], vec![bob.clone(), ann.clone()]] {
        let history = by(&[vec![bob.clone()], below].concat());
        refused(&patch(&shop, "bob", history, Some("blue")).await, BELOW);
    }
    // Nobody forgets what another did by a reason for which they have no right.
    let none = json!({HISTORY: null, OVERRIDE: "it was a rehearsal"});
    refused(&patch(&shop, "bob", none, Some("blue")).await, NEWEST);
    taken_back(&shop, "ann").await;
    assert_eq!(stands(&shop).await, "");

    // Two names in one entry, and a name within a text.
    let twice =
        written(&[entry("bob", "green")]).replace(r#""by":"bob""#, r#""by":"ann","by":"bob""#);
    let mut quoted = entry("bob", "green");
    quoted.reason = Some(r#"","by":"ann"},{"at":""#.to_owned());
    let escaped = written(&[entry("ann", "green")]).replace("web:1", r"web\u003a1");
    for history in [twice, written(&[quoted]), escaped] {
        let history = json!({HISTORY: history});
        let output = patch(&shop, "ann", history, Some("green")).await;
        refused(&output, NEWEST);
    }

    // The whole of it goes by an override alone.
    patch(&shop, "ann", made_up, Some("green"))
        .await
        .succeeded()
        .unwrap();
    let anew = json!({HISTORY: null, OVERRIDE: "it was a rehearsal"});
    refused(&patch(&shop, "ann", anew.clone(), None).await, ALONE);
    patch(&shop, "admin", anew, None).await.succeeded().unwrap();
}

/// Takes the one flip that there is back, as a switch does where another Service could not be flipped.
async fn taken_back(shop: &Shop, user: &str) {
    let change = json!({
        "metadata": {"annotations": {HISTORY: null}}, "spec": {"selector": {"role": "blue"}}
    });
    let change = change.to_string();
    let patch = ["patch", "service", "web", "--as", user, "-p", &change];
    let by_the_plugin = ["--field-manager", "kubectl-bluegreen"];
    shop.kubectl(&[&patch[..], &by_the_plugin].concat()).await;
}

#[tokio::test]
async fn ten_entries_stay_and_no_fewer() {
    let _guard = guard::standing().await;
    let shop = web("ten").await;
    let sides = Sides::of(&shop).await;
    let mut entries = Vec::new();
    for number in 0..12 {
        let to = ["green", "blue"][number % 2];
        let mut newest = sides.entry("ann", to);
        newest.reason = Some(format!("{number} {}", "ü".repeat(200)));
        entries.insert(0, newest);
        if number > 1 {
            let fewer = entries.len().min(10) - 1;
            let history = json!({HISTORY: written(&entries[..fewer])});
            refused(&patch(&shop, "ann", history, Some(to)).await, BELOW);
        }
        if entries.len() > 10 {
            let eleven = serde_json::to_string(&entries).unwrap();
            let history = json!({HISTORY: eleven});
            refused(&patch(&shop, "ann", history, Some(to)).await, BELOW);
        }
        let history = json!({HISTORY: written(&entries)});
        let flipped = patch(&shop, "ann", history, Some(to)).await;
        flipped.succeeded().unwrap();
        entries.truncate(10);
    }
    // Where they would be more than 16 KiB, fewer stay, but not fewer than that takes.
    for number in 0..4 {
        let to = ["green", "blue"][number % 2];
        let mut newest = sides.entry("ann", to);
        newest.images = vec![format!("{number}{}", "x".repeat(5000))];
        entries.insert(0, newest);
        let history = json!({HISTORY: written(&entries)});
        let flipped = patch(&shop, "ann", history, Some(to)).await;
        flipped.succeeded().unwrap();
        entries = serde_json::from_str(&stands(&shop).await).unwrap();
    }
    assert_eq!(entries.len(), 3);
    entries.insert(0, sides.entry("ann", "green"));
    let history = json!({HISTORY: written(&entries[..2])});
    refused(&patch(&shop, "ann", history, Some("green")).await, BELOW);
}

#[tokio::test]
async fn an_empty_history_hides_no_flip() {
    let _guard = guard::standing().await;
    let shop = web("empty").await;
    let empty = json!({HISTORY: ""});
    patch(&shop, "ann", empty, Some("green"))
        .await
        .succeeded()
        .unwrap();
    let flips = stands(&shop).await;
    assert!(flips.contains(r#""by":"ann""#), "{flips:?}");
}

#[tokio::test]
async fn what_is_made_anew_has_not_served() {
    let _guard = guard::standing().await;
    let shop = web("made-anew").await;
    let sides = Sides::of(&shop).await;
    let made = |entry| {
        let mut made = service("again", "blue");
        made["metadata"]["annotations"] = json!({HISTORY: written(&[entry])});
        made.to_string()
    };
    let create = ["create", "-f", "-"];
    let me = shop
        .kubectl(&[
            "auth",
            "whoami",
            "-o",
            "jsonpath={.status.userInfo.username}",
        ])
        .await;
    let served = made(sides.entry(&me, "blue"));
    let output = shop.namespace.kubectl_reading(&create, &served).await;
    let words = "would say that something served before it was made";
    refused(&output.unwrap(), words);
    let mut first = entry(&me, "blue");
    (first.from, first.ready.from) = (None, 0);
    let first = made(first);
    let output = shop.namespace.kubectl_reading(&create, &first).await;
    output.unwrap().succeeded().unwrap();
}
