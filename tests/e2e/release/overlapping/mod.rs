//! Both sides serve for a while: `--overlap`.

mod answered;
mod deployed;
mod killed;
mod refused;
mod several;
mod stopped;

use std::time::Duration;

use serde_json::{Value, json};

use crate::fixture::running::Running;
use crate::release::exclusive::is_let_go_of;
use crate::shop::{Shop, deployment, service};

/// Longer than a Lease holds that nobody renews.
const FREE: Duration = Duration::from_mins(1);
const SWITCH: [&str; 4] = ["switch", "web", "--overlap", "10m"];
/// What it says while both serve.
const BOTH: &str = "blue and green serve, for 10m";

/// What `web` selects, and what it says of it.
async fn selected(shop: &Shop) -> (Value, Option<String>) {
    let web = shop.kubectl(&["get", "service", "web", "-o", "json"]).await;
    let mut web: Value = serde_json::from_str(&web).unwrap();
    let mark = &web["metadata"]["annotations"]["bluegreen.dev/overlap"];
    let mark = mark.as_str().map(str::to_owned);
    (web["spec"]["selector"].take(), mark)
}

/// Production selects both sides, and says so.
async fn is_in_an_overlap(shop: &Shop) {
    let (selector, mark) = selected(shop).await;
    let mark: Value = serde_json::from_str(&mark.unwrap()).unwrap();
    assert_eq!(selector, json!({"app": "web"}));
    assert_eq!(
        (&mark["from"], &mark["to"]),
        (&json!("blue"), &json!("green"))
    );
    // What blue runs while it is still what served alone.
    assert!(mark["served"].is_string(), "{mark}");
}

/// Production is one side, says nothing of an overlap, and has been flipped so often.
async fn is(shop: &Shop, role: &str, flips: usize) {
    let alone = json!({"app": "web", "role": role});
    assert_eq!(selected(shop).await, (alone, None));
    let path = "jsonpath={.flips[*].to}";
    let told = shop.run(&["history", "web", "-o", path]).await.stdout;
    assert_eq!(told.split_whitespace().count(), flips, "{told}");
}

/// A guarded application of simulated pods, so many a side; production is blue.
async fn guarded(name: &str, pods: u32) -> Shop {
    let shop = Shop::guarded(name).await;
    let sides = [deployment("blue", pods), deployment("green", pods)];
    shop.apply(&[&[service("web", "blue")][..], &sides].concat())
        .await;
    shop.ready().await;
    shop
}

/// Stops a release while both sides serve: it goes back, says so, and leaves nothing.
async fn goes_back_when_interrupted(shop: &Shop, mut release: Running) {
    release.says(BOTH).await;
    let said = release.interrupted().await;
    assert!(
        said.contains("interrupted; production is back on blue"),
        "{said}"
    );
    is(shop, "blue", 0).await;
    is_let_go_of(shop).await;
}

/// A guarded application with two production Services.
async fn pair(name: &str) -> Shop {
    let shop = Shop::guarded(name).await;
    let marked = |name| {
        let mut service = service(name, "blue");
        service["metadata"]["annotations"] = json!({"bluegreen.dev/production": "true"});
        service
    };
    let services = [marked("web-inner"), marked("web-public")];
    let sides = [deployment("blue", 1), deployment("green", 1)];
    shop.apply(&[services, sides].concat()).await;
    shop.ready().await;
    shop
}
