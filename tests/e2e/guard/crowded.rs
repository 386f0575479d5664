//! A namespace in which there is more to look at than is read for one decision.

use serde_json::json;

use super::{patch, to, web};
use crate::fixture::guard;
use crate::shop::deployment;

/// What a Deployment carries that is as large as the API server takes.
const LARGE: usize = 1024 * 1024;
/// Together more than the guard reads of one answer.
const MANY: usize = 9;

#[tokio::test]
async fn what_is_too_much_to_read_is_refused_there_and_nowhere_else() {
    let _guard = guard::standing().await;
    let shop = web("crowded", deployment("green", 2)).await;
    let other = web("beside", deployment("green", 2)).await;
    shop.ready().await;
    other.ready().await;
    for number in 0..MANY {
        let mut large = deployment("green", 0);
        large["metadata"]["name"] = json!(format!("large-{number}"));
        large["metadata"]["labels"] = json!({});
        for place in [
            "/spec/selector/matchLabels",
            "/spec/template/metadata/labels",
        ] {
            *large.pointer_mut(place).unwrap() = json!({"app": "large"});
        }
        large["spec"]["template"]["spec"]["containers"][0]["env"] =
            json!([{"name": "LARGE", "value": "x".repeat(LARGE)}]);
        // Without the copy of it that `apply` keeps.
        let large = large.to_string();
        let create = ["create", "-f", "-"];
        let created = shop.namespace.kubectl_reading(&create, &large).await;
        created.unwrap().succeeded().unwrap();
    }
    let refused = patch(&shop, &to("green")).await;
    let why = "deployments could not be read";
    assert!(
        refused.code == 1 && refused.stderr.contains(why),
        "{refused:?}"
    );
    assert_eq!(shop.role("web").await, "blue");
    patch(&other, &to("green")).await.succeeded().unwrap();
}
