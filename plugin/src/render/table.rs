//! Tables in kubectl's layout: upper-case headers, three spaces between columns, no trailing blanks.

use std::borrow::Cow;

use super::style::{Paint, Style};
use super::visible::one_line;

const GUTTER: &str = "   ";

/// Text of a table, and how it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    paint: Paint,
}

impl Cell {
    /// A cell in colour.
    pub(crate) fn painted(text: impl Into<String>, paint: Paint) -> Self {
        let text = text.into();
        let text = match one_line(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(shown) => shown,
        };
        Self { text, paint }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::painted(text, Paint::Plain)
    }
}

/// Rows under headers.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// With its headers.
    pub(crate) fn new<H: Into<Cell>>(headers: impl IntoIterator<Item = H>) -> Self {
        Self {
            rows: vec![headers.into_iter().map(Into::into).collect()],
        }
    }

    /// One more row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The lines, each with its line break.
    pub(crate) fn render(&self, style: Style) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                self.rows
                    .iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| width(&cell.text))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut out = String::new();
        for row in &self.rows {
            let last = row
                .iter()
                .rposition(|cell| !cell.text.is_empty())
                .map_or(0, |last| last + 1);
            for (place, (cell, wanted)) in row.iter().zip(&widths).take(last).enumerate() {
                if place > 0 {
                    out.push_str(GUTTER);
                }
                out.push_str(&style.paint(cell.paint, &cell.text));
                if place + 1 < last {
                    out.extend(std::iter::repeat_n(' ', wanted - width(&cell.text)));
                }
            }
            out.push('\n');
        }
        out
    }
}

/// Columns on the screen; names and images are ASCII, and so is all that we add but for `●` and `○`.
fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_lines_end_with_text() {
        let mut table = Table::new(["NAME", "READY", "NOTE"]);
        table.row(["tomcat".into(), "2/2".into(), "".into()]);
        table.row(["a".into(), Cell::painted("10/10", Paint::Good), "x".into()]);
        assert_eq!(
            table.render(Style::new(false)),
            "NAME     READY   NOTE\n\
             tomcat   2/2\n\
             a        10/10   x\n"
        );
    }

    #[test]
    fn a_cell_is_one_line_whatever_somebody_wrote_into_it() {
        let mut table = Table::new(["A", "B"]);
        table.row(["x\n\u{1b}[2J".into(), "y".into()]);
        assert_eq!(
            table.render(Style::new(true)),
            "A              B\nx\\n\\u{1b}[2J   y\n"
        );
    }

    #[test]
    fn colour_takes_no_room() {
        let mut table = Table::new(["A", "B"]);
        table.row([Cell::painted("x", Paint::Bad), "y".into()]);
        assert_eq!(
            table.render(Style::new(true)),
            "A   B\n\u{1b}[31mx\u{1b}[0m   y\n"
        );
    }
}
