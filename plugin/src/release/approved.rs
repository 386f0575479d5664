//! Whether others have agreed to a release.

use std::collections::BTreeSet;

use bluegreen_shared::application::Application;
use bluegreen_shared::approvals;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::switch::FlipPlan;
use bluegreen_shared::refusal::counted;
use bluegreen_shared::verified::{self, Revision};

use crate::exit::Exit;
use crate::failure::Failure;

/// How many must agree, and whose release it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// So many others.
    pub(crate) wanted: u32,
    /// Who does not count.
    pub(crate) releaser: &'a str,
}

impl Asked<'_> {
    /// What is missing, in words; `None` where enough have approved what the target runs now.
    pub(crate) fn missing(
        &self,
        application: &Application<'_>,
        objects: &Objects,
        plan: &FlipPlan<'_>,
    ) -> Option<String> {
        let side = application.environment(&plan.to)?;
        let Ok(revision) = verified::revision(&side.workloads, &side.pods(&objects.pods)) else {
            return Some("it does not run one revision that could be approved".to_owned());
        };
        let who = self.who(application, &revision);
        (!self.are_enough(&who)).then(|| self.lacking(&who))
    }

    /// Those who have approved that revision, and count.
    pub(crate) fn who(
        &self,
        application: &Application<'_>,
        revision: &Revision,
    ) -> BTreeSet<String> {
        let services = application.production.iter().map(|one| one.service);
        approvals::by_others(services, revision, self.releaser)
    }

    /// Whether they are as many as must agree.
    pub(crate) fn are_enough(&self, who: &BTreeSet<String>) -> bool {
        who.len() >= self.wanted()
    }

    /// Who has agreed of how many, in words.
    pub(crate) fn lacking(&self, who: &BTreeSet<String>) -> String {
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        let by = if who.is_empty() {
            "nobody".to_owned()
        } else {
            who.join(", ")
        };
        let approvals = counted(self.wanted(), "approval");
        format!("{approvals} by others needed, {by} has approved it")
    }

    fn wanted(&self) -> usize {
        usize::try_from(self.wanted).unwrap_or(usize::MAX)
    }
}

/// Not enough have agreed, and there is no more time.
pub(crate) fn not_confirmed(application: &str, to: &str, missing: &str) -> Failure {
    Failure::new(
        Exit::NotConfirmed,
        format!("{application} was not switched to {to}: {missing}"),
    )
    .hint(format!(
        "somebody else: kubectl bluegreen approve {application}"
    ))
}
