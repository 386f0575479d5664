//! Both sides selected on purpose, and one alone again.
//!
//! Either is judged as the flip that it comes down to: entering an overlap as the flip to the side that
//! is to serve, leaving it as the flip from the other one. So the mark lets nothing pass that a flip
//! would not, but that what serves stays selected.

mod entered;

use k8s_openapi::api::core::v1::Service;

use crate::keys;
use crate::metadata::{annotation, namespace_flag};
use crate::objects::Objects;
use crate::overlap::{self, Overlap, Side, Step, role_keys, sides};
use crate::refusal::{Code, Refusal};
use crate::selector::{self, Labels};
use crate::words;
use crate::workload::Workload;

use super::Flip;

/// The flip from one side alone to the other that an update comes down to.
pub(crate) struct Plain {
    pub(crate) step: Step,
    pub(crate) before: Service,
    pub(crate) after: Service,
    /// What the side ran that is left, when it served alone; `None` where it still does, or nobody knows.
    pub(crate) served: Option<String>,
}

/// What an update does to an overlap; `None` where it has to do with none.
///
/// # Errors
/// Why it may not do that.
pub(crate) fn plain(flip: &Flip<'_>, objects: &Objects) -> Result<Option<Plain>, Refusal> {
    let update = Update {
        before: flip.before,
        after: flip.after,
        objects,
    };
    let stays = || selector::of(flip.before) == selector::of(flip.after);
    let is_told_as_before = || role_keys(flip.before) == role_keys(flip.after);
    match (marked(flip.before), marked(flip.after)) {
        (None, None) => Ok(None),
        (None, Some(_)) => update.enters().map(Some),
        (Some(was), Some(is)) if was != is => Err(update.changes(was, is)),
        (Some(_), Some(_)) if stays() && is_told_as_before() => Ok(None),
        (Some(_), Some(_)) if stays() => Err(update.retold()),
        (Some(_), Some(_)) => Err(update.keeps()),
        (Some(_), None) => update.leaves(),
    }
}

/// An update of a Service that says or said that it selects both sides.
struct Update<'a> {
    before: &'a Service,
    after: &'a Service,
    objects: &'a Objects,
}

impl<'a> Update<'a> {
    /// One side is selected alone again.
    fn leaves(&self) -> Result<Option<Plain>, Refusal> {
        let wanted = selector::of(self.after);
        let overlap = Overlap::of(self.before).ok().flatten();
        let both = overlap.as_ref().and_then(|overlap| {
            let [from, to] = self.sides(self.before, overlap)?;
            Some((from, to))
        });
        let Some((from, to)) = both else {
            // It means nothing, and may go where a role is selected, which is for the gate to judge.
            return if says_role(self.after, overlap.as_ref()) {
                Ok(None)
            } else {
                Err(self.lost())
            };
        };
        let (step, left) = if *wanted == to.selector {
            (Step::Leave, from.selector)
        } else if *wanted == from.selector {
            (Step::Return, to.selector)
        } else if *wanted == *selector::of(self.before) {
            return Err(self.lost());
        } else {
            return Err(self.neither(&from, &to));
        };
        Ok(Some(Plain {
            step,
            served: (step == Step::Leave)
                .then(|| overlap::served(self.before))
                .flatten(),
            before: alone(self.before, left),
            after: self.after.clone(),
        }))
    }

    /// The side that is left and the one that is to serve, of all that the Service selects.
    fn sides(&self, service: &Service, overlap: &Overlap) -> Option<[Side<'a>; 2]> {
        sides(
            selector::of(service),
            &role_keys(service),
            overlap,
            &self.found(service),
        )
    }

    /// The workloads that the Service selects, by name.
    fn found(&self, service: &Service) -> Vec<&'a Workload> {
        let selector = selector::of(service);
        let mut found: Vec<&Workload> = self.objects.workloads.iter().collect();
        found.retain(|workload| selector::matches(selector, workload.pod_labels()));
        found.sort_by_key(|workload| (workload.name(), workload.kind()));
        found
    }

    fn changes(&self, was: &str, is: &str) -> Refusal {
        let what = format!(
            "would have {} changed from {was:?} to {is:?}",
            keys::OVERLAP
        );
        self.refuse(Code::Protected, &what, self.ends())
    }

    fn retold(&self) -> Refusal {
        let what = format!(
            "is in an overlap, and would have {} changed",
            keys::ROLE_KEY
        );
        self.refuse(Code::Protected, &what, self.ends())
    }

    fn keeps(&self) -> Refusal {
        let selects = selector::query(selector::of(self.after));
        let what = format!(
            "is in an overlap, and would select {} and keep {}",
            if selects.is_empty() {
                "nothing"
            } else {
                &selects
            },
            keys::OVERLAP
        );
        self.refuse(Code::NoEnvironment, &what, self.ends())
    }

    fn lost(&self) -> Refusal {
        let selector = selector::query(selector::of(self.after));
        let what = format!(
            "would lose {}, and {selector} does not say which side it selects",
            keys::OVERLAP
        );
        self.refuse(Code::Protected, &what, self.ends())
    }

    fn neither(&self, from: &Side<'_>, to: &Side<'_>) -> Refusal {
        let what = format!(
            "is in an overlap of {} and {}, and would select {}, which is neither",
            selector::query(&from.selector),
            selector::query(&to.selector),
            selector::query(selector::of(self.after)),
        );
        self.refuse(Code::NoEnvironment, &what, self.ends())
    }

    fn refuse(&self, code: Code, what: &str, remedy: String) -> Refusal {
        Refusal::new(code, &format!("Service/{} {what}", self.name()), remedy)
    }

    fn name(&self) -> &str {
        self.before.metadata.name.as_deref().unwrap_or_default()
    }

    /// The two ways out of an overlap.
    fn ends(&self) -> String {
        let (name, flag) = (self.name(), namespace_flag(&self.before.metadata));
        format!(
            "kubectl bluegreen switch {name}{flag} ends the overlap in the new side, kubectl bluegreen \
             rollback {name}{flag} in the old one"
        )
    }
}

fn marked(service: &Service) -> Option<&str> {
    annotation(&service.metadata, keys::OVERLAP)
}

/// The Service as if it selected one side, and were in no overlap.
fn alone(service: &Service, selector: Labels) -> Service {
    let mut alone = service.clone();
    if let Some(annotations) = &mut alone.metadata.annotations {
        annotations.remove(keys::OVERLAP);
    }
    alone.spec.get_or_insert_default().selector = Some(selector);
    alone
}

/// Whether its selector says by itself that it is of a role, be it one of those of an overlap.
fn says_role(service: &Service, overlap: Option<&Overlap>) -> bool {
    let marked = role_keys(service);
    let is_of_it = |value: &str| overlap.is_some_and(|overlap| overlap.role_in(value).is_some());
    let mut selector = selector::of(service).iter();
    selector.any(|(key, value)| marked.contains(key) || words::has_colour(value) || is_of_it(value))
}
