//! Tries ways with all clients, one after the other, and looks at what became of the objects.

use super::clients::{self, Client};
use super::kept::{Kept, kept};
use super::place::{Place, State};
use super::run::{Outcome, run};
use super::way::{Change, Expected, Way};

/// A way, and what came of it.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) deletes: bool,
    /// Why it is allowed, where that is meant.
    pub(super) reason: Option<&'static str>,
    pub(super) cells: Vec<Cell>,
    /// What is not as it should be, whatever the table says.
    pub(super) wrong: Vec<String>,
}

/// What came of it with one client.
#[derive(Clone)]
pub(super) struct Cell {
    pub(super) client: Client,
    pub(super) outcome: Outcome,
    /// Of the rehearsal, for clients that have one.
    pub(super) rehearsed: Option<Outcome>,
}

pub(super) async fn try_all(place: &Place, ways: Vec<Way>) -> Vec<Row> {
    let mut rows = Vec::new();
    for way in &ways {
        let untouched = place.state().await;
        if let Some((object, patch)) = &way.after {
            let object = place.resolve(object).await;
            let output = place.patch(&object, patch).await.unwrap();
            output.succeeded().unwrap();
        }
        rows.push(try_with_all(place, way).await);
        if way.after.is_some() {
            place.restore(&untouched).await.unwrap();
        }
    }
    rows
}

async fn try_with_all(place: &Place, way: &Way) -> Row {
    let mut row = Row {
        name: way.name,
        deletes: matches!(way.change, Change::Delete),
        reason: match way.expected {
            Expected::Refused(_) => None,
            Expected::Allowed(reason) => Some(reason),
        },
        cells: Vec::new(),
        wrong: Vec::new(),
    };
    let has_manifest = place.manifests.contains_key(way.object);
    let is_released = place.released.contains(way.object);
    let mut before = place.state().await;
    for client in clients::of(way, has_manifest, is_released) {
        let rehearsed = if client.has_dry_run {
            Some(try_once(place, way, client, true, &mut before, &mut row.wrong).await)
        } else {
            None
        };
        let outcome = try_once(place, way, client, false, &mut before, &mut row.wrong).await;
        row.cells.push(Cell {
            client,
            outcome,
            rehearsed,
        });
    }
    row
}

/// Tries it, compares, and puts it back.
async fn try_once(
    place: &Place,
    way: &Way,
    client: Client,
    dry: bool,
    before: &mut State,
    wrong: &mut Vec<String>,
) -> Outcome {
    let object = place.resolve(way.object).await;
    let (outcome, text) = run(place, way, client, before, &object, dry).await;
    let after = place.state().await;
    let is_same = same(before, &after, &object);
    let said = text.lines().take(3).collect::<Vec<_>>().join("\n");
    let mut complain = |what: &str| {
        let verb = client.verb.unwrap_or_default();
        let dry = if dry { " (rehearsed)" } else { "" };
        wrong.push(format!(
            "{} by {} {verb}{dry}: {what}: {said}",
            way.name, client.column
        ));
    };
    match (&outcome, way.expected) {
        (Outcome::Failed, _) => complain("neither allowed nor refused"),
        (Outcome::Allowed, Expected::Refused(_)) => complain("allowed"),
        (Outcome::Refused(_), Expected::Allowed(_)) => complain("refused"),
        (Outcome::Refused(codes), Expected::Refused(code))
            if !codes.iter().any(|is| is == code) =>
        {
            complain(&format!("not by {code}"));
        }
        (Outcome::Refused(_), _) if client.says_forbidden && !text.contains("(Forbidden)") => {
            complain("not as Forbidden");
        }
        _ => {}
    }
    let shall_change = outcome == Outcome::Allowed && !dry;
    if shall_change && is_same && !object.starts_with("pod/") {
        complain("nothing changed");
    }
    if !shall_change && !is_same {
        complain("something changed all the same");
    }
    if is_same {
        *before = after;
    } else {
        if let Err(error) = place.restore(before).await {
            complain(&format!("cannot be put back: {error:#}"));
        }
        *before = place.state().await;
    }
    outcome
}

/// Pods come and go by themselves, unless they are what it is about.
fn same(before: &State, after: &State, object: &str) -> bool {
    let of = |state: &State| -> Vec<_> {
        state
            .iter()
            .filter(|(name, _)| !name.starts_with("pod/") || *name == object)
            .map(|(name, value)| (name.clone(), kept(value, Kept::Compare)))
            .collect()
    };
    of(before) == of(after)
}
