//! What becomes of each stage, while it runs and afterwards.

use std::cell::{OnceCell, RefCell};
use std::time::{Duration, Instant};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::notify;
use crate::render::Output;

use super::row::{Row, Sides, State, Step};
use super::teller::Teller;

/// What is known of the release so far.
pub(super) struct Record<'o> {
    output: &'o Output,
    /// The stages that there are, in their order.
    steps: &'static [Step],
    rows: RefCell<Vec<Row>>,
    began: RefCell<Option<(Step, Instant)>>,
    teller: OnceCell<Teller>,
    pub(super) sides: RefCell<Sides>,
}

impl<'o> Record<'o> {
    /// Nothing has begun.
    pub(super) fn new(output: &'o Output, steps: &'static [Step]) -> Self {
        Self {
            output,
            steps,
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
        let number = self.steps.iter().position(|one| *one == stage);
        let number = number.unwrap_or(0) + 1;
        self.output
            .note(format_args!("[{number}/{}] {stage}", self.steps.len()));
        *self.began.borrow_mut() = Some((stage, Instant::now()));
    }

    fn failed(&self, failure: &Failure) {
        self.end(
            State::Failed,
            failure.message.clone(),
            failure.details.clone(),
        );
    }

    /// The stage that runs is given up by who does not wait for its end; none where it has ended.
    pub(super) fn cut_off(&self, failure: &Failure) {
        let state = match failure.exit {
            Exit::Interrupted => State::Interrupted,
            _ => State::Failed,
        };
        self.end(state, failure.message.clone(), failure.details.clone());
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
                switch.what.clear();
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
        self.steps.iter().copied().map(row).collect()
    }
}
