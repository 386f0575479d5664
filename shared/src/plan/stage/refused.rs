//! What does not fit the containers, or says two things at once.

use crate::application::Environment;
use crate::plan::{Declined, Why};

pub(super) fn no_replicas(idle: &Environment<'_>) -> Declined {
    Declined {
        why: Why::Usage,
        message: format!("without pods, {} could not be switched to", idle.role),
        hint: "ask for one replica or more".to_owned(),
    }
}

pub(super) fn no_container(idle: &Environment<'_>, name: &str, image: &str) -> Declined {
    let (listed, first) = containers(idle);
    Declined {
        why: Why::Usage,
        message: format!("no container {name:?} in {}: {listed}", idle.role),
        hint: format!("--image {first}={image}"),
    }
}

pub(super) fn which_container(idle: &Environment<'_>, image: &str) -> Declined {
    let (listed, first) = containers(idle);
    Declined {
        why: Why::Usage,
        message: format!(
            "{image:?} may be for any container of {}: {listed}",
            idle.role
        ),
        hint: format!("--image {first}={image}"),
    }
}

pub(super) fn two_images(container: &str, one: &str, other: &str) -> Declined {
    Declined {
        why: Why::Usage,
        message: format!("two images for container {container}: {one} and {other}"),
        hint: format!("--image {container}={other}"),
    }
}

/// Every container by workload, and the name of the first.
fn containers(idle: &Environment<'_>) -> (String, String) {
    let mut first = None;
    let listed: Vec<String> = idle
        .workloads
        .iter()
        .map(|workload| {
            let spec = workload.pod_spec();
            let names: Vec<&str> = spec
                .into_iter()
                .flat_map(|spec| {
                    spec.containers
                        .iter()
                        .chain(spec.init_containers.iter().flatten())
                })
                .map(|container| container.name.as_str())
                .collect();
            first = first.or(names.first().copied());
            format!("{} has {}", workload.reference(), names.join(", "))
        })
        .collect();
    (listed.join("; "), first.unwrap_or("CONTAINER").to_owned())
}
