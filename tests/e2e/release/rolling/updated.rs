//! An update that goes well.

use std::time::Duration;

use bluegreen_e2e::load::Connections;
use serde_json::json;

use super::{
    DEPLOYMENT, ONE, TWO, deploy, deployment, is_settled, load, pattern, production, rolling, spec,
};
use crate::fixture::folder::Folder;
use crate::release::deploying::confirmed::answered;
use crate::release::deploying::{borrowed, document, results};
use crate::shop::Shop;

/// Before and after what is done under load.
const AROUND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_rolling_update_under_load_loses_no_request_and_is_not_repeated() {
    let shop = pattern("rolls").await;
    let folder = Folder::of(&shop, &[]);
    let result = folder.file("result.xml");
    let load = load(&shop).await;
    tokio::time::sleep(AROUND).await;
    let more = [
        "--max-surge",
        "1",
        "--max-unavailable",
        "0",
        "--replicas",
        "3",
        "--reason",
        "release 2",
        "--output-junit",
        &result,
    ];
    let arguments = deploy(TWO, &more);
    let words = [
        "[1/6] check",
        "Deployment/tomcat-deployment runs bluegreen.dev/test-server:1, 2 of 2 pods ready",
        "changed    Deployment/tomcat-deployment: tomcat-container bluegreen.dev/test-server:1 → \
         bluegreen.dev/test-server:2, 2 → 3 replicas, maxSurge 50% → 1, maxUnavailable 25% → 0",
        "updating Deployment/tomcat-deployment: ",
        "ready      Deployment/tomcat-deployment: 3 pods are ready",
        "verified   Deployment/tomcat-deployment: 3 pods passed 3 times in a row",
        "5 of 5 checks passed",
    ];
    let released = document(&shop, &arguments, 0, &words).await;
    tokio::time::sleep(AROUND * 3).await;
    let report = load.stop().await.unwrap();
    let failures = report.failures();
    let all = report.requests();
    assert!(
        failures.is_empty(),
        "{} of {all}: {failures:?}",
        failures.len()
    );
    for version in ["1", "2"] {
        let answers = report.answers_of(version, Connections::New);
        assert!(answers > 50, "{answers} of {all} of {version}");
    }
    assert_eq!(released["strategy"], "rolling");
    assert_eq!(released["result"], "released");
    assert_eq!(released["from"]["images"], json!([ONE]));
    assert_eq!(
        released["to"],
        json!({"role": "Deployment/tomcat-deployment", "images": [TWO]})
    );
    assert_eq!(
        results(&released),
        [
            "check passed",
            "confirm passed",
            "update passed",
            "verify passed",
            "production passed",
            "undo skipped",
        ]
    );
    is_settled(&shop, TWO).await;
    let history = shop.kubectl(&["rollout", "history", DEPLOYMENT]).await;
    assert!(history.contains("release 2"), "{history}");
    let xml = std::fs::read_to_string(&result).unwrap();
    assert!(xml.contains(r#"tests="6" failures="0""#), "{xml}");

    let before = spec(&shop).await;
    let words = ["Deployment/tomcat-deployment runs this already: bluegreen.dev/test-server:2"];
    let again = document(&shop, &arguments, 0, &words).await;
    assert_eq!(again["result"], "already");
    assert_eq!(
        results(&again)[1..5],
        [
            "confirm skipped",
            "update skipped",
            "verify skipped",
            "production passed"
        ]
    );
    assert_eq!(spec(&shop).await, before);
    is_settled(&shop, TWO).await;
}

#[tokio::test]
async fn a_manifest_is_applied_and_what_is_so_already_is_left() {
    let shop = Shop::unguarded("rolls-manifest").await;
    let mut wanted = deployment("bluegreen.dev/test-server:${VERSION}");
    wanted["spec"]["template"]["metadata"]["labels"]["role"] = json!("${TARGET_ROLE}");
    wanted["spec"]["minReadySeconds"] = json!(1);
    let folder = Folder::of(
        &shop,
        &[
            ("deployment.json", &wanted.to_string()),
            ("service.json", &production().to_string()),
        ],
    );
    shop.apply(&[production(), deployment(ONE)]).await;
    shop.ready().await;
    let before = spec(&shop).await;
    let arguments = |version: &str, more: &[&str]| {
        let version = format!("VERSION={version}");
        let first = ["-f", folder.path(), "--set", &version, "--force-conflicts"];
        rolling(&[&first[..], more].concat())
    };
    // The whole spec goes back, not the template alone.
    let fails = arguments("2", &["--max-surge", "1", "--expect-body", "version 9"]);
    document(&shop, &fails, 7, &["did not pass", "is back on"]).await;
    assert_eq!(spec(&shop).await, before);
    let passes = arguments("2", &[]);
    document(
        &shop,
        &passes,
        0,
        &["applied    Deployment/tomcat-deployment"],
    )
    .await;
    is_settled(&shop, TWO).await;
    document(&shop, &passes, 0, &["runs this already"]).await;
    // What is new beside it is created, though the Deployment is so already.
    let config = |text: &str| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "tomcat"},
               "data": {"text": text}})
    };
    std::fs::write(folder.file("config.json"), config("old").to_string()).unwrap();
    let words = [
        "ConfigMap/tomcat is new",
        "applied    ConfigMap/tomcat: created",
    ];
    document(&shop, &passes, 0, &words).await;
    is_settled(&shop, TWO).await;
    document(&shop, &passes, 0, &["runs this already"]).await;
    for file in ["deployment.json", "service.json"] {
        std::fs::remove_file(folder.file(file)).unwrap();
    }
    let words = ["the manifests don't have Deployment/tomcat-deployment"];
    document(&shop, &arguments("2", &[]), 2, &words).await;
    std::fs::write(folder.file("config.json"), config("new").to_string()).unwrap();
    let words = [
        "ConfigMap/tomcat would change, and would stay so where Deployment/tomcat-deployment is taken back",
        "nothing was applied",
    ];
    document(&shop, &arguments("2", &[]), 3, &words).await;
}

