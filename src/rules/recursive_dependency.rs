// SPDX-License-Identifier: MIT OR Apache-2.0
//! recursive-dependency: symbols that depend on themselves.

use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Data, Diagnostic, Label, Level};
use crate::model::{Cycle, CycleStep, EdgeKind, Model};
use crate::source::Span;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "recursive-dependency",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Model,
    check: Check::Elsewhere,
    fixable: false,
    since: "0.1.0",
    summary: "symbols depend on themselves through others",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Finds every cycle among the dependencies of a tree, in one run, and prints the whole shortest
cycle with the place of every step. What counts is what conf counts: direct dependencies, selects
and implies seen from the selected symbol, conditions of prompts, defaults and ranges, and
default values. The bounds of a range do not count. Members of a choice count through the
choice.

## Why is this bad

The value of each symbol of a cycle is defined by its own value. conf refuses such a tree ("error:
recursive dependency detected!") and stops at the first one, so nothing can be configured at all;
this tool gives no verdict that needs values on an architecture with a cycle, and says so.

## Example

`BUS_HELPER` depends on `BUS`, and selects a driver that selects `BUS`.

```kconfig,bad
config BUS
	bool "Bus"

config BUS_HELPER
	bool "Helper"
	depends on BUS
	select BUS_DRIVER

config BUS_DRIVER
	bool "Driver"
	select BUS
```

## Use instead

Use one relation between two symbols, mostly `depends on`, and keep `select` for symbols without
a prompt and without dependencies:

```kconfig,good
config BUS
	bool "Bus"

config BUS_HELPER
	bool "Helper"
	depends on BUS
	select BUS_DRIVER

config BUS_DRIVER
	bool "Driver"
	depends on BUS
```
"#;

/// A cycle with its places. One from a check is of one architecture.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Recursion {
    /// The symbols, each hangs on the next, the last on the first. The first is the least by
    /// name.
    pub symbols: Vec<String>,
    /// The member of the same choice that a single symbol hangs on.
    pub sibling: Option<String>,
    /// The steps, in the same order: place and words.
    pub steps: Vec<(Span, String)>,
    /// Architectures, sorted.
    pub architectures: Vec<String>,
}

/// Every cycle of one architecture.
pub fn check(model: &Model, architecture: &str) -> Vec<Recursion> {
    let cycles = model.cycles().into_iter();
    cycles
        .map(|cycle| recursion(model, &cycle.steps, architecture))
        .collect()
}

/// What tells this cycle from others, as [`Recursion::key`] has it.
pub fn key(model: &Model, cycle: &Cycle) -> Vec<String> {
    recursion(model, &cycle.steps, "").key()
}

fn recursion(model: &Model, steps: &[CycleStep], architecture: &str) -> Recursion {
    let mut symbols: Vec<String> = steps
        .iter()
        .map(|step| model.name(step.from).to_owned())
        .collect();
    let mut words: Vec<(Span, String)> = steps
        .iter()
        .map(|step| (step.span, describe(model, step)))
        .collect();
    let sibling = match steps {
        [only] if only.from != only.to => Some(model.name(only.to).to_owned()),
        _ => None,
    };
    let least = (0..symbols.len())
        .min_by_key(|at| &symbols[*at])
        .unwrap_or(0);
    symbols.rotate_left(least);
    words.rotate_left(least);
    Recursion {
        symbols,
        sibling,
        steps: words,
        architectures: vec![architecture.to_owned()],
    }
}

fn describe(model: &Model, step: &CycleStep) -> String {
    let (from, to) = (model.name(step.from), model.name(step.to));
    match step.kind {
        EdgeKind::Depends => format!("{from} depends on {to}"),
        EdgeKind::Select => format!("{from} is selected by, or on the condition of, {to}"),
        EdgeKind::Imply => format!("{from} is implied by, or on the condition of, {to}"),
        EdgeKind::Default => format!("the default of {from} contains {to}"),
        EdgeKind::Range => format!("the range of {from} depends on {to}"),
        EdgeKind::Visibility => format!("the prompt of {from} is visible depending on {to}"),
    }
}

impl Recursion {
    /// What tells one finding from another.
    pub fn key(&self) -> Vec<String> {
        self.symbols.clone()
    }

    /// Takes in the same finding of another architecture.
    pub fn merge(&mut self, other: Recursion) {
        self.architectures.extend(other.architectures);
        self.architectures.sort();
        self.architectures.dedup();
    }

    /// The finding in words.
    pub fn report(&self, level: Level) -> Diagnostic {
        let mut chain = self.symbols.clone();
        chain.extend(self.symbols.first().cloned());
        let message = match (&self.symbols[..], &self.sibling) {
            ([only], Some(sibling)) => {
                format!("{only} depends on {sibling}, which is a member of the same choice")
            }
            ([only], None) => format!("{only} depends on itself"),
            _ => format!("recursive dependency: {}", chain.join(" -> ")),
        };
        let (span, words) = &self.steps[0];
        let primary = Label::new(*span, words.clone());
        let mut diagnostic = Diagnostic::new(RULE.name, level, primary, message);
        diagnostic.symbol = self.symbols.first().cloned();
        diagnostic.labels = self.steps[1..]
            .iter()
            .map(|(span, words)| Label::new(*span, words.clone()))
            .collect();
        diagnostic.architectures = self
            .architectures
            .iter()
            .filter(|name| !name.is_empty())
            .cloned()
            .collect();
        diagnostic
            .notes
            .push("selects are not judged until the cycle is resolved".to_owned());
        diagnostic.data = Data::Cycle {
            symbols: self.symbols.clone(),
        };
        diagnostic
    }
}
