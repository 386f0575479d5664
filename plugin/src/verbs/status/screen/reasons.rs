//! Why a switch is refused, and what was let pass.

use crate::render::{Paint, Style};

use super::super::model::{Reason, Status};

pub(super) fn text(status: &Status, style: Style) -> String {
    let reasons: Vec<(&Reason, Paint)> = status
        .environments
        .iter()
        .filter_map(|side| side.gate.as_ref())
        .flat_map(|gate| {
            let refused = gate.refusals.iter().map(|reason| (reason, Paint::Bad));
            refused.chain(gate.warnings.iter().map(|reason| (reason, Paint::Warning)))
        })
        .collect();
    let width = reasons
        .iter()
        .map(|(reason, _)| reason.code().len())
        .max()
        .unwrap_or(0);
    let lines = reasons.iter().flat_map(|(reason, paint)| {
        let code = reason.code();
        let gap = " ".repeat(width - code.len());
        let code = style.paint(*paint, code);
        let first = format!("  {code}{gap}  {}\n", reason.refusal.message);
        let indent = " ".repeat(width);
        let events = reason
            .events
            .iter()
            .map(move |event| format!("  {indent}  {event}\n"));
        std::iter::once(first).chain(events)
    });
    lines.collect()
}
