//! What the file may hold: a field for each flag.

use std::any::TypeId;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command};

/// The sections, and the headings of the help that belong to each.
const SECTIONS: [(&str, &[&str]); 6] = [
    ("stage", &["Stage", "Manifests"]),
    (
        "verify",
        &[
            "Verify",
            "HTTP, asked of every pod",
            "Other checks, side by side",
        ],
    ),
    ("confirm", &["Confirm"]),
    ("production", &["Production"]),
    ("after", &["Afterwards"]),
    ("notify", &["Notifications"]),
];
/// Flags of a single run.
const NOT: [&str; 4] = ["config", "dry_run", "output", "help"];
/// Of the files, the one that is written.
const WRITTEN: &str = "output_junit";
/// Of the flags that every verb has, the one that is part of what is released.
const OF_ALL: &str = "namespace";

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Yes or no.
    Switch,
    /// A value.
    One,
    /// A list of values, or a mapping where each value has a name: `NAME=VALUE`, `NAME: VALUE`.
    Many(Option<&'static str>),
}

/// A flag, as the file has it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) section: Option<&'static str>,
    /// Its name in the section.
    pub(super) key: String,
    /// Its name for clap.
    pub(super) id: String,
    /// `--image`; `None` for what stands alone.
    pub(super) flag: Option<String>,
    pub(super) kind: Kind,
    /// Whether it names a file, which lies beside this one.
    pub(super) is_path: bool,
    /// Whether it stands behind `--`.
    pub(super) is_last: bool,
    /// What it may be, where that is a choice.
    pub(super) choices: Vec<String>,
    pub(super) default: Option<String>,
    pub(super) help: String,
}

impl Field {
    /// `verify.timeout`.
    pub(super) fn path(&self) -> String {
        match self.section {
            Some(section) => format!("{section}.{}", self.key),
            None => self.key.clone(),
        }
    }

    /// Whether it names a file that must be there.
    pub(super) fn is_read(&self) -> bool {
        self.is_path && self.id != WRITTEN
    }

    /// Whether it is yes or no.
    pub(super) fn is_switch(&self) -> bool {
        self.kind == Kind::Switch || self.choices == ["true", "false"]
    }
}

/// The names of the sections.
pub(super) fn sections() -> impl Iterator<Item = &'static str> {
    SECTIONS.into_iter().map(|(section, _)| section)
}

/// A field for each flag of the verb, in the order of its help.
pub(super) fn fields(verb: &Command) -> Vec<Field> {
    verb.get_arguments().filter_map(field).collect()
}

fn field(arg: &Arg) -> Option<Field> {
    let id = arg.get_id().as_str();
    let heading = arg.get_help_heading();
    let of_all = heading == Some("Connection");
    if NOT.contains(&id) || (of_all && id != OF_ALL) {
        return None;
    }
    let section = SECTIONS
        .into_iter()
        .find(|(_, headings)| heading.is_some_and(|heading| headings.contains(&heading)));
    let section = section.map(|(section, _)| section);
    let kind = match arg.get_action() {
        ArgAction::SetTrue => Kind::Switch,
        ArgAction::Append => Kind::Many(separator(arg)),
        _ => Kind::One,
    };
    let long = arg.get_long();
    let defaults = arg.get_default_values().iter();
    let default = defaults
        .map(|value| value.to_string_lossy().into_owned())
        .next();
    Some(Field {
        section,
        key: key(section, long.unwrap_or(id)),
        id: id.to_owned(),
        flag: long.map(|long| format!("--{long}")),
        kind,
        is_path: arg.get_value_parser().type_id() == TypeId::of::<PathBuf>(),
        is_last: arg.is_last_set(),
        choices: arg
            .get_possible_values()
            .iter()
            .map(|value| value.get_name().to_owned())
            .collect(),
        default: default.filter(|_| kind == Kind::One),
        help: arg.get_help().map(ToString::to_string).unwrap_or_default(),
    })
}

/// What stands between name and value of a flag that takes both.
fn separator(arg: &Arg) -> Option<&'static str> {
    let names = arg.get_value_names().unwrap_or_default();
    if names.iter().any(|name| name.contains(": ")) {
        Some(": ")
    } else if names.iter().any(|name| name.contains('=')) {
        Some("=")
    } else {
        None
    }
}

/// `stage-timeout` of section `stage` is `timeout`, `expect-body` is `expectBody`.
fn key(section: Option<&str>, long: &str) -> String {
    if long == "name" {
        return "application".to_owned();
    }
    let own = section.and_then(|section| long.strip_prefix(section)?.strip_prefix('-'));
    let mut upper = false;
    let mut key = String::with_capacity(long.len());
    for c in own.unwrap_or(long).chars() {
        match c {
            '-' | '_' => upper = true,
            c if upper => {
                key.push(c.to_ascii_uppercase());
                upper = false;
            }
            c => key.push(c),
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::all_fields;
    use super::*;

    #[test]
    fn every_flag_is_a_field_of_its_own() {
        let fields = all_fields();
        let paths: BTreeSet<String> = fields.iter().map(Field::path).collect();
        assert_eq!(paths.len(), fields.len());
        for path in [
            "application",
            "namespace",
            "reason",
            "outputJunit",
            "stage.image",
            "stage.filename",
            "stage.timeout",
            "stage.maxSurge",
            "strategy",
            "verify.timeout",
            "verify.expectBody",
            "verify.command",
            "confirm.approvals",
            "production.bake",
            "after.after",
            "after.drain",
        ] {
            assert!(paths.contains(path), "{path} is not in {paths:?}");
        }
    }

    #[test]
    fn a_flag_whose_heading_has_no_section_is_of_the_release_as_a_whole() {
        let without: Vec<String> = all_fields()
            .into_iter()
            .filter(|field| field.section.is_none())
            .map(|field| field.key)
            .collect();
        assert_eq!(
            without,
            [
                "application",
                "service",
                "roleKey",
                "strategy",
                "reason",
                "outputJunit",
                "namespace"
            ]
        );
    }
}
