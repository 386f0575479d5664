//! Which container of a pod serves which port of a Service.

use k8s_openapi::api::core::v1::{Container, ContainerPort, PodSpec, Service, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// A Service's port, and what of a pod stands behind it.
#[derive(Clone, Debug)]
pub struct Served<'a> {
    /// The Service's port.
    pub port: &'a ServicePort,
    /// The container that declares the target port; `None` where no container does.
    pub container: Option<&'a Container>,
    /// The port's number in the pod; `None` for a name that no container has.
    pub number: Option<i32>,
}

/// How each port of the Service resolves on a pod of this spec.
///
/// The reading is that of the endpoint slice controller (`FindPort`): a name and the protocol must
/// both fit, containers come before native sidecars, and a number stands for itself even where
/// nobody declares it.
#[must_use]
pub fn resolve<'a>(service: &'a Service, spec: &'a PodSpec) -> Vec<Served<'a>> {
    ports(service).map(|port| one(port, spec)).collect()
}

/// The ports of the Service.
pub fn ports(service: &Service) -> impl Iterator<Item = &ServicePort> {
    service
        .spec
        .iter()
        .flat_map(|spec| spec.ports.iter().flatten())
}

/// The port's `targetPort`; without one it is the port itself (`v1` defaulting).
#[must_use]
pub fn target(port: &ServicePort) -> IntOrString {
    match &port.target_port {
        Some(IntOrString::String(name)) if !name.is_empty() => IntOrString::String(name.clone()),
        Some(IntOrString::Int(number)) if *number != 0 => IntOrString::Int(*number),
        _ => IntOrString::Int(port.port),
    }
}

/// The port's protocol; TCP where none is named (`v1` defaulting).
#[must_use]
pub fn protocol(port: &ServicePort) -> &str {
    port.protocol.as_deref().unwrap_or("TCP")
}

/// The containers that may serve: the regular ones, and the init containers that run beside them.
pub fn containers(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    let sidecars = spec.init_containers.iter().flatten();
    spec.containers
        .iter()
        .chain(sidecars.filter(|container| is_sidecar(container)))
}

/// Whether an init container is a native sidecar, which runs as long as the pod.
#[must_use]
pub fn is_sidecar(init_container: &Container) -> bool {
    init_container.restart_policy.as_deref() == Some("Always")
}

fn one<'a>(port: &'a ServicePort, spec: &'a PodSpec) -> Served<'a> {
    let target = target(port);
    let found = containers(spec).find_map(|container| {
        let declared = container
            .ports
            .iter()
            .flatten()
            .find(|declared| fits(declared, &target, port))?;
        Some((container, declared.container_port))
    });
    let number = match target {
        IntOrString::Int(number) => Some(number),
        IntOrString::String(_) => found.map(|(_, number)| number),
    };
    Served {
        port,
        container: found.map(|(container, _)| container),
        number,
    }
}

fn fits(declared: &ContainerPort, target: &IntOrString, port: &ServicePort) -> bool {
    let same_protocol = declared.protocol.as_deref().unwrap_or("TCP") == protocol(port);
    same_protocol
        && match target {
            IntOrString::Int(number) => declared.container_port == *number,
            IntOrString::String(name) => declared.name.as_ref() == Some(name),
        }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    fn resolved(port: &Value, spec: Value) -> (Option<String>, Option<i32>) {
        let service: Service = read(json!({ "spec": { "ports": [port] } }));
        let spec: PodSpec = read(spec);
        let served = resolve(&service, &spec);
        let container = served[0].container.map(|container| container.name.clone());
        (container, served[0].number)
    }

    #[test]
    fn a_name_and_its_protocol_must_both_fit() {
        let spec = json!({ "containers": [
            { "name": "dns", "ports": [{ "name": "http", "containerPort": 53, "protocol": "UDP" }] },
            { "name": "web", "ports": [{ "name": "http", "containerPort": 8080 }] },
        ]});
        let port = json!({ "port": 80, "targetPort": "http" });
        assert_eq!(
            resolved(&port, spec.clone()),
            (Some("web".into()), Some(8080))
        );
        let port = json!({ "port": 80, "targetPort": "https" });
        assert_eq!(resolved(&port, spec), (None, None));
    }

    #[test]
    fn a_number_stands_for_itself() {
        let spec =
            json!({ "containers": [{ "name": "web", "ports": [{ "containerPort": 8080 }] }] });
        let port = json!({ "port": 80, "targetPort": 8080 });
        assert_eq!(
            resolved(&port, spec.clone()),
            (Some("web".into()), Some(8080))
        );
        let port = json!({ "port": 8080 });
        assert_eq!(
            resolved(&port, spec.clone()),
            (Some("web".into()), Some(8080))
        );
        let port = json!({ "port": 80, "targetPort": 9090 });
        assert_eq!(resolved(&port, spec), (None, Some(9090)));
    }

    #[test]
    fn a_native_sidecar_serves_and_an_init_container_does_not() {
        let spec = json!({
            "containers": [{ "name": "app" }],
            "initContainers": [
                { "name": "setup", "ports": [{ "name": "http", "containerPort": 1 }] },
                { "name": "proxy", "restartPolicy": "Always", "ports": [{ "name": "http", "containerPort": 2 }] },
            ],
        });
        let port = json!({ "port": 80, "targetPort": "http" });
        assert_eq!(resolved(&port, spec), (Some("proxy".into()), Some(2)));
    }
}
