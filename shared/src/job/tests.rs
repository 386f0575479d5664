use super::*;

fn job() -> Value {
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": { "name": "smoke", "uid": "u", "labels": { "team": "shop" } },
        "spec": {
            "backoffLimit": 0,
            "template": {
                "metadata": { "labels": { "app": "web", "role": "green" } },
                "spec": {
                    "initContainers": [{ "name": "first" }],
                    "containers": [{
                        "name": "smoke",
                        "env": [
                            { "name": "BLUEGREEN_ROLE", "value": "blue" },
                            { "name": "PAGE", "value": "$(BLUEGREEN_URL)/health" },
                        ],
                    }],
                },
            },
        },
        "status": { "active": 1 },
    })
}

fn run(variables: &[(&'static str, String)]) -> Result<Value, String> {
    prepare(
        &job(),
        &Run {
            namespace: "shop",
            suffix: "x7k2p",
            variables,
            deadline: Some(70),
        },
    )
}

fn refused(pointer: &str, value: Value) -> String {
    let mut changed = job();
    *changed.pointer_mut(pointer).unwrap() = value;
    let run = Run {
        namespace: "shop",
        suffix: "x",
        variables: &[],
        deadline: None,
    };
    prepare(&changed, &run).unwrap_err()
}

#[test]
fn it_gets_a_name_of_its_own_and_ends_by_itself() {
    let made = run(&[]).unwrap();
    assert_eq!(
        made["metadata"],
        json!({ "name": "smoke-x7k2p", "namespace": "shop", "labels": { "team": "shop" } })
    );
    assert_eq!(made["spec"]["ttlSecondsAfterFinished"], 300);
    assert_eq!(made["spec"]["activeDeadlineSeconds"], 70);
    assert_eq!(made["spec"]["backoffLimit"], 0);
    assert_eq!(made.get("status"), None);
}

#[test]
fn what_it_says_itself_of_its_end_stays() {
    let mut own = job();
    own["spec"]["ttlSecondsAfterFinished"] = json!(1);
    own["spec"]["activeDeadlineSeconds"] = json!(2);
    let run = Run {
        namespace: "shop",
        suffix: "x",
        variables: &[],
        deadline: Some(70),
    };
    let made = prepare(&own, &run).unwrap();
    assert_eq!(made["spec"]["ttlSecondsAfterFinished"], 1);
    assert_eq!(made["spec"]["activeDeadlineSeconds"], 2);
}

#[test]
fn every_container_gets_the_variables_before_its_own() {
    let made = run(&[
        ("BLUEGREEN_ROLE", "green".to_owned()),
        ("BLUEGREEN_URL", "http://10.0.0.2:80".to_owned()),
    ])
    .unwrap();
    let pod = &made["spec"]["template"]["spec"];
    let ours = json!([
        { "name": "BLUEGREEN_ROLE", "value": "green" },
        { "name": "BLUEGREEN_URL", "value": "http://10.0.0.2:80" },
    ]);
    assert_eq!(pod["initContainers"][0]["env"], ours);
    assert_eq!(
        pod["containers"][0]["env"],
        json!([
            ours[0],
            ours[1],
            { "name": "PAGE", "value": "$(BLUEGREEN_URL)/health" },
        ])
    );
}

#[test]
fn a_long_name_is_cut_and_still_one() {
    let mut long = job();
    long["metadata"]["name"] = json!(format!("{}.b-{}", "a".repeat(53), "c".repeat(40)));
    let run = Run {
        namespace: "shop",
        suffix: "x7k2p",
        variables: &[],
        deadline: None,
    };
    let made = prepare(&long, &run).unwrap();
    let name = made["metadata"]["name"].as_str().unwrap();
    assert!(name.len() <= 63 && name.ends_with("-x7k2p"), "{name}");
    long["metadata"]["name"] = json!(format!("{}-b", "a".repeat(56)));
    let made = prepare(&long, &run).unwrap();
    let name = made["metadata"]["name"].as_str().unwrap();
    assert_eq!(name, format!("{}-x7k2p", "a".repeat(56)));
}

#[test]
fn what_is_no_job_that_could_run_here_is_refused() {
    let other = refused("/kind", json!("CronJob"));
    assert_eq!(other, "it is no Job of batch/v1, but a CronJob of batch/v1");
    assert_eq!(
        name(&json!([1])).unwrap_err(),
        "it is no Job of batch/v1, but a thing without a kind"
    );
    assert_eq!(refused("/metadata", json!({})), "it has no metadata.name");
    assert_eq!(
        refused("/metadata", json!({ "name": "x", "namespace": "other" })),
        "it names the namespace other, and the application is in shop"
    );
    assert_eq!(refused("/spec", json!(3)), "it has no spec");
    let containers = "/spec/template/spec/containers";
    assert_eq!(
        refused(containers, json!([])),
        "it has no spec.template.spec.containers"
    );
    for wrong in [json!([3]), json!([{ "env": 3 }])] {
        assert_eq!(
            refused(containers, wrong),
            "spec.template.spec.containers holds what is no container"
        );
    }
}

#[test]
fn pods_that_a_service_would_route_to_are_found() {
    let service = |name: &str, selector: Value| -> Service {
        serde_json::from_value(json!({
            "metadata": { "name": name }, "spec": { "selector": selector },
        }))
        .unwrap()
    };
    let services = [
        service("manual", json!({})),
        service("blue", json!({ "app": "web", "role": "blue" })),
        service("green", json!({ "app": "web", "role": "green" })),
    ];
    assert_eq!(served_by(&job(), &services), Some("green"));
    assert_eq!(served_by(&job(), &services[..2]), None);
    assert_eq!(served_by(&json!({}), &services), None);
}

#[test]
fn its_conditions_say_how_it_ended() {
    let of = |condition: Value| state(&json!({ "status": { "conditions": [condition] } }));
    assert_eq!(state(&job()), State::Running);
    let complete = json!({ "type": "Complete", "status": "True" });
    assert_eq!(of(complete), State::Complete);
    assert_eq!(
        of(json!({ "type": "Failed", "status": "False" })),
        State::Running
    );
    let failed = json!({
        "type": "Failed", "status": "True",
        "reason": "BackoffLimitExceeded", "message": "Job has reached the limit.",
    });
    assert_eq!(
        of(failed),
        State::Failed("BackoffLimitExceeded: Job has reached the limit".to_owned())
    );
}
