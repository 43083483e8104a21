// SPDX-License-Identifier: MIT OR Apache-2.0
//! From the menu tree to the model: one walk over the statements in parse order.
//!
//! It follows parser.y for what a statement adds and menu.c, `menu_finalize`, for how
//! conditions are inherited. What attributes add lies in `properties`, expressions in `lower`,
//! choice membership in `choices`.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use super::Model;
use super::by_name::ByName;
use super::choices;
use super::cycles::suspects;
use super::expr::{Expr, ExprId, Exprs, Operand, OutputId, Tristate};
use super::hidden::Hidden;
use super::sets::Set;
use super::symbol::{Choice, ChoiceId, DefaultValue, Definition, Symbol, SymbolId, ValueType};
use super::untangle::untangle;
use crate::menu::command::Output;
use crate::menu::{InstanceId, Menu, Node, NodeId, Value};
use crate::source::Name;
use crate::syntax::ast::{self, Atom, Attribute, AttributeKind, EntryKind};
use crate::tree::{ArchSet, Behaviour, ChoiceForm, Engine};

/// Builds the model of a menu tree.
pub(super) fn build(menu: Arc<Menu>, behaviour: Behaviour) -> Model {
    let mut builder = Builder::new(menu, behaviour);
    builder.find_modules();
    builder.add_nodes();
    choices::finish(&mut builder);
    builder.finish_dependencies();
    builder.finish_sets();
    let hidden = Hidden::new(&builder.model, &builder.symbol, &builder.lost);
    let (suspects, hanging) = suspects(&builder.model, &hidden);
    builder.model.suspects = suspects;
    builder.model.hidden = Arc::new(hidden);
    builder.model.hanging = Arc::new(hanging);
    untangle(&mut builder);
    mark_before_modules(&mut builder.model);
    builder.model
}

/// Whether a statement defines the symbol of this name.
fn defines(menu: &Menu, node: &Node, name: Name) -> bool {
    let entry = menu.instance(node.instance).tree.ast().entry(node.entry);
    let (EntryKind::Config(atom) | EntryKind::MenuConfig(atom)) = entry.kind else {
        return false;
    };
    menu.value(node.instance, atom) == Value::Symbol(name)
}

/// Marks MODULES and what it depends on.
fn mark_before_modules(model: &mut Model) {
    let Some(modules) = model.modules else {
        return;
    };
    for id in model.hanging.clone().all_below(modules) {
        let symbol = &mut model.symbols[id.0 as usize];
        symbol.before_modules = true;
        model.has_tristate_before_modules |= symbol.ty == ValueType::Tristate;
    }
}

/// The walk's state. `choices` finishes what depends on a whole choice.
pub(super) struct Builder {
    pub(super) menu: Arc<Menu>,
    pub(super) model: Model,
    /// The full dependency of each statement.
    pub(super) dependency: Vec<Option<ExprId>>,
    /// The condition of each statement's prompt, if it has one.
    pub(super) prompt: Vec<Option<ExprId>>,
    /// The `visible if` of each block and of all around it.
    visible: Vec<ExprId>,
    /// The symbol each statement defines.
    pub(super) symbol: Vec<Option<SymbolId>>,
    named_choices: FxHashMap<Name, ChoiceId>,
    pub(super) output_ids: FxHashMap<Output, OutputId>,
    pub(super) work: Work,
    /// What constants took away in each statement, in parse order.
    pub(super) lost: Vec<(NodeId, ExprId)>,
    /// What symbols set of others.
    pub(super) sets: Vec<Set>,
}

/// The stacks of `lower`, kept from one expression to the next.
#[derive(Default)]
pub(super) struct Work {
    /// What is still to be read, with whether its operands were.
    pub(super) open: Vec<(ast::ExprId, bool)>,
    /// What was read.
    pub(super) done: Vec<ExprId>,
}

impl Builder {
    pub(super) fn new(menu: Arc<Menu>, behaviour: Behaviour) -> Builder {
        let count = menu.nodes.len();
        Builder::of(Model {
            menu: menu.clone(),
            behaviour,
            // A kernel has four expressions for each statement, and as many symbols as
            // statements.
            exprs: Exprs::with_capacity(count * 4).among(menu.on),
            symbols: Vec::with_capacity(count),
            choices: Vec::new(),
            selects: Vec::with_capacity(count),
            implies: Vec::new(),
            modules: None,
            outputs: Vec::new(),
            conditional: FxHashMap::default(),
            by_name: ByName::default(),
            variants: FxHashMap::default(),
            suspects: None,
            hidden: Arc::default(),
            has_tristate_before_modules: false,
            hanging: Arc::default(),
            lookup: OnceLock::new(),
        })
    }

