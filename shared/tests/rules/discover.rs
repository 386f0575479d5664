//! Discovery, over situations.
//!
//! The file `ask` of a situation has a line for each thing that a user types: a NAME, with
//! `--service` and `--role-key`. What `list` would find comes first in any case.

use crate::discovered;
use crate::situation;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::objects::Objects;

use discovered::{generated, text};
use situation::Situation;

const PUBLISHED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/situations/discover/the-published-pattern"
);

#[test]
fn discovery_says_what_is_expected() {
    situation::for_each("discover", |situation| {
        let (applications, undecided) = discover::all(&situation.objects, &Hints::default());
        let found = applications.iter().map(text::application);
        let unknown = undecided.iter().map(text::undecided);
        let mut parts: Vec<String> = found.chain(unknown).collect();
        for asked in questions(situation) {
            let answer = answer(situation, &asked);
            // What `list` said is not said again.
            let answer = match parts.iter().position(|part| *part == answer) {
                Some(at) => format!("the same as number {}", at + 1),
                None => answer,
            };
            parts.push(format!("$ {asked}\n{answer}"));
        }
        if parts.is_empty() {
            return "nothing".to_owned();
        }
        parts.join("\n\n")
    });
}

#[test]
fn services_are_counted_beyond_those_that_are_told_of() {
    let web = generated::labels(&[("app", "web")]);
    let mut objects = Objects::default();
    objects
        .workloads
        .push(generated::workload("web", web.clone()));
    for number in 0..30 {
        let name = format!("web-{number}");
        objects
            .services
            .push(generated::service(&name, web.clone()));
    }
    let undecided = discover::find(&objects, "web", &Hints::default()).unwrap_err();
    let mut lines = undecided.message.lines();
    assert_eq!(
        lines.next(),
        Some("none of the 30 Services of \"web\" selects one of two environments")
    );
    assert_eq!(lines.count(), 10);
}

#[test]
fn odd_names_are_refused_in_few_words() {
    let objects = situation::load(Path::new(PUBLISHED)).objects;
    let long = "x".repeat(300);
    for name in [
        "", " ", "../x", "tom cat", "tomcat\n", "tomcat/x", "--", "tömcat", &long,
    ] {
        let undecided = discover::find(&objects, name, &Hints::default()).unwrap_err();
        assert!(
            undecided
                .message
                .starts_with("no application can be called"),
            "{name:?}: {}",
            undecided.message
        );
        assert!(undecided.message.len() < 200 && !undecided.message.contains('\n'));
        assert!(undecided.hint.is_some());
    }
}

#[test]
fn every_answer_says_what_to_do_next() {
    for situation in situation::all("discover") {
        for undecided in discover::all(&situation.objects, &Hints::default()).1 {
            assert!(undecided.hint.is_some(), "{}", undecided.message);
            assert!(!undecided.message.ends_with('.'), "{}", undecided.message);
        }
    }
}

fn questions(situation: &Situation) -> Vec<String> {
    match File::open(situation.dir.join("ask")) {
        Ok(file) => BufReader::new(file).lines().map(Result::unwrap).collect(),
        Err(_) => Vec::new(),
    }
}

fn answer(situation: &Situation, asked: &str) -> String {
    let mut hints = Hints::default();
    let mut name = "";
    let mut parts = asked.split(' ');
    while let Some(part) = parts.next() {
        match part {
            "--service" => hints.service = parts.next().map(str::to_owned),
            "--role-key" => {
                let keys = parts.next().unwrap_or_default();
                hints.role_keys = keys.split(',').map(str::to_owned).collect();
            }
            other => name = other,
        }
    }
    match discover::find(&situation.objects, name, &hints) {
        Ok(application) => text::application(&application),
        Err(undecided) => text::undecided(&undecided),
    }
}
