use serde_json::{Value, json};

use super::*;

fn pod(containers: &Value) -> Pod {
    serde_json::from_value(json!({
        "metadata": { "name": "web-1" },
        "spec": { "containers": containers },
        "status": { "podIP": "10.1.0.7" },
    }))
    .unwrap()
}

fn service(ports: &Value) -> Service {
    serde_json::from_value(json!({ "spec": { "ports": ports } })).unwrap()
}

fn asked(containers: &Value, ports: &Value, asked: &Asked) -> Result<String, String> {
    let service = service(ports);
    Question::of(&pod(containers), &[&service], asked).map(|question| question.to_string())
}

fn probed() -> Value {
    json!([
        { "name": "proxy", "ports": [{ "containerPort": 1 }] },
        {
            "name": "web",
            "ports": [
                { "name": "http", "containerPort": 8080 },
                { "name": "admin", "containerPort": 9000 },
            ],
            "readinessProbe": { "httpGet": {
                "path": "/ready", "port": "admin", "scheme": "HTTPS", "host": "web.local",
                "httpHeaders": [{ "name": "X-Probe", "value": "1" }],
            }},
        },
    ])
}

#[test]
fn the_readiness_probe_of_the_serving_container_decides() {
    let ports = json!([{ "port": 80, "targetPort": "http" }]);
    let service = service(&ports);
    let question = Question::of(&pod(&probed()), &[&service], &Asked::default()).unwrap();
    assert_eq!(question.to_string(), "GET https :9000/ready");
    assert_eq!(question.request.host, "web.local");
    assert_eq!(
        question.request.headers,
        [("X-Probe".to_owned(), "1".to_owned())]
    );
}

#[test]
fn without_a_probe_over_http_it_is_the_root_of_the_served_port() {
    let containers = json!([{
        "name": "web",
        "ports": [{ "containerPort": 8080 }],
        "readinessProbe": { "tcpSocket": { "port": 8080 } },
    }]);
    let ports = json!([
        { "port": 53, "protocol": "UDP" },
        { "port": 80, "targetPort": 8080 },
    ]);
    let service = service(&ports);
    let question = Question::of(&pod(&containers), &[&service], &Asked::default()).unwrap();
    assert_eq!(question.to_string(), "GET http :8080/");
    assert_eq!(question.request.host, "10.1.0.7:8080");
}

#[test]
fn the_only_container_serves_a_port_that_nobody_declares() {
    let containers = json!([{
        "name": "web",
        "readinessProbe": { "httpGet": { "path": "health", "port": 8080 } },
    }]);
    let ports = json!([{ "port": 80, "targetPort": 8080 }]);
    let question = asked(&containers, &ports, &Asked::default());
    assert_eq!(question.unwrap(), "GET http :8080/health");
}

#[test]
fn a_port_of_the_users_own_is_asked_without_what_the_probe_says() {
    let ports = json!([{ "name": "public", "port": 80, "targetPort": "http" }]);
    let at = |port: &str, path: Option<&str>| {
        let wanted = Asked {
            path: path.map(str::to_owned),
            port: Some(port.parse().unwrap()),
            ..Asked::default()
        };
        asked(&probed(), &ports, &wanted)
    };
    assert_eq!(at("http", None).unwrap(), "GET http :8080/");
    assert_eq!(at("public", None).unwrap(), "GET http :8080/");
    assert_eq!(at("admin", None).unwrap(), "GET https :9000/ready");
    assert_eq!(at("9000", Some("/x")).unwrap(), "GET https :9000/x");
    assert_eq!(at("7", None).unwrap(), "GET http :7/");
    assert!(at("grpc", None).unwrap_err().contains("\"grpc\""));
}

#[test]
fn a_scheme_of_the_users_own_holds_with_a_probe_and_without() {
    let ports = json!([{ "port": 80, "targetPort": 8080 }]);
    let at = |port: &str, scheme| {
        let wanted = Asked {
            port: Some(port.parse().unwrap()),
            scheme: Some(scheme),
            ..Asked::default()
        };
        asked(&probed(), &ports, &wanted).unwrap()
    };
    assert_eq!(at("admin", Scheme::Http), "GET http :9000/ready");
    assert_eq!(at("8080", Scheme::Https), "GET https :8080/");
}

#[test]
fn a_header_of_the_users_own_takes_the_place_of_the_probes() {
    let ports = json!([{ "port": 80, "targetPort": "http" }]);
    let wanted = Asked {
        headers: ["x-probe: 2", "Cookie: a=b", "Host: shop.example.com"]
            .map(|header| header.parse().unwrap())
            .into(),
        ..Asked::default()
    };
    let service = service(&ports);
    let question = Question::of(&pod(&probed()), &[&service], &wanted).unwrap();
    assert_eq!(question.request.host, "shop.example.com");
    let sent = question.request.headers;
    assert_eq!(
        sent,
        [("x-probe", "2"), ("Cookie", "a=b")].map(|(name, value)| (name.into(), value.into()))
    );
}

#[test]
fn a_named_target_port_that_no_container_has_is_named() {
    let containers = json!([{ "name": "web" }]);
    let ports = json!([{ "port": 80, "targetPort": "web" }]);
    let error = asked(&containers, &ports, &Asked::default()).unwrap_err();
    assert!(error.contains("\"web\""), "{error}");
}

#[test]
fn a_port_is_a_number_that_fits_or_a_name() {
    for wrong in ["", "0", "65536"] {
        assert!(wrong.parse::<PortName>().is_err(), "{wrong}");
    }
}

#[test]
fn a_port_that_the_service_leads_to_and_nobody_declares_is_tried_too() {
    let ports = json!([
        { "name": "http", "port": 80, "targetPort": "http" },
        { "name": "stray", "port": 81, "targetPort": 8081 },
        { "name": "dns", "port": 53, "protocol": "UDP" },
        { "name": "again", "port": 8081 },
    ]);
    assert_eq!(
        asked(&probed(), &ports, &Asked::default()),
        Ok("GET https :9000/ready, TCP :8081".to_owned())
    );
}
