//! The intent of a switch, as others find it: under way, interrupted, or of nobody.

use tokio::process::Command;

use crate::fixture::guard;
use crate::fixture::rights::{SWITCH, grant};
use crate::shop::{Shop, deployment, service};

/// Writes the intent to switch to green on the Service: who wants it, and until when.
async fn announce(shop: &Shop, by: &str, until: &str) {
    let intent = written(by, until).await;
    shop.kubectl(&["annotate", "service", "web", &intent]).await;
}

/// The annotation; the time as the machine's clock tells it.
async fn written(by: &str, until: &str) -> String {
    let date = ["-u", "-d", until, "+%Y-%m-%dT%H:%M:%SZ"];
    let date = Command::new("date").args(date).output().await.unwrap();
    let until = String::from_utf8(date.stdout).unwrap();
    let until = until.trim();
    format!(r#"bluegreen.dev/intent={{"to":"green",{by}"until":"{until}"}}"#)
}

#[tokio::test]
async fn somebody_elses_switch_is_not_run_over() {
    let shop = Shop::web("busy").await;
    announce(&shop, r#""by":"somebody","#, "+1 minute").await;
    let before = shop.state().await;
    shop.expect(
        &["switch", "web"],
        8,
        &["somebody is switching web to green"],
    )
    .await;
    assert_eq!(shop.state().await, before);
    shop.expect(&["status", "web"], 0, &["somebody"]).await;
    let past = ["switch", "web", "--override", "outage"];
    shop.expect(&past, 0, &["web is green now"]).await;
}

#[tokio::test]
async fn an_intent_that_has_ended_or_is_nobodys_is_settled() {
    let settled = "a switch of web to green was begun and has not ended";
    for (name, by, until, words) in [
        ("ended", r#""by":"somebody","#, "-1 minute", &[][..]),
        ("nobodys", "", "+1 minute", &[settled]),
    ] {
        let shop = Shop::web(name).await;
        announce(&shop, by, until).await;
        let words = [&["web is green now"], words].concat();
        shop.expect(&["switch", "web"], 0, &words).await;
        assert_eq!(shop.intent().await, "", "{name}");
    }
}

#[tokio::test]
async fn the_guard_tells_whose_intent_it_is() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("stamped").await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 1),
        deployment("green", 1),
    ])
    .await;
    grant(
        &shop,
        "releaser",
        &[&SWITCH[..], &[("get", "", "services")]].concat(),
    )
    .await;
    shop.ready().await;
    let unsigned = written("", "+1 minute").await;
    shop.kubectl(&["annotate", "service", "web", &unsigned, "--as=releaser"])
        .await;
    let busy = ["releaser is switching web to green"];
    shop.expect(&["switch", "web"], 8, &busy).await;
    shop.expect(&["rollback", "web"], 3, &[]).await;
    assert_eq!(shop.role("web").await, "blue");
    // Who breaks the glass does so in their own name, whatever another has begun.
    let past = ["switch", "web", "--override", "outage"];
    shop.expect(&past, 0, &["web is green now"]).await;
    let history = shop.run(&["history", "web"]).await.stdout;
    assert!(!history.contains("releaser"), "{history}");
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
    shop.kubectl(&["annotate", "service", "web", &unsigned, "--as=releaser"])
        .await;
    let own = ["switch", "web", "--to", "green", "--as=releaser"];
    let settled = ["this one takes its place", "web is green now"];
    shop.expect(&own, 0, &settled).await;
    assert_eq!(shop.intent().await, "");
}
