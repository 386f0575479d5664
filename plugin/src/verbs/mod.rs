//! One file for each verb.

pub(crate) mod completion;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod install;
pub(crate) mod list;
pub(crate) mod mark;
pub(crate) mod retire;
pub(crate) mod rollback;
pub(crate) mod stage;
pub(crate) mod status;
pub(crate) mod switch;
pub(crate) mod uninstall;
pub(crate) mod verify;
pub(crate) mod version;

use crate::cli::Verb;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::runtime::block_on;

/// Runs a verb. Those that need no cluster start no runtime.
pub(crate) fn run(verb: Verb, context: &Context) -> Result<Outcome, Failure> {
    match verb {
        Verb::Completion(args) => completion::run(&args),
        Verb::History(args) => block_on(history::run(&args, context)),
        Verb::List(args) => block_on(list::run(&args, context)),
        Verb::Mark(args) => block_on(mark::run(&args, context)),
        Verb::Init(args) => match init::printed(&args, context)? {
            Some(printed) => Ok(printed),
            None => block_on(init::run(&args, context)),
        },
        Verb::Install(args) => match install::printed(&args)? {
            Some(printed) => Ok(printed),
            None => block_on(install::run(&args, context)),
        },
        Verb::Retire(args) => block_on(retire::run(&args, context)),
        Verb::Rollback(args) => block_on(rollback::run(&args, context)),
        Verb::Stage(args) => {
            let handed = stage::read(&args)?;
            block_on(stage::run(&args, handed, context))
        }
        Verb::Status(args) => block_on(status::run(&args, context)),
        Verb::Switch(args) => block_on(switch::run(&args, context)),
        Verb::Verify(args) => block_on(verify::run(&args, context)),
        Verb::Uninstall(args) => block_on(uninstall::run(&args, context)),
        Verb::Version(args) => Ok(version::run(&args)),
    }
}
