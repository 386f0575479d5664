//! What verbs cost the API server, as its audit log has it.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::audit;
use bluegreen_e2e::eventually::eventually;
use serde_json::json;

use crate::fixture::guard;
use crate::fixture::rights::{Right, grant, granted};
use crate::shop::{Shop, deployment, service};

/// What a switch may ask for at most, the intent and the watch of the slices included.
const MOST: usize = 8;
const SOON: Duration = Duration::from_secs(30);
/// What a stage needs, but for the list of `ReplicaSets`, which it asks for with each look.
const STAGE: [Right; 5] = [
    ("list", "", "services"),
    ("list", "apps", "deployments"),
    ("list", "apps", "statefulsets"),
    ("list", "", "pods"),
    ("patch", "apps", "deployments"),
];
const SETS: Right = ("list", "apps", "replicasets");

#[tokio::test]
async fn a_switch_asks_for_as_much_with_fifty_pods_a_side_as_with_two() {
    let _standing = guard::standing().await;
    let few = requests_of_a_switch("few", 2).await;
    let many = requests_of_a_switch("many", 50).await;
    assert!(few.len() <= MOST, "{few:#?}");
    assert_eq!(few, many, "as many of each for 2 pods as for 50");
    let looks = few.iter().filter(|asked| *asked == "get deployments");
    assert_eq!(looks.count(), 1, "one last look: {few:#?}");
}

#[tokio::test]
async fn what_is_forbidden_meanwhile_is_not_asked_for_again_and_again() {
    let shop = Shop::unguarded("forbidden").await;
    let mut green = deployment("green", 1);
    green["spec"]["template"]["metadata"]["annotations"] = json!({"simulate/pod": "never-ready"});
    shop.apply(&[service("web", "blue"), deployment("blue", 1), green])
        .await;
    let user = format!("stager-of-{}", shop.namespace.name);
    let all: Vec<Right> = STAGE.into_iter().chain([SETS]).collect();
    grant(&shop, &user, &all).await;
    let who = format!("--as={user}");
    let mark = audit::mark().unwrap();
    let stage = ["stage", "web", "--image", "web:2", &who];
    let words = ["Forbidden", "cannot list resource \"replicasets\""];
    let taken_away = async {
        eventually(SOON, || async {
            let asked = asked_by(&user, mark)?;
            ensure!(
                asked.iter().any(|one| one == "patch deployments"),
                "{asked:?}"
            );
            Ok(())
        })
        .await
        .unwrap();
        shop.apply(&granted(&user, STAGE.into_iter())).await;
    };
    tokio::join!(shop.expect(&stage, 1, &words), taken_away);
    let refused = eventually(SOON, || async {
        let mut events = events_of(&user, mark)?;
        // What it can do without is asked for with each look, and refused.
        events.retain(|event| {
            let object = event.object_ref.as_ref();
            let status = event.response_status.as_ref();
            object.is_some_and(|object| object.resource == "replicasets")
                && status.is_some_and(|status| status.code == 403)
        });
        ensure!(!events.is_empty(), "nothing is written down yet");
        Ok(events)
    });
    assert_eq!(refused.await.unwrap().len(), 1);
}

/// Verb and resource of each request, in alphabetical order.
async fn requests_of_a_switch(name: &str, pods: u32) -> Vec<String> {
    let shop = Shop::guarded(name).await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", pods),
        deployment("green", pods),
    ])
    .await;
    shop.ready().await;

    // Nobody else goes by this name, so that tests beside this one are not counted.
    let user = format!("releaser-of-{}", shop.namespace.name);
    let who = format!("--as={user}");
    let mark = audit::mark().unwrap();
    shop.expect(
        &["switch", "web", "--as-group=system:masters", &who],
        0,
        &["web is green now"],
    )
    .await;
    eventually(SOON, || async {
        let asked = asked_by(&user, mark)?;
        let watched = asked
            .iter()
            .any(|request| request == "watch endpointslices");
        // The watch is written down when it ends, after all others.
        ensure!(watched, "{asked:?}");
        Ok(asked)
    })
    .await
    .unwrap()
}

fn asked_by(user: &str, mark: audit::Mark) -> anyhow::Result<Vec<String>> {
    let mut asked: Vec<String> = events_of(user, mark)?
        .into_iter()
        .map(|event| {
            let resource = event.object_ref.unwrap_or_default().resource;
            format!("{} {resource}", event.verb)
        })
        .collect();
    asked.sort();
    Ok(asked)
}

/// What the plugin has asked for this user, and was answered.
fn events_of(user: &str, mark: audit::Mark) -> anyhow::Result<Vec<audit::Event>> {
    let mut events = audit::since(mark)?;
    events.retain(|event| {
        event.stage == "ResponseComplete"
            && event.user_agent.starts_with("kubectl-bluegreen/")
            && event
                .impersonated_user
                .as_ref()
                .is_some_and(|as_whom| as_whom.username == user)
    });
    Ok(events)
}
