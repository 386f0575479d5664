//! What to write, as values; the shells apply it.
