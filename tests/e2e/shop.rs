//! The application that the plugin's tests release: two simulated environments behind one Service.

use std::time::Duration;

use anyhow::{Result, ensure};
use bluegreen_e2e::cluster::{Cluster, Namespace};
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::Output;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace as Place, Service};
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde_json::{Value, json};

/// Long enough for two slow cores that run four tests at once.
const SOON: Duration = Duration::from_mins(1);

/// A namespace of its own, with verbs to run in it.
pub(crate) struct Shop {
    pub(crate) namespace: Namespace,
}

impl Shop {
    /// An empty one, which the guard leaves alone: what is judged in it is the plugin.
    pub(crate) async fn unguarded(name: &str) -> Self {
        let shop = Self::guarded(name).await;
        let labels = json!({"metadata": {"labels": {"bluegreen.dev/policy": "off"}}});
        Api::<Place>::all(shop.namespace.client.clone())
            .patch(
                &shop.namespace.name,
                &PatchParams::default(),
                &Patch::Merge(labels),
            )
            .await
            .unwrap();
        shop
    }

    /// An empty one, for the guard to guard where it is installed.
    pub(crate) async fn guarded(name: &str) -> Self {
        let namespace = Cluster::connect().await.namespace(name).await;
        Self { namespace }
    }

    /// `web`, two simulated pods a side, both ready; production is blue.
    pub(crate) async fn web(name: &str) -> Self {
        let shop = Self::unguarded(name).await;
        shop.apply(&[
            service("web", "blue"),
            deployment("blue", 2),
            deployment("green", 2),
        ])
        .await;
        shop.ready().await;
        shop
    }

    pub(crate) async fn apply(&self, items: &[Value]) {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        self.namespace.apply(&list.to_string()).await.unwrap();
    }

    /// Waits until every replica of every Deployment is available.
    pub(crate) async fn ready(&self) {
        eventually(SOON, || async {
            for deployment in self.deployments().await? {
                let wanted = deployment.spec.as_ref().and_then(|spec| spec.replicas);
                let status = deployment.status.clone().unwrap_or_default();
                ensure!(
                    status.observed_generation == deployment.metadata.generation
                        && status.available_replicas.unwrap_or(0) == wanted.unwrap_or(1)
                        && status.updated_replicas.unwrap_or(0) == status.replicas.unwrap_or(0),
                    "{:?}: {status:?}",
                    deployment.metadata.name
                );
            }
            Ok(())
        })
        .await
        .unwrap();
    }

    /// Runs `kubectl bluegreen ARGUMENTS` in it.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let all = [&["bluegreen"][..], arguments].concat();
        self.namespace.kubectl(&all).await.unwrap()
    }

    /// The same, which must end with this exit code and say all of these words.
    pub(crate) async fn expect(&self, arguments: &[&str], code: i32, words: &[&str]) -> Output {
        let output = self.run(arguments).await;
        says(arguments, &output, code, words);
        output
    }

    /// kubectl itself, which must succeed.
    pub(crate) async fn kubectl(&self, arguments: &[&str]) -> String {
        let output = self.namespace.kubectl(arguments).await.unwrap();
        output.succeeded().unwrap().stdout
    }

    /// The role that a Service selects.
    pub(crate) async fn role(&self, service: &str) -> String {
        self.kubectl(&[
            "get",
            "service",
            service,
            "-o",
            "jsonpath={.spec.selector.role}",
        ])
        .await
    }

    /// The intent that is written on the Service `web`; empty where there is none.
    pub(crate) async fn intent(&self) -> String {
        let path = r"jsonpath={.metadata.annotations.bluegreen\.dev/intent}";
        self.kubectl(&["get", "service", "web", "-o", path]).await
    }

    /// What changes when anybody writes to what is in it: statuses are left out.
    pub(crate) async fn state(&self) -> Vec<String> {
        let services = self.namespace.api::<Service>();
        let services = services.list(&ListParams::default()).await.unwrap();
        let mut state: Vec<String> = services
            .items
            .into_iter()
            .map(|service| {
                format!(
                    "{:?} {:?}",
                    service.metadata.name, service.metadata.resource_version
                )
            })
            .collect();
        for mut deployment in self.deployments().await.unwrap() {
            let metadata = &mut deployment.metadata;
            // The controller writes this one.
            if let Some(annotations) = &mut metadata.annotations {
                annotations.remove("deployment.kubernetes.io/revision");
            }
            state.push(format!(
                "{:?} {:?} {:?} {:?}",
                metadata.name, metadata.generation, metadata.labels, metadata.annotations
            ));
        }
        state
    }

    async fn deployments(&self) -> Result<Vec<Deployment>> {
        let api = self.namespace.api::<Deployment>();
        Ok(api.list(&ListParams::default()).await?.items)
    }
}

/// A command that must end with this exit code and say all of these words.
pub(crate) fn says(arguments: &[&str], output: &Output, code: i32, words: &[&str]) {
    let command = arguments.join(" ");
    let text = format!("{}{}", output.stdout, output.stderr);
    assert_eq!(output.code, code, "{command}\n{text}");
    for word in words {
        assert!(text.contains(word), "{command}\nno {word:?} in:\n{text}");
    }
}

/// A Service of `web` that selects a role.
pub(crate) fn service(name: &str, role: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": {"app": "web", "role": role}, "ports": [{"port": 80, "targetPort": 8080}]}
    })
}

/// An environment of `web` whose pods are simulated.
pub(crate) fn deployment(role: &str, replicas: u32) -> Value {
    let labels = json!({"app": "web", "role": role});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": format!("web-{role}"), "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "terminationGracePeriodSeconds": 1,
                    "nodeSelector": {"type": "simulated"},
                    "tolerations": [{"key": "simulated", "operator": "Exists"}],
                    "containers": [{
                        "name": "web", "image": "web:1",
                        "ports": [{"containerPort": 8080}],
                        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1}
                    }]
                }
            }
        }
    })
}

/// An environment of `web` whose pods run on the real node, and answer.
pub(crate) fn real(role: &str, replicas: u32) -> Value {
    let mut side = deployment(role, replicas);
    let pod = &mut side["spec"]["template"]["spec"];
    pod["nodeSelector"] = json!({});
    pod["tolerations"] = json!([]);
    pod["containers"][0]["image"] = json!("bluegreen.dev/test-server:1");
    pod["containers"][0]["imagePullPolicy"] = json!("Never");
    side
}
