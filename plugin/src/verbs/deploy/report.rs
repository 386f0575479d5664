//! What a release has to show in the end, however it ended.

use bluegreen_shared::lease;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::{Cell, Paint, Style, Table, View};

use super::Args;
use super::record::Record;
use super::row::{Row, Sides, State, Step};
use super::strategy::Strategy;

/// The stages and the two sides.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
    sides: Sides,
    failure: Option<Failure>,
    dry_run: DryRun,
    strategy: Strategy,
}

impl Report {
    /// As it is recorded, with why it failed.
    pub(super) fn of(args: &Args, record: &Record<'_>, failure: Option<&Failure>) -> Self {
        Self {
            name: args.target.name.clone(),
            rows: record.rows(failure),
            sides: record.sides.borrow().clone(),
            failure: failure.cloned(),
            dry_run: args.dry_run,
            strategy: args.strategy,
        }
    }

    /// What state things are in after Ctrl-C, and how to go on.
    pub(super) fn how_to_go_on(&self, name: &str) -> String {
        let status = format!("kubectl bluegreen status {name}");
        if self.strategy == Strategy::Rolling {
            return self.how_to_roll_on();
        }
        let cut = self.rows.iter().find(|row| row.state == State::Interrupted);
        match cut.map(|row| row.stage) {
            None | Some(Step::Check) => "nothing was changed".to_owned(),
            Some(Step::Stage) => format!(
                "production is as it was, the idle side may be staged in part: {status}; the same command goes on"
            ),
            Some(Step::Verify | Step::Confirm) => {
                format!(
                    "production is as it was, the idle side is staged: {status}; the same command goes on"
                )
            }
            Some(Step::Switch | Step::Production) => format!(
                "production may be flipped already: {status}; the same command, {} seconds from now, checks it and takes it back if that fails; kubectl bluegreen rollback {name} goes back at once",
                lease::DURATION.as_secs()
            ),
            // Those of an update in place are another strategy's.
            Some(Step::After | Step::Update | Step::Undo) => {
                format!(
                    "production is switched and was checked; the same command goes on: {status}"
                )
            }
        }
    }

    /// The same where production is updated in place, and what was changed is taken back unless that
    /// is stopped too.
    fn how_to_roll_on(&self) -> String {
        let is_cut = |row: &&Row| matches!(row.state, State::Interrupted);
        let cut = self.rows.iter().find(is_cut).map(|row| row.stage);
        if matches!(cut, None | Some(Step::Check | Step::Confirm)) {
            return "nothing was changed".to_owned();
        }
        let deployment = match &self.sides.to {
            Some((role, _)) => role.to_lowercase(),
            None => "deployments".to_owned(),
        };
        format!(
            "production may run old pods and new ones: kubectl get {deployment}; the same command goes on, or \
             takes it back where it fails"
        )
    }

    fn result(&self) -> &'static str {
        match &self.failure {
            Some(failure) if failure.exit == Exit::Interrupted => "interrupted",
            Some(failure) if failure.exit == Exit::TakenBack => "takenBack",
            Some(_) => "failed",
            None if self.dry_run != DryRun::None && !self.sides.already => "rehearsed",
            None if self.sides.already => "already",
            None => "released",
        }
    }
}

fn paint(state: State) -> Paint {
    match state {
        State::Passed => Paint::Good,
        State::Failed | State::Interrupted => Paint::Bad,
        State::Skipped => Paint::Plain,
    }
}

impl View for Report {
    fn text(&self, style: Style, _wide: bool) -> String {
        let mut table = Table::new(vec!["STAGE", "RESULT", "TOOK", "WHAT"]);
        for row in &self.rows {
            let took = match row.state {
                State::Skipped => String::new(),
                _ => format!("{:.1}s", row.took.as_secs_f64()),
            };
            let what = row.what.lines().next().unwrap_or_default();
            table.row(vec![
                row.stage.to_string().into(),
                Cell::painted(row.state.to_string(), paint(row.state)),
                took.into(),
                what.into(),
            ]);
        }
        let mut text = table.render(style);
        if self.failure.is_none() && !self.sides.last.is_empty() {
            text.push_str(&self.sides.last);
            text.push_str(self.dry_run.suffix());
            text.push('\n');
        }
        text
    }

    fn names(&self) -> Vec<String> {
        vec![self.name.clone()]
    }

    fn value(&self) -> Value {
        let stages: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "stage": row.stage,
                    "result": row.state,
                    "seconds": (row.took.as_secs_f64() * 1000.0).round() / 1000.0,
                    "message": row.what,
                    "details": row.details,
                })
            })
            .collect();
        let side = |side: &Option<(String, Vec<String>)>| {
            side.as_ref()
                .map(|(role, images)| json!({"role": role, "images": images}))
        };
        json!({
            "application": self.sides.application,
            "namespace": self.sides.namespace,
            "strategy": self.strategy.as_str(),
            "result": self.result(),
            "dryRun": self.dry_run != DryRun::None,
            "from": side(&self.sides.from),
            "to": side(&self.sides.to),
            "approvedBy": self.sides.approved_by,
            "stages": stages,
            "error": self.failure.as_ref().map(|failure| json!({
                "exitCode": failure.exit as u8,
                "message": failure.message,
                "details": failure.details,
                "hint": failure.hint,
            })),
        })
    }
}
