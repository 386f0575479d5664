//! The table, of what was seen.

use std::fmt::Write;

use super::cells::{Cell, Row};
use super::clients::{Client, DELETIONS, UPDATES};
use super::run::Outcome;

const HEAD: &str = "# What the guard was seen to do

Each way was tried by each client that can express it, on a real API server, and where there is a dry
run by that too, with the same verdict. After each refusal everything was as before. `make
guard-report` tries it all again; a test fails when this file says otherwise.

`✗` refused, as `Forbidden` with the codes in front · `✓` allowed, for the reason in front
";

const TAIL: &str = "
## What is not guarded, on purpose

| what | why | what answers it |
| --- | --- | --- |
| EndpointSlices made by hand | they are no flip of a Service | RBAC denies them by default |
| the webhook's configurations and policies | who may change those may do anything | the platform team's rights |
| the Namespace's label `bluegreen.dev/policy` | it is how a team is let out | the platform team's rights |
| deleting pods or a ReplicaSet | drains and autoscalers do that all day | disruption budgets; the controller makes them anew |
| bare pods that are given the labels of production | no workload tells whose they are | a flip to them is refused as `ForeignPods`; RBAC on pods |
| a new image for what serves | it is the pattern's other strategy, a rolling update | readiness probes and the Deployment's own strategy; a warning names `stage` |
| scaling what serves down, but not to 0 | how many pods a load needs is not ours to know | an autoscaler's minimum |
| a Service that is created | applying everything at once must work | deleting one that serves is refused |
| Ingresses and routes past the Service, network policies | they are other objects' | RBAC, and the owner's own review |
| the plain side of a suffix pair, and a value pair without marks | nothing tells the role | `kubectl bluegreen mark` |
| pausing the Deployment that serves | it is how a rolling update is looked at half way | its pods stay; a ReplicaSet that is deleted then is not made anew: RBAC on replicasets |
| an owner that the idle side got before it serves | operators own what they make | who may delete that owner |
| a verification or a consent that somebody writes by hand | each says by whom, and nobody writes one of another | `verify` as a stage of the pipeline, `--approvals`; the audit log |
| what was written while the Namespace was `off` or `warn` | nothing is refused there | before `enforce`, look for `bluegreen.dev/takedown` on Services and workloads |
| everything in a Namespace that goes | it goes as a whole | `bluegreen.dev/protect` on it |
";

/// All of it, as Markdown.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut text = HEAD.to_owned();
    let (deletions, updates): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.deletes);
    table(&mut text, "Changing", &updates, &UPDATES);
    table(&mut text, "Deleting", &deletions, &DELETIONS);
    let cells = || rows.iter().flat_map(|row| &row.cells);
    let of = |what: fn(&Outcome) -> bool| cells().filter(|cell| what(&cell.outcome)).count();
    let rehearsed = cells().filter(|cell| cell.rehearsed.is_some()).count();
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "\n{} cells of {} ways: {} refused, {} allowed by design; {rehearsed} of them rehearsed as well.",
        cells().count(),
        rows.len(),
        of(|outcome| matches!(outcome, Outcome::Refused(_))),
        of(|outcome| *outcome == Outcome::Allowed),
    );
    text + TAIL
}

fn table(text: &mut String, title: &str, rows: &[&Row], columns: &[Client]) {
    let names: Vec<&str> = columns.iter().map(|client| client.column).collect();
    let _ = writeln!(
        text,
        "\n## {title}\n\n| way | verdict | {} |",
        names.join(" | ")
    );
    let _ = writeln!(text, "| --- | --- |{}", " :-: |".repeat(names.len()));
    for row in rows {
        let cells: Vec<String> = names.iter().map(|name| in_column(row, name)).collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            row.name,
            verdict(row),
            cells.join(" | ")
        );
    }
}

/// The codes that all clients were told, or why it is allowed.
fn verdict(row: &Row) -> String {
    let told = |code: &&String| {
        row.cells.iter().all(|cell| match &cell.outcome {
            Outcome::Refused(codes) => codes.contains(code),
            Outcome::Allowed | Outcome::Failed => true,
        })
    };
    let first = row.cells.iter().find_map(|cell| match &cell.outcome {
        Outcome::Refused(codes) => Some(codes),
        Outcome::Allowed | Outcome::Failed => None,
    });
    let Some(first) = first else {
        return row.reason.unwrap_or("allowed").to_owned();
    };
    let codes: Vec<String> = first
        .iter()
        .filter(told)
        .map(|code| format!("`{code}`"))
        .collect();
    codes.join(", ")
}

fn in_column(row: &Row, column: &str) -> String {
    let cells = row.cells.iter().filter(|cell| cell.client.column == column);
    let marks: Vec<String> = cells.map(mark).collect();
    marks.join("<br>")
}

fn mark(cell: &Cell) -> String {
    let mut mark = sign(&cell.outcome).to_owned();
    if let Some(rehearsed) = &cell.rehearsed
        && sign(rehearsed) != mark
    {
        let _ = write!(mark, " (rehearsed: {})", sign(rehearsed));
    }
    if let Some(verb) = cell.client.verb {
        let _ = write!(mark, " {verb}");
    }
    mark
}

fn sign(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "✓",
        Outcome::Refused(_) => "✗",
        Outcome::Failed => "failed",
    }
}

/// The lines that are only in one of two texts, as a `diff` shows them.
pub(super) fn difference(known: &str, seen: &str) -> String {
    let only = |text: &str, other: &str, sign: char| -> String {
        let lines = text
            .lines()
            .filter(|line| !other.lines().any(|is| is == *line));
        lines.fold(String::new(), |all, line| format!("{all}{sign} {line}\n"))
    };
    only(known, seen, '-') + &only(seen, known, '+')
}
