//! Every client meets the same rule, and reads the same words.

use bluegreen_e2e::cluster::kubeconfig;
use bluegreen_e2e::kubectl::Output;
use serde_json::Value;
use tokio::process::Command;

use super::{never_ready, patch, to, verdict, web};
use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

/// How people flip a Service: with `$NEW`, its manifest with the other role, and `$DRY` or `$QUERY` for a dry run.
const CLIENTS: [(&str, &str); 9] = [
    (
        "strategic patch",
        r#"kubectl patch service web -n $NS $DRY -p '{"spec":{"selector":{"role":"green"}}}'"#,
    ),
    (
        "merge patch",
        r#"kubectl patch service web -n $NS $DRY --type=merge -p '{"spec":{"selector":{"role":"green"}}}'"#,
    ),
    (
        "JSON patch",
        r#"kubectl patch service web -n $NS $DRY --type=json -p '[{"op":"replace","path":"/spec/selector/role","value":"green"}]'"#,
    ),
    (
        "set selector",
        "kubectl set selector service web -n $NS $DRY app=web,role=green",
    ),
    ("apply", r#"echo "$NEW" | kubectl apply -n $NS $DRY -f -"#),
    (
        "server-side apply",
        r#"echo "$NEW" | kubectl apply -n $NS $DRY --server-side --force-conflicts -f -"#,
    ),
    (
        "replace",
        r#"echo "$NEW" | kubectl replace -n $NS $DRY -f -"#,
    ),
    (
        "raw PUT",
        r#"URL=/api/v1/namespaces/$NS/services/web; kubectl get --raw $URL | sed 's/"role":"blue"/"role":"green"/' | kubectl replace --raw "$URL$QUERY" -f -"#,
    ),
    // It has no dry run.
    (
        "edit",
        r#"[ -n "$DRY" ] && exec kubectl patch service web -n $NS $DRY -p '{"spec":{"selector":{"role":"green"}}}'
           KUBE_EDITOR="sed -i 's/role: blue/role: green/'" kubectl edit service web -n $NS"#,
    ),
];

async fn flip_with(shop: &Shop, command: &str, dry: bool) -> Output {
    let output = Command::new("sh")
        .args(["-c", command])
        .env("KUBECONFIG", kubeconfig())
        .env("NS", &shop.namespace.name)
        .env("NEW", service("web", "green").to_string())
        .env("DRY", if dry { "--dry-run=server" } else { "" })
        .env("QUERY", if dry { "?dryRun=All" } else { "" })
        .output()
        .await
        .unwrap();
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[tokio::test]
async fn no_client_flips_to_a_side_that_is_not_ready() {
    let _guard = guard::standing().await;
    let shop = web("clients", never_ready(deployment("green", 2))).await;
    for (client, command) in CLIENTS {
        for dry in [false, true] {
            let output = flip_with(&shop, command, dry).await;
            assert_ne!(output.code, 0, "{client}, dry run {dry}: {output:?}");
            // `edit` reports on what it could not save in its own words.
            if client != "edit" {
                assert!(
                    output.stderr.contains("(Forbidden)"),
                    "{client}: {output:?}"
                );
            }
            assert!(
                output
                    .stderr
                    .contains("NotReady: 2 of 2 pods are not ready: "),
                "{client}, dry run {dry}: {output:?}"
            );
            assert_eq!(shop.role("web").await, "blue", "{client}, dry run {dry}");
        }
    }
}

#[tokio::test]
async fn every_client_flips_to_a_side_that_is_ready() {
    let _guard = guard::standing().await;
    let shop = web("allowed", deployment("green", 2)).await;
    shop.ready().await;
    for (client, command) in CLIENTS {
        for (dry, role) in [(true, "blue"), (false, "green")] {
            let output = flip_with(&shop, command, dry).await;
            assert_eq!(output.code, 0, "{client}, dry run {dry}: {output:?}");
            assert_eq!(shop.role("web").await, role, "{client}, dry run {dry}");
        }
        shop.apply(&[service("web", "blue")]).await;
        let back = patch(&shop, &to("blue")).await;
        assert_eq!(back.code, 0, "{client}: {back:?}");
    }
}

#[tokio::test]
async fn the_plugin_and_the_guard_say_the_same() {
    let _guard = guard::standing().await;
    let shop = web("words", never_ready(deployment("green", 2))).await;
    // Both see the pods as they stay: two, running, not ready.
    let running = [
        "wait",
        "pod",
        "--all",
        "--for=jsonpath={.status.phase}=Running",
        "--timeout=30s",
    ];
    shop.kubectl(&running).await;
    super::settled(&shop, "web-green", 2).await;

    let plugin = shop.expect(&["switch", "web"], 3, &[]).await;
    let refused = patch(&shop, &to("green")).await;
    let lines =
        |text: &str| -> Vec<String> { text.lines().map(|line| line.trim().to_owned()).collect() };
    assert_eq!(
        lines(&plugin.stderr)[1..],
        lines(verdict(&refused)),
        "{plugin:?}"
    );

    let json = shop.run(&["status", "web", "-o", "json"]).await;
    let status: Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(status.to_string().contains("NotReady"), "{status}");
}
