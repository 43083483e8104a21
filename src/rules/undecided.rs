// SPDX-License-Identifier: MIT OR Apache-2.0
//! undecided: a question about a select that was given up. It is never taken for an answer.

use super::{Check, Context, Group, Rule, Stage};
use crate::diagnostic::{Diagnostic, Label, Level};
use crate::logic::Effort;
use crate::model::{Model, SelectId, ValueType};
use crate::source::Span;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "undecided",
    group: Group::Correctness,
    level: Level::Warn,
    stage: Stage::Theory,
    check: Check::Elsewhere,
    fixable: false,
    since: "0.1.0",
    summary: "whether a select is safe was not decided",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Names every select of which this run cannot say whether it is safe. There are two reasons.

The question took more than the effort. Whether a Kconfig tree has a configuration of some kind
is as hard as any problem of logic, and a tree can be written in which the search takes years. Each
question ends after a number of conflicts, which is the same on every machine. `--effort N`, or
`effort = N` in kconfig-lint.toml, sets another number.

The answer depends on an order of computation. Where MODULES depends on a tristate, conf computes
that symbol before it knows whether there are modules. When a configuration is loaded, m is then y.
When the values are computed once more, as menuconfig does after each change, m can be m. This
rule names a select that no configuration shows to be unsafe when it is loaded, and that may be
unsafe later.

## Why is this bad

A select that is not decided may switch on what cannot work there. Nothing is known of it: the run
neither found a configuration nor proved that there is none.

## Example

MODULES is `HELPER`, which depends on the tristate `BUS`.

```kconfig,bad
config BUS
	tristate "Bus"

config HELPER
	tristate
	modules
	depends on BUS

config DRIVER
	tristate "Driver"
	depends on BUS != n
	select HELPER
```

## Use instead

Let MODULES depend on bool symbols only. Where the effort was too small, set a larger one.

```kconfig,good
config MODULES
	bool "Modules"
	modules

config BUS
	tristate "Bus"

config HELPER
	tristate
	depends on BUS

config DRIVER
	tristate "Driver"
	depends on BUS
	select HELPER
```
"#;

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// The question took more than the effort.
    Effort,
    /// The answer depends on the order in which conf computes MODULES and a tristate.
    Order,
}

/// A select that was left undecided. A check finds it on one architecture; `merge` adds the others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UndecidedSelect {
    /// The symbol whose select it is.
    pub selector: String,
    /// The symbol that is selected.
    pub selectee: String,
    /// The policy that was asked about; `None` for the dependencies of the selectee.
    pub policy: Option<String>,
    /// Why.
    pub cause: Cause,
    /// The statement.
    pub span: Span,
    /// A tristate on which MODULES depends, if there is one.
    pub tristate: Option<String>,
    /// Architectures, sorted; an empty name where the tree has none.
    pub architectures: Vec<String>,
}

impl UndecidedSelect {
    /// A select of a model.
    pub(super) fn new(
        context: &Context<'_>,
        id: SelectId,
        policy: Option<&str>,
        cause: Cause,
    ) -> UndecidedSelect {
        let model = context.model;
        let select = model.select(id);
        UndecidedSelect {
            selector: model.name(select.selector).to_owned(),
            selectee: model.name(select.target).to_owned(),
            policy: policy.map(str::to_owned),
            cause,
            span: select.span,
            tristate: tristate_before_modules(model),
            architectures: vec![context.architecture.to_owned()],
        }
    }

    /// What tells one from another.
    pub fn key(&self) -> (String, String, Option<String>, Cause) {
        let UndecidedSelect {
            selector, selectee, ..
        } = self;
        let policy = self.policy.clone();
        (selector.clone(), selectee.clone(), policy, self.cause)
    }

    /// Takes in the same of another architecture.
    pub fn merge(&mut self, other: UndecidedSelect) {
        self.architectures.extend(other.architectures);
        self.architectures.sort();
        self.architectures.dedup();
    }

    /// The finding in words.
    pub fn report(&self, level: Level, effort: Effort) -> Diagnostic {
        let (selector, selectee) = (&self.selector, &self.selectee);
        let asked = match &self.policy {
            Some(policy) => {
                format!("whether {selector} selects {selectee} against policy {policy}")
            }
            None => format!("whether {selector} selects {selectee} against its dependencies"),
        };
        let tristate = self.tristate.as_deref().unwrap_or("a tristate");
        let (message, note, help) = match self.cause {
            Cause::Effort => (
                format!("{asked} was not decided: the question was given up"),
                format!(
                    "tried: {} conflicts of the solver, and no configuration and no proof was found",
                    effort.conflicts()
                ),
                format!(
                    "for a longer search: --effort {}",
                    effort.conflicts().saturating_mul(10)
                ),
            ),
            Cause::Order => (
                format!("{asked} depends on the order in which Kconfig computes values"),
                format!(
                    "MODULES depends on the tristate {tristate}: loaded as m, {tristate} counts as y \
                     until all values are computed again"
                ),
                "let MODULES depend on bool symbols only".to_owned(),
            ),
        };
        let primary = Label::new(
            self.span,
            format!("nothing is known of this select of {selectee}"),
        );
        let mut diagnostic = Diagnostic::new(RULE.name, level, primary, message);
        diagnostic.symbol = Some(selector.clone());
        diagnostic.key = vec![selectee.clone()];
        diagnostic.key.extend(self.policy.clone());
        diagnostic.notes.push(note);
        diagnostic.helps.push(help);
        let names = self.architectures.iter();
        let names = names.filter(|name| !name.is_empty());
        diagnostic.architectures = names.cloned().collect();
        diagnostic
    }
}

fn tristate_before_modules(model: &Model) -> Option<String> {
    let mut ids = model.symbol_ids().filter(|(id, symbol)| {
        let is_tristate = symbol.before_modules && symbol.ty == ValueType::Tristate;
        is_tristate && model.modules != Some(*id) && symbol.name.is_some()
    });
    let (id, _) = ids.next().filter(|_| model.has_tristate_before_modules)?;
    Some(model.name(id).to_owned())
}
