//! Colour, where it says something that the words say too.

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    colour: bool,
}

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Paint {
    /// As the terminal has it.
    #[default]
    Plain,
    /// For what is done or well.
    Good,
    /// For what needs a look.
    Warning,
    /// For what is refused or broken.
    Bad,
    /// For what matters less.
    Faint,
    /// For what matters most.
    Strong,
}

impl Style {
    /// With colour or without.
    pub(crate) const fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// The text in its colour.
    pub(crate) fn paint(self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Good => "32",
            Paint::Warning => "33",
            Paint::Bad => "31",
            Paint::Faint => "2",
            Paint::Strong => "1",
            Paint::Plain => return text.to_owned(),
        };
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// Done or well.
    pub(crate) fn good(self, text: &str) -> String {
        self.paint(Paint::Good, text)
    }

    /// Needs a look.
    pub(crate) fn warning(self, text: &str) -> String {
        self.paint(Paint::Warning, text)
    }

    /// Matters most.
    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(Paint::Strong, text)
    }
}
