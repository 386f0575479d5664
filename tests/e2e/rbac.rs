//! The rights that each verb needs: with just these it works, without any one of them it says which.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use serde_json::json;

use crate::fixture::job_file::{JobFile, job};
use crate::fixture::plain::{production, scaler, serving};
use crate::fixture::rights::{Right, granted};
use crate::shop::{Shop, real, service};

/// Until the API server knows of a right.
const SOON: Duration = Duration::from_secs(30);

const SERVICES: Right = ("list", "", "services");
const DEPLOYMENTS: Right = ("list", "apps", "deployments");
const STATEFUL_SETS: Right = ("list", "apps", "statefulsets");
const PODS: Right = ("list", "", "pods");
const REPLICA_SETS: Right = ("list", "apps", "replicasets");
const SLICES: Right = ("list", "discovery.k8s.io", "endpointslices");
const WATCH: Right = ("watch", "discovery.k8s.io", "endpointslices");
const FORWARD: Right = ("create", "", "pods/portforward");
/// A websocket begins with a GET.
const CONNECT: Right = ("get", "", "pods/portforward");
const CREATE_JOB: Right = ("create", "batch", "jobs");
const GET_JOB: Right = ("get", "batch", "jobs");
const FLIP: Right = ("patch", "", "services");
const CHANGE: Right = ("patch", "apps", "deployments");

const FIND: &[Right] = &[SERVICES, DEPLOYMENTS, STATEFUL_SETS];
const LOOK: &[Right] = &[SERVICES, DEPLOYMENTS, STATEFUL_SETS, PODS];

const fn lease(verb: &'static str) -> Right {
    (verb, "coordination.k8s.io", "leases")
}

#[tokio::test]
async fn who_looks_must_be_able_to_list() {
    let shop = served("rights-look").await;
    suffices(&shop, &["history", "web"], FIND, &[]).await;
    suffices(&shop, &["status", "web"], LOOK, &[]).await;
    suffices(&shop, &["list"], FIND, &[]).await;
    suffices(&shop, &["wait", "web", "--for=ready"], LOOK, &[]).await;
}

#[tokio::test]
async fn who_marks_must_be_able_to_patch_services() {
    let shop = served("rights-mark").await;
    let mark = ["mark", "web", "--service", "web"];
    suffices(&shop, &[&mark[..], &["--dry-run"]].concat(), FIND, &[]).await;
    suffices(&shop, &mark, FIND, &[FLIP]).await;
}

#[tokio::test]
async fn who_stages_must_be_able_to_patch_workloads() {
    let shop = served("rights-stage").await;
    let stage = ["stage", "web", "--image", "bluegreen.dev/test-server:2"];
    suffices(&shop, &stage, LOOK, &[REPLICA_SETS, CHANGE]).await;
}

#[tokio::test]
async fn who_stages_manifests_must_be_able_to_get_and_patch_them() {
    let shop = served("rights-manifests").await;
    let file = std::env::temp_dir().join(format!("{}.json", shop.namespace.name));
    std::fs::write(&file, real("green", 1).to_string()).unwrap();
    let path = file.to_str().unwrap();
    let stage = ["stage", "web", "-f", path, "--force-conflicts"];
    let get = ("get", "apps", "deployments");
    suffices(&shop, &stage, LOOK, &[REPLICA_SETS, get, CHANGE]).await;
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn who_matches_production_must_be_able_to_patch_autoscalers() {
    let shop = served("rights-matched").await;
    let scalers = "horizontalpodautoscalers";
    shop.apply(&[json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web-green"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web-green"},
            "minReplicas": 1, "maxReplicas": 3,
        }
    })])
    .await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=2"])
        .await;
    shop.ready().await;
    // What is patched first is left out first: the rest of the rights is enough for it.
    let rights = [
        REPLICA_SETS,
        ("list", "autoscaling", scalers),
        ("patch", "autoscaling", scalers),
        CHANGE,
    ];
    suffices(&shop, &["stage", "web", "--match-active"], LOOK, &rights).await;
}

#[tokio::test]
async fn who_verifies_must_be_able_to_reach_pods() {
    let shop = served("rights-verify").await;
    let verify = ["verify", "web", "--passes", "1"];
    suffices(&shop, &verify, LOOK, &[FORWARD, CONNECT, FLIP]).await;
}

#[tokio::test]
async fn who_verifies_by_a_job_must_be_able_to_create_it_and_to_look() {
    let shop = served("rights-job").await;
    let job = JobFile::of("rights", &job(Some(0)));
    let verify = ["verify", "web", "--http=false", "--job", job.path()];
    suffices(&shop, &verify, LOOK, &[CREATE_JOB, GET_JOB, FLIP]).await;
}

