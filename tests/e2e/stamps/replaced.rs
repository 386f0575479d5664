//! A manifest that knows nothing of the history replaces what is stored.

use bluegreen_e2e::kubectl::Output;
use serde_json::{Value, json};

use super::{HISTORY, patch, stands, web, written};
use crate::fixture::guard;
use crate::shop::{Shop, service};

const KEPT: &str = "Warning: Service/web keeps bluegreen.dev/history, which this update leaves out";

async fn replace(shop: &Shop, role: &str) -> Output {
    let plain = service("web", role).to_string();
    let replace = ["replace", "-f", "-"];
    let output = shop.namespace.kubectl_reading(&replace, &plain).await;
    output.unwrap().succeeded().unwrap()
}

async fn entries(shop: &Shop) -> Vec<Value> {
    serde_json::from_str(&stands(shop).await).unwrap()
}

#[tokio::test]
async fn a_plain_manifest_takes_no_history_away() {
    let _guard = guard::standing().await;
    let shop = web("replaced").await;
    let never = replace(&shop, "blue").await;
    assert_eq!(never.stderr, "", "there is nothing to keep");
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
    let switched = stands(&shop).await;

    let same = replace(&shop, "green").await;
    assert!(same.stderr.contains(KEPT), "{same:?}");
    assert_eq!(stands(&shop).await, switched);

    // By the very user whose only flip it undoes: it is one more.
    let back = replace(&shop, "blue").await;
    assert!(back.stderr.contains(KEPT), "{back:?}");
    assert_eq!(shop.role("web").await, "blue");
    let flips = entries(&shop).await;
    assert_eq!(flips.len(), 2, "{flips:?}");
    let (newest, below) = (&flips[0], written_of(&flips[1..]));
    assert_eq!(
        (&newest["from"], &newest["to"]),
        (&json!("green"), &json!("blue"))
    );
    assert_eq!(below, switched);
}

#[tokio::test]
async fn who_flips_by_hand_leaves_the_history_of_others_as_it_is() {
    let _guard = guard::standing().await;
    let shop = web("left-out").await;
    let switch = ["switch", "web", "--as", "ann"];
    shop.expect(&switch, 0, &["web is green now"]).await;
    let none = json!({HISTORY: null});
    let kept = patch(&shop, "bob", none.clone(), None).await;
    assert!(kept.stderr.contains(KEPT), "{kept:?}");
    let back = patch(&shop, "bob", none, Some("blue")).await;
    back.succeeded().unwrap();
    let by: Vec<Value> = entries(&shop).await;
    let by: Vec<&Value> = by.iter().map(|entry| &entry["by"]).collect();
    assert_eq!(by, ["bob", "ann"]);
}

fn written_of(entries: &[Value]) -> String {
    let read = |entry: &Value| serde_json::from_value(entry.clone()).unwrap();
    written(&entries.iter().map(read).collect::<Vec<_>>())
}
