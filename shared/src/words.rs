//! Words in names and label values.
//!
//! A word is a maximal run of ASCII letters and digits, compared without case:
//! `tomcat-deployment-Green` has the colour word green, `evergreen` and `blue2` have none.

/// The words that name a role.
pub const COLOURS: [&str; 2] = ["blue", "green"];

/// Words that tell a Service for tests from production.
const TEST_WORDS: [&str; 12] = [
    "test", "tests", "testing", "preview", "stage", "staging", "beta", "canary", "next", "idle",
    "inactive", "passive",
];

/// The words of a name or value, in order, as they are written.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The colour that a word is, in lower case.
#[must_use]
pub fn as_colour(word: &str) -> Option<&'static str> {
    COLOURS
        .into_iter()
        .find(|colour| word.eq_ignore_ascii_case(colour))
}

/// Whether any word of the text is a colour.
#[must_use]
pub fn has_colour(text: &str) -> bool {
    words(text).any(|word| as_colour(word).is_some())
}

/// The one colour that a text speaks of; none where it names both or neither.
#[must_use]
pub fn colour(text: &str) -> Option<&'static str> {
    let mut found = words(text).filter_map(as_colour);
    let first = found.next()?;
    found.all(|next| next == first).then_some(first)
}

/// Whether a word of the text says that this is not production (`preview`, `test`, `idle`…).
#[must_use]
pub fn has_test_word(text: &str) -> bool {
    words(text).any(|word| {
        TEST_WORDS
            .iter()
            .any(|test| word.eq_ignore_ascii_case(test))
    })
}

/// The text's words in lower case without its colour words, joined by `-`.
///
/// Two values are the same but for their colour when this is equal: `web-blue` and `web_green`
/// both give `web`; `blue` and `GREEN` both give nothing.
#[must_use]
pub fn without_colour(text: &str) -> String {
    words(text)
        .filter(|word| as_colour(word).is_none())
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("-")
}

/// The text with every colour word replaced by another colour, in the case it was written in.
#[must_use]
pub fn recolour(text: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let (gap, tail) = rest.split_at(start);
        let end = tail
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(tail.len());
        let (word, after) = tail.split_at(end);
        out.push_str(gap);
        match as_colour(word) {
            Some(_) => out.push_str(&in_case_of(word, to)),
            None => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn in_case_of(pattern: &str, word: &str) -> String {
    let mut letters = pattern.chars();
    let first_upper = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    let rest_upper = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    match (first_upper, rest_upper) {
        (true, true) => word.to_ascii_uppercase(),
        (true, false) => {
            let mut word = word.to_ascii_lowercase();
            if let Some(first) = word.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            word
        }
        _ => word.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_a_whole_word() {
        assert_eq!(colour("tomcat-deployment-Green"), Some("green"));
        assert_eq!(colour("evergreen"), None);
        assert_eq!(colour("blue2"), None);
        assert_eq!(colour("api-gateway-blue-green"), None);
        assert_eq!(colour("blue.blue"), Some("blue"));
    }

    #[test]
    fn a_value_without_its_colour_is_what_is_shared() {
        assert_eq!(without_colour("Web_blue"), without_colour("web-GREEN"));
        assert_eq!(without_colour("blue"), "");
    }

    #[test]
    fn recolouring_keeps_everything_else() {
        assert_eq!(recolour("web-blue.v2", "green"), "web-green.v2");
        assert_eq!(recolour("BLUE", "green"), "GREEN");
        assert_eq!(recolour("Blue_x", "green"), "Green_x");
        assert_eq!(recolour("evergreen", "blue"), "evergreen");
    }
}
