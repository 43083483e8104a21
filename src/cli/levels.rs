// SPDX-License-Identifier: MIT OR Apache-2.0
//! The options `-A`, `-W` and `-D`, in the order in which they were given: clap's derive
//! keeps the order of one option only, and here the last of all three wins.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::config::Selector;
use crate::diagnostic::Level;

/// The level options of a command line, in their order.
#[derive(Clone, Default, Debug)]
pub(super) struct LevelArgs {
    pub(super) words: Vec<(Selector, Level)>,
}

const OPTIONS: [(&str, char, Level, &str); 3] = [
    (
        "allow",
        'A',
        Level::Allow,
        "Do not report a rule or group; the last of -A, -W and -D wins",
    ),
    (
        "warn",
        'W',
        Level::Warn,
        "Report a rule or group; `all` is every rule",
    ),
    (
        "deny",
        'D',
        Level::Deny,
        "Fail for a rule or group; `warnings` is every rule now at warn",
    ),
];

impl Args for LevelArgs {
    fn augment_args(command: Command) -> Command {
        OPTIONS
            .iter()
            .fold(command, |command, (id, short, _, help)| {
                command.arg(
                    Arg::new(*id)
                        .short(*short)
                        .value_name("RULE")
                        .help(*help)
                        .action(ArgAction::Append)
                        .value_parser(Selector::parse),
                )
            })
    }

    fn augment_args_for_update(command: Command) -> Command {
        LevelArgs::augment_args(command)
    }
}

impl FromArgMatches for LevelArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<LevelArgs, clap::Error> {
        let mut found = Vec::new();
        for (id, _, level, _) in OPTIONS {
            let values = matches.get_many::<Selector>(id).unwrap_or_default();
            let places = matches.indices_of(id).unwrap_or_default();
            found.extend(
                places
                    .zip(values)
                    .map(|(place, value)| (place, (*value, level))),
            );
        }
        found.sort_by_key(|(place, _)| *place);
        Ok(LevelArgs {
            words: found.into_iter().map(|(_, word)| word).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = LevelArgs::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_keep_their_order() {
        let command = LevelArgs::augment_args(Command::new("x"));
        let line = [
            "x",
            "-D",
            "all",
            "-A",
            "policy",
            "-Wcorrectness",
            "-A",
            "warnings",
        ];
        let matches = command.try_get_matches_from(line).expect("fine");
        let args = LevelArgs::from_arg_matches(&matches).expect("fine");
        let levels: Vec<Level> = args.words.iter().map(|(_, level)| *level).collect();
        assert_eq!(
            levels,
            [Level::Deny, Level::Allow, Level::Warn, Level::Allow]
        );
        assert!(matches!(args.words[1].0, Selector::Rule(rule) if rule.name == "policy"));
    }
}