    /// For more statements of a model that has some.
    pub(super) fn of(model: Model) -> Builder {
        let count = model.menu.nodes.len();
        let outputs = model.outputs.iter().enumerate();
        let outputs = outputs.map(|(at, output)| (output.clone(), OutputId(at as u32)));
        Builder {
            output_ids: outputs.collect(),
            menu: model.menu.clone(),
            model,
            dependency: vec![None; count],
            prompt: vec![None; count],
            visible: vec![Exprs::YES; count],
            symbol: vec![None; count],
            named_choices: FxHashMap::default(),
            work: Work::default(),
            lost: Vec::new(),
            sets: Vec::new(),
        }
    }

    /// `m` means `m && MODULES`, so that symbol has to be known before the first expression.
    fn find_modules(&mut self) {
        let menu = self.menu.clone();
        if !self.model.behaviour.knows_m() {
            return;
        }
        if self.model.behaviour.is_kconfiglib() {
            // kconfiglib.py, `_init`: the symbol has this name, and no statement says so.
            let name = Name::new("MODULES");
            if menu.nodes.iter().any(|node| defines(&menu, node, name)) {
                self.model.modules = Some(self.intern_symbol(name));
            }
            return;
        }
        for node in &menu.nodes {
            let tree = &menu.instance(node.instance).tree;
            let entry = tree.ast().entry(node.entry);
            let (EntryKind::Config(name) | EntryKind::MenuConfig(name)) = entry.kind else {
                continue;
            };
            let declares = tree.ast().is_modules(entry);
            if declares {
                let value = menu.value(node.instance, name);
                self.model.modules = self.symbol_of(&value);
                return;
            }
        }
    }

    /// Keeps for the search for cycles what constants took away in a statement.
    pub(super) fn lost_in(&mut self, id: NodeId) {
        let lost = self.model.exprs.lost.drain(..);
        self.lost.extend(lost.map(|expr| (id, expr)));
    }

    fn add_nodes(&mut self) {
        for at in 0..self.menu.nodes.len() {
            self.add_node(NodeId(at as u32));
        }
    }

    /// Adds a statement, below the blocks around it.
    pub(super) fn add_node(&mut self, id: NodeId) {
        self.model.exprs.lost.clear();
        self.add_statement(id);
        // Before Linux 6.12, conf folds constants only beside something else.
        if self.model.behaviour.choices == ChoiceForm::Old {
            self.lost_in(id);
        }
    }

    fn add_statement(&mut self, id: NodeId) {
        let menu = self.menu.clone();
        let node = menu.node(id);
        let ast = menu.instance(node.instance).tree.ast();
        let entry = ast.entry(node.entry);
        let attributes = ast.attributes_of(entry);
        let outer_visible = node
            .parent
            .map_or(Exprs::YES, |up| self.visible[up.0 as usize]);
        let dependency = self.dependency_of(id, &entry.kind, attributes);
        self.dependency[id.0 as usize] = dependency;
        let is_menu = matches!(entry.kind, EntryKind::Menu(_));
        let visible = match is_menu {
            true => self.visible_of(node.instance, attributes, outer_visible),
            false => outer_visible,
        };
        self.visible[id.0 as usize] = visible;
        let name_range = |atom: Atom| ast.range_of(atom);
        match entry.kind {
            EntryKind::Config(name) | EntryKind::MenuConfig(name) => {
                let value = menu.value(node.instance, name);
                let Some(symbol) = self.defined_by(&value, node.on) else {
                    return;
                };
                self.symbol[id.0 as usize] = Some(symbol);
                let name = menu.span(node.instance, name_range(name));
                self.symbol_mut(symbol).definitions.push(Definition {
                    node: id,
                    dependency,
                    name,
                });
                self.add_attributes(id, symbol, attributes, outer_visible);
                if self.model.behaviour.engine == Engine::Minikconf {
                    self.may_be_assigned(id, symbol, name);
                }
            }
            EntryKind::ConfigDefault(name) => {
                let value = menu.value(node.instance, name);
                let Some(symbol) = self.symbol_of(&value) else {
                    return;
                };
                self.add_attributes(id, symbol, attributes, outer_visible);
            }
            EntryKind::Choice(name) => {
                let symbol = self.add_choice(id, name, attributes);
                self.add_attributes(id, symbol, attributes, outer_visible);
            }
            _ => {}
        }
    }

