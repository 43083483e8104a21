// SPDX-License-Identifier: MIT OR Apache-2.0
//! unused-suppression: a suppression that suppresses nothing, or that nobody can understand.
//!
//! The words are here; what was suppressed is known in `config/`.

use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Level};
use crate::source::Span;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "unused-suppression",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Syntax,
    check: Check::Elsewhere,
    fixable: true,
    since: "0.1.0",
    summary: "a suppression, or an entry of the baseline, suppresses nothing",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a suppression that suppresses no finding: a comment `# kconfig-lint: allow(rule) reason`,
an `[[allow]]` of `kconfig-lint.toml`, an entry of the `--baseline`. It also reports a comment to
this program that cannot be understood: one without a reason, with an unknown rule, or of another
form. Such a comment suppresses nothing.

Nothing is called unused that this run could not have used: when only some architectures were
asked for, when the toolchain's answers were fixed, when the rule is off, or when an error kept the
tree from being read to its end.

## Why is this bad

The defect was repaired and the suppression stayed: the next one on that line is hidden with it. Or
it never had an effect, because it stands on the wrong line or its rule is misspelt, and its
author believes otherwise.

## Example

Both symbols are fine, there is nothing to allow.

```kconfig,bad
config MMU
	bool "Memory management unit"

config PAGE_HELPER
	bool
	depends on MMU

config PANEL_USB
	bool "USB panel"
	depends on MMU
	# kconfig-lint: allow(unmet-dependency) the board has no USB without an MMU
	select PAGE_HELPER
```

A comment has to say why:

```kconfig,bad
# kconfig-lint: allow(policy)
config PANEL_USB
	bool "USB panel"
```

## Use instead

Remove it, or put it on the line before the one that is reported, or at the end of that line:

```kconfig,good
config MMU
	bool "Memory management unit"

config PAGE_HELPER
	bool
	depends on MMU

config PANEL_USB
	bool "USB panel"
	# kconfig-lint: allow(unmet-dependency) the board has no USB without an MMU
	select PAGE_HELPER
```
"#;

/// A comment to this program that cannot be understood.
pub fn wrong(level: Level, place: Span, what: &str) -> Diagnostic {
    let message = format!("this comment suppresses nothing: {what}");
    Diagnostic::new(RULE.name, level, Label::new(place, ""), message)
}

/// A comment of which nothing is used. `rules` are its words, `removal` is what goes with it,
/// and `stands` tells whether it stands at a line at all.
pub fn comment(
    level: Level,
    place: Span,
    rules: &[&str],
    removal: Span,
    stands: bool,
) -> Diagnostic {
    let rules = in_words(rules);
    let message = match stands {
        true => format!("no finding of {rules} is on the line that this comment speaks of"),
        false => format!("this comment allows {rules} on no line: none follows it directly"),
    };
    let mut finding = Diagnostic::new(RULE.name, level, Label::new(place, ""), message);
    let mut fix = fix("remove the comment", removal);
    if !stands {
        // It was meant for some line: only a person knows which.
        fix.applicability = Applicability::MaybeIncorrect;
    }
    finding.fixes = vec![fix];
    finding
}

/// Where the comment of a finding was probably meant to stand.
pub fn meant(place: Span) -> Label {
    Label::new(place, "the finding is on this line")
}

/// One word of a comment that is not used, while another is.
pub fn word(level: Level, place: Span, rule: &str, removal: Span) -> Diagnostic {
    let message = format!("no finding of {rule} is on the line that this comment speaks of");
    let mut finding = Diagnostic::new(RULE.name, level, Label::new(place, ""), message);
    finding.fixes = vec![fix(&format!("do not allow {rule} here"), removal)];
    finding
}

/// An `[[allow]]` of the settings that is not used.
pub fn settings(level: Level, place: Option<Span>, rule: &str, symbol: &str) -> Diagnostic {
    let message = format!("no finding of {rule} is about {symbol}, which the settings allow");
    elsewhere(
        level,
        place,
        message,
        vec![rule.to_owned(), symbol.to_owned()],
    )
}

/// An entry of the baseline that matches nothing. `told` is what the entry tells people.
pub fn baseline(level: Level, place: Option<Span>, mark: &str, told: &str) -> Diagnostic {
    let message = format!("this finding of the baseline is gone: {told}");
    let key = vec!["baseline".to_owned(), mark.to_owned()];
    elsewhere(level, place, message, key)
}

fn elsewhere(level: Level, place: Option<Span>, message: String, key: Vec<String>) -> Diagnostic {
    let finding = Diagnostic::global(RULE.name, level, message);
    Diagnostic {
        primary: place.map(|place| Label::new(place, "")),
        key,
        ..finding
    }
}

/// What suppresses nothing on any architecture can go.
fn fix(title: &str, removal: Span) -> Fix {
    let edit = Edit {
        span: removal,
        text: String::new(),
    };
    let mut fix = Fix::new(title, Applicability::MachineApplicable, vec![edit]);
    fix.proved = true;
    fix
}

fn in_words(rules: &[&str]) -> String {
    match rules {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [some @ .., last] => format!("{} or {last}", some.join(", ")),
    }
}
