//! From what the client library reports to what a person can act on.

use std::time::Duration;

use kube::core::Status;

use crate::exit::Exit;
use crate::failure::Failure;

use super::Place;

/// A request, as it is spoken of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// `get`, `list`, `patch`…, as RBAC names it.
    pub(crate) verb: &'a str,
    /// `services`, `deployments.apps`…, as RBAC names it.
    pub(crate) resource: &'a str,
    /// The object; empty for a list.
    pub(crate) name: &'a str,
    /// Empty for what is in no namespace.
    pub(crate) namespace: &'a str,
}

impl Call<'_> {
    /// `patch services/tomcat -n shop`.
    pub(super) fn subject(&self) -> String {
        let mut text = format!("{} {}", self.verb, self.resource);
        if !self.name.is_empty() {
            text.push('/');
            text.push_str(self.name);
        }
        if !self.namespace.is_empty() {
            text.push_str(" -n ");
            text.push_str(self.namespace);
        }
        text
    }
}

/// The refusal of one of our own hooks or policies: its message, without the API server's preamble.
pub(super) fn denial(status: &Status) -> Option<&str> {
    if let Some((_, rest)) = status
        .message
        .split_once("ValidatingAdmissionPolicy 'bluegreen-")
    {
        let (_, words) = rest.split_once("' denied request: ")?;
        return (status.code == 403).then_some(words);
    }
    let (hook, words) = status
        .message
        .strip_prefix("admission webhook \"")?
        .split_once("\" denied the request: ")?;
    (status.code == 403 && hook.ends_with(".bluegreen.dev")).then_some(words)
}

/// The hook of ours that the API server could not ask.
pub(super) fn deaf_hook(status: &Status) -> Option<&str> {
    let (_, rest) = status.message.split_once("failed calling webhook \"")?;
    let (hook, _) = rest.split_once('"')?;
    hook.ends_with(".bluegreen.dev").then_some(hook)
}

pub(super) fn failure(error: &kube::Error, call: &Call<'_>, place: &Place) -> Failure {
    match error {
        kube::Error::Api(status) => refused_by_server(status, call),
        kube::Error::Service(_) | kube::Error::HyperError(_) | kube::Error::ReadEvents(_) => {
            unreachable(error, place)
        }
        kube::Error::Auth(_) => {
            Failure::could_not(format!("can't log in to {place}: {}", root_of(error)))
        }
        _ => Failure::could_not(format!("can't {}: {}", call.subject(), root_of(error))),
    }
}

pub(super) fn expired(after: Duration, call: &Call<'_>, place: &Place) -> Failure {
    Failure::could_not(format!(
        "no answer from {place} within {} s to: {}",
        after.as_secs(),
        call.subject()
    ))
    .hint("allow more with --request-timeout")
}

fn refused_by_server(status: &Status, call: &Call<'_>) -> Failure {
    if let Some(words) = denial(status) {
        let mut lines = words.lines();
        let mut failure = Failure::new(Exit::Denied, lines.next().unwrap_or_default());
        failure.details = lines.map(str::to_owned).collect();
        return failure;
    }
    if let Some(hook) = deaf_hook(status) {
        return Failure::could_not(format!(
            "the guard did not answer, so the API server refused to {}: {}",
            call.subject(),
            status.message
        ))
        .details([format!(
            "{hook} holds up what it can't judge; everything else goes on"
        )])
        .hint("kubectl get pods -n bluegreen-system");
    }
    let reason = if status.reason.is_empty() {
        status.code.to_string()
    } else {
        status.reason.clone()
    };
    let mut failure = Failure::could_not(status.message.trim_end_matches('.'));
    match status.code {
        401 => {
            failure.hint =
                Some("log in again, or name another user with --user or --token".to_owned());
        }
        // Those of a hook, a policy or a quota are told of who may.
        403 if status.message.contains("\" cannot ") => {
            failure.hint = Some(format!(
                "to see whether you may: kubectl auth can-i {}",
                call.subject()
            ));
        }
        _ => {}
    }
    failure.server = Some(reason);
    failure.lasts = lasts(status.code, call);
    failure
}

/// Whether the same request is answered so until somebody mends it, or what its user may do.
///
/// An object that is not there may come, one that is in conflict be written; the token of a page expires, and
/// a server that is busy or being updated says so.
fn lasts(code: u16, call: &Call<'_>) -> bool {
    match code {
        // Of a list it is the kind that is not there.
        404 => call.name.is_empty(),
        408 | 409 | 410 | 429 => false,
        _ => (400..500).contains(&code),
    }
}

fn unreachable(error: &kube::Error, place: &Place) -> Failure {
    let cause = root_of(error);
    let failure = Failure::could_not(format!("can't reach the API server {place}: {cause}"));
    if cause.contains("certificate") {
        failure.hint("check the kubeconfig's certificate-authority, or --tls-server-name")
    } else {
        failure.hint("check that the server runs and that the kubeconfig names the right one: kubectl cluster-info")
    }
}

/// The innermost cause, which is what a person can act on; the layers above only repeat it.
pub(super) fn root_of(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    // The system's number says nothing that its words don't.
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text.lines().next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests;
