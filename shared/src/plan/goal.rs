//! What `wait` waits for, and how far that is.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::application::{Active, Application, Environment};
use crate::objects::Objects;
use crate::refusal::{Code, Refusal};
use crate::verified;

use super::switch::{Switch, switch};
use super::{Declined, Why};

/// A state of an application that somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Every replica of the side runs its newest template and is ready.
    Staged,
    /// The gate would let production flip to the side.
    Ready,
    /// What the side runs is verified.
    Verified,
    /// Production is that role, all of its Services.
    Active(String),
    /// No production Service selects that role.
    Idle(String),
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is so.
    Reached,
    /// What is missing; each a sentence.
    Missing(Vec<String>),
    /// What nobody's waiting will mend; each a sentence.
    Stuck(Vec<String>),
}

impl FromStr for Goal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=').unwrap_or((text, "")) {
            ("staged", "") => Ok(Self::Staged),
            ("ready", "") => Ok(Self::Ready),
            ("verified", "") => Ok(Self::Verified),
            ("active", role) if !role.is_empty() => Ok(Self::Active(role.to_owned())),
            ("idle", role) if !role.is_empty() => Ok(Self::Idle(role.to_owned())),
            _ => Err(format!(
                "{text:?} is none of staged, ready, verified, active=ROLE and idle=ROLE"
            )),
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Staged => out.write_str("staged"),
            Self::Ready => out.write_str("ready"),
            Self::Verified => out.write_str("verified"),
            Self::Active(_) => out.write_str("active"),
            Self::Idle(_) => out.write_str("idle"),
        }
    }
}

impl Goal {
    /// The side that is looked at: the one that the goal or somebody names, else the idle one.
    ///
    /// # Errors
    /// The application has no such role, no side of it is idle, or two roles are named.
    pub fn side(
        &self,
        application: &Application<'_>,
        named: Option<&str>,
    ) -> Result<String, Declined> {
        let name = &application.name;
        let declined = |why, message| {
            let [one, two] = &application.environments;
            Declined {
                why,
                message,
                hint: format!("the roles of {name} are {} and {}", one.role, two.role),
            }
        };
        let of_goal = match self {
            Self::Active(role) | Self::Idle(role) => Some(role.as_str()),
            Self::Staged | Self::Ready | Self::Verified => None,
        };
        if let (Some(role), Some(_)) = (named, of_goal) {
            let message = format!("{self} names a role itself, which {role} can't be as well");
            return Err(declined(Why::Usage, message));
        }
        let Some(role) = named.or(of_goal) else {
            return idle_role(application)
                .ok_or_else(|| declined(Why::NothingIdle, format!("no side of {name} is idle")));
        };
        match application.environment(role) {
            Some(side) => Ok(side.role.clone()),
            None => Err(declined(
                Why::NoSuchRole,
                format!("{name} has no environment {role:?}"),
            )),
        }
    }

    /// How far the application is from it; `role` is the side that is looked at.
    ///
    /// # Errors
    /// The application has no such role.
    pub fn standing(
        &self,
        application: &Application<'_>,
        objects: &Objects,
        role: &str,
        now: Timestamp,
    ) -> Result<Standing, Declined> {
        let verdict = match switch(application, objects, Some(role), now)? {
            // Of what serves there is no flip to judge, and no reason to wait for one.
            Switch::Already(_) => None,
            Switch::Flip(plan) => Some(plan.verdict),
        };
        Ok(match self {
            Self::Staged => verdict.map_or(Standing::Reached, |verdict| {
                // What a way back lets pass with a warning is missing all the same.
                let all = verdict.refusals.iter().chain(&verdict.warnings);
                open(all.filter(|refusal| is_of_the_rollout(refusal.code)))
            }),
            Self::Ready => {
                verdict.map_or(Standing::Reached, |verdict| open(verdict.refusals.iter()))
            }
            Self::Verified => application
                .environment(role)
                .map_or(Standing::Reached, |side| {
                    verification(application, side, objects)
                }),
            Self::Active(role) => selected(application, |selects| selects == Some(role)),
            // Whoever selects neither role alone may select this one as well.
            Self::Idle(role) => selected(application, |selects| {
                selects.is_some_and(|selects| selects != role)
            }),
        })
    }
}

/// Whether the reason lies in what the side's own controllers still have to do.
fn is_of_the_rollout(code: Code) -> bool {
    matches!(
        code,
        Code::NoEnvironment
            | Code::ScaledToZero
            | Code::Terminating
            | Code::NotObserved
            | Code::RollingOut
            | Code::Stalled
            | Code::NotReady
    )
}

fn open<'r>(refusals: impl Iterator<Item = &'r Refusal>) -> Standing {
    let (stuck, missing): (Vec<&Refusal>, Vec<&Refusal>) =
        refusals.partition(|refusal| refusal.code == Code::Stalled);
    let sentences = |refusals: Vec<&Refusal>| refusals.iter().map(ToString::to_string).collect();
    if stuck.is_empty() {
        return missing_or_reached(sentences(missing));
    }
    Standing::Stuck(sentences(stuck))
}

fn verification(
    application: &Application<'_>,
    side: &Environment<'_>,
    objects: &Objects,
) -> Standing {
    let role = &side.role;
    let runs = match verified::revision(&side.workloads, &side.pods(&objects.pods)) {
        Ok(runs) => runs,
        Err(not_one) => {
            let workload = not_one.workload;
            return Standing::Missing(vec![match not_one.revisions.len() {
                0 => format!("{workload} has no pod that could be verified"),
                several => format!("{workload} is rolling out, its pods run {several} revisions"),
            }]);
        }
    };
    let missing = application.production.iter().filter_map(|production| {
        let name = production.name();
        match verified::of(production.service, role) {
            None => Some(format!("{role} has no verification on Service/{name}")),
            Some(verified) if !verified.matches(&runs) => Some(format!(
                "{role} was changed since its verification on Service/{name}"
            )),
            Some(_) => None,
        }
    });
    missing_or_reached(missing.collect())
}

fn selected(application: &Application<'_>, fits: impl Fn(Option<&str>) -> bool) -> Standing {
    let others = application.production.iter();
    let missing = others
        .filter(|production| !fits(production.selects()))
        .map(|production| {
            let selects = production.selects().unwrap_or("neither role alone");
            format!("Service/{} selects {selects}", production.name())
        });
    missing_or_reached(missing.collect())
}

fn missing_or_reached(missing: Vec<String>) -> Standing {
    if missing.is_empty() {
        return Standing::Reached;
    }
    Standing::Missing(missing)
}

/// The side that production does not select.
fn idle_role(application: &Application<'_>) -> Option<String> {
    match application.active() {
        Active::Role(active) => application.other(active).map(|side| side.role.clone()),
        Active::Split(_) | Active::Neither(_) | Active::Overlap(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_read_as_it_is_typed() {
        assert_eq!("staged".parse(), Ok(Goal::Staged));
        assert_eq!("active=green".parse(), Ok(Goal::Active("green".to_owned())));
        assert_eq!("idle=1.10".parse(), Ok(Goal::Idle("1.10".to_owned())));
        for wrong in ["", "active", "active=", "ready=green", "done", "=green"] {
            assert!(wrong.parse::<Goal>().is_err(), "{wrong}");
        }
    }
}