    /// The statement's own dependencies below those of the blocks around it. In the old form
    /// members of a choice depend on the choice's symbol instead of its dependencies.
    fn dependency_of(
        &mut self,
        id: NodeId,
        kind: &EntryKind,
        attributes: &[Attribute],
    ) -> Option<ExprId> {
        let node = *self.menu.node(id);
        let inherited = node.parent.and_then(|up| {
            let choice = self.symbol[up.0 as usize]
                .filter(|symbol| self.model.symbol(*symbol).choice.is_some());
            match (self.model.behaviour.choices, choice) {
                (ChoiceForm::Old, Some(choice)) => Some(self.model.exprs.symbol(choice)),
                _ => self.dependency[up.0 as usize],
            }
        });
        let mut own = None;
        if let EntryKind::If(condition) = kind {
            own = Some(self.condition(node.instance, *condition));
        }
        for attribute in attributes {
            let AttributeKind::DependsOn { expr, condition } = attribute.kind else {
                continue;
            };
            let mut term = self.condition(node.instance, expr);
            if let Some(condition) = condition {
                term = self.unless_off(node.instance, term, condition);
            }
            own = Some(own.map_or(term, |own| self.model.exprs.and(own, term)));
        }
        match (inherited, own) {
            (Some(inherited), Some(own)) => Some(self.model.exprs.and(inherited, own)),
            (inherited, own) => own.or(inherited),
        }
    }

    fn visible_of(
        &mut self,
        instance: InstanceId,
        attributes: &[Attribute],
        outer: ExprId,
    ) -> ExprId {
        let mut visible = outer;
        for attribute in attributes {
            if let AttributeKind::Visible(Some(condition)) = attribute.kind {
                let term = self.condition(instance, condition);
                visible = self.model.exprs.and(visible, term);
            }
        }
        visible
    }

    fn add_choice(&mut self, id: NodeId, name: Option<Atom>, attributes: &[Attribute]) -> SymbolId {
        let instance = self.menu.node(id).instance;
        let old = self.model.behaviour.choices == ChoiceForm::Old;
        let name = name
            .filter(|_| old)
            .and_then(|name| match self.menu.value(instance, name) {
                Value::Symbol(name) | Value::Constant(name) => Some(name),
                Value::Unknown { .. } | Value::Forked(_) => None,
            });
        let optional = attributes
            .iter()
            .any(|attribute| matches!(attribute.kind, AttributeKind::Optional));
        let known = name.and_then(|name| self.named_choices.get(&name).copied());
        let choice = known.unwrap_or_else(|| {
            let choice = ChoiceId(self.model.choices.len() as u32);
            let symbol = self.new_symbol(name);
            let record = self.symbol_mut(symbol);
            record.choice = Some(choice);
            if !old {
                record.ty = ValueType::Bool;
            }
            self.model.choices.push(Choice {
                symbol,
                members: Vec::new(),
                optional,
                is_stuck: false,
                node: id,
            });
            if let Some(name) = name {
                self.named_choices.insert(name, choice);
            }
            choice
        });
        self.model.choices[choice.0 as usize].optional |= optional;
        let symbol = self.model.choices[choice.0 as usize].symbol;
        self.symbol[id.0 as usize] = Some(symbol);
        symbol
    }

    pub(super) fn symbol_of(&mut self, value: &Value) -> Option<SymbolId> {
        match value {
            Value::Symbol(name) => Some(self.intern_symbol(*name)),
            _ => None,
        }
    }

    /// The symbol that a statement defines on these architectures.
    pub(super) fn defined_by(&mut self, value: &Value, on: ArchSet) -> Option<SymbolId> {
        let Value::Symbol(name) = value else {
            return None;
        };
        let variants = self.variants(*name);
        let mut own = variants.into_iter().filter(|(these, _)| these.covers(on));
        own.next().map(|(_, symbol)| symbol)
    }

    /// The symbols of a name, with the architectures for which each stands: one for all, but
    /// where [`Menu::variants`] has others.
    pub(super) fn variants(&mut self, name: Name) -> SmallVec<[(ArchSet, SymbolId); 1]> {
        let menu = self.menu.clone();
        let Some(sets) = menu.variants.get(&name) else {
            return smallvec![(menu.on, self.intern_symbol(name))];
        };
        if !self.model.variants.contains_key(&name) {
            let mut own = SmallVec::new();
            for on in sets {
                own.push((*on, self.new_symbol(Some(name))));
            }
            self.model.variants.insert(name, own);
        }
        self.model.variants[&name].clone()
    }

    pub(super) fn intern_symbol(&mut self, name: Name) -> SymbolId {
        if let Some(&id) = self.model.by_name.get(&name) {
            return id;
        }
        let id = self.new_symbol(Some(name));
        self.model.by_name.insert(name, id);
        id
    }

