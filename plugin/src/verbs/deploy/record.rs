//! What becomes of each stage, while it runs and afterwards.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::notify;
use crate::render::Output;

use super::teller::Teller;

/// The stages, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
    Check,
    Stage,
    Verify,
    Confirm,
    Switch,
    Production,
    After,
}

/// All of them.
pub(super) const STEPS: [Step; 7] = [
    Step::Check,
    Step::Stage,
    Step::Verify,
    Step::Confirm,
    Step::Switch,
    Step::Production,
    Step::After,
];

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Passed,
    Failed,
    /// It was not its turn, or there was nothing for it to do.
    Skipped,
    Interrupted,
}

/// A stage that was begun.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) stage: Step,
    pub(super) state: State,
    pub(super) took: Duration,
    /// What it did, or why it failed.
    pub(super) what: String,
    /// Further lines of a failure.
    pub(super) details: Vec<String>,
}

/// The two sides of the release.
#[derive(Clone, Debug, Default)]
pub(super) struct Sides {
    pub(super) application: String,
    pub(super) namespace: String,
    /// The role that served, and what it ran.
    pub(super) from: Option<(String, Vec<String>)>,
    /// The role that was staged, and what it runs.
    pub(super) to: Option<(String, Vec<String>)>,
    /// Who approved it.
    pub(super) approved_by: Vec<String>,
    /// Whether production ran it before.
    pub(super) already: bool,
    /// The last line for a person.
    pub(super) last: String,
}

/// What is known of the release so far.
pub(super) struct Record<'o> {
    output: &'o Output,
    rows: RefCell<Vec<Row>>,
    began: RefCell<Option<(Step, Instant)>>,
    teller: OnceCell<Teller>,
    pub(super) sides: RefCell<Sides>,
}

impl Step {
    /// As it is called in words and in data.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Stage => "stage",
            Self::Verify => "verify",
            Self::Confirm => "confirm",
            Self::Switch => "switch",
            Self::Production => "production",
            Self::After => "after",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
        })
    }
}

impl<'o> Record<'o> {
    /// Nothing has begun.
    pub(super) fn new(output: &'o Output) -> Self {
        Self {
            output,
            rows: RefCell::default(),
            began: RefCell::default(),
            teller: OnceCell::new(),
            sides: RefCell::default(),
        }
    }

    /// Does a stage, which returns what it did, in words, beside what the next ones need.
    pub(super) async fn stage<T>(
        &self,
        stage: Step,
        work: impl Future<Output = Result<(T, String), Failure>>,
    ) -> Result<T, Failure> {
        self.begin(stage);
        let result = work.await;
        match result {
            Ok((value, what)) => {
                self.end(State::Passed, what, Vec::new());
                self.tell_of_the_last().await;
                Ok(value)
            }
            Err(failure) => {
                self.failed(&failure);
                Err(failure)
            }
        }
    }

    /// From now on each stage is told to others.
    pub(super) fn tells(&self, teller: Teller) {
        // There is one for a release.
        let _ = self.teller.set(teller);
    }

    /// Tells others of the stage that has just ended.
    pub(super) async fn tell_of_the_last(&self) {
        let row = self.rows.borrow().last().cloned();
        if let (Some(teller), Some(row)) = (self.teller.get(), row) {
            let sides = self.sides.borrow().clone();
            teller
                .tell(&sides, &row, notify::State::Passed, self.output)
                .await;
        }
    }

    /// Tells others that the stage that runs waits for somebody.
    pub(super) async fn tell_of_waiting(&self, what: &str) {
        let began = *self.began.borrow();
        if let (Some(teller), Some((stage, since))) = (self.teller.get(), began) {
            let row = Row {
                stage,
                state: State::Passed,
                took: since.elapsed(),
                what: what.to_owned(),
                details: Vec::new(),
            };
            let sides = self.sides.borrow().clone();
            teller
                .tell(&sides, &row, notify::State::Waiting, self.output)
                .await;
        }
    }

    /// Tells others why the release ended.
    pub(super) async fn tell_of_the_end(&self, failure: &Failure) {
        let Some(teller) = self.teller.get() else {
            return;
        };
        let state = match failure.exit {
            Exit::TakenBack => notify::State::TakenBack,
            _ => notify::State::Failed,
        };
        let mut rows = self.rows(Some(failure)).into_iter();
        let ended = rows.rfind(|row| matches!(row.state, State::Failed | State::Interrupted));
        if let Some(row) = ended {
            let sides = self.sides.borrow().clone();
            teller.tell(&sides, &row, state, self.output).await;
        }
    }

    fn begin(&self, stage: Step) {
        let number = STEPS.iter().position(|one| *one == stage).unwrap_or(0) + 1;
        self.output
            .note(format_args!("[{number}/{}] {stage}", STEPS.len()));
        *self.began.borrow_mut() = Some((stage, Instant::now()));
    }

    fn failed(&self, failure: &Failure) {
        self.end(
            State::Failed,
            failure.message.clone(),
            failure.details.clone(),
        );
    }

    fn end(&self, state: State, what: String, details: Vec<String>) {
        let begun = self.began.borrow_mut().take();
        let Some((step, since)) = begun else {
            return;
        };
        self.rows.borrow_mut().push(Row {
            stage: step,
            state,
            took: since.elapsed(),
            what,
            details,
        });
    }

    /// Splits the checks of production off the switch that they were made in.
    pub(super) fn production(
        &self,
        state: State,
        took: Duration,
        what: String,
        details: Vec<String>,
    ) {
        let mut rows = self.rows.borrow_mut();
        if let Some(switch) = rows.last_mut() {
            switch.took = switch.took.saturating_sub(took);
            if state == State::Failed {
                switch.state = State::Passed;
                "production was flipped".clone_into(&mut switch.what);
                switch.details = Vec::new();
            }
        }
        rows.push(Row {
            stage: Step::Production,
            state,
            took,
            what,
            details,
        });
    }

    /// A row for every stage; those that were not begun are skipped, and one that has not ended was
    /// interrupted.
    pub(super) fn rows(&self, failure: Option<&Failure>) -> Vec<Row> {
        let rows = self.rows.borrow();
        let began = *self.began.borrow();
        let nothing_began = rows.is_empty() && began.is_none();
        let row = |stage: Step| {
            if let Some(row) = rows.iter().find(|row| row.stage == stage) {
                return row.clone();
            }
            let (state, took, what) = match (began, failure) {
                (Some((running, since)), failure) if running == stage => {
                    let state = match failure {
                        Some(failure) if failure.exit != Exit::Interrupted => State::Failed,
                        _ => State::Interrupted,
                    };
                    let what = failure.map(|failure| failure.message.clone());
                    (state, since.elapsed(), what.unwrap_or_default())
                }
                // It could not even be looked at.
                (None, Some(failure)) if nothing_began && stage == Step::Check => {
                    (State::Failed, Duration::ZERO, failure.message.clone())
                }
                _ => (State::Skipped, Duration::ZERO, String::new()),
            };
            Row {
                stage,
                state,
                took,
                what,
                details: Vec::new(),
            }
        };
        STEPS.into_iter().map(row).collect()
    }
}
