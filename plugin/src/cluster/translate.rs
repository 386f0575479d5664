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
        403 => {
            failure.hint = Some(format!(
                "to see whether you may: kubectl auth can-i {}",
                call.subject()
            ));
        }
        _ => {}
    }
    failure.server = Some(reason);
    failure
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
mod tests {
    use super::*;

    const CALL: Call<'static> = Call {
        verb: "patch",
        resource: "services",
        name: "tomcat",
        namespace: "shop",
    };

    fn status(code: u16, reason: &str, message: &str) -> kube::Error {
        let mut status = Status::failure(message, reason);
        status.code = code;
        kube::Error::Api(status.boxed())
    }

    fn told(error: &kube::Error) -> Failure {
        let place = Place {
            server: "https://10.0.0.1:6443".to_owned(),
            source: "context \"shop\" of /k".to_owned(),
        };
        failure(error, &CALL, &place)
    }

    #[test]
    fn a_refusal_by_our_hook_is_told_in_its_own_words() {
        let failure = told(&status(
            403,
            "Forbidden",
            "admission webhook \"flip.bluegreen.dev\" denied the request: NotReady: 1 of 2\nhint: wait",
        ));
        assert_eq!(failure.exit, Exit::Denied);
        assert_eq!(failure.message, "NotReady: 1 of 2");
        assert_eq!(failure.details, ["hint: wait"]);
    }

    #[test]
    fn a_refusal_by_our_policy_is_told_in_its_own_words() {
        let failure = told(&status(
            403,
            "Forbidden",
            "services \"web\" is forbidden: ValidatingAdmissionPolicy 'bluegreen-stamps' with binding \
             'bluegreen-stamps' denied request: Protected: it is bob's",
        ));
        assert_eq!(failure.exit, Exit::Denied);
        assert_eq!(failure.message, "Protected: it is bob's");
    }

    #[test]
    fn a_refusal_by_another_hook_or_policy_is_the_servers() {
        for message in [
            "admission webhook \"flip.example.com\" denied the request: no",
            "services \"web\" is forbidden: ValidatingAdmissionPolicy 'mine' with binding 'mine' denied request: no",
        ] {
            let failure = told(&status(403, "Forbidden", message));
            assert_eq!(failure.exit, Exit::CouldNot);
            assert_eq!(failure.server.as_deref(), Some("Forbidden"));
        }
    }

    #[test]
    fn what_is_forbidden_is_named_as_kubectl_asks_for_it() {
        let failure = told(&status(
            403,
            "Forbidden",
            "services \"tomcat\" is forbidden",
        ));
        assert_eq!(
            failure.to_string(),
            "Error from server (Forbidden): services \"tomcat\" is forbidden\n\
             hint: to see whether you may: kubectl auth can-i patch services/tomcat -n shop"
        );
    }

    #[test]
    fn a_guard_that_does_not_answer_is_explained() {
        let failure = told(&status(
            500,
            "InternalError",
            "Internal error occurred: failed calling webhook \"flip.bluegreen.dev\": context deadline exceeded",
        ));
        assert_eq!(failure.exit, Exit::CouldNot);
        assert!(failure.message.starts_with("the guard did not answer"));
    }
}
