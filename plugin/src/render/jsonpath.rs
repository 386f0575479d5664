//! kubectl's `JSONPath` templates, on top of standard queries.
//!
//! The dialect is text with expressions in braces, a path may begin without `$`, a dot in a key is
//! written `\.`, and `{range …}{end}` repeats what stands between.

mod parse;
mod path;

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
        let parts = parse::parse(&mut rest, false)?;
        Ok(Self { parts })
    }
}

#[cfg(test)]
mod tests;
