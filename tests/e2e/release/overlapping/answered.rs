//! What clients see of it.

use std::time::{Duration, Instant};

use bluegreen_e2e::load::{Connections, Load, Plan};
use serde_json::json;

use super::is;
use crate::fixture::guard;
use crate::release::exclusive::is_let_go_of;
use crate::shop::{Shop, real, says, service};

/// Before and after what is done under load.
const AROUND: Duration = Duration::from_secs(1);

async fn load(shop: &Shop) -> Load {
    let path = "jsonpath={.spec.clusterIP}:{.spec.ports[0].port}";
    let address = shop.kubectl(&["get", "service", "web", "-o", path]).await;
    let side = |role: &str| (role.to_owned(), format!("pod web-{role}-"));
    Load::start(&Plan {
        address: address.parse().unwrap(),
        path: "/".to_owned(),
        sides: vec![side("blue"), side("green")],
        on_new_connections: 3,
        on_kept_connections: 1,
        pause: Duration::from_millis(3),
        longest: Duration::from_mins(3),
    })
}

#[tokio::test]
async fn both_sides_answer_and_then_the_new_one_alone_and_no_request_is_lost() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("overlap").await;
    // Each of its flips is announced.
    let mut production = service("web", "blue");
    production["metadata"]["annotations"] = json!({"bluegreen.dev/on-drift": "deny"});
    shop.apply(&[production, real("blue", 2), real("green", 2)])
        .await;
    shop.ready().await;
    tokio::time::sleep(AROUND * 3).await;
    let load = load(&shop).await;
    tokio::time::sleep(AROUND).await;
    let began = Instant::now();
    let switch = [
        "switch",
        "web",
        "--overlap",
        "4s",
        "--verify-prod",
        "--reason",
        "slowly",
    ];
    let output = shop.run(&switch).await;
    let ended = Instant::now();
    tokio::time::sleep(AROUND * 2).await;
    let report = load.stop().await.unwrap();
    let said = [
        "flipped    web: blue → blue and green",
        "4 of 4 endpoints are blue and green",
        "held       blue and green served for 4s",
        "flipped    web: blue and green → green",
        "2 of 2 endpoints are green",
        "5 of 5 checks passed",
        "web is green now. Back: ",
    ];
    says(&switch, &output, 0, &said);
    let failures = report.failures();
    assert!(failures.is_empty(), "{failures:?}");
    // Both answered for as long as it took, one beside the other.
    let first_of_green = report.first_of("green", Connections::New, began).unwrap();
    let last_of_blue = report.last_of("blue", Connections::New, began).unwrap();
    let both = last_of_blue.saturating_sub(first_of_green);
    assert!(both > Duration::from_secs(3), "{both:?}");
    let of = |side| report.answers_of(side, Connections::New);
    assert!(of("blue") > 100 && of("green") > 100);
    assert_eq!(report.last_of("blue", Connections::New, ended), None);
    is(&shop, "green", 1).await;
    is_let_go_of(&shop).await;

    let back = ["rollback", "web", "--overlap", "1s"];
    let said = [
        "green → green and blue",
        "green and blue → blue",
        "web is blue now",
    ];
    shop.expect(&back, 0, &said).await;
    is(&shop, "blue", 2).await;
    is_let_go_of(&shop).await;
    shop.expect(&["rollback", "web"], 0, &["web is blue already"])
        .await;
}
