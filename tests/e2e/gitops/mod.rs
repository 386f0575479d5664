//! The examples of `manifests/gitops`: delivery tools bring both environments, and leave alone which of them
//! serves. Helm is run; what Argo CD and Flux send is made of the examples as their documentation says, and
//! sent in their names.

mod argocd;
mod flux;
mod helm;

use std::path::PathBuf;

use serde_json::Value;
use tokio::process::Command;

use crate::fixture::folder::Folder;
use crate::shop::Shop;

fn example(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../manifests/gitops");
    PathBuf::from(folder).join(name)
}

fn documents(yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).unwrap()
}

fn document(name: &str) -> Value {
    let yaml = std::fs::read_to_string(example(name)).unwrap();
    serde_saphyr::from_str(&yaml).unwrap()
}

/// A folder for what Helm remembers, and what it renders.
struct Helm<'s> {
    shop: &'s Shop,
    folder: Folder,
}

impl<'s> Helm<'s> {
    fn of(shop: &'s Shop) -> Self {
        let folder = Folder::of(shop, &[]);
        Self { shop, folder }
    }

    /// What it says; it must succeed. One pod a side.
    async fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("helm");
        for home in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(home, self.folder.path());
        }
        let namespace = &self.shop.namespace.name;
        let output = command
            .args(arguments)
            .args(["--namespace", namespace])
            .output()
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {told}");
        format!("{told}{}", String::from_utf8_lossy(&output.stdout))
    }

    /// The objects of the chart as they would stand in a repository, green with this image.
    async fn rendered(&self, green: &str) -> Vec<Value> {
        let chart = example("chart");
        let images = sides("tomcat:7", green);
        let mut render = vec!["template", "tomcat", chart.to_str().unwrap()];
        render.extend(images.iter().map(String::as_str));
        documents(&self.run(&render).await)
    }
}

/// The values of both environments: these images, one pod each.
fn sides(blue: &str, green: &str) -> Vec<String> {
    let sides = [("blue", blue), ("green", green)];
    let values = sides.map(|(role, image)| {
        format!("--set=environments.{role}.replicas=1,environments.{role}.image={image}")
    });
    values.into()
}

/// Server-side apply in a tool's name, as its controllers do it.
async fn sync(shop: &Shop, tool: &str, objects: &[Value]) {
    for object in objects {
        let apply = [
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager",
            tool,
            "-f",
            "-",
        ];
        let output = shop
            .namespace
            .kubectl_reading(&apply, &object.to_string())
            .await;
        output.unwrap().succeeded().unwrap();
    }
}

/// Waits until the Tomcats of both sides have started.
async fn up(shop: &Shop) {
    let wait = ["wait", "--for=condition=Available", "deployment", "--all"];
    shop.kubectl(&[&wait[..], &["--timeout=4m"]].concat()).await;
}

async fn image(shop: &Shop, role: &str) -> String {
    let name = format!("deployment/tomcat-deployment-{role}");
    let path = "jsonpath={.spec.template.spec.containers[0].image}";
    shop.kubectl(&["get", &name, "-o", path]).await
}
