//! The annotations that settle what discovery can't know.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;

use crate::keys;
use crate::metadata::annotation;
use crate::overlap::{self, Overlap};

use super::undecided::Undecided;

/// What the annotations of one Service say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// `bluegreen.dev/production`.
    pub(super) production: Option<bool>,
    /// `bluegreen.dev/test`.
    pub(super) test: Option<bool>,
    /// `bluegreen.dev/role-key`; empty where there is none.
    pub(super) role_keys: BTreeSet<String>,
    /// `bluegreen.dev/overlap`.
    pub(super) overlap: Option<Overlap>,
}

impl Marks {
    /// Reads the marks.
    ///
    /// # Errors
    /// A value that can't be read, or two marks that contradict, named with key and value.
    pub(super) fn of(service: &Service) -> Result<Self, Undecided> {
        let marks = Self {
            production: flag(service, keys::PRODUCTION)?,
            test: flag(service, keys::TEST)?,
            role_keys: role_keys(service)?,
            overlap: overlap(service)?,
        };
        let denied = marks.test == Some(true) || marks.production == Some(false);
        if denied && marks.says_production() {
            return Err(Undecided::contradicting_marks(service));
        }
        Ok(marks)
    }

    /// Whether they say that the Service is production.
    pub(super) fn says_production(&self) -> bool {
        self.production == Some(true)
            || self.overlap.is_some()
            || (!self.role_keys.is_empty() && self.production.is_none())
    }
}

fn flag(service: &Service, key: &str) -> Result<Option<bool>, Undecided> {
    annotation(&service.metadata, key)
        .map(|text| {
            text.parse().map_err(|_| {
                Undecided::unreadable_mark(service, key, text, "neither \"true\" nor \"false\"")
            })
        })
        .transpose()
}

fn role_keys(service: &Service) -> Result<BTreeSet<String>, Undecided> {
    let Some(text) = annotation(&service.metadata, keys::ROLE_KEY) else {
        return Ok(BTreeSet::new());
    };
    let keys: BTreeSet<String> = text.split(',').map(|key| key.trim().to_owned()).collect();
    if keys.contains("") {
        let why = "no list of label keys with commas between them";
        return Err(Undecided::unreadable_mark(
            service,
            keys::ROLE_KEY,
            text,
            why,
        ));
    }
    Ok(keys)
}

fn overlap(service: &Service) -> Result<Option<Overlap>, Undecided> {
    Overlap::of(service)
        .map_err(|text| Undecided::unreadable_mark(service, keys::OVERLAP, text, overlap::FORM))
}
