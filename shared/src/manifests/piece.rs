//! Documents as objects with a name, in the application's namespace.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::convert;
use super::document::Document;
use super::kind::{Kind, Unfit};
use super::place::Place;

/// What Helm would run before or after, and not install.
const HOOK: &str = "/metadata/annotations/helm.sh~1hook";

/// An object of a kind that may be staged.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Where it stands.
    pub place: Place,
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The whole of it, with its namespace.
    pub object: Value,
}

/// Why an object may not be staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where it stands.
    pub place: Place,
    /// `Service/tomcat-service`.
    pub object: String,
    /// What is the matter with it, as the rest of a sentence that begins with its name.
    pub reason: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} {}", self.place, self.object, self.reason)
    }
}

impl Piece {
    /// `Deployment/tomcat-deployment-green`.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    pub(crate) fn finding(&self, reason: String) -> Finding {
        Finding {
            place: self.place.clone(),
            object: self.reference(),
            reason,
        }
    }
}

/// The documents that may be staged by their kind, name and namespace, and why the others may not.
#[must_use]
pub fn pieces(documents: Vec<Document>, namespace: &str) -> (Vec<Piece>, Vec<Finding>) {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut findings = Vec::new();
    let mut seen: BTreeMap<(Kind, String), Place> = BTreeMap::new();
    for document in documents {
        match piece(document, namespace) {
            Ok(piece) => {
                let key = (piece.kind, piece.name.clone());
                if let Some(first) = seen.get(&key) {
                    findings.push(piece.finding(format!("stands at {first} already")));
                } else {
                    seen.insert(key, piece.place.clone());
                    pieces.push(piece);
                }
            }
            Err(finding) => findings.push(*finding),
        }
    }
    (pieces, findings)
}

fn piece(document: Document, namespace: &str) -> Result<Piece, Box<Finding>> {
    let Document { place, mut object } = document;
    let text = |pointer: &str| {
        let value = object.pointer(pointer).and_then(Value::as_str);
        value.filter(|text| !text.is_empty())
    };
    let name = text("/metadata/name").unwrap_or_default().to_owned();
    let written = text("/kind").unwrap_or("an object without kind");
    let reference = if name.is_empty() {
        written.to_owned()
    } else {
        format!("{written}/{name}")
    };
    let finding = |reason: String| {
        Box::new(Finding {
            place: place.clone(),
            object: reference.clone(),
            reason,
        })
    };
    let kind = Kind::of(text("/apiVersion").unwrap_or_default(), written);
    let kind = kind.map_err(|unfit| {
        finding(match unfit {
            Unfit::Old(current) => convert::advice(&object, current),
            Unfit::OfTheCluster => "is of the whole cluster, and not of one side".to_owned(),
            Unfit::Unknown if text(HOOK).is_some() => {
                "is a hook of a Helm chart: helm template --no-hooks leaves it out".to_owned()
            }
            Unfit::Unknown => {
                "is of no kind that is known to be of one side alone: leave it out, and apply it by itself"
                    .to_owned()
            }
        })
    })?;
    if name.is_empty() {
        return Err(finding("has no metadata.name".to_owned()));
    }
    match text("/metadata/namespace") {
        Some(other) if other != namespace => {
            return Err(finding(format!(
                "is in namespace {other}, and the application in {namespace}"
            )));
        }
        _ => {}
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    Ok(Piece {
        place,
        kind,
        name,
        object,
    })
}
