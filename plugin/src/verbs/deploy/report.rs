//! What a release has to show in the end, however it ended.

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::{Cell, Paint, Style, Table, View};

use super::Args;
use super::record::Record;
use super::row::{Row, Sides, State};
use super::strategy::Strategy;

/// The stages and the two sides.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
    pub(super) sides: Sides,
    failure: Option<Failure>,
    dry_run: DryRun,
    pub(super) strategy: Strategy,
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
