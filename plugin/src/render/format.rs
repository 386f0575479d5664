//! `-o`.

use std::str::FromStr;

use super::jsonpath::Template;

/// How the user wants to see data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// For a person.
    #[default]
    Text,
    /// For a person, with more columns.
    Wide,
    /// One `kind/name` a line.
    Name,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// What a kubectl `JSONPath` template picks.
    JsonPath(Template),
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "wide" => Ok(Self::Wide),
            "name" => Ok(Self::Name),
            "json" => Ok(Self::Json),
            "yaml" => Ok(Self::Yaml),
            _ => match text.strip_prefix("jsonpath=") {
                Some(template) => template.parse().map(Self::JsonPath),
                None => Err("allowed are json, yaml, name, wide and jsonpath=TEMPLATE".to_owned()),
            },
        }
    }
}
