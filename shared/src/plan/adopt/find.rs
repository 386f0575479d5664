//! Which Service and which Deployment are meant.

use k8s_openapi::api::core::v1::Service;

use crate::discover::{self, Hints};
use crate::keys;
use crate::objects::Objects;
use crate::plan::init::Side;
use crate::plan::{Declined, Why};
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
    let service = service(objects, &ask.name)?;
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

/// The Service of that name, else the one whose selector says so.
fn service<'a>(objects: &'a Objects, name: &str) -> Result<&'a Service, Declined> {
    if let Some(service) = objects.service(name) {
        return Ok(service);
    }
    let says = |service: &&Service| {
        !words::has_test_word(service_name(service))
            && discover::labels(selector::of(service)).any(|value| value == name)
    };
    let found: Vec<&Service> = objects.services.iter().filter(says).collect();
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(declined(
            Why::NotFound,
            format!("there is no Service {name:?}, and none that selects pods by that name"),
            "kubectl get services lists them; name the one that production is reached by",
        )),
        several => {
            let mut names: Vec<String> = several
                .iter()
                .map(|service| format!("Service/{}", service_name(service)))
                .collect();
            names.sort();
            Err(declined(
                Why::Ambiguous,
                format!("{} select pods by the name {name:?}", three(&names)),
                "name the Service itself",
            ))
        }
    }
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
    let name = service_name(service);
    let spec = service.spec.as_ref();
    if spec.and_then(|spec| spec.type_.as_deref()) == Some("ExternalName") {
        return Err(declined(
            Why::Unfit,
            format!("Service/{name} is of type ExternalName and routes to no pods"),
            "name the Service that selects the pods",
        ));
    }
    let selector = selector::of(service);
    if selector.is_empty() {
        return Err(declined(
            Why::Unfit,
            format!("Service/{name} has no selector, somebody else writes its endpoints"),
            "name the Service that selects the pods",
        ));
    }
    let matched = |workload: &&Workload| selector::matches(selector, workload.pod_labels());
    let mut all: Vec<&Workload> = objects.workloads.iter().filter(matched).collect();
    all.sort_by_key(|workload| (workload.name(), workload.kind()));
    match all.as_slice() {
        [] => Err(declined(
            Why::NotFound,
            format!(
                "Service/{name} selects {}, which the pods of no Deployment carry",
                selector::query(selector)
            ),
            format!("kubectl get deployments -l {}", selector::query(selector)),
        )),
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
                    "Service/{name} routes to more than one workload: {}",
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

fn service_name(service: &Service) -> &str {
    service.metadata.name.as_deref().unwrap_or_default()
}