#[tokio::test]
async fn a_rehearsed_update_says_each_step_and_changes_nothing() {
    let shop = pattern("rolls-dry").await;
    let (before, state) = (spec(&shop).await, shop.state().await);
    for dry in ["--dry-run=server", "--dry-run=client"] {
        let arguments = deploy(TWO, &[dry, "--max-surge", "1"]);
        let words = [
            "maxSurge 50% → 1",
            "then every pod is verified, production is checked through its Services",
            "goes back to bluegreen.dev/test-server:1",
            "Deployment/tomcat-deployment would be updated in place",
        ];
        shop.expect(&borrowed(&arguments), 0, &words).await;
        let rehearsed = document(&shop, &arguments, 0, &[]).await;
        assert_eq!(rehearsed["result"], "rehearsed");
    }
    assert_eq!(spec(&shop).await, before);
    assert_eq!(shop.state().await, state);
    is_settled(&shop, ONE).await;
}

#[tokio::test]
async fn a_person_is_asked_before_production_is_updated_in_place() {
    let shop = pattern("rolls-asked").await;
    let mut arguments = deploy(TWO, &[]);
    arguments.retain(|one| one != "--yes");
    let (screen, code) = answered(&shop, &arguments, "n\n").await;
    assert_eq!(code, 9, "{screen}");
    for part in [
        "bluegreen.dev/test-server:1 → bluegreen.dev/test-server:2",
        "Update Deployment/tomcat-deployment in place? [y/N]",
        "was not updated: the answer was no",
    ] {
        assert!(screen.contains(part), "no {part} in {screen}");
    }
    is_settled(&shop, ONE).await;
    let (screen, code) = answered(&shop, &arguments, "y\n").await;
    assert_eq!(code, 0, "{screen}");
    is_settled(&shop, TWO).await;
    let words = ["nobody can be asked to confirm the release"];
    shop.expect(&borrowed(&arguments), 2, &words).await;
}

#[tokio::test]
async fn the_way_back_of_a_size_is_that_size_and_no_other_version() {
    let shop = pattern("rolls-size").await;
    let more = deploy(ONE, &["--replicas", "3"]);
    let words = [
        "Deployment/tomcat-deployment is updated: 2 → 3 replicas. Back: kubectl",
        "scale deployment/tomcat-deployment --replicas=2",
    ];
    let sized = shop.expect(&borrowed(&more), 0, &words).await;
    assert!(!sized.stdout.contains("rollout undo"), "{sized:?}");
    let both = deploy(TWO, &["--replicas", "2"]);
    let words = [
        "rollout undo deployment/tomcat-deployment; kubectl",
        "scale deployment/tomcat-deployment --replicas=3",
    ];
    shop.expect(&borrowed(&both), 0, &words).await;
}
