// SPDX-License-Identifier: MIT OR Apache-2.0
//! One menu tree for several architectures.
//!
//! Elaboration walks the files once for all of them, and apart only where a macro makes them
//! differ. The order of the statements, restricted to one architecture, is that architecture's own.
//!
//! What conf decides by the order of statements is not a matter of sets: the type of a symbol is
//! the first that a definition gives, and a choice has the members whose first prompt it has. A
//! symbol in which architectures differ there gets variants ([`Menu::variants`]), and a statement
//! that defines several of them stands once for each.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::elaborate::together;
use super::loader::Loader;
use super::toolchain::Toolchain;
use super::{Instance, Menu, Node, NodeId, Value};
use crate::source::{Name, ReadError};
use crate::syntax::ast::{
    Ast, Atom, Attribute, AttributeKind, Entry, EntryKind, ExprId, ExprKind, Type,
};
use crate::tree::{ArchSet, Architecture, ChoiceForm, Project};

/// Why architectures cannot be read together.
#[derive(Debug)]
pub enum NotMerged {
    /// The root file cannot be read.
    Root(ReadError),
    /// More of them than a set holds.
    TooMany,
    /// The content of a choice is not the same on all architectures that read it.
    Choice,
    /// A symbol stands for MODULES on some architectures, and is an ordinary one, one of another
    /// type, or another one does, elsewhere.
    Modules,
    /// What a statement defines is not the same on all architectures that read it.
    Definition,
}

/// The menu tree of all these architectures.
///
/// # Errors
/// When what they have in common cannot be expressed by sets.
pub fn elaborate_all(
    loader: &Loader,
    project: &Project,
    architectures: &[Architecture],
    toolchain: &Toolchain,
) -> Result<Menu, NotMerged> {
    if architectures.len() > ArchSet::MOST {
        return Err(NotMerged::TooMany);
    }
    let merged = together(loader, project, architectures, toolchain);
    let mut merged = merged.map_err(NotMerged::Root)?;
    check_choices(&merged)?;
    let classes = classes(&merged, project.behaviour.choices)?;
    check_members(&classes, project.behaviour.choices)?;
    let mixed = of_several_types(&classes);
    split(&mut merged, classes);
    check_modules(&merged)?;
    check_submenus(&merged, &mixed, project.behaviour.choices)?;
    Ok(merged)
}

/// What a forked atom stands for.
pub(super) fn forked(on: ArchSet, instance: &Instance, atom: Atom) -> Value {
    let mut values: Vec<(ArchSet, Value)> = Vec::new();
    for at in on.iter() {
        let value = instance.value(atom, Some(at));
        match values.iter_mut().find(|(_, known)| *known == value) {
            Some((on, _)) => *on |= ArchSet::only(at),
            None => values.push((ArchSet::only(at), value)),
        }
    }
    Value::Forked(values)
}

/// The choice around each statement, from the first to the last.
struct Around<'m> {
    menu: &'m Menu,
    found: Vec<Option<NodeId>>,
}

