//! What other people wrote, harmless to a terminal: reasons, names, events and logs can hold escape
//! sequences, which would colour, move or overwrite what stands around them.

use std::borrow::Cow;

/// The text with every character shown that acts instead of being seen, as `\u{1b}`; line breaks and
/// tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    shown(text, |c| acts(c) && c != '\n' && c != '\t')
}

/// The same, for a piece of a line.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    shown(text, acts)
}

fn shown(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Control characters, and those that turn the direction of the text around them.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_seen_and_do_nothing() {
        assert_eq!(
            visible("\u{1b}[2J\u{1b}]0;x\u{7} \u{9b}31m a\rb \u{202e}c\u{7f}"),
            "\\u{1b}[2J\\u{1b}]0;x\\u{7} \\u{9b}31m a\\rb \\u{202e}c\\u{7f}"
        );
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        let text = "● blau → grün, 緑\n\tx";
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn a_piece_of_a_line_stays_one() {
        assert_eq!(one_line("a\nb\tc"), "a\\nb\\tc");
    }
}
