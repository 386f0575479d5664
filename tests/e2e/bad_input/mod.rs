//! What people type, and clusters that are not as they should be: a clear message, the right exit code, nothing changed.

mod applications;
mod arguments;
mod connection;
