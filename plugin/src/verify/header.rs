//! Headers that a person names, to be sent or to be expected.

use std::fmt;
use std::str::FromStr;

use http::{HeaderName, HeaderValue};
use regex::bytes::Regex;

/// Headers that the connection itself is steered by.
const OF_THE_CONNECTION: [&str; 5] = [
    "connection",
    "content-length",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// `NAME: VALUE`, to be sent. The value may be a secret, and is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The name as it was written.
    pub(super) name: String,
    /// The value without blanks around it.
    pub(super) value: String,
}

/// `NAME: REGEX`, or a name alone, which an answer must have.
#[derive(Clone, Debug)]
pub(crate) struct HeaderPattern {
    pub(super) name: HeaderName,
    pub(super) value: Option<Pattern>,
}

/// A regular expression, which is looked for anywhere in what it is held against.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Regex);

impl Header {
    /// Whether it has this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl Pattern {
    /// Whether it is found.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        self.0.is_match(bytes)
    }
}

impl FromStr for Header {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text
            .split_once(':')
            .ok_or("write it as 'NAME: VALUE', such as 'X-User: 7'")?;
        let (name, value) = (name.trim(), value.trim());
        if name.parse::<HeaderName>().is_err() {
            return Err(format!("{name:?} is no header's name"));
        }
        if HeaderValue::from_str(value).is_err() {
            return Err(format!(
                "the value of {name} holds characters that no header has"
            ));
        }
        let header = Self {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        if OF_THE_CONNECTION.iter().any(|own| header.is(own)) {
            return Err(format!("{name} belongs to the connection"));
        }
        Ok(header)
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Header")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl FromStr for HeaderPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (text.trim(), None),
        };
        let value = value.filter(|value| !value.is_empty());
        Ok(Self {
            name: name
                .parse()
                .map_err(|_| format!("{name:?} is no header's name"))?,
            value: value.map(str::parse).transpose()?,
        })
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Regex::new(text).map(Self).map_err(|error| {
            // What is wrong stands in the last line, below the place that is pointed at.
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default();
            let why = last.strip_prefix("error: ").unwrap_or(last);
            format!("it is no regular expression: {why}")
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = bluegreen_shared::refusal::quote(self.0.as_str());
        write!(out, "\"{shown}\"")
    }
}

impl fmt::Display for HeaderPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "header {}", self.name)?;
        match &self.value {
            Some(value) => write!(out, " ~ {value}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_value() {
        let header: Header = "Authorization:  Bearer a:b ".parse().unwrap();
        assert!(header.is("authorization"));
        assert_eq!(header.value, "Bearer a:b");
        assert!(!format!("{header:?}").contains("Bearer"), "{header:?}");
        let empty: Header = "X-Empty:".parse().unwrap();
        assert_eq!(empty.value, "");
    }

    #[test]
    fn what_is_no_header_or_steers_the_connection_is_refused() {
        for wrong in ["", "X-User", ": 7", "X User: 7", "X-User: a\nb"] {
            assert!(wrong.parse::<Header>().is_err(), "{wrong:?}");
        }
        let framing = "Transfer-Encoding: chunked".parse::<Header>();
        assert_eq!(
            framing.unwrap_err(),
            "Transfer-Encoding belongs to the connection"
        );
    }

    #[test]
    fn an_expected_header_may_go_without_a_value() {
        let shown = |text: &str| text.parse::<HeaderPattern>().unwrap().to_string();
        assert_eq!(shown("X-Version: ^2$"), "header x-version ~ \"^2$\"");
        assert_eq!(shown("x-version"), "header x-version");
        assert!("a b".parse::<HeaderPattern>().is_err());
    }

    #[test]
    fn a_pattern_that_does_not_compile_says_why() {
        let error = "version (2".parse::<Pattern>().unwrap_err();
        assert_eq!(error, "it is no regular expression: unclosed group");
        let huge = r"\w{100}{100}{100}".parse::<Pattern>().unwrap_err();
        assert!(huge.starts_with("it is no regular expression: "), "{huge}");
    }
}
