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
    use clap::CommandFactory;

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
}
