//! kubectl's `JSONPath` templates, on top of standard queries.
//!
//! The dialect is text with expressions in braces, a path may begin without `$`, a dot in a key is
//! written `\.`, and `{range …}{end}` repeats what stands between.

use std::str::FromStr;

use jsonpath_rust::JsonPath;
use serde_json::Value;

use crate::failure::Failure;

/// A template that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A query in the standard's syntax.
    Query(String),
    Range(String, Vec<Part>),
}

impl Template {
    /// The text with every expression replaced by what it finds.
    pub(crate) fn fill(&self, value: &Value) -> Result<String, Failure> {
        let mut out = String::new();
        fill(&self.parts, value, &mut out)?;
        Ok(out)
    }
}

fn fill(parts: &[Part], value: &Value, out: &mut String) -> Result<(), Failure> {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Query(query) => {
                let found: Vec<String> = find(value, query)?.into_iter().map(plain).collect();
                out.push_str(&found.join(" "));
            }
            Part::Range(query, body) => {
                for item in find(value, query)? {
                    fill(body, item, out)?;
                }
            }
        }
    }
    Ok(())
}

fn find<'v>(value: &'v Value, query: &str) -> Result<Vec<&'v Value>, Failure> {
    value
        .query(query)
        .map_err(|error| Failure::usage(format!("can't follow the path {query}: {error}")))
}

/// Strings as they are, everything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // kubectl takes a bare path as an expression too.
        let braced;
        let text = if text.contains('{') || text.is_empty() {
            text
        } else {
            braced = format!("{{{text}}}");
            &braced
        };
        let mut rest = text;
        let parts = parse(&mut rest, false)?;
        Ok(Self { parts })
    }
}

fn parse(rest: &mut &str, inside: bool) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    loop {
        let Some((text, tail)) = rest.split_once('{') else {
            if inside {
                return Err("{range} without {end}".to_owned());
            }
            if !rest.is_empty() {
                parts.push(Part::Text((*rest).to_owned()));
            }
            return Ok(parts);
        };
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        let end = closing(tail).ok_or_else(|| format!("no }} closes {{{tail}"))?;
        let (expression, after) = tail.split_at(end);
        *rest = after.strip_prefix('}').unwrap_or_default();
        let expression = expression.trim();
        if expression == "end" {
            if inside {
                return Ok(parts);
            }
            return Err("{end} without {range}".to_owned());
        }
        if let Some(path) = expression.strip_prefix("range ") {
            let query = standard(path.trim())?;
            parts.push(Part::Range(query, parse(rest, true)?));
        } else if let Some(literal) = literal(expression) {
            parts.push(Part::Text(literal));
        } else {
            parts.push(Part::Query(standard(expression)?));
        }
    }
}

/// Where the expression ends: the first `}` outside quotes.
fn closing(text: &str) -> Option<usize> {
    unquoted(text).find(|(_, c)| *c == '}').map(|(at, _)| at)
}

/// The characters that stand outside quotes and after no backslash.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut escaped = false;
    text.char_indices().filter(move |(_, c)| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match (quote, *c) {
            (_, '\\') => escaped = true,
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(*c),
            (None, _) => return true,
        }
        false
    })
}

/// `"\n"`: text in quotes, with the escapes of JSON.
fn literal(expression: &str) -> Option<String> {
    let inner = expression
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .or_else(|| {
            expression
                .strip_prefix('\'')
                .and_then(|rest| rest.strip_suffix('\''))
        })?;
    serde_json::from_str(&format!("\"{inner}\"")).ok()
}

/// The path as the standard writes it: from `$`, each key in brackets and quotes.
fn standard(path: &str) -> Result<String, String> {
    let mut out = String::from("$");
    let mut rest = path
        .strip_prefix('$')
        .or_else(|| path.strip_prefix('@'))
        .unwrap_or(path);
    if !rest.is_empty() && !rest.starts_with(['.', '[']) {
        return Err(format!("{path:?} is no path such as .items[0].name"));
    }
    while !rest.is_empty() {
        if rest.starts_with('[') {
            let end = bracket(rest).ok_or_else(|| format!("no ] closes {rest}"))?;
            let (brackets, tail) = rest.split_at(end);
            out.push_str(brackets);
            rest = tail;
            continue;
        }
        let deep = rest.starts_with("..");
        rest = rest.trim_start_matches('.');
        let (key, tail) = key(rest);
        rest = tail;
        if deep {
            out.push_str("..");
        }
        match key.as_str() {
            "" => {}
            "*" => out.push_str("[*]"),
            _ => {
                let quoted = key.replace('\\', "\\\\").replace('\'', "\\'");
                out.extend(["['", &quoted, "']"]);
            }
        }
    }
    jsonpath_rust::parser::parse_json_path(&out)
        .map_err(|error| format!("can't read the path {path:?}: {error}"))?;
    Ok(out)
}

/// A key up to the next dot or bracket; a backslash keeps what follows it.
fn key(text: &str) -> (String, &str) {
    let mut key = String::new();
    let mut letters = text.char_indices();
    while let Some((at, c)) = letters.next() {
        match c {
            '.' | '[' => return (key, text.get(at..).unwrap_or_default()),
            '\\' => key.extend(letters.next().map(|(_, next)| next)),
            _ => key.push(c),
        }
    }
    (key, "")
}

/// The length of the bracketed part at the start, with what is nested or quoted in it.
fn bracket(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    unquoted(text)
        .find(|(_, c)| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => return false,
            }
            depth == 0
        })
        .map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(template: &str) -> String {
        let value = json!({
            "name": "tomcat",
            "replicas": 2,
            "labels": {"app.kubernetes.io/name": "tomcat", "it's": "x"},
            "environments": [
                {"role": "blue", "ready": true, "images": ["a:1"]},
                {"role": "green", "ready": false, "images": ["a:2", "b"]},
            ],
        });
        template.parse::<Template>().unwrap().fill(&value).unwrap()
    }

    #[test]
    fn paths_are_written_as_for_kubectl() {
        assert_eq!(filled("{.name}"), "tomcat");
        assert_eq!(filled(".name"), "tomcat");
        assert_eq!(filled("{$.name}/{.replicas}"), "tomcat/2");
        assert_eq!(filled(r"{.labels.app\.kubernetes\.io/name}"), "tomcat");
        assert_eq!(filled("{.labels['it\\'s']}"), "x");
        assert_eq!(filled("{.environments[*].role}"), "blue green");
        assert_eq!(filled("{.environments[1].images[-1:]}"), "b");
        assert_eq!(filled("{..role}"), "blue green");
        assert_eq!(
            filled("{.environments[?(@.role==\"green\")].images}"),
            "[\"a:2\",\"b\"]"
        );
    }

    #[test]
    fn a_key_that_is_missing_gives_nothing() {
        assert_eq!(filled("<{.nothing.there}>"), "<>");
    }

    #[test]
    fn a_range_repeats_what_stands_inside() {
        assert_eq!(
            filled(r#"{range .environments[*]}{.role}{"\t"}{.ready}{"\n"}{end}"#),
            "blue\ttrue\ngreen\tfalse\n"
        );
    }

    #[test]
    fn a_template_that_can_not_be_read_is_refused_before_anything_is_asked() {
        for wrong in [
            "{.name",
            "{end}",
            "{range .environments[*]}{.role}",
            "{.a[}",
            "{name}",
        ] {
            assert!(wrong.parse::<Template>().is_err(), "{wrong}");
        }
    }
}
