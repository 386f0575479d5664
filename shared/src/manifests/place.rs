//! Where something stands in what was handed in.

use std::fmt;

/// A place in a file, as compilers name it: `green.yaml:12:7`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it; `-` for standard input.
    pub source: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1; `None` where the whole line is meant.
    pub column: Option<usize>,
    /// Which item of a `List`, from 0: `.items[2]`; empty for what is in none.
    pub item: String,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub place: Place,
    /// One sentence without a full stop.
    pub message: String,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.source, self.line)?;
        if let Some(column) = self.column {
            write!(out, ":{column}")?;
        }
        out.write_str(&self.item)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.message)
    }
}
