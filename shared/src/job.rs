//! A Job that checks an environment: as its file has it, as it is created, and how it ends.

use k8s_openapi::api::core::v1::Service;
use serde_json::{Map, Value, json};

use crate::refusal::{cut, quote};
use crate::selector::{self, Labels};

/// Bytes of a Job's name: its pods carry it as a label's value (`batch/v1`).
const NAME_BYTES: usize = 63;
/// Seconds that a Job may be kept after its end: whoever made it deletes it, where they still can.
const KEPT: u64 = 300;

/// What differs from one run of a Job to the next.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// Where it is to run.
    pub namespace: &'a str,
    /// What makes its name its own.
    pub suffix: &'a str,
    /// Variables for all of its containers, before those of its own, which may refer to them.
    pub variables: &'a [(&'static str, String)],
    /// Seconds that it may take, where it does not say so itself.
    pub deadline: Option<u64>,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It has not ended.
    Running,
    /// It has done what it should.
    Complete,
    /// It has given up, and why.
    Failed(String),
}

/// The name in its file: what it is called whenever it runs.
///
/// # Errors
/// It is no Job, or has no name.
pub fn name(job: &Value) -> Result<&str, String> {
    let text = |pointer: &str| job.pointer(pointer).and_then(Value::as_str);
    let (version, kind) = (text("/apiVersion"), text("/kind"));
    if (version, kind) != (Some("batch/v1"), Some("Job")) {
        let kind = quote(kind.unwrap_or("thing without a kind"));
        return Err(match version {
            Some(version) => format!(
                "it is no Job of batch/v1, but a {kind} of {}",
                quote(version)
            ),
            None => format!("it is no Job of batch/v1, but a {kind}"),
        });
    }
    text("/metadata/name")
        .or_else(|| text("/metadata/generateName"))
        .map(|name| name.trim_end_matches('-'))
        .filter(|name| !name.is_empty())
        .ok_or_else(|| "it has no metadata.name".to_owned())
}

/// The Job as it is to be created.
///
/// Nothing of it is changed that it says itself, but for its name and the values of our variables.
///
/// # Errors
/// It is no Job that could run here; the sentence says why.
pub fn prepare(job: &Value, run: &Run<'_>) -> Result<Value, String> {
    let mut base = name(job)?.to_owned();
    let namespace = job.pointer("/metadata/namespace").and_then(Value::as_str);
    if let Some(other) = namespace.filter(|other| *other != run.namespace) {
        return Err(format!(
            "it names the namespace {}, and the application is in {}",
            quote(other),
            run.namespace
        ));
    }
    cut(&mut base, NAME_BYTES.saturating_sub(run.suffix.len() + 1));
    let base = base.trim_end_matches(['-', '.']);
    let mut job = job.clone();
    let metadata = object(&mut job, "metadata")?;
    // What a cluster adds is not of this run.
    for added in [
        "generateName",
        "resourceVersion",
        "uid",
        "creationTimestamp",
        "managedFields",
    ] {
        metadata.remove(added);
    }
    metadata.insert("name".to_owned(), json!(format!("{base}-{}", run.suffix)));
    metadata.insert("namespace".to_owned(), json!(run.namespace));
    if let Some(whole) = job.as_object_mut() {
        whole.remove("status");
    }
    let spec = object(&mut job, "spec")?;
    spec.entry("ttlSecondsAfterFinished").or_insert(json!(KEPT));
    if let Some(deadline) = run.deadline {
        spec.entry("activeDeadlineSeconds")
            .or_insert(json!(deadline));
    }
    let pod = job
        .pointer_mut("/spec/template/spec")
        .and_then(Value::as_object_mut)
        .ok_or("it has no spec.template.spec")?;
    for list in ["initContainers", "containers"] {
        let containers = pod.get_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            set_variables(container, run.variables)
                .ok_or_else(|| format!("spec.template.spec.{list} holds what is no container"))?;
        }
    }
    let containers = pod.get("containers").and_then(Value::as_array);
    if containers.is_none_or(Vec::is_empty) {
        return Err("it has no spec.template.spec.containers".to_owned());
    }
    Ok(job)
}

/// The first of these Services that would route to the Job's pods.
#[must_use]
pub fn served_by<'s>(job: &Value, services: &'s [Service]) -> Option<&'s str> {
    let labels: Labels = job
        .pointer("/spec/template/metadata/labels")
        .and_then(|labels| serde_json::from_value(labels.clone()).ok())?;
    services
        .iter()
        .find(|service| {
            let selector = selector::of(service);
            !selector.is_empty() && selector::matches(selector, &labels)
        })
        .and_then(|service| service.metadata.name.as_deref())
}

/// What its conditions say (`batch/v1` `JobStatus.conditions`).
#[must_use]
pub fn state(job: &Value) -> State {
    let conditions = job.pointer("/status/conditions").and_then(Value::as_array);
    for condition in conditions.into_iter().flatten() {
        let text = |key: &str| condition.get(key).and_then(Value::as_str);
        match (text("type"), text("status")) {
            (Some("Complete"), Some("True")) => return State::Complete,
            (Some("Failed"), Some("True")) => {
                let reason = quote(text("reason").unwrap_or("Failed"));
                let message = quote(text("message").unwrap_or_default());
                return State::Failed(if message.is_empty() {
                    reason
                } else {
                    format!("{reason}: {message}")
                });
            }
            _ => {}
        }
    }
    State::Running
}

fn object<'j>(job: &'j mut Value, key: &str) -> Result<&'j mut Map<String, Value>, String> {
    job.get_mut(key)
        .and_then(Value::as_object_mut)
        .ok_or_else(|| format!("it has no {key}"))
}

/// `None` for what is no container.
fn set_variables(container: &mut Value, variables: &[(&'static str, String)]) -> Option<()> {
    let container = container.as_object_mut()?;
    let own = container.get_mut("env").map(Value::take);
    let own = match own {
        Some(Value::Array(own)) => own,
        None | Some(Value::Null) => Vec::new(),
        Some(_) => return None,
    };
    let is_ours = |variable: &Value| {
        let name = variable.get("name").and_then(Value::as_str);
        variables.iter().any(|(ours, _)| Some(*ours) == name)
    };
    let env: Vec<Value> = variables
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .chain(own.into_iter().filter(|variable| !is_ours(variable)))
        .collect();
    container.insert("env".to_owned(), Value::Array(env));
    Some(())
}

#[cfg(test)]
mod tests;
