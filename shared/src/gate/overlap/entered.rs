//! Whether a Service may select both sides at once.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;

use crate::discover::Aside;
use crate::keys;
use crate::live;
use crate::metadata::namespace_flag;
use crate::overlap::{FORM, Overlap, Side, Step, served};
use crate::pod;
use crate::refusal::{Cause, Code, Refusal, counted, three};
use crate::selector::{self, Labels};
use crate::settings;

use super::super::revision;
use super::{Plain, Update, alone};

impl Update<'_> {
    /// Both sides are selected from then on: the Service drops what tells them apart and nothing else,
    /// says which side it selected and which is to serve, and finds nothing but the two.
    pub(super) fn enters(&self) -> Result<Plain, Refusal> {
        let overlap = match Overlap::of(self.after) {
            Ok(Some(overlap)) => overlap,
            Ok(None) => return Err(self.no_overlap()),
            Err(text) => {
                let metadata = &self.after.metadata;
                let what = settings::invalid("Service", metadata, keys::OVERLAP, text, FORM, "");
                return Err(Refusal {
                    remedy: self.asks(),
                    ..what
                });
            }
        };
        if let Some(why) = Aside::of(self.before).filter(|_| live::is_aside(self.before)) {
            let what = format!("is {why}, and would select both {}", overlap.both());
            let remedy = format!(
                "leave {} out: it stays with one side for good",
                keys::OVERLAP
            );
            return Err(self.refuse(Code::NoEnvironment, &what, remedy));
        }
        let (was, is) = (selector::of(self.before), selector::of(self.after));
        if is.len() >= was.len()
            || is.is_empty()
            || !is.iter().all(|(key, value)| was.get(key) == Some(value))
        {
            return Err(self.no_overlap());
        }
        let Some([from, to]) = self.sides(self.after, &overlap) else {
            let found: Vec<String> = self
                .found(self.after)
                .iter()
                .map(|one| one.reference())
                .collect();
            let what = format!(
                "would select both {}, and {} matches {}",
                overlap.both(),
                selector::query(is),
                if found.is_empty() {
                    "nothing".to_owned()
                } else {
                    three(&found)
                }
            );
            return Err(self.refuse(Code::NoEnvironment, &what, self.asks()));
        };
        if from.selector != *was {
            return Err(self.told_otherwise(&overlap, &from, &to));
        }
        let told = self
            .foreign(&from, &to)
            .or_else(|| self.never_served(&overlap, &from));
        match told {
            Some(refusal) => Err(refusal),
            None => Ok(Plain {
                step: Step::Enter,
                before: self.before.clone(),
                after: alone(self.after, to.selector),
                served: None,
            }),
        }
    }

    /// The mark would say of the old side what it does not run; the end of the overlap writes that down as
    /// what has served, and so as the way back.
    fn never_served(&self, overlap: &Overlap, from: &Side<'_>) -> Option<Refusal> {
        let served = served(self.after)?;
        let pods = self.objects.pods.iter();
        let pods: Vec<&Pod> = pods.filter(|pod| is_of(pod, from)).collect();
        // Without a pod nothing tells, and nothing leads there.
        let runs = revision::revision(&from.workloads, &pods)?;
        if revision::have_served(&from.workloads, &pods, &served) {
            return None;
        }
        let what = format!(
            "would say that {} served revision {served}, and that is {runs}",
            overlap.from,
        );
        Some(self.refuse(Code::Protected, &what, self.asks()))
    }

    fn no_overlap(&self) -> Refusal {
        let what = format!(
            "would say that it selects both sides, and select {}: both is what it selects now, {}, without the role",
            query(selector::of(self.after)),
            query(selector::of(self.before))
        );
        self.refuse(Code::NoEnvironment, &what, self.asks())
    }

    /// The mark would be read as another way than it is: to where it is, or by other keys.
    fn told_otherwise(&self, overlap: &Overlap, from: &Side<'_>, to: &Side<'_>) -> Refusal {
        let was = selector::of(self.before);
        if to.selector == *was {
            let what = format!(
                "would be in an overlap from {}, and it selects {}",
                overlap.from, overlap.to
            );
            return self.refuse(Code::NoEnvironment, &what, self.asks());
        }
        let what = format!(
            "would be in an overlap whose old side is {}, and it selects {}",
            query(&from.selector),
            query(was)
        );
        let dropped = was
            .keys()
            .filter(|key| !selector::of(self.after).contains_key(*key));
        let dropped: Vec<&str> = dropped.map(String::as_str).collect();
        let remedy = format!(
            "say by which labels the sides are told apart: kubectl annotate service/{}{} {}={}",
            self.name(),
            namespace_flag(&self.before.metadata),
            keys::ROLE_KEY,
            dropped.join(",")
        );
        self.refuse(Code::NoEnvironment, &what, remedy)
    }

    /// Whatever is of neither side would serve as well.
    fn foreign(&self, from: &Side<'_>, to: &Side<'_>) -> Option<Refusal> {
        let sides = [from, to];
        let of_a_side: BTreeSet<(&str, &str)> = sides
            .iter()
            .flat_map(|side| &side.workloads)
            .map(|workload| (workload.kind(), workload.name()))
            .collect();
        let found = self.found(self.after).into_iter();
        let workloads = found
            .filter(|workload| !of_a_side.contains(&(workload.kind(), workload.name())))
            .map(|workload| Cause::new(workload.reference(), "is of neither side".to_owned()));
        let mut pods: Vec<&Pod> = self.objects.pods.iter().collect();
        pods.retain(|pod| {
            let is_there = !pod::is_finished(pod) && !pod::is_terminating(pod);
            is_there
                && selector::matches(selector::of(self.after), pod::labels(pod))
                && !sides.iter().any(|side| is_of(pod, side))
        });
        pods.sort_by_key(|pod| pod::name(pod));
        let pods = pods.into_iter().map(|pod| {
            Cause::new(
                format!("Pod/{}", pod::name(pod)),
                "is of neither side".to_owned(),
            )
        });
        let causes: Vec<Cause> = workloads.chain(pods).collect();
        if causes.is_empty() {
            return None;
        }
        let names: Vec<String> = causes.iter().map(|cause| cause.object.clone()).collect();
        let what = format!(
            "would select {} beside both sides with {}: {}",
            counted(causes.len(), "object"),
            query(selector::of(self.after)),
            three(&names)
        );
        let remedy = "give the pods of both sides, and no others, a label that they share, and the Service's selector as well".to_owned();
        Some(
            self.refuse(Code::ForeignPods, &what, remedy)
                .because(causes),
        )
    }

    fn asks(&self) -> String {
        format!(
            "kubectl bluegreen switch {}{} --overlap DURATION writes it as it has to be",
            self.name(),
            namespace_flag(&self.before.metadata)
        )
    }
}

fn is_of(pod: &Pod, side: &Side<'_>) -> bool {
    selector::matches(&side.selector, pod::labels(pod))
        && side.workloads.iter().any(|workload| workload.owns(pod))
}

fn query(selector: &Labels) -> String {
    if selector.is_empty() {
        return "nothing".to_owned();
    }
    selector::query(selector)
}
