//! A release that `bluegreen.yaml` describes.

use super::shop;
use crate::shop::says;

const FILE: &str = "\
application: web
reason: as written
stage:
  filename: side.yaml
  set: {VERSION: 2}
  forceConflicts: true
verify: {path: /, interval: 100ms}
confirm: {yes: true}
production: {verifyPath: /nowhere}
";

#[tokio::test]
async fn a_file_holds_the_flags_and_what_is_typed_outweighs_it() {
    let (shop, folder) = shop("described").await;
    let file = folder.file("bluegreen.yaml");
    std::fs::write(&file, FILE).unwrap();
    let right = ["config", "validate", &file];
    shop.expect(&right, 0, &["is right"]).await;
    let typed = ["deploy", "--config", &file, "--verify-path", "/"];
    shop.expect(&typed, 0, &["web is green now"]).await;
    shop.expect(&["history", "web"], 0, &["as written"]).await;
    let another = ["deploy", "other", "--config", &file];
    shop.expect(&another, 1, &["other"]).await;
}

#[tokio::test]
async fn what_is_wrong_in_a_file_is_named_by_its_field() {
    let (shop, folder) = shop("described-wrong").await;
    let before = shop.state().await;
    let file = folder.file("bluegreen.yaml");
    for (from, to, words) in [
        (
            "verify: {path",
            "verify: {pathh",
            &["unknown field verify.pathh; verify has timeout, path,"][..],
        ),
        ("reason:", "raeson:", &["unknown field raeson"]),
        (
            "interval: 100ms",
            "interval: soon",
            &["verify.interval", "\"soon\" is no duration"],
        ),
        (
            "side.yaml",
            "none.yaml",
            &["stage.filename: there is no file", "none.yaml"],
        ),
        (
            "path: /,",
            "expectBody: '(',",
            &["verify.expectBody", "regular expression"],
        ),
        (
            "VERSION: 2",
            "VERSION: 2.50",
            &["stage.set: VERSION has a number with a point: put it into quotes"],
        ),
        (
            "yes: true",
            "yes: maybe",
            &["confirm.yes: must be true or false"],
        ),
        (
            "application: web\n",
            "application: [\n",
            &["bluegreen.yaml"],
        ),
    ] {
        std::fs::write(&file, FILE.replace(from, to)).unwrap();
        for verb in [
            &["config", "validate", &file][..],
            &["deploy", "--config", &file],
        ] {
            let output = shop.run(verb).await;
            says(verb, &output, 2, words);
        }
    }
    let missing = folder.file("none.yaml");
    shop.expect(&["deploy", "--config", &missing], 2, &["none.yaml"])
        .await;
    assert_eq!(shop.state().await, before);
}
