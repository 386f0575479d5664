//! Manifests of API versions that are served no more, such as those published with the pattern.
//!
//! What the old API filled in is not carried over: the new one has its own defaults, among them that
//! a rollout which makes no progress for ten minutes counts as failed, and that old templates are
//! kept ten deep.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::{Value, json};

use super::document::Document;
use super::kind::{Kind, Unfit};
use crate::objects::Objects;
use crate::workload::Workload;

/// Where an object's selector stands, and the labels that it is made from.
const SELECTOR: &str = "/spec/selector";
const TEMPLATE_LABELS: &str = "/spec/template/metadata/labels";
/// An old API that differs from the new one in more than its name.
const UNLIKE: &str = "autoscaling/v2beta1";

/// What was changed of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// Where it stands.
    pub place: super::place::Place,
    /// `Deployment/tomcat-deployment-green`.
    pub object: String,
    /// Each change in words.
    pub changes: Vec<String>,
}

/// Brings every document of an old API version to the one that is served, and gives workloads that
/// have none the selector that they have in the cluster, else one of their template's labels.
#[must_use]
pub fn convert(documents: &mut [Document], objects: &Objects) -> Vec<Conversion> {
    let mut conversions = Vec::new();
    for document in documents {
        let changes = change(&mut document.object, objects);
        if !changes.is_empty() {
            let [kind, name] = kind_and_name(&document.object);
            conversions.push(Conversion {
                place: document.place.clone(),
                object: format!("{kind}/{name}"),
                changes,
            });
        }
    }
    conversions
}

/// What to change of an object by hand, as the rest of a sentence.
pub(super) fn advice(object: &Value, current: &str) -> String {
    let api = object["apiVersion"].as_str().unwrap_or_default();
    let begin = format!("is of {api}, which is served no more: write {current}");
    let [kind, _] = kind_and_name(object);
    if api == UNLIKE {
        return begin + ", whose metrics are written in another way";
    }
    let selector = if is_workload(&kind) && has_no_selector(object) {
        let labels = object.pointer(TEMPLATE_LABELS).unwrap_or(&Value::Null);
        let selector = json!({ "matchLabels": labels });
        format!(", and spec.selector with the labels of its template, {selector}")
    } else {
        String::new()
    };
    format!("{begin}{selector}; --convert does that")
}

fn change(object: &mut Value, objects: &Objects) -> Vec<String> {
    let mut changes = Vec::new();
    let api = object["apiVersion"].as_str().unwrap_or_default().to_owned();
    let [kind, name] = kind_and_name(object);
    match Kind::of(&api, &kind) {
        Err(Unfit::Old(_)) if api == UNLIKE => return changes,
        Err(Unfit::Old(current)) => {
            object["apiVersion"] = json!(current);
            changes.push(format!("apiVersion {api} → {current}"));
        }
        Ok(_) => {}
        Err(_) => return changes,
    }
    if !is_workload(&kind) {
        return changes;
    }
    if has_no_selector(object)
        && let Some((selector, from)) = selector(object, &kind, &name, objects)
        && let Some(spec) = object["spec"].as_object_mut()
    {
        changes.push(format!("spec.selector {selector} {from}"));
        spec.insert("selector".to_owned(), selector);
    }
    let spec = object["spec"].as_object_mut();
    if spec.is_some_and(|spec| spec.remove("rollbackTo").is_some()) {
        changes.push("spec.rollbackTo left out, which is no more".to_owned());
    }
    changes
}

/// A selector never changes: of what is there already it is the one that it has.
fn selector(
    object: &Value,
    kind: &str,
    name: &str,
    objects: &Objects,
) -> Option<(Value, &'static str)> {
    let mut workloads = objects.workloads.iter();
    let stored = workloads.find(|stored| stored.kind() == kind && stored.name() == name);
    if let Some(selector) = stored.and_then(Workload::selector) {
        return Some((json!(selector), "as it has it in the cluster"));
    }
    let labels = object.pointer(TEMPLATE_LABELS)?;
    let is_some = labels.as_object().is_some_and(|labels| !labels.is_empty());
    is_some.then(|| (json!({ "matchLabels": labels }), "of its template's labels"))
}

pub(super) fn has_no_selector(object: &Value) -> bool {
    let selector = object.pointer(SELECTOR).cloned().unwrap_or_default();
    serde_json::from_value::<Option<LabelSelector>>(selector)
        .is_ok_and(|selector| selector.is_none_or(|it| it == LabelSelector::default()))
}

fn is_workload(kind: &str) -> bool {
    matches!(kind, "Deployment" | "StatefulSet")
}

fn kind_and_name(object: &Value) -> [String; 2] {
    ["/kind", "/metadata/name"].map(|pointer| {
        let text = object.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    })
}