#[tokio::test]
async fn who_verifies_by_a_program_must_be_able_to_reach_pods() {
    let shop = served("rights-program").await;
    let ask = "exec 3<>/dev/tcp/$BLUEGREEN_HOST/$BLUEGREEN_PORT; echo x >&3; read -r -t 5 <&3";
    let verify = ["verify", "web", "--http=false", "--", "bash", "-c", ask];
    suffices(&shop, &verify, LOOK, &[FORWARD, CONNECT, FLIP]).await;
}

#[tokio::test]
async fn who_switches_must_be_able_to_patch_services_and_to_follow() {
    let shop = served("rights-switch").await;
    suffices(&shop, &["switch", "web"], LOOK, &[FLIP, WATCH]).await;
    suffices(&shop, &["rollback", "web"], LOOK, &[FLIP, WATCH]).await;
}

#[tokio::test]
async fn who_retires_must_be_able_to_patch_both() {
    let shop = served("rights-retire").await;
    let retire = ["retire", "web", "--drain", "0"];
    suffices(&shop, &retire, LOOK, &[FLIP, CHANGE]).await;
}

#[tokio::test]
async fn who_syncs_must_be_able_to_read_and_patch_workloads() {
    let shop = Shop::unguarded("rights-sync").await;
    shop.apply(&[service("web", "blue"), real("blue", 2), real("green", 1)])
        .await;
    shop.ready().await;
    let sync = ["sync", "web", "--drain", "0"];
    let read = ("get", "apps", "deployments");
    suffices(&shop, &sync, LOOK, &[read, CHANGE]).await;
}

#[tokio::test]
async fn who_approves_must_be_able_to_patch_services_and_who_aborts_to_see_leases() {
    let shop = served("rights-approve").await;
    suffices(&shop, &["approve", "web"], LOOK, &[FLIP]).await;
    suffices(&shop, &["abort", "web"], LOOK, &[lease("get")]).await;
    let left = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "bluegreen-web"},
        "spec": {"holderIdentity": "ann (1-2)", "leaseDurationSeconds": 1}});
    shop.apply(&[left]).await;
    let mark = "bluegreen.dev/release=bluegreen-web";
    shop.kubectl(&["annotate", "service", "web", mark]).await;
    let abort = ["abort", "web", "--reason=left"];
    let rights = [lease("get"), lease("delete")];
    suffices_beside(&shop, &abort, &[FLIP], &[LOOK, &rights].concat()).await;
    shop.kubectl(&[
        "wait",
        "--for=delete",
        "lease/bluegreen-web",
        "--timeout=5s",
    ])
    .await;
}

#[tokio::test]
async fn who_checks_production_must_be_able_to_reach_it() {
    let shop = served("rights-production").await;
    let switch = ["switch", "web", "--to", "green", "--verify-prod"];
    let rights = [
        FLIP,
        WATCH,
        SLICES,
        FORWARD,
        CONNECT,
        lease("get"),
        lease("create"),
    ];
    // It is renewed after a while, and deleted in the end, or ends by itself.
    let beside = [lease("update"), lease("delete")];
    suffices_beside(&shop, &switch, &beside, &[LOOK, &rights].concat()).await;
}

#[tokio::test]
async fn who_lets_both_sides_serve_must_be_able_to_hold_a_lease() {
    let shop = served("rights-overlap").await;
    let rights = [FLIP, WATCH, lease("get"), lease("create")];
    let beside = [lease("update"), lease("delete")];
    for verb in ["switch", "rollback"] {
        let overlap = [verb, "web", "--overlap", "1s"];
        suffices_beside(&shop, &overlap, &beside, &[LOOK, &rights].concat()).await;
    }
}

#[tokio::test]
async fn who_deploys_must_be_able_to_do_all_of_it() {
    let shop = served("rights-deploy").await;
    let image = "bluegreen.dev/test-server:2";
    let deploy = [
        "deploy",
        "web",
        "--image",
        image,
        "--yes",
        "--interval=100ms",
    ];
    // What is staged stays: the rights that are needed first come first.
    let rights = [
        lease("get"),
        lease("create"),
        FLIP,
        REPLICA_SETS,
        CHANGE,
        FORWARD,
        CONNECT,
        WATCH,
        SLICES,
    ];
    let beside = [lease("update"), lease("delete")];
    suffices_beside(&shop, &deploy, &beside, &[LOOK, &rights].concat()).await;
}

