//! Which Ingresses use which Services.

use std::collections::{BTreeSet, HashMap};

use k8s_openapi::api::networking::v1::{Ingress, IngressBackend};

/// `Ingress/NAME`, in the order of the names, by the Service that it sends requests to.
pub(super) fn by_service(ingresses: &[Ingress]) -> HashMap<&str, Vec<String>> {
    let mut users: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for ingress in ingresses {
        let name = ingress.metadata.name.as_deref().unwrap_or_default();
        for service in services(ingress) {
            users
                .entry(service)
                .or_default()
                .insert(format!("Ingress/{name}"));
        }
    }
    users
        .into_iter()
        .map(|(service, names)| (service, names.into_iter().collect()))
        .collect()
}

fn services(ingress: &Ingress) -> impl Iterator<Item = &str> {
    let spec = ingress.spec.iter();
    let default = spec
        .clone()
        .filter_map(|spec| spec.default_backend.as_ref());
    let paths = spec
        .flat_map(|spec| spec.rules.iter().flatten())
        .filter_map(|rule| rule.http.as_ref())
        .flat_map(|http| &http.paths)
        .map(|path| &path.backend);
    default.chain(paths).filter_map(service)
}

fn service(backend: &IngressBackend) -> Option<&str> {
    backend
        .service
        .as_ref()
        .map(|service| service.name.as_str())
}
