//! The manifests that are handed in, and the values of their variables.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bluegreen_shared::manifests::{Document, Flaw, Setting, TARGET_ROLE, Values, documents, fill};
use clap::Args as ClapArgs;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Output;

use super::sources::{self, Source};

/// What `stage` is told of manifests.
#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Manifests")]
#[group(skip)]
pub(in crate::verbs) struct Flags {
    /// The idle side's manifests: a file, a folder (its .yaml, .yml and .json files) or - for standard
    /// input; may be given several times
    #[arg(short, long, value_name = "FILE|DIR|-", conflicts_with = "image")]
    pub(in crate::verbs) filename: Vec<PathBuf>,
    /// What a variable of the manifests stands for; may be given several times
    #[arg(
        long,
        value_name = "VAR=VALUE",
        requires = "filename",
        conflicts_with = "image"
    )]
    set: Vec<Setting>,
    /// A file with VAR=VALUE on each line; --set outweighs it
    #[arg(
        long,
        value_name = "FILE",
        requires = "filename",
        conflicts_with = "image"
    )]
    env_file: Option<PathBuf>,
    /// Replace variables; false takes the manifests as they are
    #[arg(
        long,
        value_name = "true|false",
        default_value_t = true,
        action = clap::ArgAction::Set,
        requires = "filename",
        conflicts_with_all = ["set", "env_file", "image"]
    )]
    substitute: bool,
    /// Bring manifests of API versions that are served no more to those that are
    #[arg(long, requires = "filename", conflicts_with = "image")]
    pub(super) convert: bool,
    /// Take over fields that other field managers own
    #[arg(long, requires = "filename", conflicts_with = "image")]
    pub(super) force_conflicts: bool,
}

/// Files, read, with a value for every variable but the role.
#[derive(Debug)]
pub(in crate::verbs) struct Handed {
    sources: Vec<Source>,
    values: Values,
    substitute: bool,
}

impl Handed {
    /// Reads the files; `None` where there are none.
    ///
    /// # Errors
    /// One can't be read, or a variable has no value.
    pub(super) fn read(flags: &Flags) -> Result<Option<Self>, Failure> {
        if flags.filename.is_empty() {
            return Ok(None);
        }
        let mut values = match &flags.env_file {
            Some(name) => {
                let source = sources::file(name)?;
                Values::of_env_file(&source.name, &source.text)
                    .map_err(|flaw| Failure::usage(flaw.to_string()))?
            }
            None => Values::default(),
        };
        for setting in &flags.set {
            values.set(setting.name.clone(), setting.value.clone());
        }
        let handed = Self {
            sources: sources::read(&flags.filename)?,
            values,
            substitute: flags.substitute,
        };
        // Any role shows what else is not defined, before a cluster is asked for the right one.
        handed.filled(TARGET_ROLE)?;
        Ok(Some(handed))
    }

    /// Names that were given by hand and that no manifest names.
    pub(super) fn unused(&self, flags: &Flags) -> Vec<String> {
        let mut named = BTreeSet::from([TARGET_ROLE]);
        for source in &self.sources {
            if let Ok(filled) = fill(&source.name, &source.text, &self.with(TARGET_ROLE)) {
                named.extend(filled.named);
            }
        }
        let given = flags.set.iter().map(|setting| &setting.name);
        given
            .filter(|name| !named.contains(name.as_str()))
            .cloned()
            .collect()
    }

    /// The objects of all files, for this role.
    ///
    /// # Errors
    /// The role is set to another one, or a file is no YAML.
    pub(super) fn documents(&self, role: &str) -> Result<Vec<Document>, Failure> {
        self.values.clone().aim(role).map_err(|message| {
            Failure::new(Exit::Refused, message)
                .hint(format!("leave {TARGET_ROLE} out: it is set by itself"))
        })?;
        let mut all = Vec::new();
        for (source, text) in self.sources.iter().zip(self.filled(role)?) {
            let found =
                documents(&source.name, &text).map_err(|flaw| Failure::usage(flaw.to_string()))?;
            all.extend(found);
        }
        if all.is_empty() {
            return Err(Failure::usage("there is no object in the manifests"));
        }
        Ok(all)
    }

    /// The texts with their variables replaced.
    fn filled(&self, role: &str) -> Result<Vec<String>, Failure> {
        let values = self.with(role);
        let mut texts = Vec::with_capacity(self.sources.len());
        let mut flaws = Vec::new();
        for source in &self.sources {
            if !self.substitute {
                texts.push(source.text.clone());
                continue;
            }
            match fill(&source.name, &source.text, &values) {
                Ok(filled) => texts.push(filled.text),
                Err(more) => flaws.extend(more),
            }
        }
        if flaws.is_empty() {
            Ok(texts)
        } else {
            Err(flawed(&flaws))
        }
    }

    fn with(&self, role: &str) -> Values {
        let mut values = self.values.clone();
        values.set(TARGET_ROLE, role);
        values
    }
}

/// Says what was not converted by hand.
pub(super) fn tell_conversions(
    conversions: &[bluegreen_shared::manifests::Conversion],
    output: &Output,
) {
    for conversion in conversions {
        let changes = conversion.changes.join("; ");
        output.step(
            "converted",
            format_args!("{} ({}): {changes}", conversion.object, conversion.place),
        );
    }
}

fn flawed(flaws: &[Flaw]) -> Failure {
    let first = flaws.first().map(ToString::to_string);
    let rest = flaws.iter().skip(1).map(ToString::to_string);
    Failure::usage(first.unwrap_or_default())
        .details(rest)
        .hint("give variables their values with --set VAR=VALUE or --env-file FILE; $$ is a dollar")
}
