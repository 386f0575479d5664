use serde_json::json;

use super::*;

/// A screen with a word in colour, a table, and what somebody wrote.
struct Written(&'static str);

impl View for Written {
    fn text(&self, style: Style, _wide: bool) -> String {
        let mut table = Table::new(["BY"]);
        table.row([Cell::painted(self.0, Paint::Bad)]);
        format!("{} {}\n{}", style.good("by"), self.0, table.render(style))
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn value(&self) -> Value {
        json!({"by": self.0})
    }
}

fn text(words: &'static str, format: &str, colour: bool) -> String {
    let format = match format {
        "text" => Format::Text,
        other => other.parse().unwrap(),
    };
    to_text(&Written(words), &format, Style::new(colour)).unwrap()
}

const ESCAPES: &str = "ci\u{1b}[31m\u{1b}[2J\rx";

#[test]
fn a_screen_shows_the_escapes_of_others_and_does_not_obey_them() {
    for format in ["text", "wide"] {
        for colour in [false, true] {
            let text = text(ESCAPES, format, colour);
            assert!(!text.contains(['\u{1b}', '\r']), "{text:?}");
            assert_eq!(
                text.matches(r"ci\u{1b}[31m\u{1b}[2J\rx").count(),
                2,
                "{text}"
            );
        }
    }
}

#[test]
fn our_own_colours_stay_where_nobody_elses_are() {
    let text = text("ci", "text", true);
    assert_eq!(text.matches("\u{1b}[32m").count(), 1, "{text:?}");
    assert_eq!(text.matches("\u{1b}[31mci\u{1b}[0m").count(), 1, "{text:?}");
}

#[test]
fn data_say_what_is_there() {
    for format in ["json", "yaml"] {
        let text = text(ESCAPES, format, true);
        assert!(!text.contains('\u{1b}'), "{text:?}");
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read["by"], ESCAPES);
    }
    assert_eq!(text(ESCAPES, "jsonpath={.by}", true), ESCAPES);
}
