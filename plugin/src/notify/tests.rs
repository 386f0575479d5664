//! Real servers on this machine, good ones and bad ones.

mod events;
mod hooks;
mod mails;
mod options;
mod secrets;
mod server;

use clap::Parser;
use jiff::Timestamp;

use super::{Event, Flags, State};

/// The flags by themselves.
#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    flags: Flags,
}

fn parsed(arguments: &[&str]) -> Result<Flags, clap::Error> {
    let all = ["deploy"].iter().chain(arguments);
    Command::try_parse_from(all).map(|command| command.flags)
}

fn event() -> Event {
    Event {
        application: "tomcat".to_owned(),
        namespace: "shop".to_owned(),
        role: Some("green".to_owned()),
        stage: "switch",
        state: State::Passed,
        message: "tomcat-service: blue → green".to_owned(),
        details: vec!["2 of 2 endpoints are green".to_owned()],
        by: "alice".to_owned(),
        at: Timestamp::from_second(1_700_000_000).unwrap(),
        seconds: Some(12.3),
    }
}
