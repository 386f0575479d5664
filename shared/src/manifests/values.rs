//! What the variables of manifests stand for.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::place::{Flaw, Place};

/// The variable that says which side is staged; its value is never the user's to choose.
pub const TARGET_ROLE: &str = "TARGET_ROLE";

/// The values of variables by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, String>);

/// `VAR=VALUE`, as it is given by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The variable.
    pub name: String,
    /// What it stands for; may be empty.
    pub value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("no VAR=VALUE")?;
        if !is_name(name) {
            return Err(format!("{name:?} is no name of a variable"));
        }
        if value.contains(['\n', '\r']) {
            // It would move all that follows to other lines than those of the file.
            return Err(format!("the value of {name} has more than one line"));
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }
}

impl Values {
    /// The variables of a file with `VAR=VALUE` on each line.
    ///
    /// Empty lines and those that begin with `#` say nothing, `export` in front of a name is left
    /// out, and so are quotes around the whole value.
    ///
    /// # Errors
    /// The first line that is nothing of that, or sets a variable for the second time.
    pub fn of_env_file(source: &str, text: &str) -> Result<Self, Flaw> {
        let mut values = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let flaw = |message: String| Flaw {
                place: Place {
                    source: source.to_owned(),
                    line: index + 1,
                    column: None,
                    item: String::new(),
                },
                message,
            };
            let assignment = line.strip_prefix("export ").unwrap_or(line).trim_start();
            let Setting { name, value } = assignment.parse().map_err(flaw)?;
            if values.get(&name).is_some() {
                return Err(flaw(format!("{name} is set twice")));
            }
            values.set(name, unquoted(&value).to_owned());
        }
        Ok(values)
    }

    /// Sets a variable, whatever it was before.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Sets [`TARGET_ROLE`] to the side that is to be changed.
    ///
    /// # Errors
    /// It is set to another one: the reason.
    pub fn aim(&mut self, role: &str) -> Result<(), String> {
        match self.get(TARGET_ROLE) {
            Some(other) if other != role => Err(format!(
                "{TARGET_ROLE} is set to {other:?}, and the side that is meant is {role}"
            )),
            _ => {
                self.set(TARGET_ROLE, role);
                Ok(())
            }
        }
    }

    /// What a variable stands for.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names that are set, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Whether a variable may be called so: a letter or underscore, then digits too.
fn is_name(text: &str) -> bool {
    text.starts_with(begins_name) && text.chars().all(continues_name)
}

pub(super) fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

pub(super) fn continues_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_name_and_all_that_follows() {
        let setting: Setting = "TOMCAT_VERSION=8=a b".parse().unwrap();
        assert_eq!(setting.name, "TOMCAT_VERSION");
        assert_eq!(setting.value, "8=a b");
        assert_eq!("_X1=".parse::<Setting>().unwrap().value, "");
        for wrong in ["", "=8", "8", "A", "1A=x", "A-B=x", "A =x", "A=x\ny"] {
            assert!(wrong.parse::<Setting>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_file_has_one_variable_a_line() {
        let text = "# versions\nTOMCAT_VERSION=8\n\n export NAME=\"a b\"\nQUOTE='\nEMPTY=\n";
        let values = Values::of_env_file("prod.env", text).unwrap();
        let all: Vec<&str> = values.names().collect();
        assert_eq!(all, ["EMPTY", "NAME", "QUOTE", "TOMCAT_VERSION"]);
        assert_eq!(values.get("NAME"), Some("a b"));
        assert_eq!(values.get("QUOTE"), Some("'"));
        assert_eq!(values.get("EMPTY"), Some(""));
    }

    #[test]
    fn the_side_that_is_changed_is_not_for_the_user_to_choose() {
        let mut values = Values::default();
        values.aim("green").unwrap();
        assert_eq!(values.get(TARGET_ROLE), Some("green"));
        values.aim("green").unwrap();
        assert!(values.aim("blue").is_err());
    }

    #[test]
    fn a_line_that_sets_nothing_is_named() {
        let said = |text: &str| {
            Values::of_env_file("prod.env", text)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(said("A=1\nB"), "prod.env:2: no VAR=VALUE");
        assert_eq!(said("A=1\nA=2"), "prod.env:2: A is set twice");
    }
}
