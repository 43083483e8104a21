// SPDX-License-Identifier: MIT OR Apache-2.0
//! comment-mismatch: a comment "X needs …" beside an X that can be chosen.

use super::scope::{Findings, MenuEntry, Scope};
use super::{Check, Group, Rule, Stage};
use crate::diagnostic::{Label, Level};
use crate::menu::NodeId;
use crate::model::{Definition, Exprs, SymbolId};
use crate::source::{Span, TextRange};
use crate::syntax::ast::EntryKind;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "comment-mismatch",
    group: Group::Suspicious,
    level: Level::Allow,
    stage: Stage::Model,
    check: Check::Tree(check),
    fixable: false,
    since: "0.1.0",
    summary: "a comment says that an option needs something while it is shown",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

Reports `comment "X needs …"` where some configuration shows both the comment and the option with the prompt "X" of
the same file. The question is put to the solver.

## Why is this bad

Such a comment stands in for an option that is hidden (Buildroot's manual wants one for each package). Its dependencies
are the opposite of those of the option. Here they are not: one of the two was changed alone.

## Example

```kconfig,bad
config THREADS
	bool "Threads"

config WCHAR
	bool "Wide characters"

config PANEL
	bool "panel"
	depends on THREADS

comment "panel needs threads"
	depends on !THREADS || !WCHAR
```

## Use instead

```kconfig,good
config THREADS
	bool "Threads"

config PANEL
	bool "panel"
	depends on THREADS

comment "panel needs threads"
	depends on !THREADS
```
"#;

fn check(scope: &Scope<'_>, findings: &mut Findings) {
    let model = scope.model;
    let menu = &model.menu;
    let mut comments = Vec::new();
    for at in 0..menu.nodes.len() {
        let entry = MenuEntry::of(menu, NodeId(at as u32));
        let EntryKind::Comment(text) = entry.entry.kind else {
            continue;
        };
        let place = entry.span(text.range);
        let words = unquoted(scope, place);
        if let Some((option, _)) = words.split_once(" needs ") {
            comments.push((entry.id, place, option.to_owned()));
        }
    }
    if comments.is_empty() {
        return;
    }
    let options = options(scope);
    for (node, place, option) in comments {
        // Of several options with one prompt nobody knows which is meant.
        let same = options
            .iter()
            .filter(|(_, prompt, text)| prompt.file == place.file && *text == option);
        let same: Vec<_> = same.collect();
        let is_wrong = |it: &&&(SymbolId, Span, String)| are_both_shown(scope, node, it.0, it.1);
        if same.iter().filter(is_wrong).count() < same.len() {
            continue;
        }
        let Some((id, prompt, _)) = same.first() else {
            continue;
        };
        let name = model.name(*id);
        let message = format!("some configuration shows this comment and {name} as well");
        let on = menu.node(node).on & model.architectures_of(*id);
        let finding = findings.report(place, on, Some(name), message);
        let label = Label::new(*prompt, "the option");
        finding.labels.push(label);
    }
}

fn unquoted(scope: &Scope<'_>, place: Span) -> String {
    let text = scope.text(place);
    text.trim_matches('"').to_owned()
}

/// All prompts with their texts.
fn options(scope: &Scope<'_>) -> Vec<(SymbolId, Span, String)> {
    // The words of a choice are a heading: its members have conditions of their own.
    let symbols = scope
        .model
        .symbol_ids()
        .filter(|(_, symbol)| symbol.choice.is_none());
    let prompts = symbols.flat_map(|(id, symbol)| symbol.prompts.iter().map(move |it| (id, it)));
    let prompts = prompts.map(|(id, prompt)| (id, prompt.span, unquoted(scope, prompt.span)));
    prompts.collect()
}

fn are_both_shown(scope: &Scope<'_>, comment: NodeId, id: SymbolId, prompt: Span) -> bool {
    let model = scope.model;
    let Some(mut theory) = scope.theory() else {
        return false;
    };
    let head = TextRange::new(0, 0);
    let comment = Definition {
        node: comment,
        dependency: None,
        name: model.menu.span(model.menu.node(comment).instance, head),
    };
    let own = model.conjuncts_of(&comment).into_iter();
    let own = own.chain(model.visible_conjuncts_of(comment.node));
    let own: Vec<_> = own.map(|term| term.expr.unwrap_or(Exprs::NO)).collect();
    let mut prompts = model.symbol(id).prompts.iter();
    let Some(prompt) = prompts.find(|it| it.span == prompt) else {
        return false;
    };
    theory.focus();
    let shown = theory.expr(prompt.condition).on;
    let mut question = vec![shown];
    question.extend(own.iter().map(|term| theory.expr(*term).on));
    theory.holds(&question).unwrap_or(false)
}
