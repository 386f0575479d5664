//! The cluster itself is what the other tests take it for.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bluegreen_e2e::audit;
use bluegreen_e2e::cluster::{Cluster, Namespace};
use bluegreen_e2e::eventually::eventually;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;

const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_real_pod_answers_by_its_service() {
    let namespace = Cluster::connect().await.namespace("real").await;
    namespace.apply(SERVED).await.unwrap();
    let ready = ["wait", "pod/web", "--for=condition=Ready", "--timeout=30s"];
    namespace
        .kubectl(&ready)
        .await
        .unwrap()
        .succeeded()
        .unwrap();

    let address = namespace
        .kubectl(&["get", "service", "web", "-o", "jsonpath={.spec.clusterIP}"])
        .await
        .unwrap();
    let answer = eventually(SOON, || get(&address.stdout)).await.unwrap();
    assert!(answer.contains("version 1 pod web"), "{answer}");
}

#[tokio::test]
async fn simulated_pods_play_their_parts() {
    let namespace = Cluster::connect().await.namespace("simulated").await;
    for (part, annotation) in [
        ("ready", "{}"),
        ("slow", r#"{"simulate/ready-after": "1s"}"#),
        ("unready", r#"{"simulate/pod": "never-ready"}"#),
        (
            "crashing",
            r#"{"simulate/pod": "crash-loop", "simulate/exit-code": "7"}"#,
        ),
        ("pulling", r#"{"simulate/pod": "image-pull"}"#),
    ] {
        namespace.apply(&simulated(part, annotation)).await.unwrap();
    }
    let expected = [
        "crashing: CrashLoopBackOff 7",
        "pulling: ImagePullBackOff",
        "ready: ready",
        "slow: ready",
        "unready: running",
    ];
    eventually(SOON, || async {
        let seen = states(&namespace).await?;
        ensure!(seen == expected, "{seen:?}");
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn the_audit_log_tells_who_asked_for_what_and_when() {
    let namespace = Cluster::connect().await.namespace("audited").await;
    let mark = audit::mark().unwrap();
    let forbidden = namespace
        .kubectl(&["get", "pods", "--as=somebody"])
        .await
        .unwrap();
    assert_eq!(forbidden.code, 1);
    let event = eventually(SOON, || async {
        let mut events = audit::since(mark)?.into_iter();
        let path = format!("/api/v1/namespaces/{}/pods?", namespace.name);
        events
            .find(|event| event.uri.starts_with(&path))
            .context("no such request")
    })
    .await
    .unwrap();
    assert_eq!(
        (event.verb.as_str(), event.stage.as_str()),
        ("list", "ResponseComplete")
    );
    assert_eq!(event.impersonated_user.unwrap().username, "somebody");
    assert_eq!(event.response_status.unwrap().code, 403);
    assert!(
        event.user_agent.starts_with("kubectl/"),
        "{}",
        event.user_agent
    );
    assert!(event.received.0 < event.answered.0);
}

/// What each simulated pod is seen to do, by name.
async fn states(namespace: &Namespace) -> Result<Vec<String>> {
    let pods = namespace.api::<Pod>().list(&ListParams::default()).await?;
    pods.items.iter().map(state).collect()
}

fn state(pod: &Pod) -> Result<String> {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let status = pod.status.as_ref().context("no status")?;
    let container = status
        .container_statuses
        .iter()
        .flatten()
        .next()
        .context("no container has a status")?;
    let waiting = container
        .state
        .as_ref()
        .and_then(|state| state.waiting.as_ref());
    let ended = container
        .last_state
        .as_ref()
        .and_then(|state| state.terminated.as_ref());
    let doing = match (waiting, ended, container.ready) {
        (Some(waiting), Some(ended), _) => {
            format!(
                "{} {}",
                waiting.reason.as_deref().unwrap_or_default(),
                ended.exit_code
            )
        }
        (Some(waiting), None, _) => waiting.reason.clone().unwrap_or_default(),
        (None, _, true) => "ready".to_owned(),
        (None, _, false) => "running".to_owned(),
    };
    Ok(format!("{name}: {doing}"))
}

fn simulated(name: &str, annotations: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, annotations: {annotations}}}, spec: {{
            nodeSelector: {{type: simulated}}, tolerations: [{{key: simulated, operator: Exists}}],
            containers: [{{name: app, image: app:1}}]}}}}"
    )
}

/// A GET, as short as HTTP allows.
async fn get(address: &str) -> Result<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect((address, 80)).await?;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

const SERVED: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - name: web
    image: bluegreen.dev/test-server:1
    imagePullPolicy: Never
    readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
";
