//! A release that goes well.

use serde_json::json;

use super::{borrowed, deploy, document, results, shop};
use crate::fixture::guard;
use crate::release::exclusive::is_let_go_of;
use crate::shop::{Shop, real, service};

#[tokio::test]
async fn one_command_takes_a_version_to_production() {
    let (shop, folder) = shop("deploys").await;
    let result = folder.file("result.xml");
    let more = ["--yes", "--reason", "release 2", "--output-junit", &result];
    let arguments = deploy(&folder, "2", &more);
    let words = [
        "[1/7] check",
        "production is blue (bluegreen.dev/test-server:1); green is idle",
        "[5/7] switch",
        "5 of 5 checks passed",
    ];
    let released = document(&shop, &arguments, 0, &words).await;
    assert_eq!(released["result"], "released");
    assert_eq!(released["from"]["role"], "blue");
    assert_eq!(released["to"]["role"], "green");
    assert_eq!(
        results(&released),
        [
            "check passed",
            "stage passed",
            "verify passed",
            "confirm passed",
            "switch passed",
            "production passed",
            "after skipped",
        ]
    );
    assert_eq!(shop.role("web").await, "green");
    is_let_go_of(&shop).await;
    let history = ["green", "release 2"];
    shop.expect(&["history", "web"], 0, &history).await;
    let xml = std::fs::read_to_string(&result).unwrap();
    for part in [
        r#"<testsuite name="kubectl bluegreen deploy web" tests="7" failures="0" errors="0" skipped="1""#,
        r#"<testcase name="verify""#,
        "<skipped/>",
    ] {
        assert!(xml.contains(part), "no {part} in {xml}");
    }

    // A pipeline that repeats the step releases nothing again, and goes nowhere.
    let before = shop.state().await;
    let words = ["production is green and runs this already"];
    let again = document(&shop, &arguments, 0, &words).await;
    assert_eq!(again["result"], "already");
    assert_eq!(results(&again)[1], "stage skipped");
    assert_eq!(results(&again)[5], "production passed");
    assert_eq!(shop.role("web").await, "green");
    let undisturbed = |state: Vec<String>| {
        let workloads = state.into_iter().filter(|one| one.contains("web-"));
        workloads.collect::<Vec<_>>()
    };
    assert_eq!(undisturbed(shop.state().await), undisturbed(before));

    // The next version goes to the other side.
    let next = deploy(&folder, "3", &["--yes", "--verify-prod=false"]);
    let next = document(&shop, &next, 0, &[]).await;
    assert_eq!(results(&next)[5], "production skipped");
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn the_guard_lets_it_pass_and_sees_that_it_was_verified() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("deploys-guarded").await;
    let mut production = service("web", "blue");
    production["metadata"]["annotations"] = json!({"bluegreen.dev/require-verified": "true"});
    shop.apply(&[production, real("blue", 1), real("green", 1)])
        .await;
    shop.ready().await;
    let image = "bluegreen.dev/test-server:2";
    shop.expect(&["stage", "web", "--image", image], 0, &[])
        .await;
    shop.expect(&["switch", "web"], 3, &["Unverified"]).await;
    let deploy = ["deploy", "web", "--image", image, "--yes", "--bake", "3s"];
    shop.expect(&deploy, 0, &["web is green now"]).await;
    assert_eq!(shop.role("web").await, "green");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn a_side_that_is_not_there_is_made_of_its_manifests() {
    let (shop, folder) = shop("deploys-first").await;
    shop.kubectl(&["delete", "deployment", "web-green"]).await;
    let released = document(&shop, &deploy(&folder, "2", &["--yes"]), 0, &[]).await;
    assert_eq!(released["to"]["role"], "green");
    assert_eq!(shop.role("web").await, "green");
}

#[tokio::test]
async fn the_side_that_was_left_is_retired_afterwards() {
    let (shop, folder) = shop("deploys-after").await;
    let after = ["--yes", "--after", "retire", "--drain", "1s"];
    let arguments = deploy(&folder, "2", &after);
    let released = document(&shop, &arguments, 0, &[]).await;
    assert_eq!(results(&released)[6], "after passed");
    let replicas = "jsonpath={.spec.replicas}";
    let replicas = ["get", "deployment", "web-blue", "-o", replicas];
    assert_eq!(shop.kubectl(&replicas).await, "0");
    // And comes up again as the idle side of the next release.
    let sync = ["--yes", "--after", "sync", "--drain", "1s"];
    let released = document(&shop, &deploy(&folder, "3", &sync), 0, &[]).await;
    assert_eq!(results(&released)[6], "after passed");
    assert_eq!(released["to"]["role"], "blue");
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_staged_and_changes_nothing() {
    let (shop, folder) = shop("deploys-dry").await;
    let before = shop.state().await;
    for dry in ["--dry-run=server", "--dry-run=client"] {
        let arguments = deploy(&folder, "2", &[dry]);
        let words = ["Deployment/web-green", "green would be staged"];
        shop.expect(&borrowed(&arguments), 0, &words).await;
        let rehearsed = document(&shop, &arguments, 0, &[]).await;
        assert_eq!(rehearsed["result"], "rehearsed");
        assert_eq!(rehearsed["dryRun"], true);
    }
    assert_eq!(shop.state().await, before);
    is_let_go_of(&shop).await;
    // An image that production runs already needs no release either.
    let image = "bluegreen.dev/test-server:1";
    let arguments = ["deploy", "web", "--image", image, "--yes"];
    let arguments = arguments.map(str::to_owned).to_vec();
    let already = document(&shop, &arguments, 0, &["runs this already"]).await;
    assert_eq!(already["to"], json!({"role": "blue", "images": [image]}));
}
