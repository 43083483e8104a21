// SPDX-License-Identifier: MIT OR Apache-2.0
//! Levels of rules: defaults, then settings, then the command line; the last word counts.

use std::sync::LazyLock;

use crate::diagnostic::Level;
use crate::rules::{Group, Preset, RULES, Rule, registry};
use crate::source::near;

/// What a level option or a setting speaks of.
#[derive(Clone, Copy, Debug)]
pub enum Selector {
    /// One rule.
    Rule(&'static Rule),
    /// Those findings of a rule that need a particular toolchain.
    Toolchain(&'static Rule),
    /// All rules of a group.
    Group(Group),
    /// Every rule.
    All,
    /// Every rule that is at warn when this is applied.
    Warnings,
}

/// A name that is no rule and no group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// What was probably meant.
    pub near: Option<&'static str>,
}

impl std::fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no rule or group `{}`", self.name)?;
        match self.near {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownRule {}

impl Selector {
    /// What a name means: a rule, a group, `all` or `warnings`.
    ///
    /// # Errors
    /// When it means nothing; the error names what was probably meant.
    pub fn parse(name: &str) -> Result<Selector, UnknownRule> {
        match name {
            "all" => return Ok(Selector::All),
            "warnings" => return Ok(Selector::Warnings),
            _ => {}
        }
        let group = Group::ALL.into_iter().find(|group| group.word() == name);
        let rule = || match name.strip_suffix(TOOLCHAIN) {
            Some(rule) => registry::find(rule)
                .filter(|rule| rule.can_need_toolchain())
                .map(Selector::Toolchain),
            None => registry::find(name).map(Selector::Rule),
        };
        group
            .map(Selector::Group)
            .or_else(rule)
            .ok_or_else(|| UnknownRule {
                name: name.to_owned(),
                near: near::nearest(name, Selector::names()),
            })
    }

    /// Every name that [`Selector::parse`] knows: rules, groups, `all` and `warnings`, and rules of which
    /// the toolchain can decide.
    pub fn names() -> impl Iterator<Item = &'static str> {
        static OF_TOOLCHAIN: LazyLock<Vec<String>> = LazyLock::new(|| {
            let rules = RULES.iter().filter(|rule| rule.can_need_toolchain());
            rules.map(|rule| toolchain_name(rule)).collect()
        });
        let groups = Group::ALL.into_iter().map(Group::word);
        let names = RULES.iter().map(|rule| rule.name);
        let names = names.chain(groups).chain(["all", "warnings"]);
        names.chain(OF_TOOLCHAIN.iter().map(String::as_str))
    }

    /// Whether this speaks of a rule whose level is `level` so far. The group `style` stands for the rules of the preset.
    pub fn covers(self, rule: &Rule, level: Level, preset: &Preset) -> bool {
        match self {
            Selector::Toolchain(_) => false,
            Selector::Rule(wanted) => wanted.name == rule.name,
            Selector::Group(Group::Style) => rule.group == Group::Style && preset.has(rule.name),
            Selector::Group(group) => group == rule.group,
            Selector::All => true,
            Selector::Warnings => level == Level::Warn,
        }
    }

    /// How special this is: a table of settings has no order, so there the narrower counts.
    pub(super) fn narrowness(self) -> u8 {
        match self {
            Selector::All => 0,
            Selector::Warnings => 1,
            Selector::Group(_) => 2,
            Selector::Rule(_) => 3,
            Selector::Toolchain(_) => 4,
        }
    }
}

/// What follows the name of a rule where only those of its findings count that need a particular
/// toolchain.
const TOOLCHAIN: &str = "/toolchain";

/// The name for those findings of a rule that need a particular toolchain.
pub fn toolchain_name(rule: &Rule) -> String {
    format!("{}{TOOLCHAIN}", rule.name)
}

/// The level of every rule, and of its milder cases: what conf only warns about is a warning
/// although the rule is denied, unless an option or a setting says otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Levels {
    /// In the order of [`RULES`].
    of: Vec<Both>,
    preset: &'static Preset,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Both {
    full: Level,
    mild: Level,
    /// That of findings that need a particular toolchain, where it was set apart.
    toolchain: Option<Level>,
}

impl Default for Levels {
    fn default() -> Levels {
        Levels::of(Preset::linux())
    }
}

impl Levels {
    /// The default levels, with the preset that says what the group `style` stands for.
    pub fn of(preset: &'static Preset) -> Levels {
        let both = |rule: &&Rule| Both {
            full: rule.level,
            mild: rule.level.min(Level::Warn),
            toolchain: None,
        };
        Levels {
            of: RULES.iter().map(both).collect(),
            preset,
        }
    }

