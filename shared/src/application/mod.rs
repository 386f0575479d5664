//! What a release is of: two environments and the Services in front of them.

mod environment;
mod production;

use std::collections::BTreeSet;
use std::fmt;

use k8s_openapi::api::core::v1::Service;

use crate::overlap::Overlap;
use crate::selector;

pub use environment::Environment;
pub use production::Production;

/// An application, borrowed from the objects that it was found in.
#[derive(Clone, Debug)]
pub struct Application<'a> {
    /// What people call it: `tomcat`.
    pub name: String,
    /// The rule that decided which Service is production.
    pub rule: Rule,
    /// The two environments, in the order of their roles.
    pub environments: [Environment<'a>; 2],
    /// The Services that a switch flips, all as one; at least one.
    pub production: Vec<Production<'a>>,
    /// The Services that stay with one role for good.
    pub bound: Vec<Bound<'a>>,
    /// What a person should know and no verdict depends on.
    pub notes: Vec<String>,
}

/// Which rule found the application; wins in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// An annotation or a flag says so.
    Mark,
    /// The selector's values differ in nothing but a colour word.
    ColourPair,
    /// `backend` and `backend-green`.
    SuffixPair,
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Mark => "mark",
            Self::ColourPair => "colour pair",
            Self::SuffixPair => "suffix pair",
        })
    }
}

/// A Service that always selects the same role, such as `tomcat-test-green`.
#[derive(Clone, Debug)]
pub struct Bound<'a> {
    /// The Service as it was read.
    pub service: &'a Service,
    /// The role that it selects.
    pub role: String,
}

/// What production selects now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Active<'a> {
    /// Every production Service selects this role.
    Role(&'a str),
    /// The production Services select different roles: Service name and role.
    Split(Vec<(&'a str, &'a str)>),
    /// Production is on its way from one role to the other, and both serve.
    Overlap(&'a Overlap),
    /// At least one production Service selects neither role alone; its name.
    Neither(&'a str),
}

impl<'a> Application<'a> {
    /// What production selects now.
    #[must_use]
    pub fn active(&self) -> Active<'_> {
        if let Some(overlap) = self.overlap() {
            return Active::Overlap(overlap);
        }
        let mut seen = Vec::with_capacity(self.production.len());
        for production in &self.production {
            match production.selects() {
                Some(role) => seen.push((production.name(), role)),
                None => return Active::Neither(production.name()),
            }
        }
        match seen.first() {
            Some((_, role)) if seen.iter().all(|(_, other)| other == role) => Active::Role(role),
            _ => Active::Split(seen),
        }
    }

    /// The overlap that production is in, or some of its Services; `None` where they are in different ones.
    #[must_use]
    pub fn overlap(&self) -> Option<&Overlap> {
        let mut all = self
            .production
            .iter()
            .filter_map(|one| one.overlap.as_ref());
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// Whether a production Service selects the role, alone or beside the other one.
    #[must_use]
    pub fn serves(&self, role: &str) -> bool {
        let mut production = self.production.iter();
        production.any(|one| one.overlap.is_some() || one.selects() == Some(role))
    }

    /// The environment of a role.
    #[must_use]
    pub fn environment(&self, role: &str) -> Option<&Environment<'a>> {
        self.environments
            .iter()
            .find(|environment| environment.role == role)
    }

    /// The environment that is not of this role.
    #[must_use]
    pub fn other(&self, role: &str) -> Option<&Environment<'a>> {
        let [one, two] = &self.environments;
        if one.role == role {
            Some(two)
        } else if two.role == role {
            Some(one)
        } else {
            None
        }
    }

    /// A label selector that finds the pods of both environments in one list.
    ///
    /// It is that of the production Services; `None` where several of them have nothing in common,
    /// so that only a list of the whole namespace would do.
    #[must_use]
    pub fn pod_query(&self) -> Option<String> {
        self.common_query(|production| {
            let mut sides = production.selectors.values();
            let one = sides.next()?;
            // Where there is one side alone, it is that one's.
            selector::either(one, sides.next().unwrap_or(one))
        })
    }

    /// The same of whatever its production Services select while both sides are selected.
    #[must_use]
    pub fn overlap_query(&self) -> Option<String> {
        self.common_query(|production| {
            let both = production.without_role();
            (!both.is_empty()).then(|| selector::query(&both))
        })
    }

    fn common_query(&self, of: impl Fn(&Production<'a>) -> Option<String>) -> Option<String> {
        let mut queries: BTreeSet<String> = BTreeSet::new();
        for production in &self.production {
            queries.insert(of(production)?);
        }
        if queries.len() > 1 {
            return None;
        }
        queries.pop_first()
    }
}
