//! What one Service lacks.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;

use crate::keys;
use crate::refusal;
use crate::selector::{self, Labels};
use crate::words;
use crate::workload::Workload;

use super::undecided::{Undecided, name, reference, selects, workloads};

impl Undecided {
    pub(super) fn unreadable_mark(service: &Service, key: &str, value: &str, why: &str) -> Self {
        let value: String = value.chars().take(100).collect();
        Self::new(format!(
            "{} has {key}: {value:?}, which is {why}",
            reference(service)
        ))
        .hint(format!("kubectl annotate service {} {key}-", name(service)))
        .between([service])
    }

    pub(super) fn contradicting_marks(service: &Service) -> Self {
        Self::new(format!(
            "the annotations of {} say both that it is production and that it is not",
            reference(service)
        ))
        .hint(format!(
            "keep one kind: {} or {}, {} and {} of \"true\"",
            keys::TEST,
            keys::PRODUCTION,
            keys::ROLE_KEY,
            keys::OVERLAP
        ))
        .between([service])
    }

    pub(super) fn no_such_key(service: &Service, key: &str) -> Self {
        Self::new(format!(
            "{} does not select by {key:?}, only by {}",
            reference(service),
            selects(service)
        ))
        .hint("name keys of the Service's selector as the role key")
        .between([service])
    }

    pub(super) fn dead(service: &Service, beside: &[&Workload]) -> Self {
        let what = format!(
            "{} selects {}, which the pods of no workload carry",
            reference(service),
            selects(service)
        );
        match beside {
            [] => Self::new(what).hint(format!(
                "create a workload whose pods carry {}, or correct the selector",
                selects(service)
            )),
            _ => Self::new(format!("{what}; there is only {}", workloads(beside))).hint(format!(
                "bring that side back, or point {} at what is there with kubectl patch",
                reference(service)
            )),
        }
        .between([service])
    }

    /// `other` is what the pods of the other side would carry, where that is known.
    pub(super) fn alone(
        application: &str,
        service: &Service,
        other: Option<&Labels>,
        here: &[&Workload],
    ) -> Self {
        let lacks = other.and_then(|labels| labels.values().find_map(|value| words::colour(value)));
        let other = other.map_or_else(|| "the other side".to_owned(), selector::query);
        let undecided = Self::new(format!(
            "there is only one environment: {} selects {}, which is {}, and no workload is {other}",
            reference(service),
            selects(service),
            workloads(here)
        ))
        .hint(format!(
            "create a second workload whose pods carry the labels of {other}, from manifests with \
             kubectl bluegreen stage {application} -f FILE"
        ))
        .between([service]);
        Self { lacks, ..undecided }
    }

    pub(super) fn no_other_value(
        service: &Service,
        keys: &BTreeSet<String>,
        here: &[&Workload],
    ) -> Self {
        let keys = list(keys);
        Self::new(format!(
            "there is only one environment: {} selects {}, which is {}, and no other workload differs from that in {keys} alone",
            reference(service),
            selects(service),
            workloads(here)
        ))
        .hint(format!(
            "create a second workload whose pods differ from {} in {keys}",
            selects(service)
        ))
        .between([service])
    }

    pub(super) fn marked_aside(service: &Service, key: &str, value: &str) -> Self {
        Self::new(format!(
            "{} has {key}: {value:?}, so it is never flipped",
            reference(service)
        ))
        .hint(format!("kubectl annotate service {} {key}-", name(service)))
        .between([service])
    }

    /// More than one side in the other colour.
    pub(super) fn tangled<'l>(
        service: &Service,
        others: impl ExactSizeIterator<Item = &'l Labels>,
    ) -> Self {
        Self::several_sides(service, others)
            .hint("delete or relabel the workloads that are not meant")
    }

    pub(super) fn several_sides<'l>(
        service: &Service,
        others: impl ExactSizeIterator<Item = &'l Labels>,
    ) -> Self {
        Self::new(format!(
            "{} selects {}, and {} others could be the other side",
            reference(service),
            selects(service),
            others.len()
        ))
        .list(others.map(selector::query))
        .hint(format!(
            "delete or relabel the workloads that are not meant, or annotate those of the two sides with {}",
            keys::ROLE
        ))
        .between([service])
    }

    pub(super) fn mixed(service: &Service, names: &BTreeSet<String>) -> Self {
        let names: Vec<String> = names.iter().cloned().collect();
        Self::new(format!(
            "{} selects {}, which pods of several applications carry: {}",
            reference(service),
            selects(service),
            refusal::three(&names)
        ))
        .hint("add the label that names the application to its selector")
        .between([service])
    }

    pub(super) fn blind(service: &Service, here: &[&Workload]) -> Self {
        Self::new(format!(
            "{} selects {}, so both sides at once: {}",
            reference(service),
            selects(service),
            workloads(here)
        ))
        .hint("add the label that tells the sides apart to its selector")
        .between([service])
    }

    pub(super) fn without_role(service: &Service) -> Self {
        Self::new(format!(
            "{} selects {}, and nothing in that tells one environment from another",
            reference(service),
            selects(service)
        ))
        .hint(format!(
            "to make two environments of it, no request lost: kubectl bluegreen adopt {}",
            name(service)
        ))
        .between([service])
    }

    pub(super) fn half_adopted(service: &Service, here: &[&Workload]) -> Self {
        Self::new(format!(
            "{} selects {}, and is on its way from one environment to two: {}",
            reference(service),
            selects(service),
            workloads(here)
        ))
        .hint(format!(
            "to go on: kubectl bluegreen adopt {}",
            name(service)
        ))
        .between([service])
    }

    pub(super) fn without_selector(service: &Service) -> Self {
        Self::new(format!(
            "{} has no selector, so there is nothing to flip",
            reference(service)
        ))
        .hint("name a Service that selects pods by their labels")
        .between([service])
    }

    /// `suggestions` are sets of keys, the likeliest first.
    pub(super) fn unknown_role_key(
        application: &str,
        service: &Service,
        suggestions: &[BTreeSet<String>],
    ) -> Self {
        let lists: Vec<String> = suggestions
            .iter()
            .map(|keys| {
                keys.iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(",")
            })
            .collect();
        let likeliest = lists.first().map_or("", String::as_str);
        Self::new(format!(
            "{} selects {}, and other workloads differ from that in {}, which only a mark makes a role",
            reference(service),
            selects(service),
            lists.join(" or in ")
        ))
        .hint(format!(
            "kubectl bluegreen mark {application} --service {} --role-key {likeliest}",
            name(service)
        ))
        .between([service])
    }
}

fn list(keys: &BTreeSet<String>) -> String {
    keys.iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(",")
}
