//! What a dollar in a manifest begins.

use crate::manifests::values::{begins_name, continues_name};

/// What a dollar begins.
pub(super) enum Found<'t> {
    /// Nothing: it stays.
    Dollar,
    /// A variable, and what stands for it where it has no value.
    Variable(&'t str, Option<&'t str>),
    /// What only looks like one; the whole of it and why it is none.
    Broken(&'t str, &'static str),
}

impl<'t> Found<'t> {
    /// The variable.
    pub(super) fn name(&self) -> Option<&'t str> {
        match self {
            Self::Variable(name, _) => Some(name),
            Self::Dollar | Self::Broken(..) => None,
        }
    }
}

/// Reads what the dollar at the start of the text begins, and how many bytes that takes.
pub(super) fn read(text: &str) -> (Found<'_>, usize) {
    let after = text.get(1..).unwrap_or_default();
    if after.starts_with('$') {
        return (Found::Dollar, 2);
    }
    if after.starts_with(begins_name) {
        let name = name_of(after);
        return (Found::Variable(name, None), 1 + name.len());
    }
    match after.strip_prefix('{') {
        Some(inside) if inside.starts_with(begins_name) => braced(text, inside),
        _ => (Found::Dollar, 1),
    }
}

/// `${VAR}` or `${VAR:-default}`; `inside` is what follows the brace.
fn braced<'t>(text: &'t str, inside: &'t str) -> (Found<'t>, usize) {
    let Some(end) = inside.find('}') else {
        let line = text.trim_end();
        let why = "its closing brace is not on the same line";
        return (Found::Broken(line, why), text.len());
    };
    // The dollar and both braces.
    let taken = end + 3;
    let whole = text.get(..taken).unwrap_or(text);
    let (inside, _) = inside.split_at(end);
    let name = name_of(inside);
    let rest = inside.strip_prefix(name).unwrap_or_default();
    let found = match rest.strip_prefix(":-") {
        Some(default) if begins_variable(default) => {
            Found::Broken(whole, "a default holds no variables")
        }
        Some(default) => Found::Variable(name, Some(default)),
        None if rest.is_empty() => Found::Variable(name, None),
        None => Found::Broken(whole, "behind the name only :- and a default may stand"),
    };
    (found, taken)
}

fn name_of(text: &str) -> &str {
    let end = text.find(|c| !continues_name(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn begins_variable(text: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let after = text.get(at + 1..).unwrap_or_default();
        after.starts_with(['{', '$']) || after.starts_with(begins_name)
    })
}
