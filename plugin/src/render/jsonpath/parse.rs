//! Template → text and expressions.

use super::Part;
use super::path::{standard, unquoted};

/// The parts up to the end, or, `inside` a range, up to its `{end}`.
pub(super) fn parse(rest: &mut &str, inside: bool) -> Result<Vec<Part>, String> {
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
