//! What a release is of: two environments and the Services in front of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use k8s_openapi::api::core::v1::{Pod, Service};

use crate::overlap::Overlap;
use crate::selector::{self, Labels};
use crate::workload::Workload;

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

/// One application in one role.
#[derive(Clone, Debug)]
pub struct Environment<'a> {
    /// A colour word, or the whole value where a mark says so.
    pub role: String,
    /// Its Deployments and `StatefulSets`, by name.
    pub workloads: Vec<&'a Workload>,
}

/// A Service that may be flipped, with its selector for either role.
#[derive(Clone, Debug)]
pub struct Production<'a> {
    /// The Service as it was read.
    pub service: &'a Service,
    /// The whole selector for each of the two roles; it differs in the role keys alone.
    pub selectors: BTreeMap<String, Labels>,
    /// The overlap that it is in: it selects both sides on purpose.
    pub overlap: Option<Overlap>,
}

impl<'a> Production<'a> {
    /// The workloads of a side that it routes to where it selects that: of an application of several parts,
    /// those of its own.
    #[must_use]
    pub fn part_of(&self, side: &Environment<'a>) -> Environment<'a> {
        let selector = self.selectors.get(&side.role);
        let is_of_it = |workload: &&&Workload| {
            selector.is_some_and(|selector| selector::matches(selector, workload.pod_labels()))
        };
        Environment {
            role: side.role.clone(),
            workloads: side.workloads.iter().filter(is_of_it).copied().collect(),
        }
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

impl Environment<'_> {
    /// The images of its workloads, each once.
    #[must_use]
    pub fn images(&self) -> Vec<String> {
        let images: BTreeSet<&str> = self
            .workloads
            .iter()
            .flat_map(|workload| workload.images())
            .collect();
        images.into_iter().map(str::to_owned).collect()
    }

    /// The pods that the environment's controllers made, of those given.
    #[must_use]
    pub fn pods<'p>(&self, pods: &'p [Pod]) -> Vec<&'p Pod> {
        pods.iter()
            .filter(|pod| self.workloads.iter().any(|workload| workload.owns(pod)))
            .collect()
    }
}

impl Production<'_> {
    /// The Service's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.service.metadata.name.as_deref().unwrap_or_default()
    }

    /// The role that the Service selects now; `None` for neither alone.
    #[must_use]
    pub fn selects(&self) -> Option<&str> {
        self.selectors
            .iter()
            .find(|(_, wanted)| *wanted == selector::of(self.service))
            .map(|(role, _)| role.as_str())
    }

    /// What it selects by in either role: both sides, if nothing else were in its selector.
    #[must_use]
    pub fn without_role(&self) -> Labels {
        let mut sides = self.selectors.values();
        let (Some(one), Some(other)) = (sides.next(), sides.next()) else {
            return Labels::new();
        };
        selector::shared(one, other)
    }

    /// The selector keys whose values differ between the roles.
    #[must_use]
    pub fn role_keys(&self) -> BTreeSet<&str> {
        let mut sides = self.selectors.values();
        let (Some(one), Some(other)) = (sides.next(), sides.next()) else {
            return BTreeSet::new();
        };
        one.iter()
            .filter(|(key, value)| other.get(*key) != Some(value))
            .map(|(key, _)| key.as_str())
            .collect()
    }
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
