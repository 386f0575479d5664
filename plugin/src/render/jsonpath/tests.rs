use serde_json::json;

use super::*;

fn filled(template: &str) -> String {
    let value = json!({
        "name": "tomcat",
        "replicas": 2,
        "labels": {"app.kubernetes.io/name": "tomcat", "it's": "x"},
        "environments": [
            {"role": "blue", "ready": true, "images": ["a:1"]},
            {"role": "green", "ready": false, "images": ["a:2", "b"]},
        ],
    });
    template.parse::<Template>().unwrap().fill(&value).unwrap()
}

#[test]
fn paths_are_written_as_for_kubectl() {
    assert_eq!(filled("{.name}"), "tomcat");
    assert_eq!(filled(".name"), "tomcat");
    assert_eq!(filled("{$.name}/{.replicas}"), "tomcat/2");
    assert_eq!(filled(r"{.labels.app\.kubernetes\.io/name}"), "tomcat");
    assert_eq!(filled("{.labels['it\\'s']}"), "x");
    assert_eq!(filled("{.environments[*].role}"), "blue green");
    assert_eq!(filled("{.environments[1].images[-1:]}"), "b");
    assert_eq!(filled("{..role}"), "blue green");
    assert_eq!(
        filled("{.environments[?(@.role==\"green\")].images}"),
        "[\"a:2\",\"b\"]"
    );
}

#[test]
fn a_key_that_is_missing_gives_nothing() {
    assert_eq!(filled("<{.nothing.there}>"), "<>");
}

#[test]
fn a_range_repeats_what_stands_inside() {
    assert_eq!(
        filled(r#"{range .environments[*]}{.role}{"\t"}{.ready}{"\n"}{end}"#),
        "blue\ttrue\ngreen\tfalse\n"
    );
}

#[test]
fn a_template_that_can_not_be_read_is_refused_before_anything_is_asked() {
    for wrong in [
        "{.name",
        "{end}",
        "{range .environments[*]}{.role}",
        "{.a[}",
        "{name}",
    ] {
        assert!(wrong.parse::<Template>().is_err(), "{wrong}");
    }
}
