use super::*;

fn verification(failing: bool) -> Verification {
    let tried = |pod: &str, passed: bool| Tried {
        pod: pod.to_owned(),
        question: "GET http :8080/".to_owned(),
        passed,
        late: false,
        passes: if passed { 3 } else { 0 },
        asked: 3,
        status: Some(if passed { 200 } else { 500 }),
        words: if passed {
            "status 200: version 2".to_owned()
        } else {
            "status 500: oops".to_owned()
        },
    };
    Verification {
        application: "web".to_owned(),
        namespace: "shop".to_owned(),
        role: "green".to_owned(),
        serves: false,
        wanted: 3,
        limit: "60s".parse().unwrap(),
        pods: vec![tried("web-green-1", true), tried("web-green-22", !failing)],
        missing: Vec::new(),
        revision: Revision::new(),
        images: Vec::new(),
        by: None,
        at: None,
    }
}

#[test]
fn the_screen_names_every_pod() {
    assert_eq!(
        verification(true).text(Style::new(false), false),
        "\
POD            CHECK             PASSED        LAST
web-green-1    GET http :8080/   yes, 3 of 3   status 200
web-green-22   GET http :8080/   no, 0 of 3    status 500: oops
"
    );
}

#[test]
fn a_failure_names_the_pods_that_did_not_pass() {
    assert_eq!(
        verification(true).failure().unwrap().to_string(),
        "error: 1 of 2 pods of green did not pass\n  \
             Pod/web-green-22: status 500: oops\n\
             hint: kubectl bluegreen status web"
    );
    assert_eq!(verification(false).failure(), None);
}

#[test]
fn a_replica_without_a_pod_is_a_failure() {
    let mut short = verification(false);
    short.missing = vec!["Deployment/web-green has 2 of 3 pods".to_owned()];
    let failure = short.failure().unwrap();
    assert_eq!(failure.exit, Exit::Unverified);
    assert_eq!(failure.details, short.missing);
    assert_eq!(short.value()["passed"], false);
}

#[test]
fn what_was_asked_is_counted_by_question() {
    let checks = verification(false).checks();
    assert_eq!(checks.len(), 1);
    assert_eq!((checks[0].pods, checks[0].passes), (2, 3));
}

#[test]
fn pods_that_the_time_was_too_short_for_are_named() {
    let mut late = verification(true);
    late.pods[1].late = true;
    late.pods[1].words = "had not answered yet".to_owned();
    let failure = late.failure().unwrap();
    assert_eq!(failure.exit, Exit::TimedOut);
    assert_eq!(
        failure.to_string(),
        "error: 1 of 2 pods of green had neither passed nor failed within 1m\n  \
             Pod/web-green-22: had not answered yet\n\
             hint: kubectl bluegreen status web"
    );
    assert_eq!(late.value()["pods"][1]["late"], true);
}

#[test]
fn what_failed_counts_though_the_time_was_too_short_for_others() {
    let mut both = verification(true);
    both.pods[0].passed = false;
    both.pods[0].late = true;
    assert_eq!(both.failure().unwrap().exit, Exit::Unverified);
}
