// SPDX-License-Identifier: MIT OR Apache-2.0
//! unused-symbol: a symbol that nothing uses.

use rustc_hash::FxHashSet;

use super::outside::Outside;
use super::scope::{Findings, MenuEntry};
use super::undefined_symbol::names;
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::menu::NodeId;
use crate::model::{Model, Symbol};
use crate::references::{FileKind, Mentions};
use crate::source::Name;
use crate::syntax::ast::AttributeKind;
use crate::tree::ArchSet;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "unused-symbol",
    group: Group::Kernel,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Outside(check),
    fixable: false,
    since: "0.1.0",
    summary: "no Kconfig expression and no other file uses a symbol",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a symbol that no expression of any Kconfig file names, that selects and implies nothing, is no member of a choice,
and whose name stands in no other file of the tree, with the prefix or without. A `select` of the symbol is no use of
it. Names that a macro completes, as in `CONFIG_USB_##x`, count as a use of all that begin so; documentation and
defconfigs do not count.

## Why is this bad

The user is asked a question whose answer changes nothing, or a select sets what nobody reads. The code that read the
symbol has gone.

## Example

```kconfig,bad
config USB
	bool "USB"

config PANEL
	bool "Panel"
# file: usb.c
#ifdef CONFIG_USB
#endif
```

## Use instead

```kconfig,good
config USB
	bool "USB"
# file: usb.c
#ifdef CONFIG_USB
#endif
```
"#;

fn check(outside: &Outside<'_>, findings: &mut Findings) {
    if !findings.knows_all_names(outside.names) {
        return;
    }
    let mut used: FxHashSet<Name> = FxHashSet::default();
    for model in &outside.models {
        used.extend(in_expressions(model));
        let effective = model.symbols.iter().filter(|it| has_an_effect(it));
        used.extend(effective.filter_map(|it| it.name));
    }
    let is_use = |file: &Mentions| file.kind != FileKind::Defconfig;
    for (_, mention) in outside.references.in_files(is_use) {
        let name = mention.name.as_str();
        used.insert(mention.name);
        used.extend(name.strip_suffix("_MODULE").map(Name::new));
    }
    let open = &outside.references.open;
    let is_open = |name: &str| open.iter().any(|begin| name.starts_with(begin.as_str()));
    let symbols = outside.models.iter().flat_map(|model| &model.symbols);
    let named = symbols.filter_map(|it| Some((it.name?, it.definitions.first()?)));
    let unused = named.filter(|(name, _)| !used.contains(name) && !is_open(name.as_str()));
    let unused: Vec<_> = unused.collect();
    let words: FxHashSet<Name> = unused.iter().map(|(name, _)| *name).collect();
    let somewhere = match words.is_empty() {
        true => FxHashSet::default(),
        false => outside
            .references
            .words_among(outside.files.reader(), &words),
    };
    let mut reported: FxHashSet<Name> = FxHashSet::default();
    for (name, definition) in unused {
        if !somewhere.contains(&name) && reported.insert(name) {
            let name = name.as_str();
            let message = "nothing uses this symbol: no expression and no other file names it";
            findings.report(
                definition.name,
                ArchSet::first(1),
                Some(name),
                message.to_owned(),
            );
        }
    }
}

/// Whether a symbol does something without being named.
fn has_an_effect(symbol: &Symbol) -> bool {
    let is_of_choice = symbol.choice.is_some() || symbol.member_of.is_some();
    is_of_choice || !symbol.selects.is_empty() || !symbol.implies.is_empty() || symbol.transitional
}

/// The names in all expressions, defaults and ranges.
fn in_expressions(model: &Model) -> FxHashSet<Name> {
    let mut found = FxHashSet::default();
    for at in 0..model.menu.nodes.len() {
        let entry = MenuEntry::of(&model.menu, NodeId(at as u32));
        let ranges = entry.attributes.iter().filter_map(|it| match it.kind {
            AttributeKind::Range { low, high, .. } => Some([low, high]),
            _ => None,
        });
        let words = entry.expressions().into_iter();
        let words = words
            .flat_map(|expr| entry.words(expr))
            .map(|(atom, _)| atom);
        for atom in words.chain(ranges.flatten()) {
            found.extend(names(&entry, atom).into_iter().map(|(name, _)| name));
        }
    }
    found.extend(model.modules.and_then(|id| model.symbol(id).name));
    found
}
