//! `config`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::cli::{Cli, Verb};
use crate::failure::Failure;
use crate::outcome::Outcome;

use super::deploy::{self, file};

/// What bluegreen.yaml may hold, and whether one is right
///
/// The file holds the flags of "kubectl bluegreen deploy", in a section for each stage. A flag that is
/// given on the command line outweighs the file's. Files that it names lie beside it.
///
/// Exit codes: 0 it is right; 2 it is not.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # All fields, or those of a stage
  kubectl bluegreen config explain
  kubectl bluegreen config explain verify

  # Whether a file is right, the files that it names included
  kubectl bluegreen config validate bluegreen.yaml

  # For an editor: \"# yaml-language-server: $schema=bluegreen.schema.json\" as the file's first line
  kubectl bluegreen config schema > bluegreen.schema.json")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the fields, with their defaults
    Explain {
        /// A section, or one field such as verify.timeout; all by default
        field: Option<String>,
    },
    /// Check a file without asking a cluster
    Validate {
        /// The file
        #[arg(default_value = file::USUAL)]
        file: PathBuf,
    },
    /// Print the JSON schema
    Schema,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    match &args.action {
        Action::Explain { field } => file::explained(field.as_deref())
            .map(Outcome::Text)
            .ok_or_else(|| {
                let field = field.as_deref().unwrap_or_default();
                Failure::usage(format!("there is no field {field}"))
                    .hint("kubectl bluegreen config explain")
            }),
        Action::Schema => {
            let text = serde_json::to_string_pretty(&file::schema())
                .map_err(|error| Failure::could_not(format!("can't write JSON: {error}")))?;
            Ok(Outcome::Text(text + "\n"))
        }
        Action::Validate { file } => {
            let arguments = file::alone(file)?;
            let shown = file.display();
            let cli = Cli::try_parse_from(&arguments.all).map_err(|error| {
                let origin = arguments.origin(&error);
                let text = error.to_string();
                // What follows is how the command line would be used.
                let mut lines = text.lines().take_while(|line| !line.is_empty());
                let what = lines.next().unwrap_or_default();
                let what = what.trim_start_matches("error: ");
                Failure::usage(format!("{}: {what}", origin.unwrap_or(shown.to_string())))
                    .details(lines.map(|line| line.trim().to_owned()))
            })?;
            if let Some(Verb::Deploy(args)) = &cli.verb {
                deploy::check_files(args)?;
            }
            Ok(Outcome::Text(format!("{shown} is right\n")))
        }
    }
}
