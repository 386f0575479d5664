//! What a pod is asked: by default what its readiness probe asks.

mod ports;

use std::fmt;
use std::str::FromStr;

use bluegreen_shared::pod;
use clap::ValueEnum;
use k8s_openapi::api::core::v1::{Container, HTTPGetAction, Pod, Service};

use super::engine::Request;
use super::header::Header;

use ports::{first_served, named, number, served_port, undeclared, unresolved};

/// The header that names the server.
const HOST: &str = "host";

/// What the user wants to be asked, in place of what the pod's own probe asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) path: Option<String>,
    /// The port.
    pub(crate) port: Option<PortName>,
    /// Whether TLS is spoken.
    pub(crate) scheme: Option<Scheme>,
    /// Headers, instead of those of the same name that the probe sends.
    pub(crate) headers: Vec<Header>,
}

/// What is spoken on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scheme {
    /// Plain text.
    Http,
    /// TLS.
    Https,
}

/// A port by number, or by the name that a container or the Service gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PortName {
    /// Its number in the pod.
    Number(u16),
    /// Its name.
    Name(String),
}

/// One question for one pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// The port in the pod.
    pub(super) port: u16,
    /// Whether it is asked over TLS.
    pub(super) secure: bool,
    /// What is sent.
    pub(super) request: Request,
    /// Further ports that the Services lead to and that no container declares: only who connects
    /// knows whether anybody listens there.
    pub(super) undeclared: Vec<u16>,
}

impl FromStr for PortName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(0) => Err("no port has the number 0".to_owned()),
            Ok(number) => Ok(Self::Number(number)),
            Err(_) if text.is_empty() || text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err("a port is a number up to 65535, or a name".to_owned())
            }
            Err(_) => Ok(Self::Name(text.to_owned())),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(out, "GET {scheme} :{}{}", self.port, self.request.path)?;
        self.undeclared
            .iter()
            .try_for_each(|port| write!(out, ", TCP :{port}"))
    }
}

impl Question {
    /// What this pod is asked: the path and port of the readiness probe of the container that serves
    /// the Services, or `/` of the port that they serve; and before all that, what the user wants.
    ///
    /// # Errors
    /// There is no such port; the sentence says which.
    pub(crate) fn of(pod: &Pod, services: &[&Service], asked: &Asked) -> Result<Self, String> {
        let Some(spec) = &pod.spec else {
            return Err("it has no spec".to_owned());
        };
        if let Some(words) = unresolved(spec, services) {
            return Err(words);
        }
        let served = first_served(spec, services);
        let container = served.as_ref().and_then(|served| served.container).or(
            match spec.containers.as_slice() {
                [only] => Some(only),
                _ => None,
            },
        );
        let probe = container.and_then(|container| Some((container, http_get(container)?)));
        let probed = probe.and_then(|(container, get)| number(&get.port, container));
        let port = match &asked.port {
            Some(PortName::Number(number)) => *number,
            Some(PortName::Name(name)) => named(name, spec, services)?,
            None => match probed {
                Some(port) => port,
                None => served_port(served.as_ref())?,
            },
        };
        // What the probe says of path, scheme and headers holds for its own port alone.
        let get = probe.map(|(_, get)| get).filter(|_| probed == Some(port));
        let path = asked
            .path
            .as_deref()
            .or_else(|| get.and_then(|get| get.path.as_deref()))
            .unwrap_or_default();
        let secure = match (asked.scheme, get) {
            (Some(scheme), _) => scheme == Scheme::Https,
            (None, Some(get)) => get.scheme.as_deref() == Some("HTTPS"),
            (None, None) => served.is_some_and(|served| {
                served.number == Some(i32::from(port))
                    && served.port.app_protocol.as_deref() == Some("https")
            }),
        };
        Ok(Self {
            port,
            secure,
            request: Request {
                host: wanted_host(asked).unwrap_or_else(|| host(pod, get, port)),
                path: absolute(path),
                headers: headers(get, asked),
                json: None,
            },
            undeclared: undeclared(spec, services, port),
        })
    }
}

fn http_get(container: &Container) -> Option<&HTTPGetAction> {
    container.readiness_probe.as_ref()?.http_get.as_ref()
}

/// As the kubelet sends it: the probe's own host, or the pod's address and port.
fn host(pod: &Pod, get: Option<&HTTPGetAction>, port: u16) -> String {
    if let Some(host) = get
        .and_then(|get| get.host.as_deref())
        .filter(|host| !host.is_empty())
    {
        return host.to_owned();
    }
    let address = pod
        .status
        .as_ref()
        .and_then(|status| status.pod_ip.as_deref());
    match address {
        Some(address) if address.contains(':') => format!("[{address}]:{port}"),
        Some(address) => format!("{address}:{port}"),
        None => format!("{}:{port}", pod::name(pod)),
    }
}

/// The user's own `Host`, which is also the name that TLS asks for.
fn wanted_host(asked: &Asked) -> Option<String> {
    let host = asked.headers.iter().find(|header| header.is(HOST));
    host.map(|header| header.value.clone())
}

/// The probe's, and the user's in place of those.
fn headers(get: Option<&HTTPGetAction>, asked: &Asked) -> Vec<(String, String)> {
    let own = asked.headers.iter().filter(|header| !header.is(HOST));
    get.into_iter()
        .flat_map(|get| get.http_headers.iter().flatten())
        .filter(|probes| !asked.headers.iter().any(|own| own.is(&probes.name)))
        .map(|probes| (probes.name.clone(), probes.value.clone()))
        .chain(own.map(|own| (own.name.clone(), own.value.clone())))
        .collect()
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    }
}

#[cfg(test)]
mod tests;
