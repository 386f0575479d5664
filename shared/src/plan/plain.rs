//! A plain Deployment and the Services in front of it, where nobody releases in two colours.

use k8s_openapi::api::core::v1::Service;

use crate::discover;
use crate::objects::Objects;
use crate::refusal::three;
use crate::selector;
use crate::words;
use crate::workload::Workload;

use super::{Declined, Why};

/// The Service of that name, else those whose selector says so and whose name does not say that they
/// are for tests, by name.
pub(super) fn called<'a>(objects: &'a Objects, name: &str) -> Vec<&'a Service> {
    if let Some(service) = objects.service(name) {
        return vec![service];
    }
    let says = |service: &&Service| {
        !words::has_test_word(service_name(service))
            && discover::labels(selector::of(service)).any(|value| value == name)
    };
    let mut found: Vec<&Service> = objects.services.iter().filter(says).collect();
    found.sort_by_key(|service| service_name(service));
    found
}

/// The one Service that is called so.
///
/// # Errors
/// There is none, or several are.
pub(super) fn only<'a>(objects: &'a Objects, name: &str) -> Result<&'a Service, Declined> {
    let found = called(objects, name);
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(unknown(name)),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|service| format!("Service/{}", service_name(service)))
                .collect();
            Err(Declined {
                why: Why::Ambiguous,
                message: format!("{} select pods by the name {name:?}", three(&names)),
                hint: "name the Service itself".to_owned(),
            })
        }
    }
}

/// Nothing is called so.
pub(super) fn unknown(name: &str) -> Declined {
    Declined {
        why: Why::NotFound,
        message: format!("there is no Service {name:?}, and none that selects pods by that name"),
        hint: "kubectl get services lists them; name the one that production is reached by"
            .to_owned(),
    }
}

/// The workloads that the Service routes to, by name; one at least.
///
/// # Errors
/// It routes to none.
pub(super) fn behind<'a>(
    objects: &'a Objects,
    service: &Service,
) -> Result<Vec<&'a Workload>, Declined> {
    let name = service_name(service);
    let spec = service.spec.as_ref();
    let unfit = |message: String| Declined {
        why: Why::Unfit,
        message,
        hint: "name the Service that selects the pods".to_owned(),
    };
    if spec.and_then(|spec| spec.type_.as_deref()) == Some("ExternalName") {
        return Err(unfit(format!(
            "Service/{name} is of type ExternalName and routes to no pods"
        )));
    }
    let selector = selector::of(service);
    if selector.is_empty() {
        return Err(unfit(format!(
            "Service/{name} has no selector, somebody else writes its endpoints"
        )));
    }
    let matched = |workload: &&Workload| selector::matches(selector, workload.pod_labels());
    let mut all: Vec<&Workload> = objects.workloads.iter().filter(matched).collect();
    all.sort_by_key(|workload| (workload.name(), workload.kind()));
    if all.is_empty() {
        let query = selector::query(selector);
        return Err(Declined {
            why: Why::NotFound,
            message: format!(
                "Service/{name} selects {query}, which the pods of no Deployment carry"
            ),
            hint: format!("kubectl get deployments -l {query}"),
        });
    }
    Ok(all)
}

/// The Service's name.
pub(super) fn service_name(service: &Service) -> &str {
    service.metadata.name.as_deref().unwrap_or_default()
}
