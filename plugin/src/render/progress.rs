//! What is going on, for the person who waits.

use super::output::Output;

/// Lines on stderr that are drawn again on a terminal, and printed when they change elsewhere.
pub(crate) struct Progress<'o> {
    output: &'o Output,
    shown: Vec<String>,
}

impl<'o> Progress<'o> {
    /// Nothing is shown yet.
    pub(crate) fn new(output: &'o Output) -> Self {
        Self {
            output,
            shown: Vec::new(),
        }
    }

    /// Shows these lines in place of the last ones.
    pub(crate) fn show(&mut self, lines: Vec<String>) {
        if lines == self.shown {
            return;
        }
        if self.output.is_live() {
            self.output
                .raw_note(&format!("{}{}\n", self.erase(), lines.join("\n")));
        } else {
            for line in lines.iter().filter(|line| !self.shown.contains(line)) {
                self.output.note(line);
            }
        }
        self.shown = lines;
    }

    /// Takes the lines away from a terminal; what was printed elsewhere stays.
    pub(crate) fn clear(&mut self) {
        if self.output.is_live() {
            self.output.raw_note(&self.erase());
        }
        self.shown.clear();
    }

    /// Back to the first of the lines, and all below it gone.
    fn erase(&self) -> String {
        match self.shown.len() {
            0 => String::new(),
            lines => format!("\u{1b}[{lines}A\r\u{1b}[J"),
        }
    }
}
