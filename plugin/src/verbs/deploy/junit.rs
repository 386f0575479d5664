//! The stages as a test suite, which every pipeline can show.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::report::Report;
use super::row::{Row, State};

/// The document.
///
/// # Errors
/// It can't be written.
pub(super) fn text(report: &Report) -> io::Result<Vec<u8>> {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    let count = |state: &[State]| {
        let rows = report.rows.iter().filter(|row| state.contains(&row.state));
        rows.count().to_string()
    };
    let failed = count(&[State::Failed, State::Interrupted]);
    let (skipped, all) = (count(&[State::Skipped]), report.rows.len().to_string());
    let took: f64 = report.rows.iter().map(|row| row.took.as_secs_f64()).sum();
    let suite = format!("kubectl bluegreen deploy {}", report.name);
    out.create_element("testsuites")
        .write_inner_content(|out| {
            out.create_element("testsuite")
                .with_attributes([
                    ("name", valid(&suite).as_str()),
                    ("tests", all.as_str()),
                    ("failures", failed.as_str()),
                    ("errors", "0"),
                    ("skipped", skipped.as_str()),
                    ("time", seconds(took).as_str()),
                ])
                .write_inner_content(|out| {
                    report
                        .rows
                        .iter()
                        .try_for_each(|row| case(out, &suite, row))
                })
                .map(drop)
        })?;
    let mut text = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec();
    text.extend(out.into_inner());
    text.push(b'\n');
    Ok(text)
}

fn case(out: &mut Writer<Vec<u8>>, suite: &str, row: &Row) -> io::Result<()> {
    let (name, took) = (row.stage.to_string(), seconds(row.took.as_secs_f64()));
    let element = out.create_element("testcase").with_attributes([
        ("name", name.as_str()),
        ("classname", valid(suite).as_str()),
        ("time", took.as_str()),
    ]);
    element
        .write_inner_content(|out| {
            let what = valid(&row.what);
            match row.state {
                State::Skipped => out.create_element("skipped").write_empty().map(drop),
                State::Passed => out
                    .create_element("system-out")
                    .write_text_content(BytesText::new(&what))
                    .map(drop),
                State::Failed | State::Interrupted => {
                    let message = if what.is_empty() {
                        row.state.to_string()
                    } else {
                        what
                    };
                    let details = valid(&row.details.join("\n"));
                    out.create_element("failure")
                        .with_attribute(("message", message.as_str()))
                        .write_text_content(BytesText::new(&details))
                        .map(drop)
                }
            }
        })
        .map(drop)
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.3}")
}

/// Without the characters that XML 1.0 can't hold at all (section 2.2).
fn valid(text: &str) -> String {
    let may = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(may).collect()
}
