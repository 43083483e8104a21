// SPDX-License-Identifier: MIT OR Apache-2.0
//! The options `--allow`, `--warn` and `--deny`, in the order in which they were given: clap's
//! derive keeps the order of one option only, and here the last of all three wins.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::args::Words;
use crate::config::{Levels, Selector, Settings};
use crate::diagnostic::Level;
use crate::rules::Preset;
use crate::source::near;
use crate::tree::Kind;

/// The level options of a command line, in their order.
#[derive(Clone, Default, Debug)]
pub(super) struct LevelArgs {
    pub(super) words: Vec<(Selector, Level)>,
    pub(super) preset: Option<&'static Preset>,
    /// What holds before the settings of the tree are read.
    pub(super) first: Vec<(Selector, Level)>,
}

impl LevelArgs {
    /// The preset: that of the command line, else that of the settings, else that of the kind of tree.
    pub(super) fn preset(&self, of_file: &Settings, kind: Kind) -> &'static Preset {
        let given = self.preset.or(of_file.preset);
        given.unwrap_or_else(|| Preset::of(kind))
    }

    /// The levels of a tree: those of its settings, and then those of the command line.
    pub(super) fn levels(&self, of_file: &Settings, kind: Kind) -> Levels {
        let mut levels = Levels::of(self.preset(of_file, kind));
        let of_file = of_file.levels.iter().map(|it| (it.selector, it.level));
        let first = self.first.iter().copied();
        let words = first.chain(of_file).chain(self.words.iter().copied());
        words.for_each(|(selector, level)| levels.set(selector, level));
        levels
    }
}

const PRESET: &str = "preset";

fn preset(text: &str) -> Result<&'static Preset, String> {
    Preset::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Preset::names().collect();
        let hint = near::hint(text, names.iter().copied());
        format!("one of {}{hint}", names.join(", "))
    })
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
        let preset = Arg::new(PRESET)
            .long(PRESET)
            .value_name("NAME")
            .help("The project whose style holds [default: by the tree's kind]")
            .long_help(
                "The project whose style holds [default: by the tree's kind]\n\nThe preset says which rules the group \
                 `style` stands for, and what these rules ask for. It can stand in kconfig-lint.toml as `preset`.",
            )
            .help_heading("What is reported")
            .hide_short_help(true)
            .hide_possible_values(true)
            .value_parser(Words {
                parse: preset,
                names: || Preset::names().collect(),
            });
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
            .arg(preset)
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
            first: Vec::new(),
            preset: matches.get_one::<&'static Preset>(PRESET).copied(),
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
