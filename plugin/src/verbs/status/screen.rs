//! View model → text.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::render::{Cell, Paint, Style, Table, View, age};

use super::model::{EnvironmentLine, GateLine, Reason, State, Status, WorkloadLine};

impl View for Status {
    fn text(&self, style: Style, wide: bool) -> String {
        let mut out = self.header(style);
        out.push('\n');
        out.push_str(&self.table(style, wide));
        let reasons = self.reason_lines(style);
        if !reasons.is_empty() {
            out.push('\n');
            out.push_str(&reasons);
        }
        if wide {
            out.push('\n');
            out.push_str(&self.service_lines(style));
        }
        for note in &self.notes {
            out.push_str(&format!("\n{} {note}", style.warning("note:")));
        }
        if let Some(hint) = self.hint() {
            out.push_str(&format!("\nhint: {hint}"));
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out
    }

    fn names(&self) -> Vec<String> {
        self.services
            .iter()
            .filter(|service| service.production)
            .map(|service| format!("service/{}", service.name))
            .collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}

impl Status {
    fn header(&self, style: Style) -> String {
        let mut line = format!(
            "{} in {}: {}",
            style.strong(&self.application),
            self.namespace,
            self.production_words(style)
        );
        if let Some(flip) = &self.last_flip {
            line.push_str(&format!(", since {} ({}", age(flip.at, self.now), flip.by));
            if let Some(reason) = &flip.reason {
                line.push_str(&format!(": {reason:?}"));
            }
            line.push(')');
        }
        line.push('\n');
        if let Some(intent) = &self.intent {
            let by = intent
                .by
                .as_ref()
                .map(|by| format!(" by {by}"))
                .unwrap_or_default();
            let to = &intent.to;
            line.push_str(&if intent.interrupted {
                format!(
                    "{} a switch to {to}{by} did not end, {} ago; the next switch or rollback settles it\n",
                    style.warning("interrupted:"),
                    age(intent.until, self.now)
                )
            } else {
                format!(
                    "{} a switch to {to}{by}, for {} at most\n",
                    style.warning("under way:"),
                    age(self.now, intent.until)
                )
            });
        }
        line
    }

    fn production_words(&self, style: Style) -> String {
        let of = |role: &str| {
            let names: Vec<&str> = self
                .services
                .iter()
                .filter(|service| service.production && service.role.as_deref() == Some(role))
                .map(|service| service.name.as_str())
                .collect();
            names.join(", ")
        };
        let roles: Vec<&str> = self
            .environments
            .iter()
            .map(|side| side.role.as_str())
            .collect();
        match (&self.active, self.production) {
            (Some(role), _) => format!("production is {}", style.strong(role)),
            (None, State::Split) => {
                let parts: Vec<String> = roles
                    .iter()
                    .map(|role| format!("{} selects {role}", of(role)))
                    .collect();
                format!("production is split: {}", parts.join(", "))
            }
            (None, State::Overlap) => format!("production is both {}", roles.join(" and ")),
            (None, _) => format!("production selects neither {}", roles.join(" nor ")),
        }
    }

    fn table(&self, style: Style, wide: bool) -> String {
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
        for side in &self.environments {
            let mut first = true;
            for workload in side.workloads.iter().map(Some).chain(
                // A side without a workload has a line too.
                side.workloads.is_empty().then_some(None),
            ) {
                table.row(row(
                    side,
                    workload,
                    std::mem::take(&mut first),
                    self.now,
                    wide,
                ));
            }
        }
        table.render(style)
    }

    fn reason_lines(&self, style: Style) -> String {
        let reasons: Vec<(&Reason, Paint)> = self
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
            .map(|(reason, _)| reason.refusal.code.as_str().len())
            .max()
            .unwrap_or(0);
        let mut out = String::new();
        for (reason, paint) in reasons {
            let code = reason.refusal.code.as_str();
            let gap = " ".repeat(width - code.len());
            out.push_str(&format!(
                "  {}{gap}  {}\n",
                style.paint(paint, code),
                reason.refusal.message
            ));
            for event in &reason.events {
                out.push_str(&format!("  {}  {event}\n", " ".repeat(width)));
            }
        }
        out
    }

    fn service_lines(&self, style: Style) -> String {
        let mut table = Table::new(["SERVICE", "SELECTS", "FOUND BY", "ROLE KEY"]);
        for service in &self.services {
            let (rule, key) = if service.production {
                (self.rule.as_str(), self.role_keys.join(","))
            } else {
                ("bound", String::new())
            };
            table.row([
                service.name.as_str().into(),
                service.role.as_deref().unwrap_or("<neither>").into(),
                rule.into(),
                key.into(),
            ]);
        }
        table.render(style)
    }

    /// The next step, where there is one.
    fn hint(&self) -> Option<String> {
        let name = &self.application;
        if self.active.is_none() {
            let roles: Vec<&str> = self
                .environments
                .iter()
                .map(|side| side.role.as_str())
                .collect();
            return Some(format!(
                "kubectl bluegreen switch {name} --to {}",
                roles.join("|")
            ));
        }
        let idle = self.idle()?;
        let gate = idle.gate.as_ref()?;
        if let Some(first) = gate.refusals.first() {
            return Some(first.refusal.remedy.clone());
        }
        if gate.course == "way back" {
            return self
                .can_roll_back
                .then(|| format!("back to {}: kubectl bluegreen rollback {name}", idle.role));
        }
        let is_verified = idle.verified.as_ref().is_some_and(|last| last.current);
        let verb = if is_verified { "switch" } else { "verify" };
        Some(format!("kubectl bluegreen {verb} {name}"))
    }
}

fn row(
    side: &EnvironmentLine,
    workload: Option<&WorkloadLine>,
    first: bool,
    now: Timestamp,
    wide: bool,
) -> Vec<Cell> {
    let bullet = if side.serves { "●" } else { "○" };
    let (name, images, ready) = match workload {
        Some(workload) => (
            workload.name.clone(),
            workload.images.join(","),
            ready(workload),
        ),
        None => ("<none>".into(), String::new(), "0/0".into()),
    };
    let role = if first {
        Cell::painted(
            format!("{bullet} {}", side.role),
            if side.serves {
                Paint::Strong
            } else {
                Paint::Plain
            },
        )
    } else {
        "".into()
    };
    let mut cells = vec![role, name.into(), images.into(), ready];
    if first {
        cells.push(verified(side, now));
        if wide {
            cells.push(side.revision.as_deref().unwrap_or("<several>").into());
        }
        cells.push(verdict(side.gate.as_ref()));
    }
    cells
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

fn verdict(gate: Option<&GateLine>) -> Cell {
    let Some(gate) = gate else {
        return "serves now".into();
    };
    let codes = |reasons: &[Reason]| {
        let codes: Vec<&str> = reasons
            .iter()
            .map(|reason| reason.refusal.code.as_str())
            .collect();
        codes.join(", ")
    };
    if !gate.allowed {
        return Cell::painted(format!("refused: {}", codes(&gate.refusals)), Paint::Bad);
    }
    let mut text = match gate.course {
        "forward" => "allowed".to_owned(),
        course => format!("allowed: {course}"),
    };
    if !gate.warnings.is_empty() {
        text.push_str(&format!(" (in spite of {})", codes(&gate.warnings)));
    }
    Cell::painted(text, Paint::Good)
}
