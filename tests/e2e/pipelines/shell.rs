//! The plain script.

use super::{BROKEN, Checkout, GOOD, ends};

#[tokio::test]
async fn a_script_releases_and_ends_with_the_code_of_what_failed() {
    let checkout = Checkout::of("script").await;
    checkout.change("release.sh", "--bake 1m", "--bake 2s");
    let released = checkout.command("./release.sh", &[GOOD]);
    let words = [
        "green is ready",
        "tomcat-service: blue → green",
        "tomcat is green now",
    ];
    ends(released, 0, &words).await;
    assert_eq!(checkout.serves().await, "tomcat:8");
    let history = ["history", "tomcat"];
    checkout.shop.expect(&history, 0, &["release 8"]).await;

    // The other side is next, and never comes up.
    let broken = checkout.command("./release.sh", &[BROKEN]);
    ends(broken, 3, &["blue of tomcat will not come up"]).await;
    assert_eq!(checkout.serves().await, "tomcat:8");

    // It comes up, and is not what was meant.
    checkout.change("release.sh", "Apache Tomcat/$version", "Apache Tomcat/9");
    let other = checkout.command("./release.sh", &["7"]);
    ends(other, 5, &["Apache Tomcat/9"]).await;
    assert_eq!(checkout.serves().await, "tomcat:8");
}

#[tokio::test]
async fn a_script_whose_production_fails_its_checks_goes_back() {
    let checkout = Checkout::of("script-back").await;
    let nowhere = "--bake 2s --verify-path /nowhere";
    checkout.change("release.sh", "--bake 1m", nowhere);
    let released = checkout.command("./release.sh", &[GOOD]);
    ends(released, 7, &["production is back on blue"]).await;
    assert_eq!(checkout.serves().await, "tomcat:7");
}
