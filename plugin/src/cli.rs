//! The command line. The doc comments here and in the verbs are the help.

use clap::{Parser, Subcommand};

use crate::flags::Connection;
use crate::verbs;

/// Blue/green releases on plain Deployments and Services
///
/// Two environments of an application stand side by side; a Service decides which one serves.
/// Every verb looks first and acts only where that is safe, and says why where it is not.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl-bluegreen",
    bin_name = "kubectl bluegreen",
    disable_help_subcommand = true,
    disable_version_flag = true,
    after_help = EXAMPLES
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

const EXAMPLES: &str = "\
Examples:
  # Which side serves, and may the other one?
  kubectl bluegreen status tomcat

  # The next version to the idle side, checked, and then to production
  kubectl bluegreen stage tomcat --image tomcat:8
  kubectl bluegreen verify tomcat
  kubectl bluegreen switch tomcat

  # And back
  kubectl bluegreen rollback tomcat

Use \"kubectl bluegreen VERB --help\" for more about a verb.";

/// One variant and one module of `verbs` each.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Init(verbs::init::Args),
    Adopt(verbs::adopt::Args),
    Mark(verbs::mark::Args),
    Status(verbs::status::Args),
    List(verbs::list::Args),
    Stage(verbs::stage::Args),
    Verify(Box<verbs::verify::Args>),
    Switch(verbs::switch::Args),
    Rollback(verbs::rollback::Args),
    Deploy(Box<verbs::deploy::Args>),
    Config(verbs::config::Args),
    Approve(verbs::approve::Args),
    Abort(verbs::abort::Args),
    Retire(verbs::retire::Args),
    Sync(verbs::sync::Args),
    Delete(verbs::delete::Args),
    Wait(verbs::wait::Args),
    History(verbs::history::Args),
    Install(verbs::install::Args),
    Uninstall(verbs::uninstall::Args),
    Completion(verbs::completion::Args),
    Version(verbs::version::Args),
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;
    use clap::{Command, CommandFactory};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_has_a_summary_and_examples() {
        for verb in Cli::command().get_subcommands() {
            let name = verb.get_name();
            assert!(verb.get_about().is_some(), "{name} has no summary");
            let after = verb.get_after_help().map(ToString::to_string);
            assert!(
                after.is_some_and(|text| text.contains("Examples:")),
                "{name} has no examples"
            );
        }
    }

    #[test]
    fn no_flag_takes_a_time_that_clocks_cannot_count() {
        let verbs: Vec<Command> = Cli::command().get_subcommands().cloned().collect();
        let mut seen = 0;
        for verb in &verbs {
            for flag in times_of(verb) {
                let said = refused(&["kubectl-bluegreen", verb.get_name(), &flag, "100000000h"]);
                assert!(said.contains("longer than ten years"), "{flag}: {said}");
                seen += 1;
            }
        }
        for flag in times_of(&Cli::command()) {
            let said = refused(&["kubectl-bluegreen", "status", &flag, "100000000h"]);
            assert!(said.contains("longer than ten years"), "{flag}: {said}");
            seen += 1;
        }
        assert!(seen > 20, "{seen} flags");
    }

    /// The flags of a command that take a duration.
    fn times_of(command: &Command) -> Vec<String> {
        let is_time = |names: &[clap::builder::Str]| names.iter().any(|name| name == "DURATION");
        command
            .get_arguments()
            .filter(|one| one.get_value_names().is_some_and(is_time))
            .filter_map(|one| one.get_long().map(|long| format!("--{long}")))
            .collect()
    }

    /// What a command line that is wrong is told.
    fn refused(line: &[&str]) -> String {
        let error = Cli::command().try_get_matches_from(line).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::ValueValidation,
            "{line:?}: {error}"
        );
        error.to_string()
    }
}
