//! A program of this machine with the shared libraries that it needs, so that it runs in an image with nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::layer::Layer;
use super::run;

/// Adds the libraries that these programs and libraries are linked with, each where the loader looks for it.
///
/// What is in `own`, a folder that is in the image already, is left alone.
pub(super) fn add(layer: &mut Layer, files: &[PathBuf], own: &Path) -> Result<()> {
    let mut needed = BTreeSet::new();
    for file in files {
        let listing = run::output(Command::new("ldd").arg(file), "install libc-bin")?;
        for line in listing.lines() {
            match read(line) {
                Line::Library(path) => {
                    needed.insert(path);
                }
                // A library beside the program finds its own kind once that is loaded.
                Line::Missing(name) if files.iter().any(|file| file.ends_with(&name)) => {}
                Line::Missing(name) => bail!(
                    "{} needs {name}, which is not on this machine",
                    file.display()
                ),
                Line::Other => {}
            }
        }
    }
    for library in needed.iter().filter(|library| !library.starts_with(own)) {
        layer.copy(library.strip_prefix("/").unwrap_or(library), library)?;
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    Library(PathBuf),
    Missing(String),
    Other,
}

/// A line of `ldd`: `libc.so.6 => /lib/libc.so.6 (0x…)`, `/lib64/ld.so (0x…)`, `libjvm.so => not found`, or else.
fn read(line: &str) -> Line {
    let line = line.trim();
    let (name, place) = line.split_once(" => ").unwrap_or(("", line));
    if place == "not found" {
        return Line::Missing(name.to_owned());
    }
    match place.split_once(" (0x") {
        Some((path, _)) if path.starts_with('/') => Line::Library(path.into()),
        _ => Line::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_line_is_understood() {
        let library = |path: &str| Line::Library(path.into());
        let cases = [
            ("\tlinux-vdso.so.1 (0x00007ffd9a5f2000)", Line::Other),
            ("\tstatically linked", Line::Other),
            (
                "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f1)",
                library("/lib/x86_64-linux-gnu/libc.so.6"),
            ),
            (
                "\t/lib64/ld-linux-x86-64.so.2 (0x00007f2)",
                library("/lib64/ld-linux-x86-64.so.2"),
            ),
            (
                "\tlibjvm.so => not found",
                Line::Missing("libjvm.so".into()),
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn a_dynamic_program_brings_its_libc_and_loader() {
        let mut layer = Layer::default();
        add(
            &mut layer,
            &[std::env::current_exe().unwrap()],
            Path::new("/nowhere"),
        )
        .unwrap();
        let blob = layer.blob().unwrap();
        let mut tar = tar::Archive::new(blob.bytes());
        let names: Vec<_> = tar
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert!(
            names.iter().any(|name| name.ends_with("/libc.so.6")),
            "{names:?}"
        );
        assert!(
            names.iter().any(|name| name.contains("/ld-linux")),
            "{names:?}"
        );
    }
}
