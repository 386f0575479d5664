//! One module for each verb.

pub(crate) mod abort;
pub(crate) mod adopt;
pub(crate) mod approve;
pub(crate) mod completion;
pub(crate) mod config;
pub(crate) mod delete;
pub(crate) mod deploy;
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
pub(crate) mod sync;
pub(crate) mod uninstall;
pub(crate) mod verify;
pub(crate) mod version;
pub(crate) mod wait;

use crate::cli::Verb;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::runtime::{block_on, block_on_to_the_end};

/// Runs a verb. Those that need no cluster start no runtime.
pub(crate) fn run(verb: Verb, context: &Context) -> Result<Outcome, Failure> {
    match verb {
        Verb::Abort(args) => block_on(abort::run(&args, context)),
        Verb::Adopt(args) => {
            block_on(adopt::run(&args, context)).map_err(|failure| adopt::told(&args.name, failure))
        }
        Verb::Approve(args) => block_on(approve::run(&args, context)),
        Verb::Completion(args) => completion::run(&args),
        Verb::Config(args) => config::run(&args),
        Verb::Deploy(args) => {
            let handed = deploy::read(&args)?;
            block_on_to_the_end(deploy::run(&args, handed, context))
        }
        Verb::Delete(args) => told(&args.target.name, block_on(delete::run(&args, context))),
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
        Verb::Retire(args) => told(&args.target.name, block_on(retire::run(&args, context))),
        Verb::Rollback(args) => told(
            &args.target.name,
            block_on_to_the_end(rollback::run(&args, context)),
        ),
        Verb::Stage(args) => {
            let handed = stage::read(&args.wishes)?;
            let run = stage::run(&args, handed, context);
            told(&args.target.name, block_on(run))
        }
        Verb::Status(args) => block_on(status::run(&args, context)),
        Verb::Switch(args) => told(
            &args.target.name,
            block_on_to_the_end(switch::run(&args, context)),
        ),
        Verb::Sync(args) => told(&args.target.name, block_on(sync::run(&args, context))),
        Verb::Verify(args) => block_on_to_the_end(verify::run(&args, context)),
        Verb::Uninstall(args) => block_on(uninstall::run(&args, context)),
        Verb::Version(args) => Ok(version::run(&args)),
        Verb::Wait(args) => block_on(wait::run(&args, context)),
    }
}

/// Says where to look, where a verb that changes something was cut off, and does not know itself.
fn told(name: &str, result: Result<Outcome, Failure>) -> Result<Outcome, Failure> {
    result.map_err(|failure| match failure.exit {
        Exit::Interrupted if failure.hint.is_none() => failure.hint(format!(
            "what was sent may have been done: kubectl bluegreen status {name}; what is left of it: kubectl bluegreen abort {name}"
        )),
        _ => failure,
    })
}
