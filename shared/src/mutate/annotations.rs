//! The annotations that steer the probe injection or stop it.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::Mutation;
use super::served::Serving;
use crate::keys;
use crate::workload::Workload;

/// What a workload's annotations say of its readiness probe.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) path: Option<String>,
    pub(super) port: Option<IntOrString>,
    /// A value is of no use: what it was to settle, nobody else guesses.
    pub(super) invalid: bool,
}

/// Reads the annotations; `None` where they stop the injection.
pub(super) fn read(
    mutation: &mut Mutation,
    workload: &Workload,
    serving: &[Serving<'_>],
) -> Option<Wish> {
    match workload.annotation(keys::INJECT_PROBE) {
        None | Some("true") => {}
        Some("false") => return None,
        Some(_) => {
            refuse(
                mutation,
                workload,
                keys::INJECT_PROBE,
                "neither true nor false, no probe is added",
            );
            return None;
        }
    }
    let path = workload.annotation(keys::PROBE_PATH);
    let bad_path = path.is_some_and(|path| !is_path(path));
    if bad_path {
        refuse(
            mutation,
            workload,
            keys::PROBE_PATH,
            "no path that begins with /, nothing is added for it",
        );
    }
    let written = workload.annotation(keys::PROBE_PORT);
    let port = written.and_then(port);
    let bad_port = match (written, &port) {
        (Some(_), None) => Some("no port number or name, nothing is added for it"),
        (_, Some(port)) if !serving.iter().any(|it| it.is_for(port, serving)) => {
            Some("no port of a container that serves, nothing is added for it")
        }
        _ => None,
    };
    if let Some(why) = bad_port {
        refuse(mutation, workload, keys::PROBE_PORT, why);
    }
    Some(Wish {
        path: path.map(str::to_owned),
        port,
        invalid: bad_path || bad_port.is_some(),
    })
}

/// Says that a value is not used; key and value come first, since a long warning is cut.
fn refuse(mutation: &mut Mutation, workload: &Workload, key: &str, why: &str) {
    let value = workload.annotation(key).unwrap_or_default();
    let mut shown: String = value.chars().take(24).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    mutation.warn(&format!(
        "{key}: {shown:?} of {} is {why}",
        workload.reference()
    ));
}

fn is_path(text: &str) -> bool {
    text.starts_with('/') && text.chars().all(|c| c.is_ascii_graphic())
}

fn port(text: &str) -> Option<IntOrString> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: u16 = text.parse().ok()?;
        return (number > 0).then(|| IntOrString::Int(number.into()));
    }
    is_port_name(text).then(|| IntOrString::String(text.to_owned()))
}

/// Whether the API server takes it as a port's name (`IsValidPortName`).
fn is_port_name(text: &str) -> bool {
    text.len() <= 15
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
