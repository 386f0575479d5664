//! The manifests, as they stand in the repository and are compiled into this program.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cluster::Manifest;
use crate::failure::Failure;

use super::policy;

/// In the order in which they are applied; the hooks come last.
const FILES: [&str; 7] = [
    include_str!("../../../manifests/00-namespace.yaml"),
    include_str!("../../../manifests/10-access.yaml"),
    include_str!("../../../manifests/20-priority.yaml"),
    include_str!("../../../manifests/30-network.yaml"),
    include_str!("../../../manifests/40-server.yaml"),
    include_str!("../../../manifests/80-policy.yaml"),
    include_str!("../../../manifests/90-hooks.yaml"),
];

/// What may differ from the manifests in the repository.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The webhook's image.
    pub(crate) image: Option<String>,
    /// When the image is pulled.
    pub(crate) image_pull_policy: Option<String>,
    /// How many replicas.
    pub(crate) replicas: Option<u32>,
    /// Whether a Namespace that says nothing is only warned.
    pub(crate) warns: bool,
    /// Field managers of the tools that apply what stands in a repository.
    pub(crate) delivery_tools: Vec<String>,
}

/// Which part of the installation an object belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The server and what it needs.
    Server,
    /// The configurations that make the API server ask it, and what that decides by itself.
    Hooks,
}

/// All objects, in the order in which they are to be applied.
pub(crate) fn parts(options: &Options) -> Result<Vec<(Part, Manifest)>, Failure> {
    let mut all = Vec::new();
    for file in FILES {
        let documents: Vec<Document> = serde_saphyr::from_multiple(file)
            .map_err(|error| Failure::could_not(format!("the manifests can't be read: {error}")))?;
        for Document(mut object) in documents {
            let part = match object["kind"].as_str() {
                Some(
                    "ValidatingAdmissionPolicy"
                    | "ValidatingAdmissionPolicyBinding"
                    | "MutatingWebhookConfiguration"
                    | "ValidatingWebhookConfiguration",
                ) => Part::Hooks,
                _ => Part::Server,
            };
            if object["kind"] == "Deployment" {
                adjust(&mut object, options);
            }
            if options.warns {
                policy::warn_unless_labelled(&mut object);
            }
            let manifest = Manifest::of(object)
                .ok_or_else(|| Failure::could_not("the manifests hold what is no object"))?;
            all.push((part, manifest));
        }
    }
    Ok(all)
}

#[derive(Deserialize)]
struct Document(Value);

fn adjust(deployment: &mut Value, options: &Options) {
    if let Some(replicas) = options.replicas {
        deployment["spec"]["replicas"] = json!(replicas);
    }
    let container = &mut deployment["spec"]["template"]["spec"]["containers"][0];
    if let Some(image) = &options.image {
        container["image"] = json!(image);
    }
    if !options.delivery_tools.is_empty() {
        let tools = options.delivery_tools.join(",");
        let variable = json!({"name": "BLUEGREEN_DELIVERY_TOOLS", "value": tools});
        container["env"]
            .as_array_mut()
            .into_iter()
            .for_each(|all| all.push(variable.clone()));
    }
    if let Some(policy) = &options.image_pull_policy {
        container["imagePullPolicy"] = json!(policy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hooks_come_last_and_nothing_else_after_them() {
        let kinds: Vec<(Part, String)> = parts(&Options::default())
            .unwrap()
            .into_iter()
            .map(|(part, manifest)| (part, manifest.kind().to_owned()))
            .collect();
        assert_eq!(kinds[0], (Part::Server, "Namespace".to_owned()));
        let first = kinds
            .iter()
            .position(|(part, _)| *part == Part::Hooks)
            .unwrap();
        assert!(kinds[first..].iter().all(|(part, _)| *part == Part::Hooks));
        let count = |kind: &str| kinds[first..].iter().filter(|(_, k)| k == kind).count();
        assert_eq!(count("ValidatingAdmissionPolicy"), 3);
        assert_eq!(count("ValidatingAdmissionPolicyBinding"), 3);
        assert_eq!(count("MutatingWebhookConfiguration"), 1);
        assert_eq!(count("ValidatingWebhookConfiguration"), 1);
    }

    #[test]
    fn options_change_the_deployment_alone() {
        let options = Options {
            image: Some("registry.example/webhook:1".to_owned()),
            image_pull_policy: Some("Always".to_owned()),
            replicas: Some(3),
            delivery_tools: vec!["fleet".to_owned()],
            ..Options::default()
        };
        let plain = parts(&Options::default()).unwrap();
        for ((_, before), (_, after)) in plain.iter().zip(parts(&options).unwrap()) {
            assert_eq!(before.kind() == "Deployment", before.object != after.object);
            if after.kind() == "Deployment" {
                let container = &after.object["spec"]["template"]["spec"]["containers"][0];
                assert_eq!(container["image"], "registry.example/webhook:1");
                assert_eq!(container["imagePullPolicy"], "Always");
                assert_eq!(after.object["spec"]["replicas"], 3);
                let tools = json!({"name": "BLUEGREEN_DELIVERY_TOOLS", "value": "fleet"});
                assert_eq!(container["env"][1], tools);
            }
        }
    }
}
