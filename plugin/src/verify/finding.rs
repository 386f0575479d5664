//! What came of a check of the environment as a whole.

use std::fmt;

/// The kinds of check beside the question to every pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A program on this machine.
    Command,
    /// A Job in the cluster.
    Job,
    /// A question to Prometheus.
    Query,
}

/// What is checked: its kind, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    /// `./smoke.sh`, `smoke`, `up == 1`.
    pub(crate) name: String,
}

/// The result of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was checked.
    pub(crate) subject: Subject,
    /// Whether it passed.
    pub(crate) passed: bool,
    /// Whether the time was up before it had passed or failed.
    pub(crate) late: bool,
    /// How often it was asked; a program or a Job once.
    pub(crate) asked: u32,
    /// What decided, in words.
    pub(crate) words: String,
    /// The last lines that it wrote, where it did not pass.
    pub(crate) output: Vec<String>,
}

impl Kind {
    /// As it is called in words and in data.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Job => "job",
            Self::Query => "query",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = bluegreen_shared::refusal::quote(&self.name);
        write!(out, "{} {name}", self.kind.as_str())
    }
}

impl Subject {
    /// It passed, and this says so.
    pub(super) fn passed(self, words: impl Into<String>) -> Finding {
        Finding {
            passed: true,
            ..self.failed(words)
        }
    }

    /// It did not.
    pub(super) fn failed(self, words: impl Into<String>) -> Finding {
        Finding {
            subject: self,
            passed: false,
            late: false,
            asked: 1,
            words: words.into(),
            output: Vec::new(),
        }
    }

    /// The time was up before.
    pub(super) fn late(self, words: impl Into<String>) -> Finding {
        Finding {
            late: true,
            ..self.failed(words)
        }
    }
}
