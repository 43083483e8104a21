// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who is a member of a choice, and what that changes.
//!
//! Membership is decided after menu.c has built its submenus: in an old choice, and below an
//! `if` inside a new one, a statement that depends on the one before it becomes that one's
//! submenu and leaves the choice.

use std::collections::VecDeque;

use super::build::Builder;
use super::expr::{Exprs, Operand};
use super::symbol::{ChoiceId, SymbolId, ValueType};
use super::written::Written;
use crate::menu::{Menu, NodeId};
use crate::source::Name;
use crate::syntax::ast::{CompareOp, EntryKind};
use crate::tree::{ChoiceForm, Engine};

/// Finds the members of all choices and what they inherit.
pub(super) fn finish(builder: &mut Builder) {
    let choices = blocks(builder);
    for (node, children) in choices {
        let Some(symbol) = builder.symbol[node.0 as usize] else {
            continue;
        };
        let Some(choice) = builder.model.symbol(symbol).choice else {
            continue;
        };
        match builder.model.behaviour.choices {
            _ if builder.model.behaviour.is_kconfiglib() => {
                finish_kconfiglib(builder, choice, children);
            }
            ChoiceForm::New => finish_new(builder, choice, children),
            ChoiceForm::Old => finish_old(builder, node, choice, children),
        }
    }
}

/// A statement inside a choice with what lies below it.
struct Item {
    node: NodeId,
    below: Vec<Item>,
}

/// Each choice statement with its content as a tree.
fn blocks(builder: &Builder) -> Vec<(NodeId, Vec<Item>)> {
    let menu = &builder.menu;
    let mut result: Vec<(NodeId, Vec<Item>)> = Vec::new();
    let mut inside: Vec<Item> = Vec::new();
    let choices = around(menu);
    // From the last statement to the first: children are complete before their parent.
    for at in (0..menu.nodes.len()).rev() {
        let id = NodeId(at as u32);
        let below = take_children(builder, &mut inside, id);
        if matches!(menu.kind(id), EntryKind::Choice(_)) {
            result.push((id, below));
            if choices[at].is_some() {
                // Only kconfiglib takes a choice in a choice.
                let below = Vec::new();
                inside.push(Item { node: id, below });
            }
        } else if choices[at].is_some() {
            inside.push(Item { node: id, below });
        }
    }
    result.reverse();
    result
}

fn take_children(builder: &Builder, inside: &mut Vec<Item>, parent: NodeId) -> Vec<Item> {
    let mut children = Vec::new();
    while inside
        .last()
        .is_some_and(|item| builder.menu.node(item.node).parent == Some(parent))
    {
        children.extend(inside.pop());
    }
    children
}

/// The choice around each statement; parents come before their children.
pub(super) fn around(menu: &Menu) -> Vec<Option<NodeId>> {
    let mut around: Vec<Option<NodeId>> = Vec::with_capacity(menu.nodes.len());
    for node in &menu.nodes {
        let choice = node.parent.and_then(|parent| match menu.kind(parent) {
            EntryKind::Choice(_) => Some(parent),
            _ => around[parent.0 as usize],
        });
        around.push(choice);
    }
    around
}

fn finish_new(builder: &mut Builder, choice: ChoiceId, children: Vec<Item>) {
    for node in flatten(builder, children, false) {
        let Some(member) = builder.symbol[node.0 as usize] else {
            continue;
        };
        // symbol.c, sym_get_choice_menu: the first statement with a prompt decides.
        let symbol = builder.model.symbol(member);
        let first = symbol.prompts.first().map(|prompt| prompt.node);
        // kconfig refuses a text there (`refused`), and knows no value of it.
        let is_text = !symbol.ty.is_logical() && symbol.ty != ValueType::Unknown;
        if first == Some(node) && symbol.member_of.is_none() && !is_text {
            join(builder, choice, member);
        }
    }
}

fn finish_old(builder: &mut Builder, node: NodeId, choice: ChoiceId, children: Vec<Item>) {
    let symbol = builder.model.choice(choice).symbol;
    infer_types(builder, symbol, &children);
    for member_node in flatten(builder, children, true) {
        let Some(member) = builder.symbol[member_node.0 as usize] else {
            continue;
        };
        if builder.model.symbol(member).member_of.is_some() {
            continue;
        }
        join(builder, choice, member);
        let mixed = builder.model.symbol(symbol).ty == ValueType::Tristate
            && builder.model.symbol(member).ty != ValueType::Tristate;
        if mixed {
            require_yes(builder, symbol, member, member_node);
        }
    }
    if let Some(visible) = builder.prompt[node.0 as usize] {
        if !builder.model.choice(choice).optional {
            let exprs = &mut builder.model.exprs;
            let forced = exprs.and(visible, Exprs::MODULE);
            let all = exprs.or(builder.model.symbols[symbol.0 as usize].self_select, forced);
            builder.symbol_mut(symbol).self_select = all;
        }
    }
}

