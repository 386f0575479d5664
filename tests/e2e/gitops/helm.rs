//! A chart whose Service says what the cluster says.

use crate::fixture::guard;
use crate::shop::Shop;

use super::{Helm, example, image, sides, up};

#[tokio::test]
async fn a_chart_leaves_alone_which_side_serves() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("chart").await;
    let helm = Helm::of(&shop);
    let upgrade = async |blue, green| {
        let chart = example("chart");
        let images = sides(blue, green);
        let mut upgrade = vec!["upgrade", "--install", "tomcat", chart.to_str().unwrap()];
        upgrade.extend(images.iter().map(String::as_str));
        helm.run(&upgrade).await
    };
    upgrade("tomcat:7", "tomcat:7").await;
    up(&shop).await;
    assert_eq!(shop.role("tomcat-service").await, "blue");

    upgrade("tomcat:7", "tomcat:8").await;
    shop.expect(
        &["wait", "tomcat", "--for=ready"],
        0,
        &["green of tomcat is ready"],
    )
    .await;
    shop.expect(&["switch", "tomcat"], 0, &["tomcat is green now"])
        .await;

    let told = upgrade("tomcat:8", "tomcat:8").await;
    assert!(
        !told.contains("still selects"),
        "it sends what is live: {told}"
    );
    assert_eq!(shop.role("tomcat-service").await, "green");
    assert_eq!(image(&shop, "blue").await, "tomcat:8");

    // What it goes back to selected blue.
    let told = helm
        .run(&["rollback", "tomcat", "2", "--force-conflicts"])
        .await;
    assert!(
        told.contains("Service/tomcat-service still selects"),
        "{told}"
    );
    assert_eq!(shop.role("tomcat-service").await, "green");
    assert_eq!(image(&shop, "blue").await, "tomcat:7");
}