#[tokio::test]
async fn who_updates_in_place_must_be_able_to_read_what_was_before() {
    let shop = Shop::unguarded("rights-rolling").await;
    let mut probed = serving(1);
    probed["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] =
        json!({"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1});
    shop.apply(&[production(), probed]).await;
    shop.ready().await;
    let deploy = [
        "deploy",
        "web",
        "--strategy=rolling",
        "--image=bluegreen.dev/test-server:2",
        "--yes",
        "--interval=100ms",
    ];
    let rights = [
        lease("get"),
        lease("create"),
        FLIP,
        REPLICA_SETS,
        ("get", "apps", "deployments"),
        CHANGE,
        FORWARD,
        CONNECT,
        SLICES,
    ];
    let beside = [lease("update"), lease("delete")];
    suffices_beside(&shop, &deploy, &beside, &[LOOK, &rights].concat()).await;
}

#[tokio::test]
async fn who_begins_must_be_able_to_create() {
    let shop = Shop::unguarded("rights-init").await;
    let init = [
        "init",
        "tomcat",
        "--image",
        "bluegreen.dev/test-server:1",
        "--port",
        "8080",
    ];
    // What is created stays: the rights to create come first.
    let create = [
        ("create", "apps", "deployments"),
        ("create", "", "services"),
        ("get", "", "services"),
        ("get", "apps", "deployments"),
    ];
    let wait = [LOOK, &[REPLICA_SETS]].concat();
    suffices(&shop, &init, &create, &wait).await;
}

#[tokio::test]
async fn who_adopts_must_be_able_to_make_one_deployment_and_take_the_other_away() {
    let shop = Shop::unguarded("rights-adopt").await;
    shop.apply(&[production(), serving(1), scaler()]).await;
    shop.ready().await;
    let scalers = "horizontalpodautoscalers";
    // What was done stays: what is needed first is left out first.
    let rights = [
        ("get", "apps", "deployments"),
        ("list", "autoscaling", scalers),
        ("create", "apps", "deployments"),
        REPLICA_SETS,
        FLIP,
        WATCH,
        ("patch", "autoscaling", scalers),
        ("create", "", "services"),
        SLICES,
        ("delete", "apps", "deployments"),
    ];
    let adopt = ["adopt", "web", "--drain", "0"];
    suffices(&shop, &adopt, LOOK, &rights).await;
}

/// One real pod a side.
async fn served(name: &str) -> Shop {
    let shop = Shop::unguarded(name).await;
    shop.apply(&[service("web", "blue"), real("blue", 1), real("green", 1)])
        .await;
    shop.ready().await;
    shop
}

/// The command works with these rights, and only with all of them.
async fn suffices(shop: &Shop, arguments: &[&str], base: &[Right], more: &[Right]) {
    suffices_beside(shop, arguments, &[], &[base, more].concat()).await;
}

/// The same, with some rights that a short run can do without.
async fn suffices_beside(shop: &Shop, arguments: &[&str], beside: &[Right], rights: &[Right]) {
    // One of them may not change the answer of another: each has a name of its own.
    let name = |left_out: &str| format!("{}-{}-without-{left_out}", arguments[0], arguments.len());
    let mut objects = Vec::from(granted(
        &name("nothing"),
        beside.iter().chain(rights).copied(),
    ));
    for (place, _) in rights.iter().enumerate() {
        let others = rights
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place);
        objects.extend(granted(
            &name(&place.to_string()),
            beside
                .iter()
                .copied()
                .chain(others.map(|(_, right)| *right)),
        ));
    }
    shop.apply(&objects).await;
    // Right behind the verb: what follows a `--` is somebody else's.
    let (first, rest) = arguments.split_at(1);
    for (place, (verb, _, resource)) in rights.iter().enumerate() {
        let who = format!("--as={}", name(&place.to_string()));
        let words = format!("cannot {verb} resource \"{resource}\"");
        eventually(SOON, || async {
            let output = shop.run(&[first, &[&who], rest].concat()).await;
            let said = &output.stderr;
            // Where the API server refuses to switch protocols its words are lost, and we have our own.
            let ours = said.contains("you may not") && said.contains(resource);
            let named = output.code != 0 && (said.contains(&words) || ours);
            ensure!(named, "no {words:?} with {arguments:?}: {output:?}");
            Ok(())
        })
        .await
        .unwrap();
    }
    let who = format!("--as={}", name("nothing"));
    eventually(SOON, || async {
        let output = shop.run(&[first, &[&who], rest].concat()).await;
        output.succeeded().map(drop)
    })
    .await
    .unwrap();
}
