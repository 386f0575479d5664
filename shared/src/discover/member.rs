//! A Service that has to do with a release: it selects by a role, or somebody says that it does.

use k8s_openapi::api::core::v1::Service;

use crate::selector;
use crate::workload::Workload;

use super::Hints;
use super::aside::Aside;
use super::chosen_keys;
use super::index::Index;
use super::mark::Marks;
use super::name::{self, Identity};
use super::overlap;
use super::pair::Pair;
use super::sight::{self, Sight};
use super::suggest;
use super::survey;
use super::undecided::{self, Undecided};

/// What is known of one Service by itself.
pub(super) struct Member<'a> {
    pub(super) service: &'a Service,
    /// The sides that it chooses between, or why there are not two.
    pub(super) pair: Result<Pair<'a>, Undecided>,
    /// Whether marks or flags say that it is production.
    pub(super) is_said_to_be_production: bool,
    /// What keeps it from being production, unless it is said to be.
    pub(super) aside: Option<Aside>,
    /// Whether it selects one side of two or more that are there.
    pub(super) is_switchable: bool,
    pub(super) identity: Identity,
    /// Workloads that tie it to other Services of the application.
    pub(super) workloads: Vec<&'a Workload>,
}

impl<'a> Member<'a> {
    /// Reads a Service; `None` for one that has nothing to do with any release.
    pub(super) fn of(
        service: &'a Service,
        sight: &Sight<'a>,
        index: &Index<'a>,
        hints: &Hints,
    ) -> Option<Self> {
        let selector = selector::of(service);
        let is_flagged = hints.service.as_deref() == Some(undecided::name(service));
        let has_hinted_keys = !hints.role_keys.is_empty()
            && hints.role_keys.iter().all(|key| selector.contains_key(key));
        let marks = Marks::of(service);
        let is_marked = marks.as_ref().map_or(true, Marks::says_production);
        let has_role = match sight {
            Sight::Pair(_) | Sight::Alone(_) => true,
            Sight::Tangled(..) | Sight::Dead(_) => sight::coloured(selector).next().is_some(),
            Sight::Mixed(..) | Sight::Blind(_) | Sight::Plain(_) => false,
        };
        if !(has_role || is_marked || is_flagged || has_hinted_keys) {
            return None;
        }
        let pair = marks.and_then(|marks| {
            if is_flagged && let Some(Aside::Marked(key, value)) = Aside::of(service) {
                return Err(Undecided::marked_aside(service, key, value));
            }
            if !survey::routes(service) {
                return Err(Undecided::without_selector(service));
            }
            if has_hinted_keys || (is_flagged && !hints.role_keys.is_empty()) {
                let keys = hints.role_keys.iter().cloned().collect();
                return chosen_keys::pair(service, &keys, index);
            }
            if let Some(overlap) = &marks.overlap {
                return overlap::pair(service, &marks, overlap, index);
            }
            if !marks.role_keys.is_empty() {
                return chosen_keys::pair(service, &marks.role_keys, index);
            }
            from_sight(service, sight, index, is_flagged || is_marked)
        });
        let known = pair.as_ref().ok();
        let mut workloads = known.map_or_else(|| tied(sight), |pair| pair.workloads().collect());
        if name::of_all(selector, workloads.iter().copied()).len() > 1 {
            workloads.clear();
        }
        let identity = Identity::of(service, selector, known, &workloads);
        Some(Self {
            service,
            is_said_to_be_production: is_flagged || is_marked,
            aside: Aside::of(service),
            is_switchable: pair.is_ok() || matches!(sight, Sight::Tangled(..)),
            identity,
            workloads,
            pair,
        })
    }

    /// All that it may be asked for by.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let of_selector = |labels| name::labels(labels).any(|value| value == name);
        self.identity.name == name
            || undecided::name(self.service) == name
            || of_selector(selector::of(self.service))
            || self
                .pair
                .iter()
                .flat_map(|pair| &pair.sides)
                .any(|side| of_selector(&side.selector))
    }
}

fn from_sight<'a>(
    service: &Service,
    sight: &Sight<'a>,
    index: &Index<'a>,
    is_said_to_be_production: bool,
) -> Result<Pair<'a>, Undecided> {
    match sight {
        Sight::Pair(pair) => Ok(pair.clone()),
        Sight::Mixed(pair, _) if is_said_to_be_production => Ok(pair.clone()),
        _ => Err(why_no_pair(service, sight, index)),
    }
}

/// Why a Service does not choose between two sides, with the mark that would help where one would.
pub(super) fn why_no_pair(service: &Service, sight: &Sight<'_>, index: &Index<'_>) -> Undecided {
    let selector = selector::of(service);
    let or_by_mark = |otherwise: Undecided, here: &[&Workload], least: usize| {
        let mut keys = suggest::role_keys(selector, index);
        keys.retain(|keys| keys.len() >= least);
        if keys.is_empty() {
            return otherwise;
        }
        let identity = Identity::of(service, selector, None, here);
        Undecided::unknown_role_key(&identity.name, service, &keys)
    };
    match sight {
        Sight::Pair(_) => Undecided::new("there are two sides"),
        Sight::Mixed(_, names) => Undecided::mixed(service, names),
        Sight::Tangled(_, others) => Undecided::tangled(service, others.iter()),
        Sight::Blind(here) => Undecided::blind(service, here),
        Sight::Alone(here) => {
            let other = sight::recoloured(selector);
            or_by_mark(Undecided::alone(service, other, here), here, 2)
        }
        Sight::Plain(here) => or_by_mark(Undecided::without_role(service), here, 1),
        Sight::Dead(beside) => Undecided::dead(service, beside),
    }
}

fn tied<'a>(sight: &Sight<'a>) -> Vec<&'a Workload> {
    match sight {
        Sight::Blind(_) | Sight::Plain(_) => Vec::new(),
        _ => sight.workloads(),
    }
}