impl<'m> Around<'m> {
    fn new(menu: &'m Menu) -> Around<'m> {
        Around {
            menu,
            found: Vec::with_capacity(menu.nodes.len()),
        }
    }

    /// That around the next statement.
    fn next(&mut self, node: &Node) -> Option<NodeId> {
        let choice = node.parent.and_then(|parent| match self.menu.kind(parent) {
            EntryKind::Choice(_) => Some(parent),
            _ => self.found[parent.0 as usize],
        });
        self.found.push(choice);
        choice
    }
}

/// The members of a choice are found once for all who read it.
fn check_choices(menu: &Menu) -> Result<(), NotMerged> {
    let mut around = Around::new(menu);
    let mut named: FxHashMap<Name, ArchSet> = FxHashMap::default();
    for node in &menu.nodes {
        let choice = around.next(node);
        if choice.is_some_and(|choice| menu.node(choice).on != node.on) {
            return Err(NotMerged::Choice);
        }
        let entry = menu.instance(node.instance).tree.ast().entry(node.entry);
        let EntryKind::Choice(Some(name)) = entry.kind else {
            continue;
        };
        match menu.value(node.instance, name) {
            Value::Symbol(name) | Value::Constant(name) => {
                if *named.entry(name).or_insert(node.on) != node.on {
                    return Err(NotMerged::Choice);
                }
            }
            Value::Unknown { .. } => {}
            Value::Forked(_) => return Err(NotMerged::Choice),
        }
    }
    Ok(())
}

/// A choice of the new form has bool members only; conf refuses any other (parser.y of 6.12,
/// "choice member must be bool"). What such a tree means on one architecture says nothing about the next.
fn check_members(classes: &FxHashMap<Name, Classes>, form: ChoiceForm) -> Result<(), NotMerged> {
    let mut all = classes.values().flatten();
    let is_wrong = |class: &Class| !class.choices.is_empty() && class.ty != Some(Type::Bool);
    match form == ChoiceForm::New && all.any(|(_, class)| is_wrong(class)) {
        true => Err(NotMerged::Choice),
        false => Ok(()),
    }
}

/// A statement in a choice that depends on a symbol before it there is no member (menu.c,
/// `menu_finalize`): such a symbol has to be the same one for all who read the statement.
fn check_submenus(menu: &Menu, mixed: &FxHashSet<Name>, form: ChoiceForm) -> Result<(), NotMerged> {
    let inside = defined_in_choices(menu);
    let mut around = Around::new(menu);
    for node in &menu.nodes {
        let Some(choice) = around.next(node).filter(|_| !menu.variants.is_empty()) else {
            continue;
        };
        // A choice without a type has that of its first member with one (6.1, `menu_finalize`).
        let takes_type = form == ChoiceForm::Old && !is_typed(menu, choice);
        if takes_type && defined_by(menu, node).is_some_and(|name| mixed.contains(&name)) {
            return Err(NotMerged::Choice);
        }
        // In the new form only an `if` inside a choice has submenus.
        if form == ChoiceForm::New && node.parent == Some(choice) {
            continue;
        }
        let ast = menu.instance(node.instance).tree.ast();
        let mut open = conditions(ast, ast.entry(node.entry));
        while let Some(id) = open.pop() {
            let atoms = match ast.expr(id).kind {
                ExprKind::Atom(atom) => vec![atom],
                ExprKind::Compare(_, left, right) => vec![left, right],
                ExprKind::Not(x) | ExprKind::Paren(x) => {
                    open.push(x);
                    continue;
                }
                ExprKind::And(x, y) | ExprKind::Or(x, y) => {
                    open.extend([x, y]);
                    continue;
                }
            };
            let is_inside = |value: &Value| match value {
                Value::Symbol(name) => inside.contains(&(choice, *name)),
                _ => false,
            };
            let differs = |atom: &Atom| match menu.value(node.instance, *atom) {
                Value::Symbol(name) => {
                    inside.contains(&(choice, name)) && menu.variants.contains_key(&name)
                }
                Value::Forked(values) => values.iter().any(|(_, value)| is_inside(value)),
                Value::Constant(_) | Value::Unknown { .. } => false,
            };
            if atoms.iter().any(differs) {
                return Err(NotMerged::Choice);
            }
        }
    }
    Ok(())
}

/// The symbols that are defined in each choice.
fn defined_in_choices(menu: &Menu) -> FxHashSet<(NodeId, Name)> {
    let mut around = Around::new(menu);
    let mut found = FxHashSet::default();
    for node in &menu.nodes {
        let Some(choice) = around.next(node) else {
            continue;
        };
        found.extend(defined_by(menu, node).map(|name| (choice, name)));
    }
    found
}

/// The symbol that a statement defines.
fn defined_by(menu: &Menu, node: &Node) -> Option<Name> {
    let entry = menu.instance(node.instance).tree.ast().entry(node.entry);
    let (EntryKind::Config(name) | EntryKind::MenuConfig(name)) = entry.kind else {
        return None;
    };
    match menu.value(node.instance, name) {
        Value::Symbol(name) => Some(name),
        _ => None,
    }
}

fn is_typed(menu: &Menu, choice: NodeId) -> bool {
    let node = menu.node(choice);
    let ast = menu.instance(node.instance).tree.ast();
    Class::of(ast.attributes_of(ast.entry(node.entry)))
        .ty
        .is_some()
}

/// What decides where a statement is shown.
fn conditions(ast: &Ast, entry: &Entry) -> Vec<ExprId> {
    let mut all = Vec::new();
    if let EntryKind::If(condition) = entry.kind {
        all.push(condition);
    }
    for attribute in ast.attributes_of(entry) {
        match attribute.kind {
            AttributeKind::DependsOn { expr, condition } => {
                all.push(expr);
                all.extend(condition);
            }
            AttributeKind::Prompt(prompt)
            | AttributeKind::Type {
                prompt: Some(prompt),
                ..
            } => all.extend(prompt.condition),
            _ => {}
        }
    }
    all
}

/// One symbol stands for MODULES wherever it is defined: the first that says so.
fn check_modules(menu: &Menu) -> Result<(), NotMerged> {
    let mut on = ArchSet::EMPTY;
    let mut first = None;
    for node in &menu.nodes {
        let tree = &menu.instance(node.instance).tree;
        let entry = tree.ast().entry(node.entry);
        let (EntryKind::Config(name) | EntryKind::MenuConfig(name)) = entry.kind else {
            continue;
        };
        if !tree.ast().is_modules(entry) || on.covers(node.on) {
            continue;
        }
        on |= node.on;
        let name = menu.value(node.instance, name);
        if *first.get_or_insert_with(|| name.clone()) != name {
            return Err(NotMerged::Modules);
        }
    }
    let Some(Value::Symbol(name)) = first else {
        return match first {
            None => Ok(()),
            Some(_) => Err(NotMerged::Modules),
        };
    };
    let defined = menu.defined.get(&name).copied().unwrap_or(menu.on);
    match on.covers(defined) && !menu.variants.contains_key(&name) {
        true => Ok(()),
        false => Err(NotMerged::Modules),
    }
}

/// What the order of statements decides of a symbol.
#[derive(Clone, PartialEq, Eq, Default)]
struct Class {
    ty: Option<Type>,
    transitional: bool,
    /// The choice around the first prompt (new form), or those around all definitions, which may be
    /// members of the first or below another member of it (old form).
    choices: SmallVec<[NodeId; 1]>,
    prompted: bool,
}

/// The architectures that agree about a symbol, with what they agree on.
type Classes = Vec<(ArchSet, Class)>;

/// The classes of each symbol.
fn classes(menu: &Menu, form: ChoiceForm) -> Result<FxHashMap<Name, Classes>, NotMerged> {
    let mut around = Around::new(menu);
    let mut classes: FxHashMap<Name, Classes> = FxHashMap::default();
    for node in &menu.nodes {
        let choice = around.next(node);
        let ast = menu.instance(node.instance).tree.ast();
        let entry = ast.entry(node.entry);
        let (EntryKind::Config(name) | EntryKind::MenuConfig(name)) = entry.kind else {
            continue;
        };
        let attributes = ast.attributes_of(entry);
        check_names(menu, node, attributes)?;
        match menu.value(node.instance, name) {
            Value::Symbol(name) => {
                let mut own = Class::of(attributes);
                let choice = choice.filter(|_| form == ChoiceForm::Old || own.prompted);
                own.choices.extend(choice);
                refine(classes.entry(name).or_default(), node.on, own, form);
            }
            Value::Forked(_) => return Err(NotMerged::Definition),
            Value::Constant(_) | Value::Unknown { .. } => {}
        }
    }
    Ok(classes)
}

/// What a statement selects, and the variables that it names, are the same for all who read it.
fn check_names(menu: &Menu, node: &Node, attributes: &[Attribute]) -> Result<(), NotMerged> {
    let instance = menu.instance(node.instance);
    if instance.forks.is_empty() {
        return Ok(());
    }
    let is_forked = attributes.iter().any(|attribute| match attribute.kind {
        AttributeKind::Select { target, .. } | AttributeKind::Imply { target, .. } => {
            matches!(menu.value(node.instance, target), Value::Forked(_))
        }
        AttributeKind::Option { value, .. } => {
            value.is_some_and(|value| instance.forks.contains_key(&value))
        }
        _ => false,
    });
    match is_forked {
        true => Err(NotMerged::Definition),
        false => Ok(()),
    }
}

/// The symbols that do not have the same type on all architectures that define them.
fn of_several_types(classes: &FxHashMap<Name, Classes>) -> FxHashSet<Name> {
    let differ = |all: &Classes| all.iter().any(|(_, class)| class.ty != all[0].1.ty);
    let mixed = classes.iter().filter(|(_, all)| differ(all));
    mixed.map(|(name, _)| *name).collect()
}

/// Takes up what a further statement on these architectures says.
fn refine(known: &mut Classes, on: ArchSet, own: Class, form: ChoiceForm) {
    let mut new = on;
    for at in 0..known.len() {
        let (all, class) = &known[at];
        let (all, inside) = (*all, *all & on);
        new = new.without(inside);
        let joined = class.joined(&own, form);
        if inside.is_empty() || joined == *class {
            continue;
        }
        let (_, class) = std::mem::replace(&mut known[at], (inside, joined));
        if inside != all {
            known.push((all.without(inside), class));
        }
    }
    if !new.is_empty() {
        known.push((new, own));
    }
}

impl Class {
    /// What a statement with these attributes says, but for where it stands.
    fn of(attributes: &[Attribute]) -> Class {
        let mut own = Class::default();
        for attribute in attributes {
            match attribute.kind {
                AttributeKind::Type { ty, prompt } => {
                    own.ty = own.ty.or(Some(ty));
                    own.prompted |= prompt.is_some();
                }
                AttributeKind::TypedDefault { ty, .. } => own.ty = own.ty.or(Some(ty)),
                AttributeKind::Prompt(_) => own.prompted = true,
                AttributeKind::Transitional => own.transitional = true,
                _ => {}
            }
        }
        own
    }

