//! What came of a pod that is asked again and again.

use super::ask::Check;

/// What came of one pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tried {
    /// The pod.
    pub(crate) pod: String,
    /// What it was asked; empty where there was nothing to ask.
    pub(crate) question: String,
    /// Whether it passed.
    pub(crate) passed: bool,
    /// Whether the time was up before it had passed or failed.
    pub(crate) late: bool,
    /// Passes in a row at the end.
    pub(crate) passes: u32,
    /// How often it was asked.
    pub(crate) asked: u32,
    /// The status of the last answer that counts.
    pub(crate) status: Option<u16>,
    /// That answer, or why there was none; of a pod that did not pass, its last failure.
    pub(crate) words: String,
}

/// The count of one pod's passes and failures.
pub(super) struct Tally {
    pub(super) tried: Tried,
    wanted: u32,
    failures: u32,
}

impl Tally {
    /// Of a pod that was not asked yet, and has to pass so many times in a row.
    pub(super) fn new(pod: &str, wanted: u32) -> Self {
        Self {
            tried: Tried {
                pod: pod.to_owned(),
                ..Tried::default()
            },
            wanted,
            failures: 0,
        }
    }

    /// Takes one check in; whether it decides.
    pub(super) fn count(&mut self, check: Check) -> bool {
        let tried = &mut self.tried;
        tried.asked += 1;
        if check.passed {
            tried.passes += 1;
            self.failures = 0;
            tried.passed = tried.passes >= self.wanted;
        } else {
            tried.passes = 0;
            self.failures += 1;
        }
        // A failure stays in mind until the pod has passed: it is what has to be said of it.
        if !check.passed || tried.passed || tried.passes == tried.asked {
            tried.status = check.status;
            tried.words = check.words;
        }
        tried.passed || self.failures >= self.wanted
    }

    /// There is no use in asking it.
    pub(super) fn without_asking(mut self, words: String) -> Tried {
        self.tried.words = words;
        self.tried
    }

    /// The time is up, and it has neither passed nor failed.
    pub(super) fn out_of_time(mut self) -> Tried {
        let tried = &mut self.tried;
        tried.late = true;
        tried.words = if tried.asked == 0 {
            "had not answered yet".to_owned()
        } else {
            format!(
                "had passed {} of {} times in a row, last {}",
                tried.passes, self.wanted, tried.words
            )
        };
        self.tried
    }
}

#[cfg(test)]
mod tests;
