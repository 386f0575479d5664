//! The one way to print.

use std::cell::Cell;
use std::fmt::Display;
use std::io::{IsTerminal, Write};

use terminal_size::terminal_size_of;

use crate::failure::Failure;

use super::format::Format;
use super::style::Style;
use super::visible::visible;
use super::{View, to_text};

/// Data goes to stdout, everything else to stderr.
///
/// A reader that goes away is no error of ours: what follows is dropped, and a verb that would
/// print for ever asks [`Self::is_closed`].
#[derive(Debug)]
pub(crate) struct Output {
    style: Style,
    notes: Style,
    live: bool,
    terminal: bool,
    redraws: bool,
    closed: Cell<bool>,
}

impl Output {
    /// Colour and progress where there is a terminal that shows them.
    pub(crate) fn of_this_process() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colour = !dumb && !set("NO_COLOR");
        let terminal = std::io::stdout().is_terminal();
        let on_terminal = std::io::stderr().is_terminal();
        Self {
            style: Style::new(colour && terminal),
            notes: Style::new(colour && on_terminal),
            live: on_terminal && !dumb,
            terminal,
            redraws: terminal && !dumb,
            closed: Cell::new(false),
        }
    }

    /// The view as stdout is to have it: a terminal in colour, and nothing in it that acts on one.
    pub(crate) fn render(&self, view: &dyn View, format: &Format) -> Result<String, Failure> {
        let text = to_text(view, format, self.style)?;
        Ok(match format {
            // A script gets what is there.
            Format::JsonPath(_) if self.terminal => visible(&text).into_owned(),
            _ => text,
        })
    }

    /// Whether lines on stderr can be drawn again.
    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    /// Whether whoever read stdout has gone away.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Writes data as it is.
    pub(crate) fn data(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        if out
            .write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .is_err()
        {
            self.closed.set(true);
        }
    }

    /// Whether stdout is a terminal that can be drawn on again.
    pub(crate) fn redraws(&self) -> bool {
        self.redraws
    }

    /// Writes data over a cleared terminal.
    pub(crate) fn screen(&self, text: &str) {
        self.data(&format!("\u{1b}[H\u{1b}[2J{text}"));
    }

    /// How many characters a line of the terminal behind stderr takes, where that is known.
    pub(super) fn width(&self) -> Option<usize> {
        let (width, _) = terminal_size_of(std::io::stderr()).filter(|_| self.live)?;
        Some(usize::from(width.0)).filter(|width| *width > 0)
    }

    /// Writes one line for the person who watches.
    pub(crate) fn note(&self, line: impl Display) {
        self.marked("", line);
    }

    /// Writes a question, whose answer is typed behind it.
    pub(crate) fn prompt(&self, question: impl Display) {
        self.raw_note(&visible(&question.to_string()));
    }

    /// Writes a step that was done: `✓ flipped    tomcat-service: blue → green (12 ms)`.
    pub(crate) fn step(&self, what: &str, detail: impl Display) {
        let mark = self.notes.good("✓ ");
        self.marked(&mark, format_args!("{what:<10} {detail}"));
    }

    /// Writes a warning.
    pub(crate) fn warning(&self, text: impl Display) {
        let word = self.notes.warning("warning: ");
        self.marked(&word, text);
    }

    /// Writes why it was not done.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.note(failure);
    }

    /// Writes a line behind a word of ours, which may be in colour.
    fn marked(&self, mark: &str, line: impl Display) {
        self.raw_note(&format!("{mark}{}\n", visible(&line.to_string())));
    }

    /// Writes to stderr as it is.
    #[expect(
        clippy::unused_self,
        reason = "who prints must have been handed an output"
    )]
    pub(super) fn raw_note(&self, text: &str) {
        let mut out = std::io::stderr().lock();
        // Nobody is left to be told.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
