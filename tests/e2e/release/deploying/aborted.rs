//! A release that somebody ends from another terminal.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use futures::future::join;

use super::confirmed::answered;
use super::{borrowed, deploy, shop};
use crate::fixture::running::Running;
use crate::release::exclusive::{is_let_go_of, its_lease_ends};
use crate::shop::Shop;

const SOON: Duration = Duration::from_secs(30);

/// Ends it, which does not take as long as the stage that is under way.
async fn abort(shop: &Shop) {
    let ended = ["nothing of web is under way any more; blue serves"];
    shop.expect(&["abort", "web", "--timeout", "20s"], 0, &ended)
        .await;
}

#[tokio::test]
async fn a_release_that_is_aborted_ends_while_its_side_comes_up() {
    let (shop, folder) = shop("aborted-staging").await;
    let side = std::fs::read_to_string(folder.file("side.yaml")).unwrap();
    let slow = side.replace(r#""name":"STATUS""#, r#""name":"START_DELAY""#);
    std::fs::write(folder.file("side.yaml"), slow).unwrap();
    let slow = deploy(&folder, "2", &["--yes", "--set", "STATUS=600"]);
    let mut release = Running::start(&shop, &borrowed(&slow));
    release.says("applied").await;
    abort(&shop).await;
    release.says("the release of web was aborted by").await;
    let stands = "has not touched production; green may be staged in part";
    release.says(stands).await;
    assert_eq!(release.ends().await, 8);
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn a_release_that_is_aborted_ends_while_it_is_verified() {
    let (shop, folder) = shop("aborted-verifying").await;
    let command = ["--yes", "--verify-timeout", "10m", "--", "sleep", "600"];
    let slow = deploy(&folder, "2", &command);
    let mut release = Running::start(&shop, &borrowed(&slow));
    release.says("[3/7] verify").await;
    abort(&shop).await;
    release.says("the release of web was aborted by").await;
    let stands = "has not touched production; the idle side is staged";
    release.says(stands).await;
    assert_eq!(release.ends().await, 8);
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn a_release_that_is_aborted_waits_for_no_answer_any_more() {
    let (shop, folder) = shop("aborted-asking").await;
    let asks = deploy(&folder, "2", &[]);
    let aborted = async {
        let path = r"jsonpath={.metadata.annotations.bluegreen\.dev/verified-green}";
        eventually(SOON, || async {
            let verified = shop.kubectl(&["get", "service", "web", "-o", path]).await;
            ensure!(!verified.is_empty(), "not verified yet");
            Ok(())
        })
        .await
        .unwrap();
        abort(&shop).await;
    };
    let ((screen, code), ()) = join(answered(&shop, &asks, ""), aborted).await;
    assert_eq!(code, 8, "{screen}");
    for part in [
        "Switch production of web to green? [y/N] \r\n",
        "the release of web was aborted by",
        "the idle side is staged",
    ] {
        assert!(screen.contains(part), "no {part} in {screen}");
    }
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn production_of_a_release_that_was_cut_off_goes_back_when_its_check_is_aborted() {
    let (shop, folder) = shop("aborted-again").await;
    let bakes = deploy(&folder, "2", &["--yes", "--bake", "10m"]);
    let mut killed = Running::start(&shop, &borrowed(&bakes));
    killed.says("baking").await;
    assert_eq!(killed.end_by("KILL").await, 137);
    its_lease_ends(&shop).await;
    let mut again = Running::start(&shop, &borrowed(&bakes));
    again.says("baking").await;
    abort(&shop).await;
    assert_eq!(again.ends().await, 7);
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}
