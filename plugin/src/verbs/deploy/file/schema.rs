//! The file as a JSON schema, for editors.

use serde_json::{Map, Value, json};

use super::all_fields;
use super::field::{Field, Kind, sections};

/// The schema, of the dialect that editors know best.
pub(in crate::verbs) fn schema() -> Value {
    let fields = all_fields();
    let mut properties = properties(&fields, None);
    for section in sections() {
        let inner = self::properties(&fields, Some(section));
        if !inner.is_empty() {
            properties.insert(section.to_owned(), object(&inner));
        }
    }
    let mut schema = object(&properties);
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("What kubectl bluegreen deploy releases, and how");
    schema
}

fn object(properties: &Map<String, Value>) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn properties(fields: &[Field], section: Option<&str>) -> Map<String, Value> {
    let of_section = fields.iter().filter(|field| field.section == section);
    of_section
        .map(|field| (field.key.clone(), property(field)))
        .collect()
}

fn property(field: &Field) -> Value {
    let value = || json!({"type": ["string", "integer", "boolean"]});
    let mut property = match field.kind {
        _ if field.is_switch() => json!({"type": "boolean"}),
        Kind::Many(between) => {
            let mut forms = vec![value(), json!({"type": "array", "items": value()})];
            if between.is_some() {
                forms.push(json!({"type": "object", "additionalProperties": value()}));
            }
            json!({"oneOf": forms})
        }
        _ if !field.choices.is_empty() => json!({"enum": field.choices}),
        _ => json!({"type": ["string", "integer"]}),
    };
    property["description"] = json!(field.help);
    if let Some(default) = &field.default {
        property["default"] = match default.as_str() {
            "true" => json!(true),
            "false" => json!(false),
            text => json!(text),
        };
    }
    property
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_field_and_no_other() {
        let schema = schema();
        assert_eq!(schema["additionalProperties"], false);
        let verify = &schema["properties"]["verify"];
        assert_eq!(verify["additionalProperties"], false);
        assert_eq!(verify["properties"]["timeout"]["default"], "60s");
        assert_eq!(verify["properties"]["http"]["type"], "boolean");
        assert_eq!(
            schema["properties"]["after"]["properties"]["after"]["enum"],
            json!(["nothing", "retire", "sync"])
        );
        let count: usize = sections()
            .filter_map(|section| schema["properties"][section]["properties"].as_object())
            .map(Map::len)
            .sum();
        let in_sections = all_fields()
            .iter()
            .filter(|field| field.section.is_some())
            .count();
        assert_eq!(count, in_sections);
    }
}
