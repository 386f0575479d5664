//! What there is to say of the file's fields.

use std::path::Path;

use clap::error::{ContextKind, ContextValue};

use super::all_fields;
use super::field::{Field, Kind};

/// Which of the file's fields an error of the parser speaks of, in words.
pub(super) fn origin(file: &Path, used: &[Field], error: &clap::Error) -> Option<String> {
    let mut named = Vec::new();
    for kind in [ContextKind::InvalidArg, ContextKind::PriorArg] {
        match error.get(kind) {
            Some(ContextValue::String(one)) => named.push(one.clone()),
            Some(ContextValue::Strings(several)) => named.extend(several.iter().cloned()),
            _ => {}
        }
    }
    let is_named = |field: &&Field| {
        let flag = field.flag.as_deref();
        named
            .iter()
            .any(|named| named.split([' ', '=']).next() == flag)
    };
    let fields: Vec<String> = used.iter().filter(is_named).map(Field::path).collect();
    (!fields.is_empty()).then(|| format!("{} of {}", fields.join(" and "), file.display()))
}

/// Every field, or those below one, for a person; `None` where there is no such field.
pub(in crate::verbs) fn explained(below: Option<&str>) -> Option<String> {
    let fields = all_fields();
    let is_meant = |field: &&Field| {
        below.is_none_or(|below| field.section == Some(below) || field.path() == below)
    };
    let (inner, mut all): (Vec<&Field>, Vec<&Field>) = fields
        .iter()
        .filter(is_meant)
        .partition(|field| field.section.is_some());
    all.extend(inner);
    let mut text = Vec::new();
    let mut section = None;
    for field in all {
        if let Some(name) = field.section.filter(|_| field.section != section) {
            section = field.section;
            text.push(format!("{name}:\n"));
        }
        text.push(lines(field, if section.is_some() { "  " } else { "" }));
    }
    (!text.is_empty()).then(|| text.concat())
}

fn lines(field: &Field, indent: &str) -> String {
    let kind = match field.kind {
        _ if field.is_switch() => "true or false".to_owned(),
        Kind::Many(Some(_)) => "list or mapping".to_owned(),
        Kind::Many(None) => "list".to_owned(),
        _ if !field.choices.is_empty() => field.choices.join(" or "),
        _ => "value".to_owned(),
    };
    let default = field
        .default
        .as_ref()
        .map(|default| format!(", {default} by default"));
    let flag = field.flag.as_ref().map(|flag| format!(", {flag}"));
    format!(
        "{indent}{}: {kind}{}{}\n{indent}    {}\n",
        field.key,
        default.unwrap_or_default(),
        flag.unwrap_or_default(),
        field.help.replace('\n', " ")
    )
}
