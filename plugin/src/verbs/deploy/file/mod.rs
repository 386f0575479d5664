//! `bluegreen.yaml`: the flags of `deploy`, written down.
//!
//! The file is nothing of its own: each of its fields is a flag, of which clap knows type, default and
//! help. What it says is put behind what was typed, and read by the same parser.

mod field;
mod read;
mod schema;
mod told;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::parser::ValueSource;

use crate::cli::Cli;
use crate::failure::Failure;

use field::{Field, fields};
pub(in crate::verbs) use schema::schema;
pub(in crate::verbs) use told::explained;

/// What it is called where nobody names another one.
pub(in crate::verbs) const USUAL: &str = "bluegreen.yaml";
/// The verb whose flags it holds.
const VERB: &str = "deploy";

/// What was typed, and behind it what a file says.
pub(crate) struct Arguments {
    /// For the parser.
    pub(crate) all: Vec<OsString>,
    file: Option<PathBuf>,
    /// The fields that the file has, and what was typed has not.
    used: Vec<Field>,
}

/// Puts the flags of the file behind what was typed, where that is the verb that has one. A flag that
/// was typed outweighs the file's.
///
/// # Errors
/// The file can't be read, or holds what is no flag.
pub(crate) fn arguments(typed: Vec<OsString>) -> Result<Arguments, Failure> {
    let as_typed = |all| Arguments {
        all,
        file: None,
        used: Vec::new(),
    };
    if !typed.iter().any(|one| one == VERB) {
        return Ok(as_typed(typed));
    }
    let parser = Cli::command().ignore_errors(true);
    // Help was asked for, or it is not this verb.
    let Ok(matches) = parser.try_get_matches_from(&typed) else {
        return Ok(as_typed(typed));
    };
    let Some(matches) = matches.subcommand_matches(VERB) else {
        return Ok(as_typed(typed));
    };
    let named = matches.get_one::<PathBuf>("config");
    let file = match named {
        Some(file) => file.clone(),
        // Whatever it is: what can't be read is said.
        None if Path::new(USUAL).symlink_metadata().is_ok() => PathBuf::from(USUAL),
        None => return Ok(as_typed(typed)),
    };
    let was_typed =
        |field: &Field| matches.value_source(&field.id) == Some(ValueSource::CommandLine);
    let given = read::given(&file)?;
    let given: Vec<_> = given
        .into_iter()
        .filter(|(field, _)| !was_typed(field))
        .collect();
    Ok(joined(typed, file, given))
}

/// The arguments of a run that the file alone describes.
///
/// # Errors
/// The file can't be read, or holds what is no flag.
pub(in crate::verbs) fn alone(file: &Path) -> Result<Arguments, Failure> {
    let typed = ["kubectl-bluegreen", VERB].map(OsString::from).to_vec();
    Ok(joined(typed, file.to_owned(), read::given(file)?))
}

fn joined(typed: Vec<OsString>, file: PathBuf, given: Vec<(Field, Vec<OsString>)>) -> Arguments {
    let end = OsStr::new("--");
    let cut = typed.iter().position(|one| one == end);
    let (mut all, program) = match cut {
        Some(cut) => (typed[..cut].to_vec(), typed[cut..].to_vec()),
        None => (typed, Vec::new()),
    };
    let mut last = program;
    let mut used = Vec::with_capacity(given.len());
    for (field, arguments) in given {
        if field.is_last {
            last = std::iter::once(end.to_owned()).chain(arguments).collect();
        } else {
            all.extend(arguments);
        }
        used.push(field);
    }
    all.extend(last);
    Arguments {
        all,
        file: Some(file),
        used,
    }
}

impl Arguments {
    /// Which of the file's fields an error of the parser speaks of, in words.
    pub(crate) fn origin(&self, error: &clap::Error) -> Option<String> {
        told::origin(self.file.as_deref()?, &self.used, error)
    }
}

/// The verb as clap knows it, with what is global.
fn verb() -> Option<clap::Command> {
    let mut cli = Cli::command();
    cli.build();
    cli.find_subcommand(VERB).cloned()
}

/// All fields that the file may have.
fn all_fields() -> Vec<Field> {
    verb().map(|verb| fields(&verb)).unwrap_or_default()
}
