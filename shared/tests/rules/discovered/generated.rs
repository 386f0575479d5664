//! Clusters that nobody would make on purpose, and some that are near to what people have.

use std::collections::BTreeMap;

use bluegreen_shared::keys;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::selector::Labels;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{PodTemplateSpec, Service, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// Service names with and without the words that mean something.
const SERVICES: [&str; 10] = [
    "web",
    "web-blue",
    "web-green",
    "web-test",
    "web-active",
    "web-blue-green",
    "green",
    "front",
    "web-test-blue",
    "lb",
];
const KEYS: [&str; 5] = [
    "role",
    "version",
    "color",
    "tier",
    "app.kubernetes.io/instance",
];
const VALUES: [&str; 12] = [
    "blue",
    "green",
    "BLUE",
    "Green",
    "v-blue",
    "v-green",
    "1.10",
    "1.11",
    "",
    "blue-green",
    "stable",
    "v",
];
const APPLICATIONS: [&str; 6] = ["web", "web-blue", "web-green", "api", "api-blue", "blue"];
const MARKS: [(&str, &str); 9] = [
    (keys::PRODUCTION, "true"),
    (keys::PRODUCTION, "false"),
    (keys::PRODUCTION, "maybe"),
    (keys::TEST, "true"),
    (keys::TEST, "false"),
    (keys::ROLE_KEY, "version"),
    (keys::ROLE_KEY, "role,color"),
    (keys::OVERLAP, r#"{"from":"blue","to":"green"}"#),
    (keys::OVERLAP, "{}"),
];

pub(crate) fn service(name: &str, selector: Labels) -> Service {
    Service {
        metadata: named(name),
        spec: Some(ServiceSpec {
            selector: Some(selector),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

pub(crate) fn workload(name: &str, pods: Labels) -> Workload {
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(pods),
            ..ObjectMeta::default()
        }),
        spec: None,
    };
    Deployment {
        metadata: named(name),
        spec: Some(DeploymentSpec {
            template,
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
    .into()
}

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// Clusters of the words that discovery knows, so that pairs, twins and marks come up often.
pub(crate) fn clusters() -> impl Strategy<Value = Objects> {
    let services = btree_map(select(&SERVICES[..]), (near_labels(), marks()), 0..6);
    (services, vec(near_labels(), 0..7)).prop_map(|(services, workloads)| Objects {
        services: services
            .into_iter()
            .map(|(name, (selector, marks))| {
                let mut service = service(name, selector);
                service.metadata.annotations = marks;
                service
            })
            .collect(),
        workloads: numbered(workloads),
        ..Objects::default()
    })
}

/// Clusters of any text at all.
pub(crate) fn noise() -> impl Strategy<Value = Objects> {
    let any_labels = || btree_map("\\PC{0,8}|app|role", "\\PC{0,12}|blue|green", 0..4);
    let any_service = (
        "\\PC{0,20}",
        any_labels(),
        any_labels(),
        proptest::option::of(any_labels()),
    );
    let services = vec(any_service, 0..6).prop_map(|all| {
        all.into_iter()
            .map(|(name, selector, labels, marks)| {
                let mut service = service(&name, selector);
                service.metadata.labels = Some(labels);
                service.metadata.annotations = marks;
                service
            })
            .collect()
    });
    (services, vec(any_labels(), 0..6)).prop_map(|(services, workloads)| Objects {
        services,
        workloads: numbered(workloads),
        ..Objects::default()
    })
}

fn near_labels() -> impl Strategy<Value = Labels> {
    let others = btree_map(select(&KEYS[..]), select(&VALUES[..]), 0..3);
    (select(&APPLICATIONS[..]), others).prop_map(|(application, others)| {
        let mut all: BTreeMap<&str, &str> = others;
        all.insert("app", application);
        labels(&all.into_iter().collect::<Vec<_>>())
    })
}

fn marks() -> impl Strategy<Value = Option<Labels>> {
    proptest::option::weighted(
        0.2,
        vec(select(&MARKS[..]), 1..3).prop_map(|all| labels(&all)),
    )
}

fn numbered(pods: Vec<Labels>) -> Vec<Workload> {
    pods.into_iter()
        .enumerate()
        .map(|(number, labels)| workload(&format!("w{number}"), labels))
        .collect()
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    }
}
