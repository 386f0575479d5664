//! `version`.

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::outcome::Outcome;
use crate::render::{Format, Style, View};

/// Print the version of this plugin
///
/// No cluster is asked.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen version
  kubectl bluegreen version -o json")]
pub(crate) struct Args {
    /// How to print it: json, yaml or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    Outcome::view(
        Version {
            version: env!("CARGO_PKG_VERSION"),
        },
        args.output.as_ref().unwrap_or(&Format::Text),
    )
}

struct Version {
    version: &'static str,
}

impl View for Version {
    fn text(&self, _style: Style, _wide: bool) -> String {
        format!("kubectl-bluegreen {}\n", self.version)
    }

    fn names(&self) -> Vec<String> {
        vec![self.version.to_owned()]
    }

    fn value(&self) -> Value {
        json!({
            "clientVersion": {
                "version": self.version,
                "platform": format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
            }
        })
    }
}
