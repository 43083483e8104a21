// SPDX-License-Identifier: MIT OR Apache-2.0
//! The options `--allow`, `--warn` and `--deny`, in the order in which they were given: clap's
//! derive keeps the order of one option only, and here the last of all three wins.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::args::Words;
use crate::config::Selector;
use crate::diagnostic::Level;

/// The level options of a command line, in their order.
#[derive(Clone, Default, Debug)]
pub(super) struct LevelArgs {
    pub(super) words: Vec<(Selector, Level)>,
}

const OPTIONS: [(&str, char, Level, &str, &str); 3] = [
    (
        "allow",
        'A',
        Level::Allow,
        "Do not report RULE, which may be a group",
        "RULE is a rule, a group of rules, `all` for every rule, or `warnings` for every rule that \
         is at warn so far. `unmet-dependency/toolchain` is those \
         findings that need a particular toolchain. Of --allow, --warn and --deny, the last one that names a rule counts.",
    ),
    (
        "warn",
        'W',
        Level::Warn,
        "Report RULE; `all` is every rule",
        "Findings at this level do not change the exit status.",
    ),
    (
        "deny",
        'D',
        Level::Deny,
        "Fail for RULE; `warnings` are those at warn",
        "Findings at this level make the exit status 1.",
    ),
];

impl Args for LevelArgs {
    fn augment_args(command: Command) -> Command {
        OPTIONS
            .iter()
            .fold(command, |command, (id, short, _, help, more)| {
                command.arg(
                    Arg::new(*id)
                        .short(*short)
                        .long(*id)
                        .value_name("RULE")
                        .help(*help)
                        .long_help(format!("{help}\n\n{more}"))
                        .help_heading("What is reported")
                        .action(ArgAction::Append)
                        .hide_possible_values(true)
                        .value_parser(Words {
                            parse: |text| Selector::parse(text).map_err(|it| it.to_string()),
                            names: || Selector::names().collect(),
                        }),
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
        for (id, _, level, ..) in OPTIONS {
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
            "--allow",
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
