//! Variables in manifests, replaced strictly.
//!
//! `$VAR` and `${VAR}` become the variable's value, `${VAR:-default}` the default where the variable
//! is not set or empty, and `$$` a dollar. A dollar that begins nothing of that stays what it is, so
//! that `$(VAR)` remains for the kubelet and `$1` for a shell. Comments are text like all other.

mod variable;

use std::collections::BTreeSet;

use super::place::{Flaw, Place};
use super::values::Values;
use variable::{Found, read};

/// Bytes that a file may become: a few variables must not blow it up.
const LARGEST: usize = 16 * 1024 * 1024;
/// Flaws that are listed at most.
const FLAWS: usize = 20;

/// A text without variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled<'t> {
    /// The text; every line is the one of the file.
    pub text: String,
    /// The variables that it names.
    pub named: BTreeSet<&'t str>,
}

/// The text with every variable replaced.
///
/// # Errors
/// Every variable that is not defined, and what begins like one and is none.
pub fn fill<'t>(source: &str, text: &'t str, values: &Values) -> Result<Filled<'t>, Vec<Flaw>> {
    let mut filled = Filled {
        text: String::with_capacity(text.len()),
        named: BTreeSet::new(),
    };
    let mut flaws = Vec::new();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let mut rest = line;
        while let Some(at) = rest.find('$') {
            let (before, tail) = rest.split_at(at);
            filled.text.push_str(before);
            let (found, taken) = read(tail);
            match value(&found, values) {
                Ok(value) => filled.text.push_str(value),
                Err(message) if flaws.len() < FLAWS => {
                    let column = line.len() - tail.len();
                    let column = line.get(..column).unwrap_or_default().chars().count() + 1;
                    let place = place(source, index, Some(column));
                    flaws.push(Flaw { place, message });
                }
                Err(_) => {}
            }
            filled.named.extend(found.name());
            rest = tail.get(taken..).unwrap_or_default();
        }
        filled.text.push_str(rest);
        if filled.text.len() > LARGEST {
            let message = format!("with its variables replaced it is larger than {LARGEST} bytes");
            let place = place(source, index, None);
            return Err(vec![Flaw { place, message }]);
        }
    }
    if flaws.is_empty() {
        Ok(filled)
    } else {
        Err(flaws)
    }
}

fn value<'v>(found: &Found<'v>, values: &'v Values) -> Result<&'v str, String> {
    match *found {
        Found::Dollar => Ok("$"),
        Found::Broken(what, why) => Err(format!(
            "{what} can't be read, {why}; for the text itself write ${what}"
        )),
        Found::Variable(name, default) => match (values.get(name), default) {
            (None | Some(""), Some(default)) => Ok(default),
            (Some(value), _) => Ok(value),
            (None, None) => Err(format!("undefined variable {name}")),
        },
    }
}

fn place(source: &str, index: usize, column: Option<usize>) -> Place {
    Place {
        source: source.to_owned(),
        line: index + 1,
        column,
        item: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn values() -> Values {
        let mut values = Values::default();
        values.set("TARGET_ROLE", "green");
        values.set("V", "8");
        values.set("EMPTY", "");
        values
    }

    fn filled(text: &str) -> String {
        fill("web.yaml", text, &values()).unwrap().text
    }

    fn flaws(text: &str) -> String {
        let flaws = fill("web.yaml", text, &values()).unwrap_err();
        let lines: Vec<String> = flaws.iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    #[test]
    fn variables_become_their_values() {
        assert_eq!(filled("role: $TARGET_ROLE\n"), "role: green\n");
        assert_eq!(filled("tomcat:${V}-$V.$V"), "tomcat:8-8.8");
        assert_eq!(filled("${EMPTY}|$EMPTY|"), "||");
    }

    #[test]
    fn a_default_stands_for_what_is_not_set_or_empty() {
        let text = "${NONE:-2} ${V:-7} ${EMPTY:-x} ${NONE:-} ${NONE:-a $(B) $1}";
        assert_eq!(filled(text), "2 8 x  a $(B) $1");
    }

    #[test]
    fn other_dollars_are_left_alone() {
        for text in [
            "$(VAR)", "$1 $@ $", "${}", "${1}", "a$\n$", "$-V", "${#a}", "$é",
        ] {
            assert_eq!(filled(text), text);
        }
        assert_eq!(filled("$$V $${V} $$$V $$(V)"), "$V ${V} $8 $(V)");
    }

    #[test]
    fn what_is_not_defined_is_named_with_its_place() {
        assert_eq!(
            flaws("a: $V\n  é: ${TOMCAT} $V $X\n"),
            "web.yaml:2:6: undefined variable TOMCAT\nweb.yaml:2:19: undefined variable X"
        );
        let many = "$X ".repeat(100);
        assert_eq!(flaws(&many).lines().count(), FLAWS);
    }

    #[test]
    fn what_only_begins_like_a_variable_is_not_passed_through() {
        assert_eq!(
            flaws("${V%.*}"),
            "web.yaml:1:1: ${V%.*} can't be read, behind the name only :- and a default may stand; \
             for the text itself write $${V%.*}"
        );
        for text in [
            "${V",
            "${V\n}",
            "${V:-$X}",
            "${V:-${X}}",
            "${V:=x}",
            "${V }",
        ] {
            assert!(flaws(text).contains("can't be read"), "{text}");
        }
    }

    #[test]
    fn what_was_named_is_told() {
        let named = fill("-", "$V ${V} ${Y:-1} $$Z", &values()).unwrap().named;
        assert_eq!(named.into_iter().collect::<Vec<_>>(), ["V", "Y"]);
    }

    #[test]
    fn a_few_variables_do_not_fill_the_memory() {
        let mut values = Values::default();
        values.set("A", "a".repeat(1024 * 1024));
        let line = "$A\n".repeat(100);
        let flaws = fill("-", &line, &values).unwrap_err();
        assert!(flaws[0].message.contains("larger"), "{flaws:?}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in any::<String>(), tail in "[${}A:a \n-]{0,20}") {
            let all = format!("{text}{tail}");
            if let Ok(filled) = fill("-", &all, &values()) {
                assert_eq!(filled.text.lines().count(), all.lines().count());
            }
        }

        #[test]
        fn without_a_dollar_nothing_changes(text in "[^$]*") {
            assert_eq!(filled(&text), text);
        }
    }
}
