//! What is going on, for the person who waits.

use super::output::Output;
use super::visible::one_line;

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
            let width = self.output.width();
            self.output
                .raw_note(&drawn(self.shown.len(), &lines, width));
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
            self.output.raw_note(&erased(self.shown.len()));
        }
        self.shown.clear();
    }
}

/// The lines in place of so many others.
fn drawn(others: usize, lines: &[String], width: Option<usize>) -> String {
    let lines = lines.iter().map(|line| fitting(line, width) + "\n");
    std::iter::once(erased(others)).chain(lines).collect()
}

/// Back to the first of so many lines, and all below it gone.
fn erased(lines: usize) -> String {
    match lines {
        0 => String::new(),
        lines => format!("\u{1b}[{lines}A\r\u{1b}[J"),
    }
}

/// The line as one of the terminal's: one that wraps would be several to go back.
fn fitting(line: &str, width: Option<usize>) -> String {
    let line = one_line(line);
    match width {
        Some(width) if line.chars().count() > width => line
            .chars()
            .take(width.saturating_sub(1))
            .chain(['…'])
            .collect(),
        _ => line.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn new_lines_take_the_place_of_the_old_ones() {
        assert_eq!(drawn(0, &lines(&["a", "b"]), None), "a\nb\n");
        assert_eq!(drawn(2, &lines(&["c"]), None), "\u{1b}[2A\r\u{1b}[Jc\n");
        assert_eq!(erased(0), "");
    }

    #[test]
    fn no_line_is_longer_than_the_terminal_is_wide() {
        assert_eq!(fitting("● grün", Some(6)), "● grün");
        assert_eq!(fitting("● grüne", Some(6)), "● grü…");
        assert_eq!(fitting("● grüne", None), "● grüne");
    }

    #[test]
    fn a_line_is_one_whatever_somebody_wrote_into_it() {
        let drawn = drawn(0, &lines(&["a\nb\u{1b}[5A"]), Some(80));
        assert_eq!(drawn, "a\\nb\\u{1b}[5A\n");
        assert_eq!(fitting("\u{1b}[5A", Some(5)), "\\u{1…");
    }
}