    fn new_symbol(&mut self, name: Option<Name>) -> SymbolId {
        let id = SymbolId(self.model.symbols.len() as u32);
        self.model.symbols.push(Symbol {
            name,
            ..Symbol::undefined()
        });
        id
    }

    pub(super) fn symbol_mut(&mut self, id: SymbolId) -> &mut Symbol {
        &mut self.model.symbols[id.0 as usize]
    }

    /// Direct dependencies (menu.c: a definition without one is dropped from the OR), and
    /// defaults read as the types want them.
    fn finish_dependencies(&mut self) {
        for at in 0..self.model.symbols.len() {
            self.finish_symbol(SymbolId(at as u32));
        }
    }

    /// The same for one symbol.
    pub(super) fn finish_symbol(&mut self, id: SymbolId) {
        let behaviour = self.model.behaviour;
        let exprs = &mut self.model.exprs;
        let menu = &self.menu;
        let symbol = &mut self.model.symbols[id.0 as usize];
        let counts = behaviour.choices == ChoiceForm::Old || symbol.member_of.is_none();
        if counts {
            (symbol.direct, symbol.depends_on) =
                direct(exprs, menu, &symbol.definitions, &behaviour);
        }
        // A base that was not read may define the symbol without a dependency, which then has none.
        let is_open = behaviour.is_kconfiglib() && !menu.unfollowed.is_empty();
        if is_open && only_adds(menu, symbol) {
            symbol.direct = None;
        }
        for default in &mut symbol.defaults {
            default.value = settle(exprs, symbol.ty, default.value, behaviour.knows_m());
        }
    }
}

/// Whether the definitions of a symbol only add defaults to what another file says of it: none has a
/// prompt, a help text or a dependency of its own.
fn only_adds(menu: &Menu, symbol: &Symbol) -> bool {
    let mut definitions = symbol.definitions.iter();
    definitions.all(|definition| {
        let node = menu.node(definition.node);
        let ast = menu.instance(node.instance).tree.ast();
        let attributes = ast.attributes_of(ast.entry(node.entry));
        attributes.iter().all(|it| match it.kind {
            AttributeKind::Type { prompt, .. } => prompt.is_none(),
            AttributeKind::Prompt(_) | AttributeKind::Help { .. } => false,
            AttributeKind::DependsOn { .. } => false,
            _ => true,
        })
    })
}

/// The OR of what definitions depend on, and the architectures on which one of them depends on
/// something. A definition without a dependency is dropped where another one has one (menu.c,
/// `menu_finalize`); for kconfiglib it counts as y (kconfiglib.py, `_add_props_to_sym`).
pub(super) fn direct(
    exprs: &mut Exprs,
    menu: &Menu,
    definitions: &[Definition],
    behaviour: &Behaviour,
) -> (Option<ExprId>, ArchSet) {
    let (mut defined, mut depends_on) = (ArchSet::EMPTY, ArchSet::EMPTY);
    let mut direct = None;
    for definition in definitions {
        let on = menu.node(definition.node).on;
        defined |= on;
        let yes = Some(Exprs::YES).filter(|_| behaviour.is_kconfiglib());
        let Some(dependency) = definition.dependency.or(yes) else {
            continue;
        };
        depends_on |= on;
        let guard = exprs.on(on);
        let dependency = exprs.and(guard, dependency);
        direct = Some(direct.map_or(dependency, |direct| exprs.or(direct, dependency)));
    }
    let direct = direct.map(|direct| {
        let free = exprs.on(defined.without(depends_on));
        exprs.or(free, direct)
    });
    (direct, depends_on)
}

fn settle(exprs: &mut Exprs, ty: ValueType, value: DefaultValue, knows_m: bool) -> DefaultValue {
    match value {
        DefaultValue::Text(operand) if ty.is_logical() => DefaultValue::Logical(match operand {
            Operand::Symbol(symbol) => exprs.symbol(symbol),
            Operand::Constant(text) if text == Name::M && !knows_m => Exprs::NO,
            Operand::Constant(text) => {
                Exprs::constant(Tristate::from_name(text).unwrap_or_default())
            }
            Operand::Output(output) => {
                let yes = exprs.intern(Expr::Prints(output, Name::Y));
                let module = exprs.intern(Expr::Prints(output, Name::M));
                let module = exprs.and(module, Exprs::MODULE);
                exprs.or(yes, module)
            }
        }),
        DefaultValue::Logical(value) if !ty.is_logical() => DefaultValue::Invalid(value),
        value => value,
    }
}
