//! The files that are handed in, read before anything is asked.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Bytes of all files together at most.
const LARGEST: u64 = 8 * 1024 * 1024;
/// Files of a folder at most.
const FILES: usize = 500;
/// What a folder's manifests end in, as for kubectl.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];
/// Standard input.
const INPUT: &str = "-";

/// A file, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// As the user named it; `-` for standard input.
    pub(super) name: String,
    pub(super) text: String,
}

/// Reads every file, the manifests of every folder in the order of their names, and standard input.
///
/// # Errors
/// One can't be read, or all of them are too large.
pub(super) fn read(names: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let inputs = names.iter().filter(|name| is_input(name)).count();
    if inputs > 1 {
        return Err(Failure::usage("standard input can be read only once"));
    }
    let mut files = Vec::new();
    for name in names {
        if !is_input(name) && name.is_dir() {
            files.extend(folder(name)?);
        } else {
            files.push(name.clone());
        }
    }
    let mut left = LARGEST;
    files.iter().map(|name| one(name, &mut left)).collect()
}

/// Reads one file of text.
///
/// # Errors
/// It can't be read, or has more bytes than are `left`.
pub(super) fn file(name: &Path) -> Result<Source, Failure> {
    one(name, &mut LARGEST.clone())
}

fn one(name: &Path, left: &mut u64) -> Result<Source, Failure> {
    let shown = name.display().to_string();
    let failed = |error: io::Error| Failure::could_not(format!("can't read {shown}: {error}"));
    let mut bytes = Vec::new();
    let limit = left.saturating_add(1);
    let read = if is_input(name) {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        let file = File::open(name).map_err(failed)?;
        file.take(limit).read_to_end(&mut bytes)
    };
    let length = read.map_err(failed)?;
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    *left = left.checked_sub(length).ok_or_else(|| {
        Failure::could_not(format!(
            "with {shown} the files have more than {LARGEST} bytes"
        ))
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::could_not(format!("{shown} is no text in UTF-8")))?;
    Ok(Source { name: shown, text })
}

fn folder(name: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: io::Error| {
        Failure::could_not(format!("can't read the folder {}: {error}", name.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(name).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if ending.is_some_and(|ending| ENDINGS.contains(&ending)) && path.is_file() {
            files.push(path);
        }
        if files.len() > FILES {
            return Err(Failure::could_not(format!(
                "the folder {} has more than {FILES} manifests",
                name.display()
            )));
        }
    }
    if files.is_empty() {
        return Err(Failure::could_not(format!(
            "the folder {} has no file that ends in .yaml, .yml or .json",
            name.display()
        )));
    }
    files.sort();
    Ok(files)
}

fn is_input(name: &Path) -> bool {
    name.as_os_str() == INPUT
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own, with these files in it.
    fn with(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("bluegreen-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("below.yaml")).unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        folder
    }

    fn refused(names: &[PathBuf]) -> String {
        read(names).unwrap_err().message
    }

    #[test]
    fn the_manifests_of_a_folder_are_read_in_the_order_of_their_names() {
        let files: [(&str, &[u8]); 4] = [
            ("b.yml", b"b"),
            ("a.yaml", b"a"),
            ("c.json", b"c"),
            ("d.txt", b"d"),
        ];
        let folder = with("order", &files);
        let texts = read(std::slice::from_ref(&folder)).unwrap();
        let texts: Vec<String> = texts.into_iter().map(|source| source.text).collect();
        assert_eq!(texts, ["a", "b", "c"]);
        let named = read(&[folder.join("d.txt")]).unwrap();
        assert_eq!(named[0].text, "d");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        let folder = with("wrong", &[("a.bin", &[0xff, 0xfe])]);
        assert!(refused(std::slice::from_ref(&folder)).contains("no file that ends in .yaml"));
        assert!(refused(&[folder.join("a.bin")]).ends_with("a.bin is no text in UTF-8"));
        assert!(refused(&[folder.join("none.yaml")]).starts_with("can't read "));
        assert!(refused(&["-".into(), "-".into()]).contains("only once"));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_never_ends_is_not_read_to_its_end() {
        assert!(refused(&["/dev/zero".into()]).contains("more than 8388608 bytes"));
    }
}
