//! Values that may be secrets.

use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

/// Reads such a value. What is wrong with it is said without repeating it, as clap would do into the
/// log of a pipeline.
#[derive(Clone)]
pub(crate) struct Unechoed<T>(pub(crate) fn(&str) -> Result<T, String>);

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Unechoed<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, Error> {
        let Self(read) = self;
        let text = value.to_str().ok_or_else(|| "it is no text".to_owned());
        text.and_then(read).map_err(|why| {
            let name = argument.map(ToString::to_string).unwrap_or_default();
            let message = format!("invalid value for '{name}': {why}\n");
            Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}
