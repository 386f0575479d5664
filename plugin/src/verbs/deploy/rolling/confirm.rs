//! Whether somebody agrees to the update, before anything of production is changed.

use crate::exit::Exit;
use crate::failure::Failure;

use super::super::prompt;
use super::Rolling;
use super::check::Start;

impl Rolling<'_> {
    /// Shows what will change, and waits for the answer.
    ///
    /// # Errors
    /// The answer is no, or does not come in time (exit code 9).
    pub(super) async fn confirm(&self, start: &Start) -> Result<((), String), Failure> {
        let flags = &self.pipeline.args.confirm;
        if flags.yes {
            return Ok(((), "by --yes".to_owned()));
        }
        let output = &self.pipeline.context.output;
        let what = start.workload.reference();
        for change in &start.changes {
            output.note(format_args!("  {what}: {change}"));
        }
        output.note("  it serves meanwhile, old pods beside new ones");
        let question = format!("Update {what} in place?");
        self.pipeline.record.tell_of_waiting(&question).await;
        let answer = prompt::ask(&question, flags.timeout.limit(), output).await?;
        let refused = |why: String| {
            Failure::new(Exit::NotConfirmed, format!("{what} was not updated: {why}"))
                .hint("nothing was changed")
        };
        match answer {
            Some(true) => Ok(((), "at the terminal".to_owned())),
            Some(false) => Err(refused("the answer was no".to_owned())),
            None => Err(refused(format!("nobody answered within {}", flags.timeout))),
        }
    }
}
