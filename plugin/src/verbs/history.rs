//! `history`.

use std::cmp::Reverse;

use bluegreen_shared::discover;
use bluegreen_shared::history::{self, Entry};
use clap::Args as ClapArgs;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cluster::Freshness;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::Target;
use crate::outcome::Outcome;
use crate::render::{Format, Style, Table, View, age};

/// Show who flipped production to what, when and why
///
/// The newest flip comes first. The record is an annotation of the production Service itself; of
/// several, each has its own.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen history tomcat
  kubectl bluegreen history tomcat -o jsonpath='{.flips[0].by}'")]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let objects = cluster
        .read_objects(cluster.namespace(), Freshness::Live)
        .await?;
    let application = discover::find(&objects, &args.target.name, &args.target.hints())?;
    let mut flips: Vec<Flip> = application
        .production
        .iter()
        .flat_map(|production| {
            history::of(production.service)
                .into_iter()
                .map(|entry| Flip {
                    service: production.name().to_owned(),
                    entry,
                })
        })
        .collect();
    flips.sort_by_key(|flip| Reverse(flip.entry.at));
    if flips.is_empty() && matches!(args.output, None | Some(Format::Wide)) {
        context.output.note(format_args!(
            "No flip of {} is recorded in {} namespace.",
            application.name,
            cluster.namespace()
        ));
        return Ok(Outcome::Done);
    }
    let view = History {
        application: application.name.clone(),
        namespace: cluster.namespace().to_owned(),
        flips,
        now: Context::now(),
    };
    Ok(Outcome::view(
        view,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

struct Flip {
    service: String,
    entry: Entry,
}

struct History {
    application: String,
    namespace: String,
    flips: Vec<Flip>,
    now: Timestamp,
}

impl View for History {
    fn text(&self, style: Style, wide: bool) -> String {
        let mut headers = vec!["AGE", "SERVICE", "FROM", "TO", "READY", "BY", "REASON"];
        if wide {
            headers.extend(["IMAGES", "REVISION"]);
        }
        let mut table = Table::new(headers);
        for Flip { service, entry } in &self.flips {
            let mut reason = entry.reason.clone().unwrap_or_default();
            if entry.overridden {
                reason.push_str(if reason.is_empty() {
                    "(override)"
                } else {
                    " (override)"
                });
            }
            let mut row = vec![
                age(entry.at, self.now).into(),
                service.as_str().into(),
                entry.from.as_deref().unwrap_or("<none>").into(),
                entry.to.as_str().into(),
                entry.ready.to.to_string().into(),
                entry.by.as_str().into(),
                reason.into(),
            ];
            if wide {
                row.push(entry.images.join(",").into());
                row.push(entry.revision.to.as_deref().unwrap_or("<unknown>").into());
            }
            table.row(row);
        }
        table.render(style)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .flips
            .iter()
            .map(|flip| format!("service/{}", flip.service))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    fn value(&self) -> Value {
        let flips: Vec<Value> = self
            .flips
            .iter()
            .map(|flip| {
                let mut value = json!(flip.entry);
                if let Some(fields) = value.as_object_mut() {
                    fields.insert("service".to_owned(), json!(flip.service));
                }
                value
            })
            .collect();
        json!({"application": self.application, "namespace": self.namespace, "flips": flips})
    }
}

#[cfg(test)]
mod tests {
    use bluegreen_shared::history::{Ready, Revisions};

    use super::*;

    fn view() -> History {
        let entry = |at: &str, from: Option<&str>, to: &str| Entry {
            at: at.parse().unwrap(),
            from: from.map(str::to_owned),
            to: to.to_owned(),
            revision: Revisions {
                from: None,
                to: Some("6b4f".to_owned()),
            },
            ready: Ready { from: 2, to: 2 },
            images: vec!["tomcat:8".to_owned()],
            by: "ci@shop".to_owned(),
            reason: from.map(|_| "release 8".to_owned()),
            overridden: from.is_some(),
        };
        History {
            application: "tomcat".to_owned(),
            namespace: "shop".to_owned(),
            flips: vec![
                Flip {
                    service: "tomcat-service".to_owned(),
                    entry: entry("2026-11-24T08:00:00Z", Some("blue"), "green"),
                },
                Flip {
                    service: "tomcat-service".to_owned(),
                    entry: entry("2026-11-20T08:00:00Z", None, "blue"),
                },
            ],
            now: "2026-11-24T08:03:05Z".parse().unwrap(),
        }
    }

    #[test]
    fn the_screen_has_a_line_for_each_flip() {
        assert_eq!(
            view().text(Style::new(false), false),
            "\
AGE    SERVICE          FROM     TO      READY   BY        REASON
3m5s   tomcat-service   blue     green   2       ci@shop   release 8 (override)
4d     tomcat-service   <none>   blue    2       ci@shop
"
        );
    }

    #[test]
    fn the_data_names_the_service_of_each_flip() {
        let value = view().value();
        assert_eq!(value["flips"][0]["service"], "tomcat-service");
        assert_eq!(value["flips"][0]["override"], true);
        assert_eq!(view().names(), ["service/tomcat-service"]);
    }
}
