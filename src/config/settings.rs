// SPDX-License-Identifier: MIT OR Apache-2.0
//! `kconfig-lint.toml`: its keys, their meaning, and what is wrong with them.
//!
//! The table is walked by hand instead of deserialised, because every mistake is to be
//! reported with its place and with the key or name that was probably meant, all in one run.

use std::num::NonZeroU32;

use toml::Spanned;
use toml::de::DeTable;

use super::allow::Allow;
use super::levels::Selector;
use super::root::Root;
use super::walk::{Entry, FILE_NAME, Key, Mistake, Value, Walk};
use crate::diagnostic::Level;
use crate::logic::Effort;
use crate::rules::policy::Requirement;
use crate::rules::{Group, Policy, Preset, registry, term};
use crate::source::{TextRange, near};
use crate::tree::{Kind, Project};

/// The settings file of a tree, seen from its root.
pub fn file_of(project: &Project) -> &str {
    project.settings.as_deref().unwrap_or(FILE_NAME)
}

/// What the settings file says.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Levels, the widest selector first, so that a rule's own setting comes after its group's.
    pub levels: Vec<LevelSetting>,
    /// The project's policies, in the order of the file.
    pub policies: Vec<Policy>,
    /// Suppressions, in the order of the file.
    pub allows: Vec<Allow>,
    /// What a question may take.
    pub effort: Option<Effort>,
    /// The kind of tree, instead of the one that is detected.
    pub kind: Option<Kind>,
    /// The line that gives it, from 1.
    pub kind_line: usize,
    /// The line that says so, from 1.
    pub effort_line: usize,
    /// How files are written, instead of what the kind of tree says.
    pub preset: Option<&'static Preset>,
    /// The line that gives it, from 1.
    pub preset_line: usize,
    /// The trees of the repository, where it has several.
    pub roots: Vec<Root>,
}

/// A line of `[rules]`.
#[derive(Clone, Copy, Debug)]
pub struct LevelSetting {
    /// The rules that the line names.
    pub selector: Selector,
    /// Their level.
    pub level: Level,
    /// The line, from 1.
    pub line: usize,
}

impl Settings {
    /// Reads the bytes of a settings file.
    ///
    /// # Errors
    /// What is wrong with them, each on a line.
    pub fn of_bytes(bytes: &[u8]) -> Result<Settings, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| format!("{FILE_NAME}: {error}"))?;
        Settings::parse(text).map_err(|mistakes| {
            let lines: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
            lines.join("\n")
        })
    }

    /// Reads the text of a settings file.
    ///
    /// # Errors
    /// All mistakes, in the order of their places.
    pub fn parse(text: &str) -> Result<Settings, Vec<Mistake>> {
        let mut walk = Walk::new(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let place = error.span().unwrap_or_default();
            let message = error.message().lines().next().unwrap_or("no valid TOML");
            walk.mistake(place, message);
        }
        let settings = match walk.has_mistakes() {
            false => walk.settings(table.get_ref()),
            true => Settings::default(),
        };
        let mistakes = walk.end();
        if mistakes.is_empty() {
            Ok(settings)
        } else {
            Err(mistakes)
        }
    }
}

