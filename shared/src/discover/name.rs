//! What an application is called.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;

use crate::selector::Labels;
use crate::words;
use crate::workload::Workload;

use super::pair::{self, Pair};

/// Label keys that name an application, the most telling first.
const APPLICATION: [&str; 8] = [
    "app.kubernetes.io/name",
    "app",
    "k8s-app",
    "name",
    "application",
    "service",
    "component",
    "type",
];

/// Label keys that tell two installations of one application apart.
const INSTALLATION: [&str; 2] = ["app.kubernetes.io/instance", "release"];

/// Characters that a label's value or an object's name has at most.
const LONGEST: usize = 253;

/// The names of an application, and what tells it from another of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    /// What people call it, where a label says so.
    name: Option<String>,
    /// Its Helm release or other installation.
    installation: Option<String>,
}

impl Identity {
    /// What a selector and the pods say, the same whichever side is selected.
    pub(super) fn of(selector: &Labels, pair: Option<&Pair<'_>>, workloads: &[&Workload]) -> Self {
        let role_keys: BTreeSet<&str> = match pair {
            Some(pair) => pair::differing(&pair.sides[0].selector, &pair.sides[1].selector),
            None => selector
                .iter()
                .filter(|(_, value)| words::has_colour(value))
                .map(|(key, _)| key.as_str())
                .collect(),
        };
        let fixed = |key: &&str| selector.get(*key).filter(|_| !role_keys.contains(key));
        let name = APPLICATION
            .iter()
            .find_map(fixed)
            .cloned()
            .or_else(|| shared_by_sides(selector, pair, &role_keys))
            .or_else(|| of_pods(workloads));
        Self {
            name,
            installation: INSTALLATION.iter().find_map(fixed).cloned(),
        }
    }

    /// The same with the words of a Service's name where no label says anything.
    pub(super) fn or_of(mut self, service: &Service) -> Self {
        self.name = self.name.or_else(|| Some(of_service(service)));
        self
    }

    /// What people call the application.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

/// The application labels of the pods that a selector does not fix, without their colours.
pub(super) fn of_all<'w>(
    selector: &Labels,
    workloads: impl Iterator<Item = &'w Workload>,
) -> BTreeSet<String> {
    if APPLICATION.iter().any(|key| selector.contains_key(*key)) {
        return BTreeSet::new();
    }
    workloads.filter_map(of_workload).collect()
}

/// What the values of the application keys in both selectors are called: the name itself, and the
/// value with its colour.
pub(crate) fn labels(selector: &Labels) -> impl Iterator<Item = &String> {
    APPLICATION.iter().filter_map(|key| selector.get(*key))
}

/// Whether a label's key names an application.
pub(super) fn is_application_key(key: &str) -> bool {
    APPLICATION.contains(&key)
}

/// Whether a Service or a label could be called so at all.
pub(super) fn is_possible(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && name.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// What is left of a role key's value without its colour, where that is the same on both sides.
fn shared_by_sides(
    selector: &Labels,
    pair: Option<&Pair<'_>>,
    role_keys: &BTreeSet<&str>,
) -> Option<String> {
    let telling = APPLICATION
        .iter()
        .filter(|key| role_keys.contains(*key))
        .chain(role_keys);
    telling
        .map(|key| {
            let mut rests = match pair {
                Some(pair) => pair.sides.iter().map(|side| &side.selector).collect(),
                None => vec![selector],
            }
            .into_iter()
            .filter_map(|labels| labels.get(*key))
            .map(|value| words::without_colour(value));
            let first = rests.next().unwrap_or_default();
            rests.all(|rest| rest == first).then_some(first)
        })
        .find_map(|rest| rest.filter(|rest| !rest.is_empty()))
}

fn of_pods(workloads: &[&Workload]) -> Option<String> {
    let mut names = workloads
        .iter()
        .copied()
        .map(of_workload)
        .collect::<Option<BTreeSet<String>>>()?;
    (names.len() == 1).then(|| names.pop_first())?
}

fn of_workload(workload: &Workload) -> Option<String> {
    APPLICATION
        .iter()
        .find_map(|key| workload.pod_labels().get(*key))
        .map(|value| words::without_colour(value))
        .filter(|name| !name.is_empty())
}

/// The Service's name without the words that say which of several Services it is.
fn of_service(service: &Service) -> String {
    let name = service.metadata.name.as_deref().unwrap_or_default();
    let telling: Vec<&str> = words::words(name)
        .filter(|word| words::as_colour(word).is_none() && !words::has_test_word(word))
        .collect();
    if telling.is_empty() {
        name.to_owned()
    } else {
        telling.join("-")
    }
}