    /// The preset.
    pub fn preset(&self) -> &'static Preset {
        self.preset
    }

    /// Gives what `selector` speaks of this level.
    pub fn set(&mut self, selector: Selector, level: Level) {
        for (rule, both) in RULES.iter().zip(&mut self.of) {
            let (full, mild) = (
                selector.covers(rule, both.full, self.preset),
                selector.covers(rule, both.mild, self.preset),
            );
            let own = match selector {
                Selector::Toolchain(wanted) => wanted.name == rule.name,
                _ => both
                    .toolchain
                    .is_some_and(|own| selector.covers(rule, own, self.preset)),
            };
            if own {
                both.toolchain = Some(level);
            }
            if full {
                both.full = level;
            }
            if mild {
                both.mild = level;
            }
        }
    }

    /// The level of a rule's findings; `Deny` for a name that is no rule, because nothing may
    /// be lost.
    pub fn level(&self, rule: &str) -> Level {
        self.both(rule).map_or(Level::Deny, |both| both.full)
    }

    /// The level of what a rule reports although conf only warns about it.
    pub fn mild(&self, rule: &str) -> Level {
        self.both(rule).map_or(Level::Warn, |both| both.mild)
    }

    /// The level of those findings of a rule that need a particular toolchain.
    pub fn toolchain(&self, rule: &str) -> Level {
        let both = self.both(rule);
        let own = both.and_then(|both| both.toolchain);
        own.unwrap_or_else(|| self.level(rule))
    }

    /// Whether some finding of a rule could be reported; otherwise it need not run.
    pub fn is_on(&self, rule: &str) -> bool {
        let full = self.level(rule).max(self.mild(rule));
        full.max(self.toolchain(rule)) > Level::Allow
    }

    fn both(&self, rule: &str) -> Option<Both> {
        let at = RULES.iter().position(|known| known.name == rule)?;
        Some(self.of[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(words: &[(&str, Level)]) -> Levels {
        let mut levels = Levels::default();
        for (name, level) in words {
            levels.set(Selector::parse(name).expect("a rule"), *level);
        }
        levels
    }

    #[test]
    fn the_last_word_counts() {
        let levels = after(&[("all", Level::Allow), ("policy", Level::Warn)]);
        assert_eq!(levels.level("policy"), Level::Warn);
        assert_eq!(levels.level("unmet-dependency"), Level::Allow);
        let levels = after(&[("policy", Level::Warn), ("correctness", Level::Allow)]);
        assert_eq!(levels.level("policy"), Level::Allow);
    }

    #[test]
    fn warnings_are_what_is_at_warn_now() {
        let levels = after(&[("policy", Level::Warn), ("warnings", Level::Allow)]);
        assert_eq!(levels.level("policy"), Level::Allow);
        assert_eq!(levels.level("unmet-dependency"), Level::Deny);
    }

    #[test]
    fn milder_cases_warn_until_told_otherwise() {
        let levels = Levels::default();
        assert_eq!(levels.level("missing-source"), Level::Deny);
        assert_eq!(levels.mild("missing-source"), Level::Warn);
        let levels = after(&[("warnings", Level::Deny)]);
        assert_eq!(levels.mild("missing-source"), Level::Deny);
        let levels = after(&[("missing-source", Level::Allow)]);
        assert!(!levels.is_on("missing-source"));
        assert!(levels.is_on("policy"));
    }

    #[test]
    fn findings_that_need_a_toolchain_have_a_level_apart() {
        let rule = "unmet-dependency";
        let both = |words: &[(&str, Level)]| {
            let levels = after(words);
            [levels.level(rule), levels.toolchain(rule)]
        };
        assert_eq!(both(&[]), [Level::Deny, Level::Deny]);
        let apart = ("unmet-dependency/toolchain", Level::Warn);
        assert_eq!(both(&[apart]), [Level::Deny, Level::Warn]);
        // The last word counts.
        assert_eq!(both(&[apart, (rule, Level::Allow)]), [Level::Allow; 2]);
        assert_eq!(
            both(&[(rule, Level::Allow), apart]),
            [Level::Allow, Level::Warn]
        );
        assert!(after(&[(rule, Level::Allow), apart]).is_on(rule));
        assert_eq!(both(&[apart, ("warnings", Level::Deny)]), [Level::Deny; 2]);
        assert!(Selector::parse("undecided/toolchain").is_err());
    }

    #[test]
    fn unknown_names_are_errors_with_a_suggestion() {
        let error = Selector::parse("unmet-dependancy").expect_err("no such rule");
        assert_eq!(
            error.to_string(),
            "there is no rule or group `unmet-dependancy`; did you mean `unmet-dependency`?"
        );
        assert_eq!(
            Selector::parse("correctnes").expect_err("none").near,
            Some("correctness")
        );
        assert_eq!(Selector::parse("x").expect_err("none").near, None);
    }
}
