//! `completion`, for shells and for kubectl.

use std::ffi::OsString;

use clap::{Args as ClapArgs, CommandFactory, ValueEnum};
use clap_complete::Shell as Generator;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::outcome::Outcome;

/// The name under which kubectl calls a plugin to complete its arguments.
const CALLED_BY_KUBECTL: &str = "kubectl_complete-bluegreen";

/// Print a shell's completion script for kubectl-bluegreen
///
/// For completion behind kubectl itself, put a link to this program on the PATH under the name
/// kubectl_complete-bluegreen: kubectl asks it, in every shell that kubectl completes in.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # Complete `kubectl bluegreen ...` wherever kubectl is completed
  ln -s \"$(command -v kubectl-bluegreen)\" ~/.local/bin/kubectl_complete-bluegreen

  # Complete `kubectl-bluegreen ...` in this shell
  source <(kubectl bluegreen completion bash)")]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

/// The shells that kubectl completes in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let generator = match args.shell {
        Shell::Bash => Generator::Bash,
        Shell::Zsh => Generator::Zsh,
        Shell::Fish => Generator::Fish,
        Shell::Powershell => Generator::PowerShell,
    };
    let mut script = Vec::new();
    // The script completes the program, so the two-word name of the help must not get into it.
    let mut command = Cli::command().bin_name("kubectl-bluegreen");
    clap_complete::generate(generator, &mut command, "kubectl-bluegreen", &mut script);
    String::from_utf8(script)
        .map(Outcome::Text)
        .map_err(|error| Failure::could_not(format!("can't write the script: {error}")))
}

/// The candidates, where kubectl calls us for them by our other name.
pub(crate) fn asked_by_kubectl() -> Option<String> {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    let called = std::path::Path::new(words.first()?).file_stem()?.to_owned();
    if called != CALLED_BY_KUBECTL {
        return None;
    }
    if let Some(first) = words.first_mut() {
        *first = "kubectl-bluegreen".into();
    }
    Some(candidates(words))
}

/// One candidate a line, its help behind a tab, and last what the shell is to do with them.
fn candidates(words: Vec<OsString>) -> String {
    /// Cobra's `ShellCompDirectiveNoFileComp`: the words are all there is, no file names.
    const NO_FILES: &str = ":4\n";
    let last = words.len().saturating_sub(1);
    let mut command = Cli::command();
    let found =
        clap_complete::engine::complete(&mut command, words, last, None).unwrap_or_default();
    let mut out = String::new();
    for candidate in found.iter().filter(|candidate| !candidate.is_hide_set()) {
        out.push_str(&candidate.get_value().to_string_lossy());
        if let Some(help) = candidate.get_help() {
            let help = help.to_string();
            out.push('\t');
            out.push_str(help.lines().next().unwrap_or_default());
        }
        out.push('\n');
    }
    out.push_str(NO_FILES);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> String {
        let program = std::iter::once("kubectl-bluegreen");
        candidates(
            program
                .chain(words.iter().copied())
                .map(OsString::from)
                .collect(),
        )
    }

    #[test]
    fn kubectl_is_given_verbs_with_their_summaries() {
        assert_eq!(
            asked(&["vers"]),
            "version\tPrint the version of this plugin\n:4\n"
        );
    }

    #[test]
    fn kubectl_is_given_the_values_of_an_argument() {
        assert_eq!(asked(&["completion", "f"]), "fish\n:4\n");
    }

    #[test]
    fn every_shell_gets_a_script_that_knows_the_verbs() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Powershell] {
            let Ok(Outcome::Text(script)) = run(&Args { shell }) else {
                panic!("no script for {shell:?}");
            };
            assert!(script.contains("version"), "{shell:?}");
        }
    }
}
