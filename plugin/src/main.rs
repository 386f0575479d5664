//! `kubectl bluegreen`: blue/green releases on plain Deployments and Services.

mod cli;
mod cluster;
mod context;
mod diagnosis;
mod exit;
mod failure;
mod flags;
mod installation;
mod look;
mod notify;
mod outcome;
mod release;
mod render;
mod runtime;
mod verbs;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::cli::Cli;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::render::{Format, Output};

fn main() -> ExitCode {
    let output = Output::of_this_process();
    if let Some(answer) = verbs::completion::asked_by_kubectl() {
        output.data(&answer);
        return Exit::Done.into();
    }
    let arguments = match verbs::deploy::arguments(std::env::args_os().collect()) {
        Ok(arguments) => arguments,
        Err(failure) => {
            output.failure(&failure);
            return failure.exit.into();
        }
    };
    let cli = match Cli::try_parse_from(&arguments.all) {
        Ok(cli) => cli,
        Err(error) => {
            let exit = usage(&error);
            if let Some(origin) = arguments.origin(&error) {
                output.note(format_args!("hint: it is {origin}"));
            }
            return exit;
        }
    };
    let Some(verb) = cli.verb else {
        output.data(&Cli::command().render_help().to_string());
        return Exit::Done.into();
    };
    let context = Context::new(cli.connection, output);
    let result = verbs::run(verb, &context).and_then(|outcome| show(outcome, &context));
    match result {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            let exit = failure.exit;
            let failure = failure.with_commands(|line| context.connection.repeat_in(line));
            context.output.failure(&failure);
            exit.into()
        }
    }
}

fn show(outcome: Outcome, context: &Context) -> Result<(), Failure> {
    match outcome {
        Outcome::Done => Ok(()),
        Outcome::Text(text) => {
            context.output.data(&text);
            Ok(())
        }
        Outcome::View(view, format) => {
            let mut text = context.output.render(view.as_ref(), &format)?;
            if matches!(format, Format::Text | Format::Wide) {
                text = context.connection.repeat_in(&text);
            }
            context.output.data(&text);
            Ok(())
        }
    }
}

/// Help and version are no failures; whatever else clap finds wrong is the user's to mend.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is the only way for this to fail, and nobody is left to be told.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Usage.into()
    } else {
        Exit::Done.into()
    }
}
