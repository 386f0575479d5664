//! The Services, and the rule that found them.

use crate::render::{Style, Table};

use super::super::model::Status;

pub(super) fn text(status: &Status, style: Style) -> String {
    let mut table = Table::new(["SERVICE", "SELECTS", "FOUND BY", "ROLE KEY"]);
    for service in &status.services {
        let (rule, key) = if service.production {
            (status.rule.as_str(), status.role_keys.join(","))
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