impl Walk<'_> {
    fn settings(&mut self, table: &DeTable<'_>) -> Settings {
        let mut settings = Settings::default();
        self.only(
            table,
            &[
                "effort", "tree", "preset", "rules", "policy", "allow", "root",
            ],
        );
        if let Some(rules) = table.get("rules") {
            settings.levels = self.levels(rules);
        }
        if let Some(effort) = table.get("effort") {
            settings.effort = self.effort(effort);
            settings.effort_line = self.position(effort.span().start).0;
        }
        if let Some(kind) = table.get("tree") {
            settings.kind = self.kind(kind);
            settings.kind_line = self.position(kind.span().start).0;
        }
        if let Some(preset) = table.get("preset") {
            settings.preset = self.preset(preset);
            settings.preset_line = self.position(preset.span().start).0;
        }
        for entry in self.tables(table, "policy") {
            settings.policies.extend(self.policy(&entry));
        }
        for entry in self.tables(table, "allow") {
            settings.allows.extend(self.allow(&entry));
        }
        for entry in self.tables(table, "root") {
            settings.roots.extend(self.root(&entry));
        }
        self.distinct(&settings.policies, table);
        settings
    }

    fn effort(&mut self, value: &Value<'_>) -> Option<Effort> {
        let number = value.get_ref().as_integer();
        let number = number.and_then(|it| u32::from_str_radix(it.as_str(), it.radix()).ok());
        let effort = number.and_then(NonZeroU32::new).map(Effort::new);
        if effort.is_none() {
            let words = format!("`effort` is a number of conflicts from 1 to {}", u32::MAX);
            self.mistake(value.span(), &words);
        }
        effort
    }

    fn preset(&mut self, value: &Value<'_>) -> Option<&'static Preset> {
        let preset = value.get_ref().as_str().and_then(Preset::from_name);
        if preset.is_none() {
            let names: Vec<&str> = Preset::names().collect();
            let words = format!("`preset` is one of {}", names.join(", "));
            self.mistake(value.span(), &words);
        }
        preset
    }

    fn levels(&mut self, rules: &Value<'_>) -> Vec<LevelSetting> {
        let Some(rules) = rules.get_ref().as_table() else {
            self.mistake(
                rules.span(),
                "`rules` is a table: rule = \"allow\", \"warn\" or \"deny\"",
            );
            return Vec::new();
        };
        let mut levels = Vec::new();
        for (name, value) in rules {
            match value.get_ref().as_table() {
                Some(parts) => self.levels_apart(name, parts, &mut levels),
                None => self.level(name.get_ref(), name, value, &mut levels),
            }
        }
        levels.sort_by_key(|setting| setting.selector.narrowness());
        levels
    }

    /// The levels of a rule's table: of all its findings, and of those that need a particular toolchain.
    fn levels_apart(
        &mut self,
        name: &Key<'_>,
        parts: &DeTable<'_>,
        levels: &mut Vec<LevelSetting>,
    ) {
        self.only(parts, &["level", "toolchain"]);
        if let Some(value) = parts.get("level") {
            self.level(name.get_ref(), name, value, levels);
        }
        if let Some((key, value)) = parts.get_key_value("toolchain") {
            let selector = format!("{}/toolchain", name.get_ref());
            self.level(&selector, key, value, levels);
        }
    }

    fn level(
        &mut self,
        name: &str,
        place: &Key<'_>,
        value: &Value<'_>,
        levels: &mut Vec<LevelSetting>,
    ) {
        let level = match value.get_ref().as_str() {
            Some("allow") => Level::Allow,
            Some("warn") => Level::Warn,
            Some("deny") => Level::Deny,
            _ => {
                self.mistake(value.span(), "a level is \"allow\", \"warn\" or \"deny\"");
                return;
            }
        };
        match Selector::parse(name) {
            Ok(selector) => levels.push(LevelSetting {
                selector,
                level,
                line: self.position(place.span().start).0,
            }),
            Err(unknown) => self.mistake(place.span(), &unknown.to_string()),
        }
    }

    fn policy(&mut self, entry: &Entry<'_, '_>) -> Option<Policy> {
        let keys = ["name", "selectors-of", "require", "reason", "alternative"];
        self.only(entry.table, &keys);
        let name = self.text_of(entry, "name", true);
        let selectors_of = self.text_of(entry, "selectors-of", true);
        let require = self.text_of(entry, "require", true);
        let require = require.filter(|text| self.is_expression(entry, text));
        let reason = self.text_of(entry, "reason", false);
        let alternative = self.text_of(entry, "alternative", false);
        Some(Policy {
            name: name?,
            selectors_of: selectors_of?,
            require: require?,
            reason: reason.unwrap_or_default(),
            alternative: alternative.unwrap_or_default(),
            line: Some(self.position(entry.place.start).0),
            places: Some(["selectors-of", "require"].map(|key| {
                let place = entry.table.get(key).map_or(0..0, Spanned::span);
                TextRange::new(place.start as u32, place.end as u32)
            })),
        })
    }

    /// Whether the value of `require` is an expression; where it is not, the mistake is placed inside
    /// of it.
    fn is_expression(&mut self, entry: &Entry<'_, '_>, text: &str) -> bool {
        let Err(error) = Requirement::parse(text) else {
            return true;
        };
        let mut place = entry.table.get("require").map_or(0..0, Spanned::span);
        // Only a text without escapes stands in the file as it is.
        let inside = place.start + 1;
        if self.stands_at(inside, text) {
            place.start = inside + error.at;
        }
        self.mistake(place, &format!("`require`: {}", error.below(text)));
        false
    }

    fn allow(&mut self, entry: &Entry<'_, '_>) -> Option<Allow> {
        let others = ["names", "names-from", "file"];
        self.only(
            entry.table,
            &[&["rule", "symbol", "missing", "reason"][..], &others].concat(),
        );
        let rule = self.text_of(entry, "rule", true);
        let is_bare = !others.iter().any(|it| entry.table.contains_key(*it));
        let symbol = self.text_of(entry, "symbol", is_bare);
        let [names, names_from, file] = others.map(|key| self.text_of(entry, key, false));
        let reason = self.text_of(entry, "reason", true);
        let missing = self.text_of(entry, "missing", false);
        let terms = missing.as_deref().map(term::conjuncts);
        if terms == Some(None) {
            let place = entry.table.get("missing");
            let place = place.map_or(entry.place.clone(), Spanned::span);
            self.mistake(place, "`missing` is a Kconfig expression: \"MMU && PCI\"");
        }
        let rule = rule?;
        let Some(known) = registry::find(&rule) else {
            let names = registry::RULES.iter().map(|rule| rule.name);
            let is_group = Group::ALL.into_iter().any(|group| group.word() == rule);
            let hint = near::hint(&rule, names);
            let place = entry
                .table
                .get("rule")
                .map_or(entry.place.clone(), Spanned::span);
            let words = match is_group {
                true => format!("`{rule}` is a group: an [[allow]] names one rule"),
                false => format!("there is no rule `{rule}`{hint}"),
            };
            self.mistake(place, &words);
            return None;
        };
        Some(Allow {
            rule: known.name,
            symbol: match is_bare {
                true => Some(symbol?),
                false => symbol,
            },
            names: names.map(|it| it.split_whitespace().map(str::to_owned).collect()),
            names_from,
            file,
            missing: terms.flatten(),
            reason: reason?,
            line: self.position(entry.place.start).0,
        })
    }

    /// Two policies of one name could not be told apart in a report.
    fn distinct(&mut self, policies: &[Policy], table: &DeTable<'_>) {
        for (at, policy) in policies.iter().enumerate() {
            if policies[..at].iter().any(|other| other.name == policy.name) {
                let place = table.get("policy").map_or(0..0, Spanned::span);
                self.mistake(place, &format!("two policies are named `{}`", policy.name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let mistakes = Settings::parse(text).expect_err("mistakes");
        mistakes.iter().map(Mistake::to_string).collect()
    }

    #[test]
    fn the_example_of_the_interface_is_understood() {
        let settings = Settings::parse(
            r#"
[rules]                      # levels, by rule or group
unmet-dependency = "deny"
correctness = "allow"

[[policy]]
name = "shmem-needs-mmu"
selectors-of = "DRM_GEM_SHMEM_HELPER"
require = "MMU"
reason = "no MMU, no mapping"
alternative = "select the DMA helper instead"

[[allow]]
rule = "unmet-dependency"
symbol = "GKI_HIDDEN_*"
reason = "a list for vendors"
"#,
        )
        .expect("no mistakes");
        let levels = settings.levels.iter();
        let levels: Vec<_> = levels.map(|it| (it.level, it.line)).collect();
        assert_eq!(levels, [(Level::Allow, 4), (Level::Deny, 3)]);
        assert_eq!(settings.policies[0].require, "MMU");
        assert_eq!(settings.policies[0].line, Some(6));
        assert_eq!(settings.allows[0].rule, "unmet-dependency");
        assert_eq!(settings.allows[0].line, 13);
    }

    #[test]
    fn a_tree_is_a_kind() {
        let settings = Settings::parse("tree = \"zephyr\"\n").expect("no mistakes");
        assert_eq!((settings.kind, settings.kind_line), (Some(Kind::Zephyr), 1));
        assert!(mistakes("tree = \"windows\"\n")[0].contains("`tree` is one of linux, u-boot"));
    }

    #[test]
    fn an_effort_is_a_number_of_conflicts() {
        let settings = Settings::parse("\neffort = 5_000\n").expect("no mistakes");
        let effort = settings.effort.map(Effort::conflicts);
        assert_eq!((effort, settings.effort_line), (Some(5000), 2));
        for wrong in ["0", "-1", "\"5\"", "5000000000"] {
            assert_eq!(
                mistakes(&format!("effort = {wrong}\n")),
                ["kconfig-lint.toml:1:10: `effort` is a number of conflicts from 1 to 4294967295"]
            );
        }
    }

    #[test]
    fn nothing_is_fine() {
        assert!(Settings::parse("").is_ok());
    }

    #[test]
    fn a_group_is_no_rule() {
        let text = "[[allow]]\nrule = \"correctness\"\nsymbol = \"A\"\nreason = \"b\"\n";
        let expected =
            "kconfig-lint.toml:2:8: `correctness` is a group: an [[allow]] names one rule";
        assert_eq!(mistakes(text), [expected]);
    }

    #[test]
    fn all_mistakes_are_reported_with_their_places() {
        let text = "polcy = 1\n[rules]\nunmet-dependancy = \"deny\"\npolicy = \"error\"\n[[allow]]\nrule = \"polici\"\nsymbl = \"A\"\nreason = \" \"\n";
        assert_eq!(
            mistakes(text),
            [
                "kconfig-lint.toml:1:1: unknown key `polcy`; did you mean `policy`?",
                "kconfig-lint.toml:3:1: there is no rule or group `unmet-dependancy`; did you mean `unmet-dependency`?",
                "kconfig-lint.toml:4:10: a level is \"allow\", \"warn\" or \"deny\"",
                "kconfig-lint.toml:5:1: `symbol` is missing here",
                "kconfig-lint.toml:6:8: there is no rule `polici`; did you mean `policy`?",
                "kconfig-lint.toml:7:1: unknown key `symbl`; did you mean `symbol`?",
                "kconfig-lint.toml:8:10: `reason` is empty",
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_reported_with_its_place() {
        let found = mistakes("[rules]\npolicy = \n");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("kconfig-lint.toml:2:"), "{found:?}");
    }

    #[test]
    fn wrong_shapes_are_reported() {
        assert_eq!(
            mistakes("rules = 1\npolicy = { name = \"a\" }\nallow = [1]\n"),
            [
                "kconfig-lint.toml:1:9: `rules` is a table: rule = \"allow\", \"warn\" or \"deny\"",
                "kconfig-lint.toml:2:10: write `[[policy]]`: there may be several",
                "kconfig-lint.toml:3:10: `allow` holds tables",
            ]
        );
    }
}
