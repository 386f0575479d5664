//! What is said when the wait ends without success.

use bluegreen_shared::refusal::Code;

use crate::diagnosis::{Fault, Sight, last_logs, warnings};
use crate::exit::Exit;
use crate::failure::Failure;

use super::goal::Goal;
use super::view::Staged;
use super::wait::Wait;

impl Wait<'_> {
    /// It can't succeed.
    pub(super) async fn given_up(&self, faults: &[Fault]) -> Failure {
        let named: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}: {}", fault.object, fault.words))
            .collect();
        let mut details: Vec<String> = named.iter().skip(1).take(4).cloned().collect();
        details.extend(last_logs(self.cluster, faults).await);
        let first = named.first().cloned().unwrap_or_default();
        let side = self.side();
        let is_small = |fault: &Fault| fault.object == Code::BelowCapacity.as_str();
        // Where production asks for more than it has itself, the gate says how many.
        let wishes = &self.args.wishes;
        if !faults.is_empty() && faults.iter().all(is_small) && !wishes.match_active {
            let more = match wishes.replicas {
                Some(_) => "the same command with --match-active in place of --replicas",
                None => "the same command with --match-active",
            };
            let message = format!("{side} came up, and is too small to serve: {first}");
            return Failure::new(Exit::Refused, message)
                .details(details)
                .hint(more);
        }
        Failure::new(Exit::Refused, format!("{side} will not come up: {first}"))
            .details(details)
            .hint(
                faults
                    .iter()
                    .find_map(|fault| fault.remedy.clone())
                    .unwrap_or_else(|| self.next()),
            )
    }

    /// It has not succeeded in time.
    pub(super) async fn late(&self, last: &Sight) -> Failure {
        let mut details = last.missing.clone();
        details.extend(warnings(self.cluster, &last.unready).await);
        let (ready, wanted) = last.ready;
        Failure::new(
            Exit::TimedOut,
            format!(
                "{} did not come up within {}: {ready} of {wanted} pods of the new template are ready",
                self.side(),
                self.args.timeout
            ),
        )
        .details(details)
        .hint(self.next())
    }

    /// What is so now, and what to do next.
    fn next(&self) -> String {
        let Staged {
            application,
            role,
            production,
            ..
        } = self.staged;
        if let Goal::InPlace(ours) = self.goal {
            return format!("kubectl describe {}", ours.resource());
        }
        format!(
            "{production} serves as before, and {role} stays as it is: kubectl bluegreen status {application}; \
             the next kubectl bluegreen stage {application} replaces it"
        )
    }
}
