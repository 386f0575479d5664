//! One object of a YAML file, read so strictly that a misspelt field is an error.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An object that is not typed yet.
pub(crate) struct Document {
    pub(crate) path: PathBuf,
    pub(crate) kind: String,
    value: Value,
}

impl Document {
    /// The objects of a file: documents between `---`, and the items of a `List` as kubectl prints it.
    pub(crate) fn read(path: &Path) -> Vec<Self> {
        let mut text = String::new();
        File::open(path)
            .and_then(|mut file| file.read_to_string(&mut text))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let values: Vec<Value> = serde_saphyr::from_multiple(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        values
            .into_iter()
            .filter(|value| !value.is_null())
            .flat_map(|value| match value.get("items") {
                Some(Value::Array(items)) => items.clone(),
                _ => vec![value],
            })
            .map(|value| Self {
                path: path.to_owned(),
                kind: value["kind"].as_str().unwrap_or_default().to_owned(),
                value,
            })
            .collect()
    }

    /// The object in its type.
    pub(crate) fn object<T: DeserializeOwned + Serialize>(self) -> T {
        let object: T = serde_json::from_value(self.value.clone())
            .unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        let known = serde_json::to_value(&object).unwrap();
        if let Some(lost) = lost(&self.value, &known) {
            panic!("{}: a {} has no {lost}", self.path.display(), self.kind);
        }
        object
    }
}

/// The path of the first field that reading did not keep.
fn lost(written: &Value, known: &Value) -> Option<String> {
    match (written, known) {
        (Value::Object(fields), Value::Object(kept)) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .find_map(|(name, value)| match kept.get(name) {
                None => Some(format!(".{name}")),
                Some(other) => lost(value, other).map(|rest| format!(".{name}{rest}")),
            }),
        (Value::Array(items), Value::Array(kept)) => {
            items
                .iter()
                .zip(kept)
                .enumerate()
                .find_map(|(at, (value, other))| {
                    lost(value, other).map(|rest| format!("[{at}]{rest}"))
                })
        }
        _ => None,
    }
}