    /// With what a later statement says.
    fn joined(&self, later: &Class, form: ChoiceForm) -> Class {
        let mut choices = self.choices.clone();
        let is_settled = match form {
            ChoiceForm::New => self.prompted || !choices.is_empty(),
            ChoiceForm::Old => false,
        };
        let more = later.choices.iter().filter(|_| !is_settled);
        choices.extend(
            more.filter(|choice| !self.choices.contains(choice))
                .copied(),
        );
        Class {
            ty: self.ty.or(later.ty),
            transitional: self.transitional || later.transitional,
            choices,
            prompted: self.prompted || later.prompted,
        }
    }
}

/// Gives each symbol its variants, and each statement that defines several of them one place for
/// each.
fn split(menu: &mut Menu, classes: FxHashMap<Name, Classes>) {
    for (name, classes) in classes {
        let mut variants: Vec<(ArchSet, Class)> = Vec::new();
        let mut defined = ArchSet::EMPTY;
        for (on, class) in classes {
            defined |= on;
            let class = Class {
                prompted: false,
                ..class
            };
            match variants.iter_mut().find(|(_, known)| *known == class) {
                Some((known, _)) => *known |= on,
                None => variants.push((on, class)),
            }
        }
        if defined != menu.on {
            menu.defined.insert(name, defined);
        }
        if variants.len() > 1 {
            let sets = variants.into_iter().map(|(on, _)| on).collect();
            menu.variants.insert(name, sets);
        }
    }
    if menu.variants.is_empty() {
        return;
    }
    let old = std::mem::take(&mut menu.nodes);
    let mut places: Vec<NodeId> = Vec::with_capacity(old.len());
    let mut nodes = Vec::with_capacity(old.len());
    for node in old {
        let parent = node.parent.map(|parent| places[parent.0 as usize]);
        let node = Node { parent, ..node };
        places.push(NodeId(nodes.len() as u32));
        let variants = variants_of(menu, &node);
        if variants.is_empty() {
            nodes.push(node);
        }
        for on in variants {
            nodes.push(Node { on, ..node });
        }
    }
    menu.nodes = nodes;
}

/// The parts of a statement's architectures that differ in what it defines.
fn variants_of(menu: &Menu, node: &Node) -> Vec<ArchSet> {
    let Some(variants) = defined_by(menu, node).and_then(|name| menu.variants.get(&name)) else {
        return Vec::new();
    };
    let parts = variants.iter().map(|on| *on & node.on);
    parts.filter(|on| !on.is_empty()).collect()
}
