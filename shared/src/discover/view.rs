//! What follows from one selector for every Service that has it.

use std::rc::Rc;

use crate::selector::Labels;
use crate::workload::Workload;

use super::index::Index;
use super::name::{self, Identity};
use super::pair::Pair;
use super::sight::{self, Sight};

/// A selector's sight, and what it says of the application.
pub(super) struct View<'a> {
    pub(super) sight: Sight<'a>,
    /// The workloads that a Service with this selector routes to.
    pub(super) here: Vec<&'a Workload>,
    /// Workloads that tie its Services to others of the same application.
    pub(super) ties: Vec<&'a Workload>,
    pub(super) identity: Identity,
}

impl<'a> View<'a> {
    pub(super) fn of(selector: &Labels, index: &Index<'a>) -> Self {
        let sight = Sight::through(selector, index);
        let pair = match &sight {
            Sight::Pair(pair) => Some(&**pair),
            _ => None,
        };
        let workloads = sight.workloads();
        let identity = Identity::of(selector, pair, &workloads);
        let is_of_one = name::of_all(selector, workloads.iter().copied()).len() < 2;
        let ties = match sight {
            Sight::Blind(_) | Sight::Plain(_) => Vec::new(),
            _ if is_of_one => workloads,
            _ => Vec::new(),
        };
        Self {
            here: sight.here(selector).to_vec(),
            ties,
            identity,
            sight,
        }
    }

    /// Whether the sides are what the selector sees by itself.
    pub(super) fn is_of(&self, pair: &Rc<Pair<'a>>) -> bool {
        matches!(&self.sight, Sight::Pair(own) if Rc::ptr_eq(own, pair))
    }

    /// Whether the selector has a role by itself, without any mark.
    pub(super) fn has_role(&self, selector: &Labels) -> bool {
        match self.sight {
            Sight::Pair(_) | Sight::Alone(_) => true,
            Sight::Tangled(..) | Sight::Dead(_) => sight::coloured(selector).next().is_some(),
            Sight::Mixed(..) | Sight::Blind(_) | Sight::Plain(_) => false,
        }
    }
}
