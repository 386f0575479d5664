//! A Service that has to do with a release: it selects by a role, or somebody says that it does.

use std::collections::BTreeSet;
use std::rc::Rc;

use k8s_openapi::api::core::v1::Service;

use crate::overlap::Overlap;
use crate::selector;
use crate::workload::Workload;

use super::Hints;
use super::aside::Aside;
use super::chosen_keys::Chooser;
use super::mark::Marks;
use super::name::{self, Identity};
use super::overlap;
use super::pair::Pair;
use super::sight::Sight;
use super::survey::{self, Survey};
use super::undecided::{self, Undecided};

/// What is known of one Service by itself.
pub(super) struct Member<'a> {
    pub(super) service: &'a Service,
    /// The sides that it chooses between, where there are two.
    pub(super) pair: Option<Rc<Pair<'a>>>,
    /// The role keys that a mark or a flag names.
    pub(super) chosen_keys: BTreeSet<String>,
    /// Whether its sides are not what its selector shows by itself.
    pub(super) is_chosen: bool,
    /// What is wrong with the Service itself.
    pub(super) fault: Option<Undecided>,
    /// Whether marks or flags say that it is production.
    pub(super) is_said_to_be_production: bool,
    /// The overlap that it is in.
    pub(super) overlap: Option<Overlap>,
    /// What keeps it from being production, unless it is said to be.
    pub(super) aside: Option<Aside>,
    /// Whether it selects one side of two or more that are there.
    pub(super) is_switchable: bool,
    pub(super) identity: Identity,
}

impl<'a> Member<'a> {
    /// Reads a Service; `None` for one that has nothing to do with any release.
    pub(super) fn of(
        service: &'a Service,
        survey: &Survey<'a>,
        chooser: &mut Chooser<'_, 'a>,
        hints: &Hints,
    ) -> Option<Self> {
        let selector = selector::of(service);
        let view = survey.view(service);
        let is_flagged = hints.service.as_deref() == Some(undecided::name(service));
        let has_hinted_keys = !hints.role_keys.is_empty()
            && hints.role_keys.iter().all(|key| selector.contains_key(key));
        let (marks, mut fault) = match Marks::of(service) {
            Ok(marks) => (marks, None),
            Err(fault) => (Marks::default(), Some(fault)),
        };
        let is_said_to_be_production = is_flagged || fault.is_some() || marks.says_production();
        let has_role = view.is_some_and(|view| view.has_role(selector));
        if !(has_role || is_said_to_be_production || has_hinted_keys) {
            return None;
        }
        let aside = Aside::of(service);
        if is_flagged && let Some(Aside::Marked(key, value)) = aside {
            fault = Some(Undecided::marked_aside(service, key, value));
        } else if !survey::routes(service) {
            fault = Some(Undecided::without_selector(service));
        }
        let chosen_keys = if has_hinted_keys || (is_flagged && !hints.role_keys.is_empty()) {
            hints.role_keys.iter().cloned().collect()
        } else {
            marks.role_keys
        };
        let sight = view.map(|view| &view.sight);
        let pair = match (&marks.overlap, sight) {
            (Some(overlap), _) => {
                match overlap::pair(service, &chosen_keys, overlap, &survey.index) {
                    Ok(pair) => Some(Rc::new(pair)),
                    Err(why) => {
                        fault.get_or_insert(why);
                        None
                    }
                }
            }
            _ if !chosen_keys.is_empty() => chooser.pair(selector, &chosen_keys),
            (None, Some(Sight::Pair(pair))) => Some(Rc::clone(pair)),
            (None, Some(Sight::Mixed(pair, _))) if is_said_to_be_production => {
                Some(Rc::clone(pair))
            }
            _ => None,
        };
        let is_chosen = pair
            .as_ref()
            .is_some_and(|pair| !view.is_some_and(|view| view.is_of(pair)));
        let identity = match (&pair, view) {
            (Some(pair), _) if is_chosen => {
                let workloads: Vec<&Workload> = pair.workloads().collect();
                Identity::of(selector, Some(pair), &workloads)
            }
            (_, Some(view)) => view.identity.clone(),
            (_, None) => Identity::of(selector, None, &[]),
        };
        Some(Self {
            service,
            chosen_keys,
            is_chosen,
            fault,
            is_said_to_be_production,
            overlap: marks.overlap,
            aside,
            is_switchable: pair.is_some()
                || view.is_some_and(|view| matches!(view.sight, Sight::Tangled(..))),
            identity: identity.or_of(service),
            pair,
        })
    }

    /// All that it may be asked for by.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let of_selector = |labels| name::labels(labels).any(|value| value == name);
        self.identity.name() == name
            || undecided::name(self.service) == name
            || of_selector(selector::of(self.service))
            || self
                .pair
                .iter()
                .flat_map(|pair| &pair.sides)
                .any(|side| of_selector(&side.selector))
    }
}
