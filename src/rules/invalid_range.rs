// SPDX-License-Identifier: MIT OR Apache-2.0
//! invalid-range: a range that cannot hold.

use super::invalid_default::{constant, not_numbers};
use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::Level;
use crate::model::ValueType;
use crate::syntax::ast::AttributeKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "invalid-range",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Model,
    check: Check::Entry(check),
    fixable: false,
    since: "0.1.0",
    summary: "a range is reversed, is no range of numbers, or has no effect",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports a range of a symbol that is no int or hex, a bound that is neither a number of the symbol's kind
nor another int or hex (menu.c, `sym_check_prop`: "range is invalid"), and a lower bound above the upper
one.

## Why is this bad

A bound that is no number counts as 0, and in a reversed range every value is moved to a bound that was
meant for the other side.

## Example

```kconfig,bad
config BUFFERS
	int "Buffers"
	range 64 4
	default 64
```

## Use instead

```kconfig,good
config BUFFERS
	int "Buffers"
	range 4 64
	default 64
```
"#;

fn check(scope: &Scope<'_>, entry: &MenuEntry<'_>, findings: &mut Findings) {
    for attribute in entry.attributes {
        let AttributeKind::Range { low, high, .. } = attribute.kind else {
            continue;
        };
        let place = entry.span(attribute.range);
        for (id, on) in scope.owners(entry) {
            let (ty, name) = (scope.model.symbol(id).ty, scope.model.name(id));
            if ty == ValueType::Unknown {
                continue;
            }
            if ty.is_logical() || ty == ValueType::String {
                let message = format!("{name} is no int or hex, and can have no range");
                findings.report(place, on, Some(name), message);
                continue;
            }
            for bound in [low, high] {
                for (text, these) in not_numbers(scope, entry, bound, ty) {
                    let message = format!("{text} is no bound of {name}: it counts as 0");
                    findings.report(place, on & these, Some(name), message);
                }
            }
            let number = |atom| constant(scope, entry, atom, ty);
            if number(low)
                .zip(number(high))
                .is_some_and(|(low, high)| low > high)
            {
                let what = "its lower bound is the greater one";
                let message = format!("no value of {name} lies in this range: {what}");
                findings.report(place, on, Some(name), message);
            }
        }
    }
}
