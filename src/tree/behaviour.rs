// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a tree's kconfig behaves, read from the sources of that kconfig where the tree has
//! them.
//!
//! These are searched for the few words that tell versions apart; nothing is compiled or run.

use super::{Behaviour, ChoiceForm, Engine, Grammar, Kind, Tool};
use crate::source::Reader;

/// Folders in which trees keep their kconfig.
pub const FOLDERS: [&str; 7] = [
    "scripts/kconfig",
    "scripts/config",
    "extra/config",
    "tools/kconfig",
    "util/kconfig",
    "support/kconfig",
    "kconfig",
];

/// What was found out about a tree's kconfig.
pub(super) struct Found {
    /// The points in which versions differ.
    pub(super) behaviour: Behaviour,
    /// What this kconfig accepts.
    pub(super) grammar: Grammar,
    /// Whether these come from kconfig's own sources or the kind of tree, not from a guess.
    pub(super) certain: bool,
    /// See [`super::Project::dollar_variables`].
    pub(super) dollar_variables: bool,
    /// See [`super::Project::macros`].
    pub(super) macros: bool,
}

/// Whether the tree holds the sources of a conf.
pub(super) fn has_sources(reader: &dyn Reader) -> bool {
    folder(reader).is_some()
}

fn folder(reader: &dyn Reader) -> Option<&'static str> {
    FOLDERS.into_iter().find(|folder| {
        ["parser.y", "zconf.y", "symbol.c"]
            .iter()
            .any(|file| reader.read(&format!("{folder}/{file}")).is_ok())
    })
}

/// How the kconfig of this tree behaves.
pub(super) fn find(reader: &dyn Reader, kind: Kind) -> Found {
    let dialect = kind.dialect();
    // Whatever else lies there, kconfiglib and minikconf read their own.
    let of_conf = dialect.tool == Tool::Conf;
    if let Some(folder) = folder(reader).filter(|_| of_conf) {
        return of_sources(reader, folder);
    }
    Found {
        behaviour: dialect.behaviour.unwrap_or(Behaviour::NEW),
        grammar: dialect.grammar(),
        certain: dialect.behaviour.is_some(),
        dollar_variables: dialect.dollar_variables,
        macros: dialect.macros,
    }
}

fn of_sources(reader: &dyn Reader, folder: &str) -> Found {
    let text = |files: &[&str]| {
        let texts = files
            .iter()
            .filter_map(|file| reader.read(&format!("{folder}/{file}")).ok());
        texts.fold(Vec::new(), |mut all, text| {
            all.extend_from_slice(&text);
            all.push(b'\n');
            all
        })
    };
    let grammar = Grammar::read(
        &text(&["lexer.l", "zconf.l", "zconf.gperf", "kconf_id.c"]),
        &text(&["parser.y", "zconf.y"]),
        &text(&["util.c"]),
    );
    let holds = |files: &[&str], word: &str| {
        files.iter().any(|file| {
            let text = reader.read(&format!("{folder}/{file}"));
            text.is_ok_and(|text| contains(&text, word.as_bytes()))
        })
    };
    let knows_optional = holds(
        &["parser.y", "zconf.y", "zconf.tab.c_shipped"],
        "T_OPTIONAL",
    );
    let macros = reader.exists(&format!("{folder}/preprocess.c"));
    Found {
        behaviour: Behaviour {
            engine: Engine::Conf,
            choices: if knows_optional {
                ChoiceForm::Old
            } else {
                ChoiceForm::New
            },
            // sym_calc_value
            zero_numbers: holds(&["symbol.c"], "newval.val = \"0\""),
            // conf_read
            clamp_user_values: !holds(&["confdata.c"], "sym_string_within_range("),
            negation_ends_submenu: holds(&["menu.c"], "expr_contains_symbol_negated("),
            conditional_depends: grammar != Grammar::ALL && grammar.conditional_depends,
            loose_imply: holds(&["symbol.c"], "|| sym->implied.tri == yes"),
            bound_numbers: holds(&["symbol.c"], "sprintf(str, \"0x%"),
            imply_at_source: holds(&["symbol.c"], "sym_check_expr_deps(sym->rev_dep.expr)")
                && !holds(&["symbol.c"], "sym_check_expr_deps(sym->implied.expr)"),
            typed_letters: !holds(&["symbol.c"], ".name = \"y\",\n\t.curr"),
        },
        grammar,
        certain: true,
        dollar_variables: !macros,
        macros,
    }
}

/// The form of choices that a Kconfig file itself uses: `optional`, or a named choice, is of
/// the older one only.
pub(super) fn uses_old_choices(text: &str) -> bool {
    let mut in_choice = false;
    for line in text.lines().map(str::trim) {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("choice") => {
                if words.next().is_some_and(|word| !word.starts_with('#')) {
                    return true;
                }
                in_choice = true;
            }
            Some("optional") if in_choice && words.next().is_none() => return true,
            Some("config" | "menuconfig" | "endchoice" | "help" | "---help---") => {
                in_choice = false;
            }
            _ => {}
        }
    }
    false
}

pub(super) fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_syntax_tells_the_form_of_choices() {
        assert!(uses_old_choices(
            "choice\n\tprompt \"x\"\n\toptional\nconfig A\n"
        ));
        assert!(uses_old_choices("choice NAMED\n"));
        assert!(!uses_old_choices(
            "choice # the best\n\tprompt \"x\"\nconfig A\n\thelp\n\t  optional\n"
        ));
    }
}
