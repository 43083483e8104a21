// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recorded answers of a toolchain: what each command of the tree printed on some machine.
//!
//! Reading a record runs nothing. How it was made is the caller's affair.

use std::collections::BTreeMap;
use std::fmt;

use super::command::variable_key;

/// What commands printed, by their text as conf hands it to popen, and what variables of the
/// environment held, by `$(NAME)`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Toolchain {
    /// The answers. A command or variable that is not named stays unknown; a variable with an
    /// empty text is unset.
    pub answers: BTreeMap<String, String>,
}

/// Why a record of answers cannot be read.
#[derive(Debug)]
pub struct ToolchainError(serde_json::Error);

impl fmt::Display for ToolchainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a JSON object of strings: {}", self.0)
    }
}

impl std::error::Error for ToolchainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl Toolchain {
    /// Reads a JSON object whose keys are commands and whose values are their outputs.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn from_json(text: &[u8]) -> Result<Toolchain, ToolchainError> {
        let answers = serde_json::from_slice(text).map_err(ToolchainError)?;
        Ok(Toolchain { answers })
    }

    /// The value of a variable of the environment; empty where it was unset.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.answers.get(&variable_key(name));
        value.map(String::as_str)
    }

    /// The output of a command as it enters an expansion: new lines at its end are cut, others
    /// become spaces (preprocess.c, do_shell).
    pub(super) fn answer(&self, command: &str) -> Option<String> {
        let output = self.answers.get(command)?;
        Some(output.trim_end_matches('\n').replace('\n', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_cut_as_do_shell_cuts_them() {
        let toolchain = Toolchain::from_json(br#"{"cc --version": "one\ntwo\n\n"}"#).unwrap();
        assert_eq!(toolchain.answer("cc --version").as_deref(), Some("one two"));
        assert_eq!(toolchain.answer("ld"), None);
        assert!(Toolchain::from_json(b"[1]").is_err());
    }
}
