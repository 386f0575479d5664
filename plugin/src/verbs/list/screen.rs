//! View model → text.

use serde_json::{Value, json};

use crate::render::{Style, Table, View, age};

use super::model::{List, Side};

impl View for List {
    fn text(&self, style: Style, wide: bool) -> String {
        let mut headers = vec![
            "NAME", "ACTIVE", "READY", "IMAGE", "IDLE", "READY", "IMAGE", "SINCE",
        ];
        if self.with_namespace {
            headers.insert(0, "NAMESPACE");
        }
        if wide {
            headers.extend(["SERVICES", "FOUND BY"]);
        }
        let mut table = Table::new(headers);
        for line in &self.applications {
            let mut row = Vec::new();
            if self.with_namespace {
                row.push(line.namespace.as_str().into());
            }
            row.push(line.application.as_str().into());
            // Where neither side is active alone, both are shown in the order of their names.
            let mut sides: Vec<&Side> = line.environments.iter().collect();
            sides.sort_by_key(|side| line.active.as_ref() != Some(&side.role));
            let undecided = if line.split { "<split>" } else { "<neither>" };
            for (place, side) in sides.into_iter().enumerate() {
                let role = match (&line.active, place) {
                    (None, 0) => format!("{undecided} {}", side.role),
                    (Some(_), 1) if line.overlaps => format!("<overlap> {}", side.role),
                    _ => side.role.clone(),
                };
                row.push(role.into());
                row.push(format!("{}/{}", side.ready, side.replicas).into());
                row.push(side.images.join(",").into());
            }
            let since = line.since.map(|since| age(since, self.now));
            row.push(since.as_deref().unwrap_or("<unknown>").into());
            if wide {
                row.push(line.services.join(",").into());
                row.push(line.rule.as_str().into());
            }
            table.row(row);
        }
        table.render(style)
    }

    fn names(&self) -> Vec<String> {
        self.applications
            .iter()
            .flat_map(|line| &line.services)
            .map(|service| format!("service/{service}"))
            .collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::Line;
    use super::*;

    #[test]
    fn the_screen_has_the_active_side_first() {
        let side = |role: &str, image: &str| Side {
            role: role.to_owned(),
            images: vec![image.to_owned()],
            ready: 2,
            replicas: 2,
        };
        let list = List {
            applications: vec![
                Line {
                    namespace: "shop".to_owned(),
                    application: "tomcat".to_owned(),
                    active: Some("green".to_owned()),
                    split: false,
                    overlaps: true,
                    services: vec!["tomcat-service".to_owned()],
                    environments: vec![side("blue", "tomcat:7"), side("green", "tomcat:8")],
                    rule: "colour pair".to_owned(),
                    since: Some("2026-11-24T08:00:00Z".parse().unwrap()),
                },
                Line {
                    namespace: "shop".to_owned(),
                    application: "web".to_owned(),
                    active: None,
                    split: true,
                    overlaps: false,
                    services: vec!["web".to_owned(), "web-internal".to_owned()],
                    environments: vec![side("blue", "web:1"), side("green", "web:2")],
                    rule: "mark".to_owned(),
                    since: None,
                },
            ],
            undecided: Vec::new(),
            with_namespace: false,
            now: "2026-11-24T08:01:00Z".parse().unwrap(),
        };
        assert_eq!(
            list.text(Style::new(false), true),
            "\
NAME     ACTIVE         READY   IMAGE      IDLE             READY   IMAGE      SINCE       SERVICES           FOUND BY
tomcat   green          2/2     tomcat:8   <overlap> blue   2/2     tomcat:7   60s         tomcat-service     colour pair
web      <split> blue   2/2     web:1      green            2/2     web:2      <unknown>   web,web-internal   mark
"
        );
        assert_eq!(list.names().len(), 3);
    }
}
