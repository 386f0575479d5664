//! What a switch costs the API server, as its audit log has it.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::audit;
use bluegreen_e2e::eventually::eventually;

use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

/// What a switch may ask for at most, the intent and the watch of the slices included.
const MOST: usize = 8;
const SOON: Duration = Duration::from_secs(30);

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
    let mut asked: Vec<String> = audit::since(mark)?
        .into_iter()
        .filter(|event| {
            event.stage == "ResponseComplete" && event.user_agent.starts_with("kubectl-bluegreen/")
        })
        .filter(|event| {
            event
                .impersonated_user
                .as_ref()
                .is_some_and(|as_whom| as_whom.username == user)
        })
        .map(|event| {
            let resource = event.object_ref.unwrap_or_default().resource;
            format!("{} {resource}", event.verb)
        })
        .collect();
    asked.sort();
    Ok(asked)
}
