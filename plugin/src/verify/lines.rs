//! The last lines of what a program writes, however much that is.

use std::collections::VecDeque;

/// Lines that are kept.
const LINES: usize = 20;
/// Bytes of a line that are kept.
const LINE_BYTES: usize = 300;

/// The last whole lines.
#[derive(Debug, Default)]
pub(super) struct LastLines {
    lines: VecDeque<String>,
}

/// A line that is being written.
#[derive(Debug, Default)]
pub(super) struct Open(Vec<u8>);

impl LastLines {
    /// Takes in what was written next to one stream.
    pub(super) fn write(&mut self, open: &mut Open, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\n' {
                self.end(open);
            } else if open.0.len() < LINE_BYTES {
                open.0.push(byte);
            }
        }
    }

    /// The stream has ended, be it within a line.
    pub(super) fn close(&mut self, open: &mut Open) {
        if !open.0.is_empty() {
            self.end(open);
        }
    }

    /// One more line, of our own.
    pub(super) fn push(&mut self, line: String) {
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// All that are kept, without what would act on a terminal.
    pub(super) fn take(&mut self) -> Vec<String> {
        self.lines.drain(..).collect()
    }

    fn end(&mut self, open: &mut Open) {
        let line = String::from_utf8_lossy(&std::mem::take(&mut open.0))
            .chars()
            .filter(|c| !c.is_control())
            .collect();
        self.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_two_streams_stay_whole() {
        let mut lines = LastLines::default();
        let (mut one, mut other) = (Open::default(), Open::default());
        lines.write(&mut one, b"hel");
        lines.write(&mut other, b"oops\r\nbad");
        lines.write(&mut one, b"lo\n\n");
        lines.close(&mut one);
        lines.close(&mut other);
        assert_eq!(lines.take(), ["oops", "hello", "", "bad"]);
    }

    #[test]
    fn however_much_is_written_only_the_last_lines_are_kept() {
        let mut lines = LastLines::default();
        let mut open = Open::default();
        for number in 0..1000 {
            lines.write(&mut open, format!("{number}\n").as_bytes());
        }
        lines.write(&mut open, &vec![b'x'; 1_000_000]);
        lines.close(&mut open);
        let kept = lines.take();
        assert_eq!((kept.len(), kept[0].as_str()), (20, "981"));
        assert_eq!(kept[19].len(), 300);
    }

    #[test]
    fn what_would_act_on_a_terminal_is_left_out() {
        let mut lines = LastLines::default();
        let mut open = Open::default();
        lines.write(&mut open, b"\x1b[2Jred \xff\n");
        assert_eq!(lines.take(), ["[2Jred \u{fffd}"]);
    }
}
