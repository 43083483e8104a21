// SPDX-License-Identifier: MIT OR Apache-2.0
//! Presets: how each project writes its Kconfig files, one description for each as data. A preset names the style rules that
//! the project's own checker has, and the form that these rules hold files to.
//!
//! A preset switches nothing on by itself. It says what the group `style` stands for.

use crate::tree::Kind;

/// How one project writes its files.
#[derive(Debug)]
pub struct Preset {
    /// Its name in options and settings.
    pub name: &'static str,
    /// The program of the project that the preset follows.
    pub checker: &'static str,
    /// The rules that the group `style` stands for, sorted.
    pub rules: &'static [&'static str],
    /// The form of a file.
    pub form: Form,
}

/// The form of a file, for every style rule. Columns count a tab as eight.
#[derive(Debug)]
pub struct Form {
    /// How statements are indented.
    pub indent: Indent,
    /// Columns of a line; `None` where only help texts have a limit.
    pub line: Option<u32>,
    /// Whether a line counts, too, that holds a text or a macro and cannot be broken.
    pub unbreakable: bool,
    /// Columns that a line of help may have, where that differs from other lines.
    pub help: Option<u32>,
    /// Characters of a symbol's name.
    pub name: Option<usize>,
    /// Whether an empty line stands before each entry, and on both sides of `if` and `endif`.
    pub apart: bool,
    /// Whether blanks may follow the tabs in front of a line behind a backslash.
    pub aligned: bool,
    /// Files in which statements may be indented.
    pub stepped: &'static [&'static str],
    /// Files in which the `source` statements are sorted; `None` for all files.
    pub sorted: Option<&'static [&'static str]>,
}

/// How statements are indented.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Indent {
    /// Statements begin in the first column, attributes behind a tab, help texts behind a tab and two blanks.
    Flat,
    /// Each block, entry and help text is this many blanks further in than what it belongs to.
    Nested(u32),
}

impl PartialEq for Preset {
    fn eq(&self, other: &Preset) -> bool {
        self.name == other.name
    }
}

impl Eq for Preset {}

impl Preset {
    /// The preset of this name.
    pub fn from_name(name: &str) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The names of all presets.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|preset| preset.name)
    }

    /// The preset of a kind of tree. A project without a checker of its own is held to the form of Linux.
    pub fn of(kind: Kind) -> &'static Preset {
        let own = Preset::from_name(kind.name());
        own.unwrap_or(Preset::linux())
    }

    /// The preset of Linux.
    pub fn linux() -> &'static Preset {
        &PRESETS[0]
    }

    /// Whether the group `style` stands for this rule, too.
    pub fn has(&self, rule: &str) -> bool {
        self.rules.contains(&rule)
    }
}

/// All presets, that of Linux first.
pub static PRESETS: [Preset; 5] = [
    Preset {
        name: "linux",
        checker: "checkpatch.pl",
        rules: &[
            "indentation",
            "missing-final-newline",
            "missing-help",
            "obsolete-syntax",
            "prompt-whitespace",
            "short-help",
            "spelling",
            "trailing-whitespace",
        ],
        form: Form {
            indent: Indent::Flat,
            line: Some(100),
            unbreakable: false,
            help: None,
            name: None,
            apart: false,
            aligned: false,
            stepped: &[],
            sorted: None,
        },
    },
    Preset {
        name: "zephyr",
        checker: "kconfig_style.py, checkpatch.pl",
        rules: &[
            "blank-lines",
            "comment-space",
            "continuation-indent",
            "indentation",
            "line-length",
            "missing-final-newline",
            "spelling",
            "trailing-whitespace",
        ],
        form: Form {
            indent: Indent::Flat,
            line: Some(100),
            unbreakable: false,
            help: None,
            name: None,
            apart: true,
            aligned: false,
            stepped: &[],
            sorted: None,
        },
    },
    Preset {
        name: "buildroot",
        checker: "check-package",
        rules: &[
            "attribute-order",
            "blank-lines",
            "continuation-indent",
            "indentation",
            "line-length",
            "missing-final-newline",
            "trailing-whitespace",
            "unsorted",
        ],
        form: Form {
            indent: Indent::Flat,
            line: None,
            unbreakable: false,
            help: Some(72),
            name: None,
            apart: false,
            aligned: true,
            stepped: &[
                "package/Config.in",
                "package/Config.in.host",
                "package/kodi/Config.in",
                "package/x11r7/Config.in",
            ],
            sorted: Some(&[
                "fs/Config.in",
                "package/Config.in",
                "package/Config.in.host",
                "package/kodi/Config.in",
            ]),
        },
    },
    Preset {
        name: "esp-idf",
        checker: "kconfcheck",
        rules: &[
            "continuation-indent",
            "indentation",
            "line-length",
            "symbol-name",
            "trailing-whitespace",
        ],
        form: Form {
            indent: Indent::Nested(4),
            line: Some(119),
            unbreakable: true,
            help: None,
            name: Some(50),
            apart: false,
            aligned: false,
            stepped: &[],
            sorted: None,
        },
    },
    Preset {
        name: "coreboot",
        checker: "kconfig_lint, lint-stable-003-whitespace, checkpatch.pl",
        rules: &[
            "indentation",
            "missing-final-newline",
            "spelling",
            "trailing-whitespace",
        ],
        form: Form {
            indent: Indent::Flat,
            line: Some(96),
            unbreakable: false,
            help: None,
            name: None,
            apart: false,
            aligned: false,
            stepped: &[],
            sorted: None,
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Group, registry};

    #[test]
    fn a_preset_names_style_rules_in_order() {
        for preset in &PRESETS {
            assert!(preset.rules.is_sorted(), "{}", preset.name);
            for name in preset.rules {
                let rule = registry::find(name).expect("a rule");
                assert_eq!(rule.group, Group::Style, "{name}");
            }
        }
    }

    #[test]
    fn a_tree_has_the_preset_of_its_kind_or_that_of_linux() {
        for (kind, name) in [
            (Kind::Zephyr, "zephyr"),
            (Kind::EspIdf, "esp-idf"),
            (Kind::UBoot, "linux"),
            (Kind::Generic, "linux"),
        ] {
            assert_eq!(Preset::of(kind).name, name);
        }
    }
}
