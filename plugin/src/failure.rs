//! Why it was not done: what happened, to which object, and what to do next.

use std::fmt;

use bluegreen_shared::discover::Undecided;
use bluegreen_shared::gate::Verdict;
use bluegreen_shared::plan::init::InitRefused;
use bluegreen_shared::plan::{Declined, Why};
use bluegreen_shared::refusal::Refusal;

use crate::exit::Exit;

/// The end of a verb that did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What the process exits with.
    pub(crate) exit: Exit,
    /// The reason of the API server's status, where the message is its own.
    pub(crate) server: Option<String>,
    /// Whether the API server would answer the same again, however long one waits.
    pub(crate) lasts: bool,
    /// One sentence without a full stop.
    pub(crate) message: String,
    /// Further lines, printed below it with an indent.
    pub(crate) details: Vec<String>,
    /// What to do next, best a command.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure with its exit code.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            server: None,
            lasts: false,
            message: message.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    /// It could not be tried.
    pub(crate) fn could_not(message: impl Into<String>) -> Self {
        Self::new(Exit::CouldNot, message)
    }

    /// The command line asks for what can't be.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The user pressed Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted")
    }

    /// The gate refuses; `what` is the sentence above the reasons.
    pub(crate) fn refused(what: impl Into<String>, verdict: &Verdict) -> Self {
        let mut failure = Self::new(Exit::Refused, what);
        failure.details = verdict.refusals.iter().map(Refusal::to_string).collect();
        failure.hint = verdict.refusals.first().map(|first| first.remedy.clone());
        failure
    }

    /// With what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With every line that shows a command changed like this.
    pub(crate) fn with_commands(mut self, change: impl Fn(&str) -> String) -> Self {
        self.details = self.details.iter().map(|line| change(line)).collect();
        self.hint = self.hint.as_deref().map(change);
        self
    }

    /// With further lines.
    pub(crate) fn details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Some(reason) => write!(out, "Error from server ({reason}): {}", self.message)?,
            // Whoever pressed the keys has seen no error.
            None if self.exit == Exit::Interrupted => out.write_str(&self.message)?,
            None => write!(out, "error: {}", self.message)?,
        }
        for detail in &self.details {
            for line in detail.lines() {
                write!(out, "\n  {line}")?;
            }
        }
        if let Some(hint) = &self.hint {
            write!(out, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl From<Undecided> for Failure {
    fn from(undecided: Undecided) -> Self {
        let mut lines = undecided.message.lines();
        let mut failure = Self::could_not(lines.next().unwrap_or_default());
        failure.details = lines.map(|line| line.trim_start().to_owned()).collect();
        failure.hint = undecided.hint;
        failure
    }
}

impl From<InitRefused> for Failure {
    fn from(refused: InitRefused) -> Self {
        Self::usage(refused.message).hint(refused.hint)
    }
}

impl From<Declined> for Failure {
    fn from(declined: Declined) -> Self {
        let exit = match declined.why {
            Why::Ambiguous | Why::NoSuchRole | Why::NothingIdle | Why::NotFound => Exit::CouldNot,
            Why::ForwardOnly | Why::NoWayBack | Why::NoRoom | Why::Unfit => Exit::Refused,
            Why::UnderWay => Exit::Busy,
            Why::Usage => Exit::Usage,
        };
        Self::new(exit, declined.message).hint(declined.hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_words_and_the_servers_are_told_apart() {
        let ours = Failure::could_not("no application \"x\"").hint("kubectl bluegreen list");
        assert_eq!(
            ours.to_string(),
            "error: no application \"x\"\nhint: kubectl bluegreen list"
        );
        let theirs = Failure {
            server: Some("Forbidden".to_owned()),
            ..Failure::could_not("services is forbidden")
        };
        assert_eq!(
            theirs.to_string(),
            "Error from server (Forbidden): services is forbidden"
        );
    }

    #[test]
    fn details_stand_below_with_an_indent() {
        let failure = Failure::new(Exit::Refused, "no").details(["a\nb".to_owned()]);
        assert_eq!(failure.to_string(), "error: no\n  a\n  b");
    }

    #[test]
    fn a_request_that_goes_back_is_refused_and_an_unclear_one_could_not_be_tried() {
        let declined = |why| Declined {
            why,
            message: String::new(),
            hint: String::new(),
        };
        assert_eq!(
            Failure::from(declined(Why::ForwardOnly)).exit,
            Exit::Refused
        );
        assert_eq!(Failure::from(declined(Why::Ambiguous)).exit, Exit::CouldNot);
    }
}
