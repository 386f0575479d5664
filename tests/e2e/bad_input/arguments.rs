//! Flags and names that can't be meant.

use crate::shop::{Shop, deployment, service};

#[tokio::test]
async fn a_command_line_that_is_wrong_is_told_without_asking_the_cluster() {
    let shop = Shop::unguarded("usage").await;
    let wrong: &[(&[&str], &str)] = &[
        (&["swich", "web"], "swich"),
        (&["switch"], "NAME"),
        (&["switch", "web", "--too", "green"], "--too"),
        (&["switch", "web", "--dry-run=maybe"], "maybe"),
        (
            &["switch", "web", "--timeout", "soon"],
            "\"soon\" is no duration",
        ),
        (
            &["switch", "web", "--timeout=-1s"],
            "\"-1s\" is no duration",
        ),
        (
            &["retire", "web", "--drain", "100000000h"],
            "\"100000000h\" is longer than ten years",
        ),
        (
            &["status", "web", "-o", "xml"],
            "allowed are json, yaml, name, wide and jsonpath=TEMPLATE",
        ),
        (&["status", "web", "-o", "jsonpath={.to"], "jsonpath"),
        (&["stage", "web"], "--image"),
        (&["stage", "web", "--replicas", "0"], "0"),
        (
            &[
                "stage",
                "web",
                "--image",
                "web=1",
                "--request-timeout",
                "1.5h",
            ],
            "1.5h",
        ),
        (&["verify", "web", "--expect-status", "fine"], "fine"),
        (&["verify", "web", "--passes", "0"], "0"),
        (&["init", "web", "--image", "web:1"], "--port"),
        (
            &["init", "web", "--image", "web:1", "--port", "0"],
            "--port",
        ),
        (&["mark", "web", "--production", "--test"], "--test"),
    ];
    for (arguments, word) in wrong {
        shop.expect(arguments, 2, &[word]).await;
    }
}

#[tokio::test]
async fn a_name_that_no_application_can_have_is_refused() {
    let shop = Shop::unguarded("names").await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 0),
        deployment("green", 0),
    ])
    .await;
    let before = shop.state().await;
    let long = "n".repeat(300);
    for name in ["", "../x", "two words", "blaugrün", "a/b", &long] {
        for verb in ["status", "switch"] {
            shop.expect(&[verb, name], 1, &["no application can be called"])
                .await;
        }
    }
    let wanted = ["init", "../x", "--image", "web:1", "--port", "80"];
    shop.expect(&wanted, 2, &["../x"]).await;
    assert_eq!(shop.state().await, before);
}
