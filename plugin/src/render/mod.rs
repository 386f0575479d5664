//! Objects → view model → text. The only place that writes to stdout and stderr.

mod age;
mod format;
mod jsonpath;
mod manifests;
mod output;
mod progress;
mod style;
mod table;
mod visible;

use std::borrow::Cow;

use serde_json::Value;

use crate::failure::Failure;

pub(crate) use age::age;
pub(crate) use format::Format;
pub(crate) use manifests::Manifests;
pub(crate) use output::Output;
pub(crate) use progress::Progress;
pub(crate) use style::{Paint, Style};
pub(crate) use table::{Cell, Table};
pub(crate) use visible::{one_line, visible};

/// What a verb found out, apart from how it is shown.
pub(crate) trait View {
    /// The screen for a person; `wide` adds columns.
    fn text(&self, style: Style, wide: bool) -> String;

    /// The objects, one `kind/name` each, as `-o name` has it.
    fn names(&self) -> Vec<String>;

    /// The data for scripts.
    fn value(&self) -> Value;

    /// The documents of the YAML; files of objects are read with one document for each.
    fn documents(&self) -> Vec<Value> {
        vec![self.value()]
    }
}

/// The view in the format that was asked for, ending in a line break.
pub(crate) fn to_text(view: &dyn View, format: &Format, style: Style) -> Result<String, Failure> {
    Ok(match format {
        Format::Text => screen(view, style, false),
        Format::Wide => screen(view, style, true),
        Format::Name => view.names().into_iter().map(|name| name + "\n").collect(),
        Format::Json => {
            let text = serde_json::to_string_pretty(&view.value())
                .map_err(|error| Failure::could_not(format!("can't write JSON: {error}")))?;
            text + "\n"
        }
        Format::Yaml => {
            let documents: Result<Vec<String>, _> = view
                .documents()
                .iter()
                .map(serde_saphyr::to_string)
                .collect();
            documents
                .map_err(|error| Failure::could_not(format!("can't write YAML: {error}")))?
                .join("---\n")
        }
        Format::JsonPath(template) => template.fill(&view.value())?,
    })
}

/// The screen, with nothing in it that acts on a terminal but its own colours.
fn screen(view: &dyn View, style: Style, wide: bool) -> String {
    let plain = view.text(Style::new(false), wide);
    match visible(&plain) {
        Cow::Borrowed(_) => view.text(style, wide),
        // A stranger's escapes can't be told from ours once both are in the text: no colours then.
        Cow::Owned(shown) => shown,
    }
}

#[cfg(test)]
mod tests;
