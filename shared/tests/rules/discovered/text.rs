//! What discovery found, as text that a person can judge.

use std::fmt::Write;

use bluegreen_shared::application::{Active, Application};
use bluegreen_shared::discover::Undecided;
use bluegreen_shared::selector;

pub(crate) fn application(application: &Application<'_>) -> String {
    let mut out = format!("{} by {}, ", application.name, application.rule);
    let _ = match application.active() {
        Active::Role(role) => writeln!(out, "{role} is active"),
        Active::Split(split) => writeln!(out, "split: {split:?}"),
        Active::Overlap(overlap) => writeln!(out, "{} serve, in an overlap", overlap.both()),
        Active::Neither(service) => writeln!(out, "{service} selects neither"),
    };
    for environment in &application.environments {
        let workloads: Vec<String> = environment
            .workloads
            .iter()
            .map(|w| w.reference())
            .collect();
        let _ = writeln!(out, "  {}: {}", environment.role, workloads.join(", "));
    }
    for production in &application.production {
        let _ = writeln!(out, "  production {}", production.name());
        for (role, labels) in &production.selectors {
            let _ = writeln!(out, "    for {role}: {}", selector::query(labels));
        }
    }
    for bound in &application.bound {
        let name = bound.service.metadata.name.as_deref().unwrap_or_default();
        let _ = writeln!(out, "  never flipped: {name}, selects {}", bound.role);
    }
    for note in &application.notes {
        let _ = writeln!(out, "  note: {note}");
    }
    out.trim_end().to_owned()
}

pub(crate) fn undecided(undecided: &Undecided) -> String {
    let mut out = format!("undecided: {}", undecided.message);
    if let Some(hint) = &undecided.hint {
        let _ = write!(out, "\n  hint: {hint}");
    }
    if !undecided.candidates.is_empty() {
        let _ = write!(out, "\n  between: {}", undecided.candidates.join(", "));
    }
    out
}
