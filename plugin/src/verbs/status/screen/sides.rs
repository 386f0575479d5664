//! The two sides: what each runs, how ready it is, and what the gate says.

use jiff::Timestamp;

use crate::render::{Cell, Paint, Style, Table, age};

use super::super::model::{EnvironmentLine, Reason, Status, WorkloadLine};

pub(super) fn text(status: &Status, style: Style, wide: bool) -> String {
    let mut headers = vec![
        "  ROLE",
        "WORKLOAD",
        "IMAGE",
        "READY",
        "VERIFIED",
        "SWITCH TO IT",
    ];
    if wide {
        headers.insert(5, "REVISION");
    }
    let mut table = Table::new(headers);
    for side in &status.environments {
        // A side without a workload has a line too.
        let first = side.workloads.first();
        let mut cells = vec![role(side)];
        cells.extend(workload(first));
        cells.push(verified(side, status.now));
        if wide {
            cells.push(side.revision.as_deref().unwrap_or("<several>").into());
        }
        cells.push(verdict(side));
        table.row(cells);
        for more in side.workloads.iter().skip(1) {
            table.row(std::iter::once("".into()).chain(workload(Some(more))));
        }
    }
    table.render(style)
}

fn role(side: &EnvironmentLine) -> Cell {
    if side.serves {
        Cell::painted(format!("● {}", side.role), Paint::Strong)
    } else {
        format!("○ {}", side.role).into()
    }
}

fn workload(workload: Option<&WorkloadLine>) -> [Cell; 3] {
    match workload {
        Some(workload) => [
            workload.name.as_str().into(),
            workload.images.join(",").into(),
            ready(workload),
        ],
        None => ["<none>".into(), "".into(), "0/0".into()],
    }
}

fn ready(workload: &WorkloadLine) -> Cell {
    let wanted = usize::try_from(workload.replicas).unwrap_or(0);
    let paint = match workload.ready {
        _ if wanted == 0 => Paint::Faint,
        ready if ready >= wanted => Paint::Good,
        0 => Paint::Bad,
        _ => Paint::Warning,
    };
    Cell::painted(format!("{}/{wanted}", workload.ready), paint)
}

fn verified(side: &EnvironmentLine, now: Timestamp) -> Cell {
    match &side.verified {
        Some(last) if last.current => format!("{} ago", age(last.at, now)).into(),
        Some(_) => "outdated".into(),
        None => "no".into(),
    }
}

fn verdict(side: &EnvironmentLine) -> Cell {
    let Some(gate) = &side.gate else {
        return "serves now".into();
    };
    let codes = |reasons: &[Reason]| {
        // Of several Services each may have a reason of its own; a code says it once.
        let mut codes: Vec<&str> = Vec::new();
        for code in reasons.iter().map(Reason::code) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes.join(", ")
    };
    if !gate.allowed {
        return Cell::painted(format!("refused: {}", codes(&gate.refusals)), Paint::Bad);
    }
    let course = match gate.course {
        "forward" if gate.has_to_be_named => format!("allowed with --to {}", side.role),
        "forward" => "allowed".to_owned(),
        other => format!("allowed: {other}"),
    };
    if gate.warnings.is_empty() {
        return Cell::painted(course, Paint::Good);
    }
    let warnings = codes(&gate.warnings);
    Cell::painted(format!("{course} (in spite of {warnings})"), Paint::Warning)
}
