//! Progress that a person can follow: which part, of how many, for how long so far.

use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

const ON_A_TERMINAL: Duration = Duration::from_millis(250);
const IN_A_LOG: Duration = Duration::from_secs(20);

/// The progress of a piece of work that has several parts.
#[derive(Debug)]
pub struct Progress {
    title: String,
    parts: usize,
    done: usize,
    started: Instant,
}

impl Progress {
    /// Begins work of that many parts.
    #[must_use]
    pub fn new(title: &str, parts: usize) -> Self {
        Self {
            title: title.to_owned(),
            parts,
            done: 0,
            started: Instant::now(),
        }
    }

    /// Does the next part, and shows that it lasts, then how long it took.
    pub fn part<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> T {
        self.done += 1;
        let label = format!("{} ({} of {}): {name}", self.title, self.done, self.parts);
        let live = stderr().is_terminal();
        if !live {
            say(&label);
        }
        let part = Instant::now();
        let (finished, tick) = channel::<()>();
        let (label, started) = (label.as_str(), self.started);
        let result = thread::scope(|scope| {
            scope.spawn(move || {
                let pause = if live { ON_A_TERMINAL } else { IN_A_LOG };
                while tick.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                    let text = format!(
                        "{label} … {}, {} in all",
                        clock(part.elapsed()),
                        clock(started.elapsed())
                    );
                    if live {
                        rewrite(&text);
                    } else {
                        say(&text);
                    }
                }
            });
            let result = work();
            drop(finished);
            result
        });
        if live {
            rewrite("");
        }
        say(&format!("{label} done in {}", clock(part.elapsed())));
        result
    }
}

/// Says one line to the person who waits. Data has standard output to itself.
pub fn say(line: &str) {
    // Nobody is left to be told when this fails.
    let _ = writeln!(stderr(), "{line}");
}

fn rewrite(line: &str) {
    let mut screen = stderr().lock();
    let _ = write!(screen, "\r\x1b[2K{line}").and_then(|()| screen.flush());
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{}:{:02} min", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_reads_well() {
        assert_eq!(clock(Duration::from_millis(1540)), "1.5 s");
        assert_eq!(clock(Duration::from_secs(216)), "3:36 min");
    }

    #[test]
    fn a_part_gives_what_its_work_gives() {
        let mut progress = Progress::new("testing", 2);
        assert_eq!(progress.part("first", || 1), 1);
        assert_eq!(progress.part("second", || "two"), "two");
    }
}
