// SPDX-License-Identifier: MIT OR Apache-2.0
//! renamed-symbol: code or a defconfig uses the old name of a symbol.

use rustc_hash::FxHashMap;

use super::outside::Outside;
use super::scope::Findings;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::references::How;
use crate::source::{Name, TextRange};
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "renamed-symbol",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "a file uses the old name of a symbol, or the new name is not there",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reads the files `sdkconfig.rename` and `sdkconfig.rename.CHIP` of ESP-IDF, whose lines have an old name and a new one. It reports
a test or a defconfig's line with an old name that nothing defines any more, and a line whose new name nothing defines.

## Why is this bad

The old name is kept for the configurations of users. Code that tests it lives on a header that will drop it, and a line whose
new name is not there loses the user's value without a word.

## Example

```kconfig,bad
config USB
	bool "USB"
# file: sdkconfig.rename
CONFIG_OLD_USB                  CONFIG_USB
# file: main.c
#ifdef CONFIG_OLD_USB
#endif
```

## Use instead

```kconfig,good
config USB
	bool "USB"
# file: sdkconfig.rename
CONFIG_OLD_USB                  CONFIG_USB
# file: main.c
#ifdef CONFIG_USB
#endif
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(outside.names) {
        return;
    }
    let mut renamed: FxHashMap<Name, Name> = FxHashMap::default();
    for path in outside.references.paths() {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name == "sdkconfig.rename" || name.starts_with("sdkconfig.rename.") {
            renamed.extend(renames(outside, path, findings));
        }
    }
    if renamed.is_empty() {
        return;
    }
    for (file, mention) in outside.references.in_files(|file| !file.aside) {
        let is_use = matches!(mention.how, How::Tested | How::Set(_));
        let Some(new) = renamed.get(&mention.name).filter(|_| is_use) else {
            continue;
        };
        if !outside.defines(mention.name) {
            let (old, new) = (outside.written(mention.name), outside.written(*new));
            let message = format!("{old} is called {new} now");
            findings.report_mention(outside, (file, mention), message);
        }
    }
}

/// The renames of a file. A new name that nothing defines is reported.
fn renames(outside: &Outside<'_>, path: &str, findings: &mut Findings) -> Vec<(Name, Name)> {
    let Ok(id) = outside.files.open(path) else {
        return Vec::new();
    };
    let source = outside.files.get(id);
    let mut found = Vec::new();
    for (at, start) in source.line_starts().iter().enumerate() {
        let line = String::from_utf8_lossy(source.line(at as u32 + 1)).into_owned();
        let mut words = line.split_whitespace().map(|it| it.trim_start_matches('!'));
        let mut next = || words.next()?.strip_prefix("CONFIG_").map(Name::new);
        let (Some(old), Some(new)) = (next(), next()) else {
            continue;
        };
        found.push((old, new));
        if !outside.defines(new) {
            let place = TextRange::new(*start, *start + line.len() as u32).in_file(id);
            let hint = outside.names.hint(new);
            let (old, name) = (outside.written(old), outside.written(new));
            let message = format!("{old} is renamed to {name}, which nothing defines{hint}");
            let symbol = Some(new.as_str());
            let finding = findings.report(place, ArchSet::first(1), symbol, message);
            finding.key.push(path.to_owned());
        }
    }
    found
}
