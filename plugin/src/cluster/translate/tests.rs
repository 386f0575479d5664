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
        "services \"web\" is forbidden: exceeded quota: mine, requested: services=1, used: services=1, limited: services=1",
    ] {
        let failure = told(&status(403, "Forbidden", message));
        assert_eq!(failure.exit, Exit::CouldNot);
        assert_eq!(failure.server.as_deref(), Some("Forbidden"));
        assert_eq!(failure.hint, None, "that does not hang on rights");
    }
}

#[test]
fn what_is_forbidden_is_named_as_kubectl_asks_for_it() {
    let words = "services \"tomcat\" is forbidden: User \"jane\" cannot patch resource \"services\" in API group \
                 \"\" in the namespace \"shop\"";
    let failure = told(&status(403, "Forbidden", words));
    assert_eq!(
        failure.to_string(),
        format!(
            "Error from server (Forbidden): {words}\n\
             hint: to see whether you may: kubectl auth can-i patch services/tomcat -n shop"
        )
    );
}

#[test]
fn what_no_waiting_changes_is_told_apart_from_what_may_pass() {
    let lasts = |code| told(&status(code, "Reason", "words")).lasts;
    assert!([400, 401, 403, 405, 415, 422].into_iter().all(lasts));
    let passes = [404, 408, 409, 410, 429, 500, 502, 503, 504];
    assert!(!passes.into_iter().any(lasts));
    let list = Call { name: "", ..CALL };
    assert!(super::lasts(404, &list));
    assert!(!told(&kube::Error::LinesCodecMaxLineLengthExceeded).lasts);
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
