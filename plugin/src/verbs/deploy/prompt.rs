//! A question to the person at the terminal.

use std::io::{BufRead, Read};
use std::time::Duration;

use crate::failure::Failure;
use crate::render::Output;

/// Bytes of an answer that are read at most.
const LONGEST: u64 = 256;

/// Asks, and waits for so long; `None` where nobody has answered by then. Everything but yes is no.
pub(super) async fn ask(
    question: &str,
    limit: Option<Duration>,
    output: &Output,
) -> Result<Option<bool>, Failure> {
    output.prompt(format_args!("{question} [y/N] "));
    let mut line = Line {
        output,
        is_open: true,
    };
    // A thread of its own: reading a terminal can't be given up. The process ends without it.
    let reading = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        let read = std::io::stdin().lock().take(LONGEST).read_line(&mut line);
        read.map(|_| is_yes(&line))
    });
    let joined = match limit {
        None => reading.await,
        Some(limit) => {
            let Ok(joined) = tokio::time::timeout(limit, reading).await else {
                return Ok(None);
            };
            joined
        }
    };
    line.is_open = false;
    let answer = joined
        .map_err(|error| error.to_string())
        .and_then(|read| read.map_err(|error| error.to_string()));
    answer
        .map(Some)
        .map_err(|error| Failure::could_not(format!("can't read the answer: {error}")))
}

/// The line of a question: an answer ends it, and so does who waits for none any more.
struct Line<'o> {
    output: &'o Output,
    is_open: bool,
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.output.note("");
        }
    }
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for yes in ["y\n", "Yes\n", " YES "] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", "\n", "n\n", "yep\n", "ja\n", "y y"] {
            assert!(!is_yes(no), "{no}");
        }
    }
}