/// kconfiglib.py, `_finalize_choice`: every symbol right below the choice is a member, whatever its
/// type, with a prompt or without.
fn finish_kconfiglib(builder: &mut Builder, choice: ChoiceId, children: Vec<Item>) {
    let symbol = builder.model.choice(choice).symbol;
    for node in flatten(builder, children, true) {
        let Some(member) = builder.symbol[node.0 as usize] else {
            continue;
        };
        let record = builder.model.symbol(member);
        if record.member_of.is_none() && record.choice.is_none() {
            join(builder, choice, member);
        }
    }
    let members = builder.model.choice(choice).members.clone();
    take_types(builder, symbol, members);
    if builder.model.behaviour.engine == Engine::EspIdf {
        builder.symbol_mut(symbol).ty = ValueType::Bool;
    } else if !builder.model.symbol(symbol).ty.is_logical() {
        builder.model.choices[choice.0 as usize].is_stuck = true;
        builder.symbol_mut(symbol).ty = ValueType::Tristate;
    }
}

fn join(builder: &mut Builder, choice: ChoiceId, member: SymbolId) {
    builder.symbol_mut(member).member_of = Some(choice);
    builder.model.choices[choice.0 as usize]
        .members
        .push(member);
}

/// The choice takes the first typed child's type, untyped children take the choice's.
fn infer_types(builder: &mut Builder, choice: SymbolId, children: &[Item]) {
    let members: Vec<SymbolId> = children
        .iter()
        .filter_map(|item| builder.symbol[item.node.0 as usize])
        .collect();
    take_types(builder, choice, members);
}

fn take_types(builder: &mut Builder, choice: SymbolId, members: Vec<SymbolId>) {
    if builder.model.symbol(choice).ty == ValueType::Unknown {
        let first = members
            .iter()
            .map(|member| builder.model.symbol(*member).ty);
        if let Some(ty) = first.into_iter().find(|ty| *ty != ValueType::Unknown) {
            builder.symbol_mut(choice).ty = ty;
        }
    }
    let ty = builder.model.symbol(choice).ty;
    for member in members {
        let record = builder.symbol_mut(member);
        if record.ty == ValueType::Unknown {
            record.ty = ty;
        }
    }
}

/// A bool member of a tristate choice counts only while the choice is y.
fn require_yes(builder: &mut Builder, choice: SymbolId, member: SymbolId, node: NodeId) {
    let yes = Operand::Constant(Name::Y);
    let is_yes = builder
        .model
        .exprs
        .compare(CompareOp::Equal, Operand::Symbol(choice), yes);
    let (exprs, symbols) = (&mut builder.model.exprs, &mut builder.model.symbols);
    let member = &mut symbols[member.0 as usize];
    let own = |other: NodeId| other == node;
    for prompt in member.prompts.iter_mut().filter(|prompt| own(prompt.node)) {
        prompt.condition = exprs.and(is_yes, prompt.condition);
    }
    for default in member
        .defaults
        .iter_mut()
        .filter(|default| own(default.node))
    {
        default.condition = exprs.and(is_yes, default.condition);
    }
    for range in member.ranges.iter_mut().filter(|range| own(range.node)) {
        range.condition = exprs.and(is_yes, range.condition);
    }
}

/// The statements that stay directly in the block: submenus are taken out, `if` blocks and
/// promptless parents dissolved.
fn flatten(builder: &Builder, items: Vec<Item>, submenus: bool) -> Vec<NodeId> {
    let mut written = Written::new(&builder.model);
    finalize(builder, &mut written, items, submenus)
        .into_iter()
        .map(|item| item.node)
        .collect()
}

fn finalize(
    builder: &Builder,
    written: &mut Written<'_>,
    items: Vec<Item>,
    submenus: bool,
) -> Vec<Item> {
    let mut rest: VecDeque<Item> = items.into();
    let mut result = Vec::new();
    while !rest.is_empty() {
        let Some(mut item) = absorb(builder, written, &mut rest, submenus) else {
            break;
        };
        let kind = builder.menu.kind(item.node);
        let stays = matches!(kind, EntryKind::Menu(_) | EntryKind::Choice(_));
        let dissolves = builder.prompt[item.node.0 as usize].is_none() && !stays;
        let below = std::mem::take(&mut item.below);
        if dissolves {
            result.push(item);
            result.extend(below);
        } else {
            item.below = below;
            result.push(item);
        }
    }
    result
}

/// Takes the first item and, when submenus are made, those after it that depend on it.
fn absorb(
    builder: &Builder,
    written: &mut Written<'_>,
    rest: &mut VecDeque<Item>,
    submenus: bool,
) -> Option<Item> {
    let mut item = rest.pop_front()?;
    if matches!(builder.menu.kind(item.node), EntryKind::If(_)) {
        item.below = finalize(builder, written, std::mem::take(&mut item.below), true);
        return Some(item);
    }
    let symbol = builder.symbol[item.node.0 as usize].filter(|_| submenus);
    let symbol = symbol.filter(|it| builder.model.symbol(*it).choice.is_none());
    if let Some(symbol) = symbol {
        while rest
            .front()
            .is_some_and(|next| belongs_below(written, symbol, item.node, next.node))
        {
            item.below.extend(absorb(builder, written, rest, true));
        }
    }
    Some(item)
}

/// menu.c, `menu_finalize`: whether the next statement depends on `symbol` in the sense that
/// makes it a submenu. conf looks at what it has folded.
fn belongs_below(written: &mut Written<'_>, symbol: SymbolId, above: NodeId, next: NodeId) -> bool {
    let dependency = match written.prompt(next) {
        Some(visible) => visible,
        None => written.dependency(next),
    };
    let base = written.prompt(above).flatten();
    written.terms.belongs_below(dependency, symbol, base)
}
