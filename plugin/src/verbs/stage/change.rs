//! What was changed of one object.

use std::fmt;

use bluegreen_shared::manifests::Piece;
use bluegreen_shared::plan::stage::{ScalerPatch, WorkloadPatch};
use serde::Serialize;
use serde_json::Value;

/// What was changed of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    /// `Deployment/tomcat-deployment-green`.
    pub(super) object: String,
    /// `created` or `configured`, where it was applied from a manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    images: Vec<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replicas: Option<Replicas>,
    /// The least that an autoscaler allows.
    #[serde(rename = "minReplicas", skip_serializing_if = "Option::is_none")]
    minimum: Option<Replicas>,
    /// `deployment/tomcat-deployment-green`.
    #[serde(skip)]
    pub(super) resource: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Image {
    container: String,
    from: String,
    to: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Replicas {
    from: i32,
    to: i32,
}

impl Change {
    /// What a patch changes.
    pub(super) fn of(planned: &WorkloadPatch<'_>) -> Self {
        Self {
            object: planned.workload.reference(),
            result: None,
            resource: planned.workload.resource(),
            images: planned
                .images
                .iter()
                .map(|image| Image {
                    container: image.container.clone(),
                    from: image.from.clone(),
                    to: image.to.clone(),
                })
                .collect(),
            replicas: planned.replicas.map(|(from, to)| Replicas { from, to }),
            minimum: None,
        }
    }

    /// What a patch of an autoscaler changes.
    pub(super) fn of_scaler(planned: &ScalerPatch<'_>) -> Self {
        let name = planned.scaler.metadata.name.as_deref().unwrap_or_default();
        let (from, to) = planned.minimum;
        Self {
            object: format!("HorizontalPodAutoscaler/{name}"),
            result: None,
            resource: format!("horizontalpodautoscaler/{name}"),
            images: Vec::new(),
            replicas: None,
            minimum: Some(Replicas { from, to }),
        }
    }
}

impl Change {
    /// What applying a manifest has changed; `None` where nothing but who owns it.
    pub(super) fn between(piece: &Piece, stored: Option<&Value>, after: &Value) -> Option<Self> {
        let result = match stored {
            None => "created",
            Some(stored) if bare(stored) == bare(after) => return None,
            Some(_) => "configured",
        };
        let replicas = stored.and_then(|stored| {
            let [from, to] = [stored, after].map(|object| object["spec"]["replicas"].as_i64());
            let [from, to] = [from?, to?].map(|count| i32::try_from(count).ok());
            Some(Replicas {
                from: from?,
                to: to?,
            })
        });
        let kind = piece.kind.as_str().to_ascii_lowercase();
        Some(Self {
            object: piece.reference(),
            result: Some(result),
            images: stored.map_or_else(Vec::new, |stored| images(stored, after)),
            replicas: replicas.filter(|Replicas { from, to }| from != to),
            minimum: None,
            resource: format!("{kind}/{}", piece.name),
        })
    }
}

/// An object without what a write changes that changes nothing else.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    for (parent, fields) in [
        ("", &["status"][..]),
        (
            "/metadata",
            &["managedFields", "resourceVersion", "generation"],
        ),
    ] {
        let parent = object.pointer_mut(parent).and_then(Value::as_object_mut);
        if let Some(parent) = parent {
            parent.retain(|key, _| !fields.contains(&key.as_str()));
        }
    }
    object
}

/// The images that differ, by the container's name.
fn images(stored: &Value, after: &Value) -> Vec<Image> {
    let containers = |object: &Value| -> Vec<(String, String)> {
        let spec = &object["spec"]["template"]["spec"];
        ["containers", "initContainers"]
            .into_iter()
            .flat_map(|list| spec[list].as_array().into_iter().flatten())
            .map(|container| {
                let text = |field: &str| container[field].as_str().unwrap_or_default();
                (text("name").to_owned(), text("image").to_owned())
            })
            .collect()
    };
    let before = containers(stored);
    let changed = containers(after).into_iter().filter_map(|(name, to)| {
        let (_, from) = before.iter().find(|(other, _)| *other == name)?;
        (*from != to).then(|| Image {
            container: name,
            from: from.clone(),
            to,
        })
    });
    changed.collect()
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let images = self.images.iter().map(|image| {
            let Image {
                container,
                from,
                to,
            } = image;
            format!("{container} {from} → {to}")
        });
        let replicas = self
            .replicas
            .iter()
            .map(|Replicas { from, to }| format!("{from} → {to} replicas"));
        let minimum = self
            .minimum
            .iter()
            .map(|Replicas { from, to }| format!("{from} → {to} replicas at least"));
        let mut all: Vec<String> = images.chain(replicas).chain(minimum).collect();
        if all.is_empty() {
            all.extend(self.result.map(str::to_owned));
        }
        write!(out, "{}: {}", self.object, all.join(", "))
    }
}

/// For the tests of what it is shown in.
#[cfg(test)]
pub(super) fn an_image_and_replicas() -> Change {
    Change {
        object: "Deployment/tomcat-deployment-green".to_owned(),
        result: None,
        resource: "deployment/tomcat-deployment-green".to_owned(),
        images: vec![Image {
            container: "tomcat-container".to_owned(),
            from: "tomcat:7".to_owned(),
            to: "tomcat:8".to_owned(),
        }],
        replicas: Some(Replicas { from: 1, to: 2 }),
        minimum: None,
    }
}

#[cfg(test)]
mod tests {
    use bluegreen_shared::manifests::{documents, pieces};
    use serde_json::json;

    use super::*;

    /// A workload's object, as the cluster has it.
    fn object(image: &str, replicas: i32, version: &str) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web-green", "resourceVersion": version, "managedFields": [version]},
            "spec": {
                "replicas": replicas,
                "template": {"spec": {"containers": [{"name": "web", "image": image}]}},
            },
            "status": {"replicas": version},
        })
    }

    fn between(stored: Option<&Value>, after: &Value) -> Option<String> {
        let documents = documents("-", &after.to_string()).unwrap();
        let (pieces, _) = pieces(documents, "shop");
        Change::between(&pieces[0], stored, after).map(|change| change.to_string())
    }

    #[test]
    fn a_change_names_images_and_replicas() {
        assert_eq!(
            an_image_and_replicas().to_string(),
            "Deployment/tomcat-deployment-green: \
             tomcat-container tomcat:7 → tomcat:8, 1 → 2 replicas"
        );
        let before = object("web:1", 2, "1");
        assert_eq!(
            between(Some(&before), &object("web:2", 3, "2")).unwrap(),
            "Deployment/web-green: web web:1 → web:2, 2 → 3 replicas"
        );
    }

    #[test]
    fn what_is_new_or_otherwise_changed_is_said_so() {
        let mut after = object("web:1", 2, "2");
        assert_eq!(
            between(None, &after).unwrap(),
            "Deployment/web-green: created"
        );
        let before = object("web:1", 2, "1");
        assert_eq!(between(Some(&before), &after), None);
        after["spec"]["paused"] = json!(true);
        let configured = between(Some(&before), &after).unwrap();
        assert_eq!(configured, "Deployment/web-green: configured");
    }
}
