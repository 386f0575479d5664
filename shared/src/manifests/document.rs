//! The objects of a file: YAML or JSON, several documents, lists of objects.

use serde_json::Value;
use serde_saphyr::Spanned;

use super::place::{Flaw, Place};

/// Objects of one file at most.
const MOST: usize = 500;
/// Lists within lists: kubectl prints none.
const DEPTH: usize = 4;

/// An object as it stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Where it begins.
    pub place: Place,
    /// The whole of it.
    pub object: Value,
}

/// The objects of a text, as kubectl reads it: documents between `---`, those without content left
/// out, and the items of every list by themselves.
///
/// Numbers with a leading 0 are octal and `yes`, `no`, `on` and `off` are truth values, as they are
/// for kubectl.
///
/// # Errors
/// What is no YAML, or no object.
pub fn documents(source: &str, text: &str) -> Result<Vec<Document>, Flaw> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
    };
    let read: Vec<Spanned<Value>> = serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error| unreadable(source, &error))?;
    let mut all = Vec::new();
    for Spanned {
        value, referenced, ..
    } in read
    {
        let place = Place {
            source: source.to_owned(),
            line: usize::try_from(referenced.line()).unwrap_or(usize::MAX),
            column: None,
            item: String::new(),
        };
        flatten(value, place, 0, &mut all)?;
    }
    Ok(all)
}

fn flatten(value: Value, place: Place, depth: usize, all: &mut Vec<Document>) -> Result<(), Flaw> {
    let flaw = |place: Place, message: String| Err(Flaw { place, message });
    if !value.is_object() {
        return flaw(place, "it is no object with a kind and a name".to_owned());
    }
    let kind = value["kind"].as_str().unwrap_or_default();
    let is_list = kind.ends_with("List") && value["items"].is_array();
    if !is_list {
        if all.len() == MOST {
            return flaw(place, format!("these are more than {MOST} objects"));
        }
        all.push(Document {
            place,
            object: value,
        });
        return Ok(());
    }
    if depth == DEPTH {
        return flaw(place, "it is a list within lists".to_owned());
    }
    let Value::Object(mut fields) = value else {
        return Ok(());
    };
    if let Some(Value::Array(items)) = fields.remove("items") {
        for (index, item) in items.into_iter().enumerate() {
            let place = Place {
                item: format!("{}.items[{index}]", place.item),
                ..place.clone()
            };
            flatten(item, place, depth + 1, all)?;
        }
    }
    Ok(())
}

fn unreadable(source: &str, error: &serde_saphyr::Error) -> Flaw {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let location = error.location();
    let text = error.without_snippet().to_string();
    let message = text.lines().next().unwrap_or_default();
    Flaw {
        place: Place {
            source: source.to_owned(),
            line: location.map_or(1, |location| number(location.line())),
            column: location.map(|location| number(location.column())),
            item: String::new(),
        },
        message: format!("it is no YAML: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Vec<(String, Value)> {
        let all = documents("all.yaml", text).unwrap();
        all.into_iter()
            .map(|document| (document.place.to_string(), document.object))
            .collect()
    }

    fn places(text: &str) -> Vec<String> {
        read(text).into_iter().map(|(place, _)| place).collect()
    }

    fn flaw(text: &str) -> String {
        documents("all.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn documents_are_named_by_the_line_that_they_begin_on() {
        let text = "# a comment\nkind: A\n---\n# Source: chart/templates/b.yaml\n\nkind: B\nx: 1\n--- \n---\n# nothing\n---\nkind: C\n...\n";
        assert_eq!(places(text), ["all.yaml:2", "all.yaml:6", "all.yaml:12"]);
        assert_eq!(places(""), Vec::<String>::new());
    }

    #[test]
    fn the_items_of_a_list_stand_for_themselves() {
        let text = "kind: List\nitems:\n- kind: A\n- kind: BList\n  items: [{kind: B}]\n";
        let objects = read(text);
        assert_eq!(objects[0].0, "all.yaml:1.items[0]");
        assert_eq!(objects[1].0, "all.yaml:1.items[1].items[0]");
        assert_eq!(objects[1].1, json!({"kind": "B"}));
        assert_eq!(places("kind: PriceList\nspec: {}\n"), ["all.yaml:1"]);
    }

    #[test]
    fn json_is_read_too() {
        assert_eq!(read("{\"kind\": \"A\"}")[0].1, json!({"kind": "A"}));
    }

    #[test]
    fn numbers_and_truth_are_read_as_kubectl_reads_them() {
        let (_, object) = &read("mode: 0644\ntext: \"0644\"\non: yes\nport: 8080\n")[0];
        assert_eq!(object["mode"], 420);
        assert_eq!(object["text"], "0644");
        assert_eq!(object["port"], 8080);
        assert_eq!(object["on"], true);
    }

    #[test]
    fn what_is_no_object_is_named_with_its_place() {
        assert_eq!(
            flaw("kind: A\n---\n- b\n"),
            "all.yaml:3: it is no object with a kind and a name"
        );
        let broken = flaw("kind: A\nb: [1\nc: 2\n");
        assert!(broken.starts_with("all.yaml:"), "{broken}");
        assert!(broken.contains("it is no YAML: "), "{broken}");
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        let many = "---\nkind: A\n".repeat(MOST + 1);
        assert!(flaw(&many).contains("more than 500 objects"));
        let levels = (1..9).map(|level| {
            let before = format!("*a{}, ", level - 1).repeat(10);
            format!("a{level}: &a{level} [{before}]\n")
        });
        let bomb: String = std::iter::once("a0: &a0 [x, x]\n".to_owned())
            .chain(levels)
            .collect();
        assert!(flaw(&bomb).contains("it is no YAML"));
    }
}
