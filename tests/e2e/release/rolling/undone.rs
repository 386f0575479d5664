//! An update that does not pass is taken back.

use serde_json::json;

use super::{CRASHES, ONE, TWO, deploy, deployment, is_settled, load, pattern, rolling, spec};
use crate::fixture::black_hole::BlackHole;
use crate::fixture::folder::Folder;
use crate::fixture::running::Running;
use crate::release::deploying::{borrowed, document, results};

#[tokio::test]
async fn an_image_that_crashes_is_taken_back_while_all_is_served() {
    let shop = pattern("rolls-crash").await;
    let before = spec(&shop).await;
    let load = load(&shop).await;
    let arguments = deploy(
        CRASHES,
        &["--max-surge", "1", "--replicas", "3", "--reason", "no"],
    );
    let words = [
        "Deployment/tomcat-deployment will not come up: Pod/tomcat-deployment-",
        "container tomcat-container: ",
        "exit code 7",
        "cannot open /etc/app/config.yaml",
        "undone     Deployment/tomcat-deployment is back on bluegreen.dev/test-server:1",
    ];
    let failed = document(&shop, &arguments, 7, &words).await;
    let report = load.stop().await.unwrap();
    assert_eq!(report.failures().len(), 0, "{:?}", report.failures());
    assert!(report.requests() > 100);
    assert_eq!(failed["result"], "takenBack");
    assert_eq!(
        results(&failed),
        [
            "check passed",
            "confirm passed",
            "update failed",
            "verify skipped",
            "production skipped",
            "undo passed",
        ]
    );
    assert_eq!(spec(&shop).await, before);
    let history = shop
        .kubectl(&["rollout", "history", super::DEPLOYMENT])
        .await;
    let newest = history.trim().lines().last().unwrap();
    assert!(newest.ends_with("<none>"), "{history}");
    is_settled(&shop, ONE).await;
}

#[tokio::test]
async fn what_fails_a_check_or_takes_too_long_is_taken_back() {
    let shop = pattern("rolls-check").await;
    let folder = Folder::of(&shop, &[]);
    let before = spec(&shop).await;
    let fails = deploy(TWO, &["--expect-body", "version 9"]);
    let words = ["2 of 2 pods of Deployment/tomcat-deployment did not pass"];
    let failed = document(&shop, &fails, 7, &words).await;
    assert_eq!(results(&failed)[2..4], ["update passed", "verify failed"]);
    assert_eq!(spec(&shop).await, before);
    let fails = deploy(TWO, &["--verify-path", "/nowhere"]);
    let failed = document(&shop, &fails, 7, &["check 1 of 5 of production failed"]).await;
    assert_eq!(
        results(&failed)[3..6],
        ["verify passed", "production failed", "undo passed"]
    );
    assert_eq!(spec(&shop).await, before);
    // A pod that never gets ready.
    let mut slow = deployment(TWO);
    slow["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "START_DELAY", "value": "1000"}]);
    std::fs::write(folder.file("slow.json"), slow.to_string()).unwrap();
    let file = folder.file("slow.json");
    let late = rolling(&["-f", &file, "--force-conflicts", "--stage-timeout", "3s"]);
    document(&shop, &late, 7, &["did not come up within 3s"]).await;
    assert_eq!(spec(&shop).await, before);
    is_settled(&shop, ONE).await;
}

#[tokio::test]
async fn who_stops_an_update_has_it_taken_back() {
    let shop = pattern("rolls-stopped").await;
    let before = spec(&shop).await;
    for (point, signal) in [
        ("updating Deployment/tomcat-deployment", "INT"),
        ("[4/6] verify", "TERM"),
        ("baking", "HUP"),
    ] {
        let arguments = deploy(TWO, &["--bake", "10m"]);
        let mut release = Running::start(&shop, &borrowed(&arguments));
        release.says(point).await;
        assert_eq!(release.end_by(signal).await, 7, "{point}");
        assert_eq!(spec(&shop).await, before, "{point}");
        is_settled(&shop, ONE).await;
    }
    // Before anything was changed there is nothing to take back.
    let arguments = deploy(TWO, &[]);
    let mut release = Running::start(&shop, &borrowed(&arguments));
    release.says("[1/6] check").await;
    let code = release.end_by("INT").await;
    assert!([130, 7].contains(&code), "{code}");
    is_settled(&shop, ONE).await;
}

#[tokio::test]
async fn who_stops_it_while_the_change_is_on_its_way_has_that_taken_back_too() {
    let shop = pattern("rolls-sent").await;
    let before = spec(&shop).await;
    let hole = BlackHole::of_templates(&shop).await;
    let mut release = Running::start(&shop, &borrowed(&deploy(TWO, &["--bake", "10m"])));
    release.says("[3/6] update").await;
    let rehearsed = hole.caught().await;
    drop(rehearsed);
    let sent = hole.caught().await;
    release.signal("INT").await;
    hole.let_go(&shop).await;
    drop(sent);
    assert_eq!(release.ends().await, 7);
    assert_eq!(spec(&shop).await, before);
    is_settled(&shop, ONE).await;
}
