// SPDX-License-Identifier: MIT OR Apache-2.0
//! attribute-order: attributes in another order than type, default, depends on, select, help.

use super::kconfig_file::is_comment;
use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Applicability, Edit, Fix, Label, Level};
use crate::source::{Span, TextRange};
use crate::syntax::ast::{Attribute, AttributeKind, EntryKind};

/// The declaration.
pub static RULE: Rule = Rule {
    name: "attribute-order",
    group: Group::Style,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: true,
    since: "0.1.0",
    summary: "attributes are not in the order type, default, depends on, select, help",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports the first attribute of a `config` or `menuconfig` that stands behind one which belongs after it. The order is
type and prompt, `default`, `depends on`, `select` and `imply`, help; that of Buildroot's check-package. Other
attributes may stand anywhere.

## Why is this bad

Who reads many entries finds each attribute in the same place.

## Example

```kconfig,bad
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	depends on USB
	default y
```

## Use instead

```kconfig,good
config USB
	bool "USB"

config USB_PANEL
	bool "USB panel"
	default y
	depends on USB
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    let kind = &entry.entry.kind;
    if !matches!(kind, EntryKind::Config(_) | EntryKind::MenuConfig(_)) {
        return;
    }
    let mut last: Option<(u8, &Attribute)> = None;
    for attribute in entry.attributes {
        let Some(rank) = rank_of(attribute) else {
            continue;
        };
        match last {
            Some((before, other)) if rank < before => {
                let message = "this belongs further up in the entry".to_owned();
                let place = entry.span(attribute.range);
                let finding = findings.report(place, entry.node.on, entry.symbol(), message);
                let other = Label::new(entry.span(other.range), "before this");
                finding.labels.push(other);
                finding.fixes.extend(sorted(scope, entry));
                return;
            }
            _ => last = Some((rank, attribute)),
        }
    }
}

/// Puts all attributes of an entry in order, each in the place of another one. Attributes of one kind keep their order, and
/// the order of different kinds means nothing. `None` where a comment may belong to an attribute, and where a line is
/// empty or not indented like an attribute.
fn sorted(scope: &Scope<'_>, entry: &MenuEntry<'_>) -> Option<Fix> {
    let ranked = entry.attributes.iter();
    let ranked = ranked.filter_map(|it| Some((rank_of(it)?, scope.lines(entry.span(it.range)))));
    let ranked: Vec<(u8, Span)> = ranked.collect();
    let (first, last) = (ranked.first()?.1, ranked.last()?.1);
    let all = scope.text(TextRange::new(first.start, last.end).in_file(first.file));
    let body = entry.attributes.iter().find_map(|it| match it.kind {
        AttributeKind::Help { body, .. } => Some(scope.text(entry.span(body))),
        _ => None,
    });
    let all = body.map_or(all.clone(), |body| all.replacen(&body, "", 1));
    // Other rules of style speak of these lines where they are not as they should be, and change them first.
    let is_neat = |line: &str| {
        let rest = line.strip_prefix('\t');
        line.trim_end() == line && rest.is_some_and(|rest| !rest.starts_with('\t'))
    };
    let mut lines = all.lines();
    if !all.ends_with('\n') || !lines.all(|line| is_neat(line) && !is_comment(line.as_bytes())) {
        return None;
    }
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    order.sort_by_key(|at| ranked[*at].0);
    let moves = order.iter().enumerate().filter(|(to, from)| to != *from);
    let edits = moves.map(|(to, from)| Edit {
        span: ranked[to].1,
        text: scope.text(ranked[*from].1),
    });
    let edits = edits.collect();
    let title = "put the attributes in order";
    Some(Fix::new(title, Applicability::MachineApplicable, edits))
}

/// The place of a help text in the order: the last.
const HELP: u8 = 5;

/// The place of an attribute in the order.
fn rank_of(attribute: &Attribute) -> Option<u8> {
    match attribute.kind {
        AttributeKind::Type { .. }
        | AttributeKind::TypedDefault { .. }
        | AttributeKind::Prompt(_) => Some(1),
        AttributeKind::Default { .. } => Some(2),
        AttributeKind::DependsOn { .. } => Some(3),
        AttributeKind::Select { .. } | AttributeKind::Imply { .. } => Some(4),
        AttributeKind::Help { .. } => Some(HELP),
        _ => None,
    }
}
