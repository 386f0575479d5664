//! What `init` makes, and that everything else recognises it.

use std::num::NonZeroU16;

use bluegreen_shared::application::Active;
use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::mutate;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::init::{self, Expose, Init, Pattern, Side};

fn tomcat() -> Init {
    Init {
        name: "tomcat".to_owned(),
        image: "tomcat:7".to_owned(),
        idle_image: None,
        port: NonZeroU16::new(8080).unwrap(),
        service_port: NonZeroU16::new(80).unwrap(),
        replicas: NonZeroU16::new(2).unwrap(),
        expose: Expose::LoadBalancer,
        probe_path: "/".to_owned(),
        active: Side::Blue,
    }
}

fn objects(pattern: &Pattern) -> Objects {
    let [one, two] = pattern.tests.clone();
    Objects {
        services: vec![one, two, pattern.production.clone()],
        workloads: pattern
            .deployments
            .iter()
            .cloned()
            .map(Into::into)
            .collect(),
        ..Objects::default()
    }
}

#[test]
fn the_pattern_is_as_it_was_published() {
    let pattern = init::plan(&Init {
        idle_image: Some("tomcat:8".to_owned()),
        ..tomcat()
    })
    .unwrap();
    let mut text = String::new();
    for deployment in &pattern.deployments {
        text += &serde_saphyr::to_string(deployment).unwrap();
        text += "---\n";
    }
    for service in [&pattern.tests[0], &pattern.tests[1], &pattern.production] {
        text += &serde_saphyr::to_string(service).unwrap();
        text += "---\n";
    }
    insta::assert_snapshot!(text);
}

#[test]
fn discovery_finds_what_was_made_without_a_flag() {
    for (name, active) in [
        ("tomcat", Side::Blue),
        ("tomcat", Side::Green),
        ("preview", Side::Blue),
        ("my-test", Side::Green),
        ("a", Side::Blue),
        ("service", Side::Blue),
    ] {
        let pattern = init::plan(&Init {
            name: name.to_owned(),
            active,
            ..tomcat()
        })
        .unwrap();
        let objects = objects(&pattern);
        let found = discover::find(&objects, name, &Hints::default()).unwrap();
        assert_eq!(found.name, name);
        assert_eq!(found.active(), Active::Role(active.as_str()));
        assert_eq!(found.production.len(), 1, "{name}");
        assert_eq!(found.bound.len(), 2, "{name}");
        for environment in &found.environments {
            let names: Vec<&str> = environment.workloads.iter().map(|it| it.name()).collect();
            assert_eq!(names, [format!("{name}-deployment-{}", environment.role)]);
        }
    }
}

#[test]
fn nothing_is_left_for_the_webhook_to_add() {
    let objects = objects(&init::plan(&tomcat()).unwrap());
    let now = "2026-05-01T12:00:00Z".parse().unwrap();
    for workload in &objects.workloads {
        let mutation = mutate::workload(workload, None, &objects.services, now);
        assert_eq!(mutation, mutate::Mutation::default());
    }
}

#[test]
fn both_sides_run_and_the_idle_one_may_have_its_own_image() {
    let images = |init: &Init| {
        let pattern = init::plan(init).unwrap();
        pattern.deployments.map(|deployment| {
            let spec = deployment.spec.unwrap();
            let image = spec.template.spec.unwrap().containers[0].image.clone();
            (image.unwrap(), spec.replicas.unwrap())
        })
    };
    let tomcat_7 = || ("tomcat:7".to_owned(), 2);
    let tomcat_8 = || ("tomcat:8".to_owned(), 2);
    assert_eq!(images(&tomcat()), [tomcat_7(), tomcat_7()]);
    let mut init = tomcat();
    init.idle_image = Some("tomcat:8".to_owned());
    assert_eq!(images(&init), [tomcat_7(), tomcat_8()]);
    init.active = Side::Green;
    assert_eq!(images(&init), [tomcat_8(), tomcat_7()]);
}

#[test]
fn what_the_cluster_or_discovery_would_not_take_is_refused() {
    let longest = "a".repeat(46);
    let long = "a".repeat(47);
    let said = |change: &dyn Fn(&mut Init)| {
        let mut init = tomcat();
        change(&mut init);
        init::plan(&init).map_or_else(
            |error| format!("{error} ({})", error.hint),
            |_| "made".to_owned(),
        )
    };
    let names = [
        "",
        "Tomcat",
        "-tomcat",
        "tomcat-",
        "8tomcat",
        "tom.cat",
        "tömcat",
        "tomcat-blue",
        &long,
        &longest,
    ];
    let mut text: Vec<String> = names
        .into_iter()
        .map(|name| said(&|init| name.clone_into(&mut init.name)))
        .collect();
    text.push(said(&|init| init.image = String::new()));
    text.push(said(&|init| init.idle_image = Some("tomcat 8".to_owned())));
    text.push(said(&|init| init.probe_path = "ready".to_owned()));
    insta::assert_snapshot!(text.join("\n"), @r#"
        "" can't be the name of Services (take lower-case letters, digits and hyphens, a letter first and no hyphen last)
        "Tomcat" can't be the name of Services (take lower-case letters, digits and hyphens, a letter first and no hyphen last)
        "-tomcat" can't be the name of Services (take lower-case letters, digits and hyphens, a letter first and no hyphen last)
        "tomcat-" can't be the name of Services (take lower-case letters, digits and hyphens, a letter first and no hyphen last)
        "8tomcat" can't be the name of Services (take lower-case letters, digits and hyphens, a letter first and no hyphen last)
        "tom.cat" can't be the name of Services (take lower-case letters, digits and hyphens, a letter first and no hyphen last)
        "tömcat" can't be the name of Services (take lower-case letters, digits and hyphens, a letter first and no hyphen last)
        "tomcat-blue" has a colour in it, which would name a side and not the application (take a name without the words blue and green)
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" has 47 characters, and 46 leave room for -deployment-green (take a shorter name)
        made
        "" is no image (such as tomcat:8)
        "tomcat 8" is no image (such as tomcat:8)
        "ready" is no path for a readiness probe (begin it with /)
        "#);
}
