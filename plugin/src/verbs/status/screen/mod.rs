//! View model → text: paragraphs with an empty line between them.

mod header;
mod hint;
mod reasons;
mod services;
mod sides;

use serde_json::{Value, json};

use crate::render::{Style, View};

use super::model::Status;

impl View for Status {
    fn text(&self, style: Style, wide: bool) -> String {
        let paragraphs = [
            header::text(self, style),
            sides::text(self, style, wide),
            reasons::text(self, style),
            if wide {
                services::text(self, style)
            } else {
                String::new()
            },
            self.last_lines(style),
        ];
        let shown: Vec<&str> = paragraphs
            .iter()
            .map(String::as_str)
            .filter(|paragraph| !paragraph.is_empty())
            .collect();
        shown.join("\n")
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
    fn last_lines(&self, style: Style) -> String {
        let notes = self
            .notes
            .iter()
            .map(|note| format!("{} {note}\n", style.warning("note:")));
        let hint = hint::next(self).map(|next| format!("hint: {next}\n"));
        notes.chain(hint).collect()
    }
}
