//! A release that does not go well.

use super::{borrowed, deploy, document, results, shop};
use crate::release::exclusive::is_let_go_of;

#[tokio::test]
async fn production_that_fails_its_checks_goes_back_and_may_be_released_again() {
    let (shop, folder) = shop("deploys-back").await;
    let result = folder.file("result.xml");
    let broken = [
        "--yes",
        "--verify-path",
        "/nowhere",
        "--output-junit",
        &result,
    ];
    let words = ["of production failed", "production is back on blue"];
    let failed = document(&shop, &deploy(&folder, "2", &broken), 7, &words).await;
    assert_eq!(failed["result"], "takenBack");
    assert_eq!(failed["error"]["exitCode"], 7);
    assert_eq!(
        results(&failed)[4..6],
        ["switch passed", "production failed"]
    );
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
    let xml = std::fs::read_to_string(&result).unwrap();
    assert!(
        xml.contains("<failure message=\"check 1 of 5 of production failed"),
        "{xml}"
    );
    let again = document(&shop, &deploy(&folder, "2", &["--yes"]), 0, &[]).await;
    assert_eq!(again["result"], "released");
    assert_eq!(shop.role("web").await, "green");
}

#[tokio::test]
async fn what_does_not_pass_is_not_switched_to() {
    let (shop, folder) = shop("deploys-failing").await;
    let broken = deploy(&folder, "2", &["--yes", "--set", "STATUS=500"]);
    let failed = document(&shop, &broken, 5, &["did not pass"]).await;
    assert_eq!(
        results(&failed)[1..4],
        ["stage passed", "verify failed", "confirm skipped"]
    );
    // A version that crashes is not even verified.
    let side = std::fs::read_to_string(folder.file("side.yaml")).unwrap();
    let crashing = side.replace(r#""name":"STATUS""#, r#""name":"CRASH_AFTER""#);
    std::fs::write(folder.file("side.yaml"), crashing).unwrap();
    let crashing = deploy(&folder, "2", &["--yes", "--set", "STATUS=0"]);
    let failed = document(&shop, &crashing, 3, &["crashed"]).await;
    assert_eq!(
        results(&failed)[..3],
        ["check passed", "stage failed", "verify skipped"]
    );
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn what_can_be_known_before_is_said_before_anything_is_changed() {
    let (shop, folder) = shop("deploys-nothing").await;
    let before = shop.state().await;
    for (more, code, words) in [
        (
            &[][..],
            2,
            &["nobody can be asked to confirm", "--yes", "--approvals 1"][..],
        ),
        (&["--yes", "--expect-body", "("], 2, &["--expect-body"]),
        (&["--yes", "--job", "/nowhere.yaml"], 2, &["/nowhere.yaml"]),
        (&["--yes", "-f", "/nowhere"], 1, &["/nowhere"]),
        (&["--yes", "--after", "celebrate"], 2, &["--after"]),
        (
            &["--yes", "--output-junit", "/nowhere/result.xml"],
            2,
            &["can't write /nowhere/result.xml: No such file"],
        ),
        (&["--yes", "--service", "none"], 1, &["none"]),
    ] {
        let arguments = deploy(&folder, "2", more);
        shop.expect(&borrowed(&arguments), code, words).await;
    }
    for (more, words) in [
        (
            &["--bake", "5s", "--verify-prod=false"][..],
            "--verify-prod=false asks for no checks",
        ),
        (
            &["--verify-url", "http://ann:secret@web/"],
            "a name and a password don't belong in it",
        ),
    ] {
        let arguments = deploy(&folder, "2", &[more, &["--yes"]].concat());
        let output = shop.expect(&borrowed(&arguments), 2, &[words]).await;
        assert!(!output.stderr.contains("secret"), "{output:?}");
    }
    let nothing = ["deploy", "web", "--match-active", "--yes"];
    shop.expect(&nothing, 2, &["a release needs a name"]).await;
    let undefined = ["deploy", "web", "-f", &folder.file("side.yaml"), "--yes"];
    shop.expect(&undefined, 2, &["undefined variable VERSION"])
        .await;
    assert_eq!(shop.state().await, before);
    let config =
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web-${TARGET_ROLE}"}}"#;
    std::fs::write(folder.file("config.json"), config).unwrap();
    let nothing = ["deploy", "web", "-f", &folder.file("config.json"), "--yes"];
    shop.expect(&nothing, 2, &["the manifests have no workload"])
        .await;
    is_let_go_of(&shop).await;
}
