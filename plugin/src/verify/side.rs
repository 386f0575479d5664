//! The environment that is checked as a whole, and where it can be reached.

use bluegreen_shared::pod;
use bluegreen_shared::serving;
use k8s_openapi::api::core::v1::{Pod, Service};

use crate::cluster::Cluster;

use super::question::{Asked, Question};

/// An environment of an application.
pub(crate) struct Side<'a> {
    pub(crate) cluster: &'a Cluster,
    /// The application's name.
    pub(crate) application: &'a str,
    /// The role of the environment.
    pub(crate) role: &'a str,
    /// The ways into it, one at least; or why there is none, in words.
    pub(crate) doors: Result<Vec<Door<'a>>, String>,
}

/// A pod that is ready, and the port that it serves.
#[derive(Clone, Debug)]
pub(crate) struct Door<'a> {
    pod: &'a Pod,
    pub(super) port: u16,
    /// Whether TLS is spoken there.
    pub(super) secure: bool,
}

/// Where somebody reaches the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) secure: bool,
}

impl<'a> Door<'a> {
    /// The pod's name.
    pub(super) fn pod(&self) -> &'a str {
        pod::name(self.pod)
    }
}

/// The ready ones of these pods, and where each is asked.
///
/// # Errors
/// None of them is ready, or has the port.
pub(crate) fn doors<'a>(
    role: &str,
    pods: &[&'a Pod],
    production: &[&Service],
    asked: &Asked,
) -> Result<Vec<Door<'a>>, String> {
    let ready: Vec<&Pod> = pods
        .iter()
        .copied()
        .filter(|pod| pod::is_ready(pod))
        .collect();
    if ready.is_empty() {
        return Err(format!("no pod of {role} is ready to be reached"));
    }
    ready
        .into_iter()
        .map(|pod| {
            let question = Question::of(pod, production, asked)
                .map_err(|words| format!("Pod/{}: {words}", pod::name(pod)))?;
            Ok(Door {
                pod,
                port: question.port,
                secure: question.secure,
            })
        })
        .collect()
}

impl Address {
    /// Of the first of these Services that leads to the door, as seen within the cluster; else of the
    /// pod itself.
    pub(super) fn within(door: &Door<'_>, tests: &[&Service]) -> Option<Self> {
        let of_service = tests.iter().find_map(|service| {
            let address = service.spec.as_ref()?.cluster_ip.as_deref()?;
            let spec = door.pod.spec.as_ref()?;
            // "None" says of a Service that it has no address of its own.
            let port = serving::resolve(service, spec).into_iter().find(|served| {
                serving::protocol(served.port) == "TCP"
                    && served.number == Some(i32::from(door.port))
            })?;
            let port = u16::try_from(port.port.port).ok()?;
            (!address.is_empty() && address != "None").then(|| (address.to_owned(), port))
        });
        let of_pod = || {
            let address = door.pod.status.as_ref()?.pod_ip.clone()?;
            Some((address, door.port))
        };
        let (host, port) = of_service.or_else(of_pod)?;
        Some(Self {
            host,
            port,
            secure: door.secure,
        })
    }

    /// The variables that tell it to whoever checks.
    pub(super) fn variables(&self, side: &Side<'_>) -> Vec<(&'static str, String)> {
        let scheme = if self.secure { "https" } else { "http" };
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        let port = self.port;
        vec![
            ("BLUEGREEN_APPLICATION", side.application.to_owned()),
            ("BLUEGREEN_HOST", self.host.clone()),
            ("BLUEGREEN_NAMESPACE", side.cluster.namespace().to_owned()),
            ("BLUEGREEN_PORT", port.to_string()),
            ("BLUEGREEN_ROLE", side.role.to_owned()),
            ("BLUEGREEN_URL", format!("{scheme}://{host}:{port}")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(name: &str, ready: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": name },
            "spec": { "containers": [{
                "name": "web", "ports": [{ "name": "http", "containerPort": 8080 }],
            }] },
            "status": {
                "podIP": "fd00::7",
                "conditions": [{ "type": "Ready", "status": ready }],
            },
        }))
        .unwrap()
    }

    fn service(cluster_ip: &str, ports: &Value) -> Service {
        serde_json::from_value(json!({ "spec": { "clusterIP": cluster_ip, "ports": ports } }))
            .unwrap()
    }

    #[test]
    fn only_pods_that_are_ready_are_reached() {
        let production = service("10.0.0.1", &json!([{ "port": 80, "targetPort": "http" }]));
        let (ready, broken) = (pod("a", "True"), pod("b", "False"));
        let found = |pods: &[&Pod], asked: &Asked| {
            doors("green", pods, &[&production], asked).map(|doors| {
                let shown = doors.iter().map(|door| (door.pod().to_owned(), door.port));
                shown.collect::<Vec<_>>()
            })
        };
        let asked = Asked::default();
        assert_eq!(
            found(&[&broken, &ready], &asked).unwrap(),
            [("a".to_owned(), 8080)]
        );
        assert_eq!(
            found(&[&broken], &asked).unwrap_err(),
            "no pod of green is ready to be reached"
        );
        let grpc = Asked {
            port: Some("grpc".parse().unwrap()),
            ..Asked::default()
        };
        let error = found(&[&ready], &grpc).unwrap_err();
        assert!(error.starts_with("Pod/a: "), "{error}");
    }

    #[test]
    fn within_the_cluster_a_test_service_is_the_address_and_else_the_pod() {
        let pod = pod("a", "True");
        let door = Door {
            pod: &pod,
            port: 8080,
            secure: false,
        };
        let http =
            json!([{ "port": 9000, "targetPort": 9000 }, { "port": 80, "targetPort": "http" }]);
        let (test, headless) = (service("10.0.0.2", &http), service("None", &http));
        let other = service("10.0.0.3", &json!([{ "port": 81 }]));
        let of = |tests: &[&Service]| {
            let address = Address::within(&door, tests).unwrap();
            (address.host, address.port)
        };
        assert_eq!(of(&[&headless, &other, &test]), ("10.0.0.2".to_owned(), 80));
        assert_eq!(of(&[&headless, &other]), ("fd00::7".to_owned(), 8080));
    }
}
