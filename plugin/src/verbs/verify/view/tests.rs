use super::*;
use crate::verify::Subject;
use crate::verify::finding::Kind;

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
        findings: Vec::new(),
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

fn command(passed: bool) -> Finding {
    Finding {
        subject: Subject {
            kind: Kind::Command,
            name: "./smoke.sh".to_owned(),
        },
        passed,
        late: false,
        asked: 1,
        words: format!("exit code {}", u8::from(!passed)),
        output: vec!["no answer".to_owned()],
    }
}

fn query() -> Finding {
    Finding {
        subject: Subject {
            kind: Kind::Query,
            name: "errors < 1".to_owned(),
        },
        asked: 12,
        words: "0.5".to_owned(),
        ..command(true)
    }
}

#[test]
fn checks_of_the_whole_stand_below_the_pods() {
    let mut all = verification(false);
    all.findings = vec![command(false), query()];
    assert_eq!(
        all.text(Style::new(false), true),
        "\
POD            CHECK             PASSED        ASKED   LAST
web-green-1    GET http :8080/   yes, 3 of 3   3       status 200
web-green-22   GET http :8080/   yes, 3 of 3   3       status 200

CHECK                PASSED   ASKED   LAST
command ./smoke.sh   no       1       exit code 1
query errors < 1     yes      12      0.5
"
    );
    assert_eq!(
        all.failure().unwrap().to_string(),
        "error: command ./smoke.sh did not pass\n  \
             command ./smoke.sh: exit code 1\n    \
             | no answer\n\
             hint: kubectl bluegreen status web"
    );
    assert_eq!(all.value()["checks"][0]["output"][0], "no answer");
    all.pods.clear();
    assert!(all.text(Style::new(false), false).starts_with("CHECK "));
}

#[test]
fn pods_and_checks_that_fail_are_told_together() {
    let mut all = verification(true);
    all.findings = vec![command(false), query()];
    assert_eq!(
        all.failure().unwrap().message,
        "1 of 2 pods of green and command ./smoke.sh did not pass"
    );
    all.pods[1].late = true;
    assert_eq!(all.failure().unwrap().exit, Exit::Unverified);
    all.findings[0].late = true;
    let late = all.failure().unwrap();
    assert_eq!(late.exit, Exit::TimedOut);
    assert_eq!(
        late.message,
        "1 of 2 pods of green and command ./smoke.sh had neither passed nor failed within 1m"
    );
}

#[test]
fn what_passed_is_named_and_recorded() {
    let mut all = verification(false);
    all.findings = vec![command(true), query()];
    assert_eq!(all.failure(), None);
    assert_eq!(
        all.summary(),
        "2 pods passed 3 times in a row, command ./smoke.sh passed, query errors < 1 passed"
    );
    let checks = all.checks();
    let query = checks.last().unwrap();
    assert_eq!(checks.len(), 3);
    assert_eq!(
        (query.what.as_str(), query.pods, query.passes),
        ("query errors < 1", 0, 12)
    );
    all.pods.clear();
    assert!(all.summary().starts_with("command "));
}
