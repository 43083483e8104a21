// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether to use colours: the option, then NO_COLOR (<https://no-color.org>), CLICOLOR_FORCE
//! and CLICOLOR (<https://bixense.com/clicolors>), then whether there is a terminal.

use super::args::Color;

/// Whether output is coloured. `environment` gives the value of a variable.
pub(super) fn wanted(
    choice: Color,
    environment: impl Fn(&str) -> Option<String>,
    terminal: bool,
) -> bool {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR").is_some() => false,
        Color::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Color::Auto if set("CLICOLOR").is_some_and(|value| value == "0") => false,
        Color::Auto => terminal && set("TERM").is_none_or(|value| value != "dumb"),
    }
}

/// A variable of this process.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(variables: &[(&str, &str)], terminal: bool) -> bool {
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        wanted(Color::Auto, find, terminal)
    }

    #[test]
    fn variables_decide_before_the_terminal() {
        assert!(auto(&[], true));
        assert!(!auto(&[], false));
        assert!(!auto(&[("NO_COLOR", "1")], true));
        assert!(auto(&[("NO_COLOR", "")], true));
        assert!(auto(&[("CLICOLOR_FORCE", "1")], false));
        assert!(!auto(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false));
        assert!(!auto(&[("CLICOLOR", "0")], true));
        assert!(!auto(&[("TERM", "dumb")], true));
    }
}
