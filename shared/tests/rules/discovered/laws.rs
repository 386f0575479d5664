//! What holds of discovery whatever the cluster looks like.

use bluegreen_shared::application::{Active, Application, Rule};
use bluegreen_shared::discover::{self, Aside, Hints};
use bluegreen_shared::keys;
use bluegreen_shared::objects::Objects;
use k8s_openapi::api::core::v1::Service;
use proptest::prelude::*;

use super::generated::{self, clusters, labels, noise};
use super::text;
use crate::situation;

const NAMES: [&str; 8] = [
    "web", "api", "blue", "v", "web-test", "front", "lb", "tomcat",
];

fn laws() -> ProptestConfig {
    ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn everything(objects: &Objects) -> Vec<String> {
    let hints = Hints::default();
    let (applications, undecided) = discover::all(objects, &hints);
    let mut said: Vec<String> = applications.iter().map(text::application).collect();
    said.extend(undecided.iter().map(text::undecided));
    said.extend(NAMES.map(|name| ask(objects, name)));
    said
}

fn ask(objects: &Objects, name: &str) -> String {
    match discover::find(objects, name, &Hints::default()) {
        Ok(application) => text::application(&application),
        Err(undecided) => text::undecided(&undecided),
    }
}

/// What does not depend on the side that production is on.
fn lasting(application: &Application<'_>) -> String {
    let text = text::application(application);
    let (first, rest) = text.split_once('\n').unwrap();
    let (name_and_rule, _active) = first.split_once(',').unwrap();
    // Notes tell what is selected now.
    let rest = rest.split("  note:").next().unwrap_or_default();
    format!("{name_and_rule}\n{}", rest.trim_end())
}

/// The same cluster with every production Service of the application on the other side.
fn flipped(objects: &Objects, application: &Application<'_>) -> Option<Objects> {
    let Active::Role(active) = application.active() else {
        return None;
    };
    let mut after = objects.clone();
    for production in &application.production {
        let (_, other) = production
            .selectors
            .iter()
            .find(|(role, _)| *role != active)?;
        let service: &mut Service = after
            .services
            .iter_mut()
            .find(|service| service.metadata.name == production.service.metadata.name)?;
        service.spec.as_mut()?.selector = Some(other.clone());
    }
    Some(after)
}

fn assert_found_again_after_a_flip(objects: &Objects) {
    let hints = Hints::default();
    for application in discover::all(objects, &hints).0 {
        let Some(after) = flipped(objects, &application) else {
            continue;
        };
        let (again, why) = discover::all(&after, &hints);
        let wanted = lasting(&application);
        let found: Vec<String> = again.iter().map(lasting).collect();
        assert!(
            found.contains(&wanted),
            "before:\n{wanted}\nafter:\n{}\n{}",
            found.join("\n"),
            why.iter()
                .map(text::undecided)
                .collect::<Vec<_>>()
                .join("\n")
        );
    }
}

#[test]
fn every_situation_is_found_again_after_a_flip() {
    for situation in situation::all("discover") {
        assert_found_again_after_a_flip(&situation.objects);
    }
}

proptest! {
    #![proptest_config(laws())]

    #[test]
    fn the_order_of_the_objects_does_not_matter(
        (objects, services, workloads) in clusters().prop_flat_map(|objects| {
            let services = Just(objects.services.clone()).prop_shuffle();
            let workloads = Just(objects.workloads.clone()).prop_shuffle();
            (Just(objects), services, workloads)
        })
    ) {
        let shuffled = Objects { services, workloads, ..Objects::default() };
        prop_assert_eq!(everything(&objects), everything(&shuffled));
    }

    #[test]
    fn any_text_is_answered(objects in noise(), name in "\\PC{0,300}") {
        everything(&objects);
        ask(&objects, &name);
    }

    #[test]
    fn a_rollback_finds_what_the_switch_found(objects in clusters()) {
        assert_found_again_after_a_flip(&objects);
    }

    #[test]
    fn an_unrelated_application_changes_nothing(mut objects in clusters()) {
        let mut alone = Objects::default();
        for role in ["blue", "green"] {
            let pods = labels(&[("app", "tomcat"), ("role", role)]);
            alone.workloads.push(generated::workload(&format!("tomcat-{role}"), pods.clone()));
            alone.services.push(generated::service(&format!("tomcat-test-{role}"), pods));
        }
        let selector = labels(&[("app", "tomcat"), ("role", "blue")]);
        alone.services.push(generated::service("tomcat-service", selector));
        let wanted = ask(&alone, "tomcat");
        prop_assert!(wanted.starts_with("tomcat by colour pair"));
        objects.services.extend(alone.services);
        objects.workloads.extend(alone.workloads);
        prop_assert_eq!(ask(&objects, "tomcat"), wanted);
    }

    #[test]
    fn what_is_bound_or_for_tests_is_not_flipped_without_a_mark(objects in clusters()) {
        for application in discover::all(&objects, &Hints::default()).0 {
            for production in &application.production {
                let mut unmarked = production.service.clone();
                let marks = unmarked.metadata.annotations.take().unwrap_or_default();
                let says = |key: &str, value: &str| marks.get(key).is_some_and(|v| v == value);
                let is_said = says(keys::PRODUCTION, "true")
                    || says(keys::TEST, "false")
                    || marks.contains_key(keys::ROLE_KEY)
                    || marks.contains_key(keys::OVERLAP);
                prop_assert!(is_said || Aside::of(&unmarked).is_none());
                prop_assert!(!says(keys::TEST, "true"));
            }
        }
    }

    #[test]
    fn the_sides_of_an_application_are_two_and_apart(objects in clusters()) {
        for application in discover::all(&objects, &Hints::default()).0 {
            let [one, other] = &application.environments;
            prop_assert!(one.role < other.role);
            prop_assert!(!one.workloads.is_empty() && !other.workloads.is_empty());
            prop_assert!(one.workloads.iter().all(|workload| !other.workloads.contains(workload)));
            for production in &application.production {
                let roles: Vec<&String> = production.selectors.keys().collect();
                prop_assert_eq!(roles, [&one.role, &other.role]);
                prop_assert!(!production.role_keys().is_empty());
            }
            let unasked = application.rule != Rule::Mark;
            prop_assert!(!unasked || application.production.len() == 1);
        }
    }
}
