//! Which Service and which Deployment are meant.

use k8s_openapi::api::core::v1::Service;

use crate::discover::{self, Hints};
use crate::keys;
use crate::objects::Objects;
use crate::plan::init::Side;
use crate::plan::{Declined, Why, plain};
use crate::refusal::three;
use crate::selector::{self, Labels};
use crate::words;
use crate::workload::Workload;

use super::Ask;
use super::declined;
use super::origin::Origin;
use super::scene::Scene;

/// What stands under the name.
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// Two environments, which nobody has adopted: the application's name.
    Already(String),
    /// What is to become two environments, or is on its way there.
    Scene(Box<Scene<'a>>),
}

/// Finds what is to be adopted.
///
/// # Errors
/// There is no such Service, or not one Deployment alone behind it.
pub fn find<'a>(objects: &'a Objects, ask: &Ask) -> Result<Found<'a>, Declined> {
    let service = plain::only(objects, &ask.name)?;
    if let Some((made, origin)) = made(objects, service) {
        return begun(objects, service, made, origin, ask).map(scene);
    }
    if let Ok(application) = discover::find(objects, &ask.name, &Hints::default()) {
        return Ok(Found::Already(application.name));
    }
    let old = behind(objects, service)?;
    let origin = Origin {
        name: old.name().to_owned(),
        uid: old.metadata().uid.clone().unwrap_or_default(),
        key: ask
            .role_key
            .clone()
            .unwrap_or_else(|| keys::ROLE_LABEL.to_owned()),
    };
    Ok(scene(Scene {
        service,
        old: Some(old),
        made: None,
        role: ask.role.unwrap_or_default(),
        origin,
        base: selector::of(service).clone(),
    }))
}

fn scene(scene: Scene<'_>) -> Found<'_> {
    Found::Scene(Box::new(scene))
}

/// What an adoption has made that this Service selects, or would without a role.
fn made<'a>(objects: &'a Objects, service: &Service) -> Option<(&'a Workload, Origin)> {
    let mut all: Vec<(&Workload, Origin)> = objects
        .workloads
        .iter()
        .filter(|workload| matches!(workload, Workload::Deployment(_)))
        .filter_map(|workload| Some((workload, Origin::of(workload)?)))
        .filter(|(workload, origin)| {
            let base = without(selector::of(service), &origin.key);
            selector::matches(&base, workload.pod_labels())
        })
        .collect();
    all.sort_by_key(|(workload, _)| workload.name());
    all.into_iter().next()
}

/// The adoption that made this one.
fn begun<'a>(
    objects: &'a Objects,
    service: &'a Service,
    made: &'a Workload,
    origin: Origin,
    ask: &Ask,
) -> Result<Scene<'a>, Declined> {
    let value = made.pod_labels().get(&origin.key).map(String::as_str);
    let role = Side::BOTH
        .into_iter()
        .find(|side| Some(side.as_str()) == value);
    let Some(role) = role else {
        return Err(declined(
            Why::Unfit,
            format!(
                "{} says that it was adopted, and its pods have no role in the label {}",
                made.reference(),
                origin.key
            ),
            format!(
                "kubectl annotate {} {}- if it was not made by kubectl bluegreen adopt",
                made.resource(),
                keys::ADOPTED
            ),
        ));
    };
    let (other_role, other_key) = (
        ask.role.is_some_and(|asked| asked != role),
        ask.role_key.as_ref().is_some_and(|key| *key != origin.key),
    );
    if other_role || other_key {
        return Err(declined(
            Why::Usage,
            format!(
                "{} was made like Deployment/{} already, with {}={}",
                made.reference(),
                origin.name,
                origin.key,
                role.as_str()
            ),
            "leave --role and --role-key out to go on from there",
        ));
    }
    let is_it = |workload: &&Workload| {
        workload.kind() == made.kind()
            && workload.metadata().uid.as_ref() == Some(&origin.uid)
            && !workload.is_deleting()
    };
    Ok(Scene {
        service,
        old: objects.workloads.iter().find(is_it),
        made: Some(made),
        role,
        base: without(selector::of(service), &origin.key),
        origin,
    })
}

/// The one Deployment that the Service routes to.
fn behind<'a>(objects: &'a Objects, service: &Service) -> Result<&'a Workload, Declined> {
    match plain::behind(objects, service)?.as_slice() {
        [only] => Ok(only),
        several => {
            let names: Vec<String> = several.iter().map(|one| one.reference()).collect();
            let coloured = several.iter().any(|one| {
                one.pod_labels()
                    .values()
                    .any(|value| words::has_colour(value))
            });
            let hint = if coloured {
                "there are colours already: to let the Service select one of them, \
                 kubectl patch its selector, then kubectl bluegreen list"
            } else {
                "after it, only one of them would serve: give each a Service of its own first"
            };
            Err(declined(
                Why::Unfit,
                format!(
                    "Service/{} routes to more than one workload: {}",
                    plain::service_name(service),
                    three(&names)
                ),
                hint,
            ))
        }
    }
}

fn without(selector: &Labels, key: &str) -> Labels {
    let mut labels = selector.clone();
    labels.remove(key);
    labels
}
