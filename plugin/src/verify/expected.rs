//! What an answer must be like.

use std::fmt;

use super::engine::{Answer, GLANCE, WHOLE};
use super::header::{HeaderPattern, Pattern};
use super::statuses::Statuses;

/// All that must hold of one answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    /// The statuses that pass.
    pub(crate) statuses: Statuses,
    /// What its body must match.
    pub(crate) body: Option<Pattern>,
    /// The headers that it must have.
    pub(crate) headers: Vec<HeaderPattern>,
}

impl Expected {
    /// Bytes of a body that are worth waiting for.
    pub(super) fn body_bytes(&self) -> usize {
        if self.body.is_some() { WHOLE } else { GLANCE }
    }

    /// Its status, and what it is not like, in words; `None` where it passes.
    pub(super) fn lack(&self, answer: &Answer) -> Option<String> {
        let status = answer.status;
        if !self.statuses.accept(status) {
            return Some(format!("status {status}"));
        }
        for header in &self.headers {
            let mut values = answer.headers.get_all(&header.name).iter().peekable();
            if values.peek().is_none() {
                let name = &header.name;
                return Some(format!("status {status}, without a header {name}"));
            }
            let wanted = header.value.as_ref();
            let found = |wanted: &Pattern| values.any(|value| wanted.is_in(value.as_bytes()));
            if !wanted.is_none_or(found) {
                return Some(format!("status {status}, without a {header}"));
            }
        }
        let body = self.body.as_ref()?;
        if body.is_in(&answer.body) {
            return None;
        }
        let which = if answer.complete {
            "a body".to_owned()
        } else {
            format!("the first {} KiB of a body", answer.body.len() / 1024)
        };
        Some(format!("status {status}, {which} without {body}"))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for header in &self.headers {
            write!(out, ", {header}")?;
        }
        match &self.body {
            Some(body) => write!(out, ", body ~ {body}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        for version in ["1", "2"] {
            headers.append("x-version", version.parse().unwrap());
        }
        Answer {
            status,
            headers,
            body: body.as_bytes().to_vec(),
            complete: true,
        }
    }

    fn expected(body: Option<&str>, headers: &[&str]) -> Expected {
        Expected {
            statuses: Statuses::default(),
            body: body.map(|body| body.parse().unwrap()),
            headers: headers
                .iter()
                .map(|header| header.parse().unwrap())
                .collect(),
        }
    }

    #[test]
    fn a_body_matches_anywhere() {
        let version = expected(Some(r"version \d"), &[]);
        assert_eq!(version.lack(&answer(200, "it is version 2")), None);
        assert_eq!(
            version.lack(&answer(200, "it is none")).unwrap(),
            r#"status 200, a body without "version \d""#
        );
        let mut cut = answer(200, &"x".repeat(2048));
        cut.complete = false;
        assert_eq!(
            version.lack(&cut).unwrap(),
            r#"status 200, the first 2 KiB of a body without "version \d""#
        );
    }

    #[test]
    fn one_header_of_that_name_is_enough() {
        assert_eq!(
            expected(None, &["X-Version: 2"]).lack(&answer(200, "")),
            None
        );
        assert_eq!(expected(None, &["X-Version"]).lack(&answer(200, "")), None);
        assert_eq!(
            expected(None, &["X-Version: 3"])
                .lack(&answer(200, ""))
                .unwrap(),
            "status 200, without a header x-version ~ \"3\""
        );
        assert_eq!(
            expected(None, &["X-Other"]).lack(&answer(200, "")).unwrap(),
            "status 200, without a header x-other"
        );
    }

    #[test]
    fn a_status_that_fails_is_told_first() {
        let all = expected(Some("x"), &["X-Other"]);
        assert_eq!(all.lack(&answer(500, "")).unwrap(), "status 500");
    }

    #[test]
    fn what_is_expected_beside_a_status_is_part_of_the_question() {
        assert_eq!(expected(None, &[]).to_string(), "");
        assert_eq!(
            expected(Some("ok"), &["X-Version: 2"]).to_string(),
            r#", header x-version ~ "2", body ~ "ok""#
        );
    }
}
