//! Looks at an environment, and has it checked, until what was checked is what is there.

use std::collections::BTreeSet;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::pod;
use bluegreen_shared::verified::Revision;
use k8s_openapi::api::core::v1::Pod;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::look::{find, look};
use crate::verify::{Finding, Made, Tried};

use super::ask::Work;
use super::checks::Whole;
use super::view::Verification;
use super::{Args, record, subject};

/// What was found out so far.
pub(super) struct Looks<'a> {
    args: &'a Args,
    context: &'a Context,
    cluster: &'a Cluster,
    /// When the time is up.
    end: Option<Instant>,
    /// The role, which stays the same whatever is switched meanwhile, and what it ran at first.
    subject: Option<(String, Revision)>,
    tried: Vec<Tried>,
    findings: Vec<Finding>,
}

impl<'a> Looks<'a> {
    /// Nothing is known yet.
    pub(super) fn new(
        args: &'a Args,
        context: &'a Context,
        cluster: &'a Cluster,
        end: Option<Instant>,
    ) -> Self {
        Self {
            args,
            context,
            cluster,
            end,
            subject: None,
            tried: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Asks the pods that were not asked yet, and at first has the whole checked; or, where nothing
    /// is left to be done, says what came of all of it and records what passed.
    ///
    /// Pods come and go while others are asked; only those count that are there in the end.
    pub(super) async fn look_and_ask(
        &mut self,
        whole: &Whole<'_>,
        made: &Made,
    ) -> Result<Option<Verification>, Failure> {
        let objects = self.look_in_time().await?;
        let args = self.args;
        let application = find(&objects, &args.target)?;
        let named = self.subject.as_ref().map(|(role, _)| role.as_str());
        let environment = subject::environment(&application, named.or(args.role.as_deref()))?;
        let found = subject::staying(&application, environment, &objects);
        let (revision, pods) = match (&self.subject, found) {
            (None, found) => found?,
            (Some((_, before)), Ok(found)) if found.0 == *before => found,
            (Some((role, _)), _) => return Err(changed(&application.name, role)),
        };
        let role = environment.role.clone();
        let fresh = self.fresh(&pods);
        let at_first = self.subject.is_none();
        if at_first || !fresh.is_empty() {
            let work = Work {
                args,
                context: self.context,
                cluster: self.cluster,
                objects: &objects,
                application: &application,
                role: &role,
                pods: &pods,
                end: self.end,
            };
            let whole = Some(whole).filter(|_| at_first);
            let (tried, findings) = work.ask(&fresh, whole, made).await?;
            let late =
                tried.iter().any(|tried| tried.late) || findings.iter().any(|finding| finding.late);
            self.tried.extend(tried);
            self.findings.extend(findings);
            if !late {
                self.subject = Some((role, revision));
                return Ok(None);
            }
            // There is no time left to look again.
        }
        let mut view = Verification {
            application: application.name.clone(),
            namespace: self.cluster.namespace().to_owned(),
            serves: subject::serves(&application, &role),
            role,
            wanted: args.http.passes,
            limit: args.timeout,
            missing: subject::missing(environment, &objects),
            images: environment.images(),
            revision,
            pods: std::mem::take(&mut self.tried),
            findings: std::mem::take(&mut self.findings),
            by: None,
            at: None,
        };
        view.pods.sort_by(|one, other| one.pod.cmp(&other.pod));
        // Nothing flips to what is updated in place, so that nobody asks for a record of it.
        if view.failure().is_none() && !args.target.in_place {
            record::record(self.cluster, &application, &mut view).await?;
        }
        Ok(Some(view))
    }

    /// Those of the pods that are still to be asked; what is gone is forgotten.
    fn fresh<'p>(&mut self, pods: &[&'p Pod]) -> Vec<&'p Pod> {
        let there: BTreeSet<&str> = pods.iter().map(|pod| pod::name(pod)).collect();
        self.tried
            .retain(|tried| there.contains(tried.pod.as_str()));
        let is_new = |pod: &&Pod| !self.tried.iter().any(|tried| tried.pod == pod::name(pod));
        let asked = pods.iter().copied().filter(|_| self.args.checks.http);
        asked.filter(is_new).collect()
    }

    /// Looks at the cluster, for no longer than there is time.
    async fn look_in_time(&self) -> Result<Objects, Failure> {
        let look = look(self.cluster, &self.args.target);
        let Some(end) = self.end else {
            return look.await;
        };
        tokio::time::timeout_at(end, look)
            .await
            .unwrap_or_else(|_| {
                let (name, limit) = (&self.args.target.name, self.args.timeout);
                Err(Failure::new(
                    Exit::TimedOut,
                    format!(
                        "{name} was not verified within {limit}: the cluster was still being looked at"
                    ),
                ))
            })
    }
}

fn changed(application: &str, role: &str) -> Failure {
    Failure::new(
        Exit::Unverified,
        format!("{role} of {application} was changed while it was verified; nothing was recorded"),
    )
    .hint(format!("kubectl bluegreen verify {application}"))
}
