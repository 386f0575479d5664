//! The marks that discovery asked for, on the Service and, where labels don't say the role, on the
//! workloads.

use json_patch::Patch;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::application::Application;
use crate::discover::{self, Hints, Undecided};
use crate::keys;
use crate::objects::Objects;
use crate::patch;
use crate::words;
use crate::workload::Workload;

/// What a Service is to be marked as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Production, with the keys that carry the role; none where the selector shows them.
    Production(Vec<String>),
    /// For tests: never flipped.
    Test,
}

/// The patches that mark; an object that is marked already has none.
#[derive(Clone, Debug)]
pub struct MarkPlan<'a> {
    /// Of the Service.
    pub service: Option<Patch>,
    /// Of the workloads, with the role of each.
    pub workloads: Vec<(&'a Workload, String, Patch)>,
}

/// Plans the marks of one Service.
///
/// # Errors
/// The Service could still not be flipped with them.
pub fn mark<'a>(
    objects: &'a Objects,
    service: &Service,
    mark: &Mark,
) -> Result<MarkPlan<'a>, Undecided> {
    let wanted = annotations(mark);
    let plan = MarkPlan {
        service: annotate(&service.metadata, &wanted, true),
        workloads: Vec::new(),
    };
    if *mark == Mark::Test {
        return Ok(plan);
    }
    let mut after = objects.clone();
    for known in &mut after.services {
        if known.metadata.name == service.metadata.name {
            apply(&mut known.metadata, &wanted);
        }
    }
    let name = service.metadata.name.as_deref().unwrap_or_default();
    let application = discover::find(&after, name, &Hints::default())?;
    Ok(MarkPlan {
        workloads: objects
            .workloads
            .iter()
            .filter_map(|workload| {
                let role = unseen_role(&application, workload)?;
                let patch = annotate(
                    workload.metadata(),
                    &[(keys::ROLE, Some(role.clone()))],
                    false,
                )?;
                Some((workload, role, patch))
            })
            .collect(),
        ..plan
    })
}

/// The role of a workload that no colour word tells admission of.
fn unseen_role(application: &Application<'_>, workload: &Workload) -> Option<String> {
    let side = application.environments.iter().find(|side| {
        side.workloads
            .iter()
            .any(|known| known.kind() == workload.kind() && known.name() == workload.name())
    })?;
    let is_seen = workload
        .pod_labels()
        .values()
        .chain(workload.labels().values())
        .any(|value| words::has_colour(value));
    (!is_seen).then(|| side.role.clone())
}

type Annotation = (&'static str, Option<String>);

fn annotations(mark: &Mark) -> Vec<Annotation> {
    let yes = || Some("true".to_owned());
    match mark {
        Mark::Production(role_keys) => {
            let mut wanted = vec![(keys::PRODUCTION, yes()), (keys::TEST, None)];
            if !role_keys.is_empty() {
                wanted.push((keys::ROLE_KEY, Some(role_keys.join(","))));
            }
            wanted
        }
        Mark::Test => vec![
            (keys::TEST, yes()),
            (keys::PRODUCTION, None),
            (keys::ROLE_KEY, None),
        ],
    }
}

fn apply(metadata: &mut ObjectMeta, wanted: &[Annotation]) {
    let annotations = metadata.annotations.get_or_insert_default();
    for (key, value) in wanted {
        match value {
            Some(value) => annotations.insert((*key).to_owned(), value.clone()),
            None => annotations.remove(*key),
        };
    }
}

/// Sets and removes annotations of the very object that was read; `None` where nothing changes.
///
/// With `unchanged` it must not have changed since.
fn annotate(metadata: &ObjectMeta, wanted: &[Annotation], unchanged: bool) -> Option<Patch> {
    let current = metadata.annotations.as_ref();
    let mut changes = Vec::new();
    for (key, value) in wanted {
        match (current.and_then(|all| all.get(*key)), value) {
            (before, Some(value)) if before != Some(value) => {
                changes.push(patch::add(patch::annotation(key), value.as_str()));
            }
            (Some(_), None) => changes.push(patch::unannotate(key)),
            _ => {}
        }
    }
    if changes.is_empty() {
        return None;
    }
    let version = patch::unchanged(metadata).filter(|_| unchanged);
    let place = patch::annotations(metadata);
    let tests = patch::same(metadata).into_iter().chain(version);
    Some(Patch(tests.chain(place).chain(changes).collect()))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::{Value, json};

    use super::*;

    fn service(annotations: &Value) -> Service {
        serde_json::from_value(json!({
            "metadata": {"name": "web", "uid": "s", "resourceVersion": "7", "annotations": annotations},
            "spec": {"selector": {"app": "web", "version": "1.10"}},
        }))
        .unwrap()
    }

    fn objects(service: &Service) -> Objects {
        let workload = |version: &str| -> Workload {
            let labels = json!({"app": "web", "version": version});
            let deployment: Deployment = serde_json::from_value(json!({
                "metadata": {"name": format!("web-{version}"), "uid": version},
                "spec": {
                    "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}},
                },
            }))
            .unwrap();
            deployment.into()
        };
        Objects {
            services: vec![service.clone()],
            workloads: vec![workload("1.10"), workload("1.11")],
            ..Objects::default()
        }
    }

    #[test]
    fn a_value_pair_gets_its_key_on_the_service_and_its_roles_on_the_workloads() {
        let service = service(&Value::Null);
        let objects = objects(&service);
        let wanted = Mark::Production(vec!["version".to_owned()]);
        let plan = mark(&objects, &service, &wanted).unwrap();
        let roles: Vec<(&str, &str)> = plan
            .workloads
            .iter()
            .map(|(workload, role, _)| (workload.name(), role.as_str()))
            .collect();
        assert_eq!(roles, [("web-1.10", "1.10"), ("web-1.11", "1.11")]);
        let mut after = serde_json::to_value(&service).unwrap();
        json_patch::patch(&mut after, &plan.service.unwrap()).unwrap();
        assert_eq!(
            after["metadata"]["annotations"],
            json!({"bluegreen.dev/production": "true", "bluegreen.dev/role-key": "version"})
        );
    }

    #[test]
    fn what_is_marked_already_gets_no_patch() {
        let marked = service(&json!({"bluegreen.dev/test": "true"}));
        let objects = objects(&marked);
        let plan = mark(&objects, &marked, &Mark::Test).unwrap();
        assert!(plan.service.is_none() && plan.workloads.is_empty());
    }

    #[test]
    fn a_mark_that_settles_nothing_is_not_written() {
        let service = service(&Value::Null);
        let wanted = Mark::Production(vec!["nothing".to_owned()]);
        assert!(mark(&objects(&service), &service, &wanted).is_err());
    }

    #[test]
    fn the_service_must_be_the_one_that_was_read() {
        let service = service(&Value::Null);
        let objects = objects(&service);
        let patch = mark(&objects, &service, &Mark::Test).unwrap().service;
        let mut changed = serde_json::to_value(&service).unwrap();
        changed["metadata"]["resourceVersion"] = json!("8");
        assert!(json_patch::patch(&mut changed, &patch.unwrap()).is_err());
    }
}
