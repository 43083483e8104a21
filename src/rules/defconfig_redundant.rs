// SPDX-License-Identifier: MIT OR Apache-2.0
//! defconfig-redundant: a line of a defconfig without which nothing changes.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::logic::{Evaluator, Inputs, UserValue, tests_as, unquoted};
use crate::model::{Model, SymbolId, Tristate, ValueType};
use crate::references::{Defconfig, How, Mention, Mentions};
use crate::source::{Name, TextRange};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "defconfig-redundant",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "a line of a defconfig gives a symbol the value that it has without the line",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a line of a defconfig that gives a symbol the value which the symbol has without that line: by its default, since
something selects it, or since it has no value at all. All such lines of a file can go together.

The evaluator computes the configuration once with each test of the toolchain failing and once with each succeeding. A
line that is redundant only one time is not reported. Nor is a fragment (`*.config`), whose other half is unknown, and
a member of a choice of a Linux before 6.11.

## Why is this bad

`make savedefconfig` leaves such a line out. A defconfig that has them does not follow the tree's defaults when these
change, and the next person who saves it gets a diff of lines that nobody wanted to touch.

## Example

```kconfig,bad
config USB
	bool "USB"
	default y

config HID
	bool "HID"
# file: configs/board_defconfig
CONFIG_USB=y
CONFIG_HID=y
```

## Use instead

```kconfig,good
config USB
	bool "USB"
	default y

config HID
	bool "HID"
# file: configs/board_defconfig
CONFIG_HID=y
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    let defconfigs = &outside.references.defconfigs;
    let found = defconfigs.par_iter().filter_map(|defconfig| {
        let files = &outside.references.files;
        let at = files.binary_search_by(|it| it.path.as_str().cmp(&defconfig.path));
        let file = &files[at.ok()?];
        (!file.aside).then(|| (file, redundant(outside, defconfig, file)))
    });
    let found: Vec<(&Mentions, Vec<&Mention>)> = found.collect();
    for (file, mentions) in found {
        for mention in mentions {
            let written = outside.written(mention.name);
            let message = format!("{written} has this value without the line, too");
            findings.report_mention(outside, (file, mention), message);
        }
    }
}

/// The lines of a defconfig that change nothing.
fn redundant<'m>(
    outside: &Outside<'_>,
    defconfig: &Defconfig,
    file: &'m Mentions,
) -> Vec<&'m Mention> {
    let models = outside.architectures.iter().enumerate();
    let mut places = models.filter_map(|(number, names)| {
        let at = names.iter().position(|it| *it == defconfig.architecture)?;
        Some((number, at))
    });
    let Some((number, at)) = places.next() else {
        return Vec::new();
    };
    let model: &Model = outside.models[number];
    let (true, Ok(id)) = (
        model.cycles_of_each().is_empty(),
        outside.files.open(&file.path),
    ) else {
        return Vec::new();
    };
    let source = outside.files.get(id);
    let mut lines: FxHashMap<SymbolId, (&Mention, UserValue)> = FxHashMap::default();
    for mention in &file.all {
        let How::Set(value) = mention.how else {
            continue;
        };
        let named = model.symbols_named(mention.name);
        let symbol = named.iter().find(|(on, _)| on.contains(at));
        let line = symbol.and_then(|(_, id)| {
            let value = value_of(model.symbol(*id).ty, value, source.text())?;
            Some((*id, (mention, value)))
        });
        lines.extend(line);
    }
    let user: FxHashMap<SymbolId, UserValue> =
        lines.iter().map(|(id, (_, value))| (*id, *value)).collect();
    for answer in [false, true] {
        let inputs = Inputs {
            user: user.clone(),
            tests: tests_as(model, at, answer),
            architecture: at,
            ..Inputs::default()
        };
        let mut evaluator = Evaluator::new(model, &inputs);
        lines.retain(|id, (_, value)| is_redundant(&mut evaluator, *id, *value));
    }
    let mut found: Vec<&Mention> = lines.into_values().map(|(mention, _)| mention).collect();
    found.sort_by_key(|mention| mention.range.start);
    found
}

/// The value of a line, as conf reads it for a symbol of this type.
fn value_of(ty: ValueType, range: Option<TextRange>, text: &[u8]) -> Option<UserValue> {
    let value = range.map_or(Ok("n"), |range| std::str::from_utf8(range.of(text)));
    let value = unquoted(value.ok()?);
    match ty {
        ValueType::Unknown => None,
        ValueType::Bool | ValueType::Tristate => {
            Tristate::from_word(&value).map(UserValue::Logical)
        }
        _ => Some(UserValue::Text(Name::new(&value))),
    }
}

/// Whether a symbol has this value, and has it without the line.
fn is_redundant(evaluator: &mut Evaluator<'_>, id: SymbolId, value: UserValue) -> bool {
    let now = evaluator.symbol(id);
    let is_so = match value {
        UserValue::Logical(value) => now.value == value,
        UserValue::Text(text) => now.text == text,
    };
    is_so && evaluator.without_user(id) == Some(now.text)
}
