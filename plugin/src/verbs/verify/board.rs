//! How far it is, for the person who waits.

use std::cell::RefCell;

use bluegreen_shared::refusal::counted;

use crate::render::{Output, Progress};
use crate::verify::{Finding, Subject, Tried};

/// Failed pods that are shown while the others are asked.
const SHOWN: usize = 8;

/// What is under way, told by several at once.
pub(super) struct Board<'o> {
    role: &'o str,
    live: bool,
    /// The pods that are asked.
    pods: usize,
    known: RefCell<Known<'o>>,
}

struct Known<'o> {
    progress: Progress<'o>,
    done: usize,
    failed: Vec<String>,
    /// The other checks, each with how far it is.
    checks: Vec<(Subject, &'static str)>,
}

impl<'o> Board<'o> {
    /// So many pods of a role are to be asked.
    pub(super) fn new(output: &'o Output, role: &'o str, pods: usize) -> Self {
        let board = Self {
            role,
            live: output.is_live(),
            pods,
            known: RefCell::new(Known {
                progress: Progress::new(output),
                done: 0,
                failed: Vec::new(),
                checks: Vec::new(),
            }),
        };
        board.show();
        board
    }

    /// A pod is done.
    pub(super) fn tried(&self, tried: &Tried) {
        let mut known = self.known.borrow_mut();
        known.done += 1;
        if !tried.passed {
            let line = format!("  Pod/{}: {}", tried.pod, tried.words);
            known.failed.push(line);
        }
        drop(known);
        self.show();
    }

    /// Another check begins.
    pub(super) fn begins(&self, subject: Subject) {
        self.known.borrow_mut().checks.push((subject, "running"));
        self.show();
    }

    /// It is done.
    pub(super) fn found(&self, finding: &Finding) {
        let word = if finding.passed {
            "passed"
        } else if finding.late {
            "late"
        } else {
            "failed"
        };
        for (subject, known) in &mut self.known.borrow_mut().checks {
            if *subject == finding.subject {
                *known = word;
            }
        }
        self.show();
    }

    /// All is done.
    pub(super) fn clear(&self) {
        self.known.borrow_mut().progress.clear();
    }

    fn show(&self) {
        let mut known = self.known.borrow_mut();
        // Elsewhere each change is a line of its own, and a pod that passed is none worth one.
        let done = if self.live { known.done } else { 0 };
        let role = self.role;
        let pods = counted(self.pods, "pod");
        let first = match (self.pods, done) {
            (0, _) => format!("verifying {role}"),
            (_, 0) => format!("verifying {role}: {pods}"),
            _ => format!("verifying {role}: {done} of {pods}"),
        };
        let failed = known.failed.iter().take(SHOWN).cloned();
        let checks = known
            .checks
            .iter()
            .map(|(subject, word)| format!("  {subject}: {word}"));
        let lines = std::iter::once(first).chain(failed).chain(checks).collect();
        known.progress.show(lines);
    }
}
