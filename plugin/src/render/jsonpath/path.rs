//! kubectl's paths → the standard's.

/// The path as the standard writes it: from `$`, each key in brackets and quotes.
pub(super) fn standard(path: &str) -> Result<String, String> {
    let mut out = String::from("$");
    let mut rest = path
        .strip_prefix('$')
        .or_else(|| path.strip_prefix('@'))
        .unwrap_or(path);
    if !rest.is_empty() && !rest.starts_with(['.', '[']) {
        return Err(format!("{path:?} is no path such as .items[0].name"));
    }
    while !rest.is_empty() {
        if rest.starts_with('[') {
            let end = bracket(rest).ok_or_else(|| format!("no ] closes {rest}"))?;
            let (brackets, tail) = rest.split_at(end);
            out.push_str(brackets);
            rest = tail;
            continue;
        }
        let deep = rest.starts_with("..");
        rest = rest.trim_start_matches('.');
        let (key, tail) = key(rest);
        rest = tail;
        if deep {
            out.push_str("..");
        }
        match key.as_str() {
            "" => {}
            "*" => out.push_str("[*]"),
            _ => {
                let quoted = key.replace('\\', "\\\\").replace('\'', "\\'");
                out.extend(["['", &quoted, "']"]);
            }
        }
    }
    jsonpath_rust::parser::parse_json_path(&out)
        .map_err(|error| format!("can't read the path {path:?}: {error}"))?;
    Ok(out)
}

/// A key up to the next dot or bracket; a backslash keeps what follows it.
fn key(text: &str) -> (String, &str) {
    let mut key = String::new();
    let mut letters = text.char_indices();
    while let Some((at, c)) = letters.next() {
        match c {
            '.' | '[' => return (key, text.get(at..).unwrap_or_default()),
            '\\' => key.extend(letters.next().map(|(_, next)| next)),
            _ => key.push(c),
        }
    }
    (key, "")
}

/// The length of the bracketed part at the start, with what is nested or quoted in it.
fn bracket(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    unquoted(text)
        .find(|(_, c)| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => return false,
            }
            depth == 0
        })
        .map(|(at, _)| at + 1)
}

/// The characters that stand outside quotes and after no backslash.
pub(super) fn unquoted(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut escaped = false;
    text.char_indices().filter(move |(_, c)| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match (quote, *c) {
            (_, '\\') => escaped = true,
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(*c),
            (None, _) => return true,
        }
        false
    })
}
