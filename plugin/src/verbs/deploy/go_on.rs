//! What state things are in after Ctrl-C, and how to go on.

use super::report::Report;
use super::row::{Row, Sides, State, Step};
use super::strategy::Strategy;

const NOTHING: &str = "nothing was changed";

/// How far a release has come that was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    /// Amid this stage.
    Amid(Step),
    /// This stage has passed, and the next one had not begun.
    Past(Step),
    /// No stage has ended.
    Nothing,
}

impl Report {
    /// What state things are in after Ctrl-C, and how to go on.
    pub(super) fn how_to_go_on(&self, name: &str) -> String {
        let reached = reached(&self.rows);
        match self.strategy {
            Strategy::Bluegreen => between_sides(reached, self.sides.already, name),
            Strategy::Rolling => in_place(reached, &self.sides),
        }
    }
}

/// Others are told of a stage that has passed before the next one begins, which may take a while.
fn reached(rows: &[Row]) -> Reached {
    let last = |state: State| rows.iter().rfind(|row| row.state == state);
    match (last(State::Interrupted), last(State::Passed)) {
        (Some(row), _) => Reached::Amid(row.stage),
        (None, Some(row)) => Reached::Past(row.stage),
        (None, None) => Reached::Nothing,
    }
}

fn between_sides(reached: Reached, already: bool, name: &str) -> String {
    use Reached::{Amid, Nothing, Past};
    let status = format!("kubectl bluegreen status {name}");
    match reached {
        Nothing | Amid(Step::Check) | Past(Step::Check) => NOTHING.to_owned(),
        // Production runs it already, and nothing is staged.
        Amid(Step::Verify) | Past(Step::Verify) if already => NOTHING.to_owned(),
        Amid(Step::Stage) => format!(
            "production is as it was, the idle side may be staged in part: {status}; the same command goes on"
        ),
        Past(Step::Stage | Step::Verify | Step::Confirm) | Amid(Step::Verify | Step::Confirm) => {
            format!(
                "production is as it was, the idle side is staged: {status}; the same command goes on"
            )
        }
        Amid(Step::Switch | Step::Production) => format!(
            "production may be flipped already: {status}; the same command checks it and takes it back if that fails; kubectl bluegreen rollback {name} goes back at once"
        ),
        Past(Step::Switch) => {
            format!("production is switched: {status}; the same command goes on")
        }
        // Those of an update in place are another strategy's.
        Past(Step::Production | Step::After | Step::Update | Step::Undo)
        | Amid(Step::After | Step::Update | Step::Undo) => {
            format!("production is switched and was checked; the same command goes on: {status}")
        }
    }
}

/// The same where production is updated in place, and what was changed is taken back unless that is stopped
/// too.
fn in_place(reached: Reached, sides: &Sides) -> String {
    use Reached::{Amid, Nothing, Past};
    if matches!(
        reached,
        Nothing | Amid(Step::Check | Step::Confirm) | Past(Step::Check | Step::Confirm)
    ) {
        return NOTHING.to_owned();
    }
    let deployment = match &sides.to {
        Some((role, _)) => role.to_lowercase(),
        None => "deployments".to_owned(),
    };
    if reached == Past(Step::Undo) {
        return format!("production runs what it ran before: kubectl get {deployment}");
    }
    format!(
        "production may run old pods and new ones: kubectl get {deployment}; the same command goes on, or takes it \
         back where it fails"
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rows(states: &[(Step, State)]) -> Vec<Row> {
        let row = |&(stage, state)| Row {
            stage,
            state,
            took: Duration::ZERO,
            what: String::new(),
            details: Vec::new(),
        };
        states.iter().map(row).collect()
    }

    #[test]
    fn a_stage_that_has_passed_is_not_forgotten_while_others_are_told_of_it() {
        use State::{Interrupted, Passed, Skipped};
        let told = |states: &[(Step, State)], already| {
            between_sides(reached(&rows(states)), already, "web")
        };
        let staged = [
            (Step::Check, Passed),
            (Step::Stage, Passed),
            (Step::Verify, Skipped),
        ];
        assert!(told(&staged, false).contains("the idle side is staged"));
        let switched = [(Step::Switch, Passed), (Step::Production, Skipped)];
        assert!(told(&switched, false).starts_with("production is switched"));
        let amid = [(Step::Switch, Interrupted), (Step::Production, Skipped)];
        assert!(told(&amid, false).starts_with("production may be flipped already"));
        let after = [(Step::Production, Passed), (Step::After, Interrupted)];
        assert!(told(&after, false).contains("was checked"));
        for nothing in [
            &[][..],
            &[(Step::Check, Passed)],
            &[(Step::Check, Interrupted)],
        ] {
            assert_eq!(told(nothing, false), NOTHING);
        }
        let again = [(Step::Stage, Skipped), (Step::Verify, Passed)];
        assert_eq!(told(&again, true), NOTHING);
    }

    #[test]
    fn what_was_updated_or_taken_back_in_place_is_told_as_well() {
        let told = |states: &[(Step, State)]| in_place(reached(&rows(states)), &Sides::default());
        let confirmed = [(Step::Check, State::Passed), (Step::Confirm, State::Passed)];
        assert_eq!(told(&confirmed), NOTHING);
        let updated = [
            (Step::Update, State::Passed),
            (Step::Verify, State::Skipped),
        ];
        assert!(told(&updated).starts_with("production may run old pods and new ones"));
        let undone = [(Step::Verify, State::Failed), (Step::Undo, State::Passed)];
        assert!(told(&undone).starts_with("production runs what it ran before"));
    }
}
