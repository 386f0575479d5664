//! The sides of a Service that selects both on purpose.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;

use crate::application::Rule;
use crate::overlap::{self, Overlap};
use crate::selector;

use super::index::Index;
use super::pair::{Pair, Side};
use super::undecided::{self, Undecided};

/// The sides that `bluegreen.dev/overlap` names.
///
/// # Errors
/// The pods that are selected are not of the two roles.
pub(super) fn pair<'a>(
    service: &Service,
    role_keys: &BTreeSet<String>,
    overlap: &Overlap,
    index: &Index<'a>,
) -> Result<Pair<'a>, Undecided> {
    let selector = selector::of(service);
    let found = index.matching(selector);
    let side = |role: &str, side: overlap::Side<'a>| Side {
        role: role.to_owned(),
        selector: side.selector,
        workloads: side.workloads,
    };
    match overlap::sides(selector, role_keys, overlap, &found) {
        Some([from, to]) => Ok(Pair::new(
            Rule::Mark,
            side(&overlap.from, from),
            side(&overlap.to, to),
        )),
        None => Err(Undecided::new(format!(
            "{} is in an overlap of {:?} and {:?}, and does not select workloads of both",
            undecided::reference(service),
            overlap.from,
            overlap.to
        ))
        .hint("set its selector to one role again, with kubectl apply or kubectl patch")
        .between([service])),
    }
}
