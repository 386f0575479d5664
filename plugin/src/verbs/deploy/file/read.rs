//! Reads the file: what it says, as arguments.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Map, Value};

use crate::failure::Failure;

use super::all_fields;
use super::field::{Field, Kind, sections};

/// Bytes of a file that are read at most.
const LARGEST: u64 = 1024 * 1024;

/// The fields that the file has, and the arguments that each stands for.
///
/// # Errors
/// It can't be read, or has a field that there is not, or one that holds what it may not.
pub(super) fn given(file: &Path) -> Result<Vec<(Field, Vec<OsString>)>, Failure> {
    let shown = file.display();
    let text =
        text(file).map_err(|error| Failure::usage(format!("can't read {shown}: {error}")))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    parsed(&text, folder).map_err(|why| {
        Failure::usage(format!("{shown}: {why}")).hint("kubectl bluegreen config explain")
    })
}

/// Never more of it, whatever kind of file it is.
fn text(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    let mut most = File::open(file)?.take(LARGEST + 1);
    let size = most.read_to_string(&mut text)?;
    if u64::try_from(size).is_ok_and(|size| size > LARGEST) {
        return Err(io::Error::other(format!(
            "it has more than {LARGEST} bytes"
        )));
    }
    Ok(text)
}

fn parsed(text: &str, folder: &Path) -> Result<Vec<(Field, Vec<OsString>)>, String> {
    let document: Value = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let top = match document {
        Value::Null => Map::new(),
        Value::Object(top) => top,
        _ => return Err("it is no mapping of fields".to_owned()),
    };
    let fields = all_fields();
    let mut given = Vec::new();
    for (key, value) in top {
        if !sections().any(|section| section == key) {
            given.push(one(&fields, None, &key, &value, folder)?);
            continue;
        }
        let inner = match value {
            Value::Null => Map::new(),
            Value::Object(inner) => inner,
            _ => return Err(format!("{key} is no mapping of fields")),
        };
        for (inner, value) in inner {
            given.push(one(&fields, Some(&key), &inner, &value, folder)?);
        }
    }
    Ok(given)
}

fn one(
    fields: &[Field],
    section: Option<&str>,
    key: &str,
    value: &Value,
    folder: &Path,
) -> Result<(Field, Vec<OsString>), String> {
    let of_section = || fields.iter().filter(|field| field.section == section);
    let field = of_section().find(|field| field.key == key);
    let field = field.ok_or_else(|| {
        let known: Vec<&str> = of_section().map(|field| field.key.as_str()).collect();
        let known = known.join(", ");
        if let Some(section) = section {
            return format!("unknown field {section}.{key}; {section} has {known}");
        }
        let sections: Vec<&str> = sections().collect();
        format!(
            "unknown field {key}; there are {known}, and the sections {}",
            sections.join(", ")
        )
    })?;
    let arguments = values(field, value)
        .map_err(|why| format!("{}: {why}", field.path()))?
        .into_iter()
        .map(|value| argument(field, value, folder))
        .collect::<Result<_, _>>()?;
    Ok((field.clone(), arguments))
}

/// The values that a flag would be given; none for a switch that is off.
fn values(field: &Field, value: &Value) -> Result<Vec<String>, String> {
    match (field.kind, value) {
        (Kind::Switch, Value::Bool(on)) => Ok(on.then(String::new).into_iter().collect()),
        (Kind::Switch, _) => Err("must be true or false".to_owned()),
        (Kind::Many(_), Value::Array(all)) => all.iter().map(scalar).collect(),
        (Kind::Many(Some(between)), Value::Object(all)) => all
            .iter()
            .map(|(name, value)| {
                let value = scalar(value).map_err(|why| format!("{name} {why}"))?;
                Ok(format!("{name}{between}{value}"))
            })
            .collect(),
        (_, value) => Ok(vec![scalar(value)?]),
    }
}

fn scalar(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
        // 8.50 would be 8.5.
        Value::Number(_) => Err("has a number with a point: put it into quotes".to_owned()),
        Value::Null => Err("has no value".to_owned()),
        Value::Array(_) | Value::Object(_) => Err("must be a single value".to_owned()),
    }
}

fn argument(field: &Field, value: String, folder: &Path) -> Result<OsString, String> {
    if field.flag.is_none() && !field.is_last && value.starts_with('-') {
        let field = field.path();
        return Err(format!("{field}: a name does not begin with a dash"));
    }
    let value: OsString = if field.is_path && value != "-" {
        let path = folder.join(value);
        if field.is_read() && !path.exists() {
            let (field, path) = (field.path(), path.display());
            return Err(format!("{field}: there is no file {path}"));
        }
        path.into()
    } else {
        value.into()
    };
    Ok(match (&field.flag, field.kind) {
        (Some(flag), Kind::Switch) => flag.into(),
        (Some(flag), _) => {
            let mut whole = OsString::from(format!("{flag}="));
            whole.push(value);
            whole
        }
        (None, _) => value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Result<Vec<String>, String> {
        let given = parsed(text, Path::new("src"))?;
        let all = given.into_iter().flat_map(|(_, arguments)| arguments);
        Ok(all.map(|one| one.into_string().unwrap()).collect())
    }

    #[test]
    fn every_field_becomes_its_flag() {
        let text = "
application: tomcat
stage:
  filename: [main.rs, '-']
  set: {TOMCAT_VERSION: '8.50', COUNT: 3}
  convert: true
  forceConflicts: false
verify:
  timeout: 2m
  header: {Host: shop.example.com}
  expectBody: up
  command: [./smoke.sh, --fast]
confirm:
  approvals: 2
";
        assert_eq!(
            arguments(text).unwrap(),
            [
                "tomcat",
                "--approvals=2",
                "--convert",
                "--filename=src/main.rs",
                "--filename=-",
                "--set=COUNT=3",
                "--set=TOMCAT_VERSION=8.50",
                "./smoke.sh",
                "--fast",
                "--expect-body=up",
                "--header=Host: shop.example.com",
                "--verify-timeout=2m",
            ]
        );
        assert!(arguments("").unwrap().is_empty());
        assert!(arguments("stage:\n").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_by_its_field() {
        let why = |text: &str| arguments(text).unwrap_err();
        assert!(
            why("verify: {tiemout: 2m}").starts_with("unknown field verify.tiemout; verify has ")
        );
        assert!(
            why("aplication: x").starts_with("unknown field aplication; there are application,")
        );
        assert_eq!(
            why("stage: {set: {V: 8.50}}"),
            "stage.set: V has a number with a point: put it into quotes"
        );
        assert_eq!(
            why("stage: {convert: maybe}"),
            "stage.convert: must be true or false"
        );
        assert_eq!(why("reason: [a]"), "reason: must be a single value");
        assert_eq!(why("reason:"), "reason: has no value");
        assert_eq!(
            why("stage: {filename: {a: b}}"),
            "stage.filename: must be a single value"
        );
        assert_eq!(
            why("stage: {filename: none.yml}"),
            "stage.filename: there is no file src/none.yml"
        );
        assert_eq!(
            why("application: --as=admin"),
            "application: a name does not begin with a dash"
        );
        assert_eq!(why("stage: x"), "stage is no mapping of fields");
        assert_eq!(why("[]"), "it is no mapping of fields");
        assert!(!why("stage: {image: a, image: b}").is_empty());
    }
}
