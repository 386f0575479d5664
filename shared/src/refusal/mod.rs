//! Why not: a stable code, one sentence with the names and numbers in it, and what to do next.

mod code;

use std::fmt;

use serde::Serialize;

pub use code::Code;

/// One reason against a flip.
///
/// The sentence comes from spec and status alone and carries no ages, so that the plugin and the
/// webhook print the same text for the same objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// One sentence, without a full stop, that names objects and numbers.
    pub message: String,
    /// What to do next, best a command.
    pub remedy: String,
    /// Every object that is to blame, with its own reason; the sentence names three at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
}

/// One object behind a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// `Pod/tomcat-deployment-green-db684958-kv8jt`.
    pub object: String,
    /// `container tomcat-container: CrashLoopBackOff, exit code 1, 4 restarts`.
    pub message: String,
}

/// Bytes of a sentence at most.
const SENTENCE_BYTES: usize = 1000;
/// Bytes of other people's words in a sentence at most.
const QUOTE_BYTES: usize = 300;

impl Refusal {
    /// A refusal whose sentence is kept within its bounds.
    #[must_use]
    pub fn new(code: Code, message: &str, remedy: impl Into<String>) -> Self {
        Self {
            code,
            message: sentence(message, SENTENCE_BYTES),
            remedy: remedy.into(),
            causes: Vec::new(),
        }
    }

    /// The same with the objects that are to blame.
    #[must_use]
    pub fn because(mut self, causes: Vec<Cause>) -> Self {
        self.causes = causes;
        self
    }
}

impl Cause {
    /// Blames an object.
    #[must_use]
    pub fn new(object: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            object: object.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.message)
    }
}

/// What a person reads when it is refused, in a terminal and from the API server alike: a line for
/// each reason, and what to do about the first.
#[must_use]
pub fn explain(refusals: &[Refusal]) -> String {
    let mut lines: Vec<String> = refusals.iter().map(Refusal::to_string).collect();
    if let Some(first) = refusals.first() {
        lines.push(format!("hint: {}", first.remedy));
    }
    lines.join("\n")
}

/// Up to three of the items, and how many more there are: `a, b, c and 4 more`.
#[must_use]
pub fn three(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [a] => a.clone(),
        [a, b] => format!("{a} and {b}"),
        [a, b, c] => format!("{a}, {b} and {c}"),
        [a, b, c, rest @ ..] => format!("{a}, {b}, {c} and {} more", rest.len()),
    }
}

/// `1 pod`, `2 pods`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Words that a controller, a kubelet or a registry left in a status, fit to stand in a sentence.
#[must_use]
pub fn quote(words: &str) -> String {
    sentence(words, QUOTE_BYTES)
}

/// One line without a full stop, cut at so many bytes.
fn sentence(text: &str, most: usize) -> String {
    let mut line = String::with_capacity(text.len().min(most + 4));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > most {
            cut(&mut line, most);
            line.push('…');
            return line;
        }
    }
    line.truncate(line.trim_end_matches(['.', ' ']).len());
    line
}

/// Cuts a text at so many bytes, never within a character.
pub(crate) fn cut(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        let end = (0..=bytes)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_reasons_are_given_and_the_first_remedy() {
        let refusals = [
            Refusal::new(Code::NotReady, "1 of 2 pods is ready", "wait"),
            Refusal::new(
                Code::BelowCapacity,
                "1 pod ready, production has 2",
                "scale",
            ),
        ];
        assert_eq!(
            explain(&refusals),
            "NotReady: 1 of 2 pods is ready\nBelowCapacity: 1 pod ready, production has 2\nhint: wait"
        );
        assert_eq!(explain(&[]), "");
    }

    #[test]
    fn other_peoples_words_become_one_line_without_a_full_stop() {
        let words = "0/1 nodes are available:\n\t1 Insufficient cpu. ";
        assert_eq!(quote(words), "0/1 nodes are available: 1 Insufficient cpu");
        assert_eq!(quote("..."), "");
    }

    #[test]
    fn a_long_sentence_is_cut_between_characters() {
        let long = "ü".repeat(SENTENCE_BYTES);
        let cut = Refusal::new(Code::NotReady, &long, "wait").message;
        assert!(cut.ends_with("ü…") && cut.len() <= SENTENCE_BYTES + 3);
    }

    #[test]
    fn three_are_named_and_the_rest_is_counted() {
        let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
        assert_eq!(three(&names), "a, b, c and 2 more");
        assert_eq!(three(&names[..3]), "a, b and c");
        assert_eq!(counted(1, "pod"), "1 pod");
        assert_eq!(counted(0, "pod"), "0 pods");
    }
}
