// SPDX-License-Identifier: MIT OR Apache-2.0
//! What most rules look at: menu entries and symbols of all architectures together. One walk over
//! the menu tree and one over the symbols serve all enabled rules.
//!
//! It decides nothing itself. A rule that asks the solver finds it here, so that all of them share one.

use std::cell::{OnceCell, RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::Rule;
use super::kconfig_file::KconfigFile;
use super::outside::Outside;
use super::preset::Form;
use super::timing;
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Level};
use crate::logic::{self, Theory, Together};
use crate::menu::{InstanceId, Menu, Node, NodeId, Value};
use crate::model::{Definition, Expr, ExprId as ModelExpr, Model, Select, SymbolId};
use crate::source::{Files, Name, Span, TextRange, near};
use crate::syntax::ast::{Ast, Atom, Attribute, AttributeKind, Entry, EntryKind, ExprId, ExprKind};
use crate::tree::{ArchSet, Grammar};

/// How a rule finds what it reports.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Another part of the pipeline finds it, and the rule's file has declaration and words.
    Elsewhere,
    /// By looking at every Kconfig file that was read, whatever architecture reads it.
    File(fn(&KconfigFile<'_>, &mut Findings)),
    /// By looking at every menu entry.
    Entry(fn(&Scope<'_>, &MenuEntry<'_>, &mut Findings)),
    /// By looking at every symbol that is defined.
    Symbol(fn(&Scope<'_>, SymbolId, &mut Findings)),
    /// By looking at the whole tree once.
    Tree(fn(&Scope<'_>, &mut Findings)),
    /// By looking at what other files than Kconfig say. Only a run of a whole tree does.
    Outside(fn(&Outside<'_>, &mut Findings)),
}

/// The names that the whole tree defines, on whatever architecture.
pub struct Names {
    defined: FxHashSet<Name>,
    /// Whether nothing can define another one: every `source` statement leads to a file.
    pub is_complete: bool,
    /// Made when the first rule asks.
    spelling: OnceLock<near::Symbols>,
}

impl Names {
    /// Those of no tree yet, with whether the whole of it will be read.
    pub fn new(is_complete: bool) -> Names {
        Names {
            defined: FxHashSet::default(),
            is_complete,
            spelling: OnceLock::new(),
        }
    }

    /// Takes in what a model defines, with whether files that were not read may define more.
    pub fn add(&mut self, model: &Model, may_be_more: bool) {
        let symbols = model.symbols.iter();
        let defined = symbols.filter(|symbol| symbol.is_defined() || symbol.choice.is_some());
        self.defined
            .extend(defined.filter_map(|symbol| symbol.name));
        self.is_complete &= !may_be_more;
    }

    /// Whether some architecture defines this name.
    pub fn has(&self, name: Name) -> bool {
        self.defined.contains(&name)
    }

    /// The question to append where a name is not one of them.
    pub fn hint(&self, name: Name) -> String {
        let all = || self.defined.iter().map(|name| name.as_str()).collect();
        self.spelling.get_or_init(all).hint(name.as_str())
    }
}

/// What the rules look at: architectures that are read together, or a single one.
pub struct Scope<'a> {
    /// Menu tree and symbols.
    pub model: &'a Arc<Model>,
    /// What this tree's kconfig accepts.
    pub grammar: &'a Grammar,
    /// What all architectures define.
    pub names: &'a Names,
    /// The files that spans refer to.
    pub files: &'a Files,
    /// What style rules ask for.
    pub form: &'static Form,
    /// Made when the first rule asks; `None` where no value is defined.
    theory: OnceCell<Option<RefCell<Theory>>>,
}

/// What a word stands for in a menu entry, on these architectures.
pub enum Meant {
    /// A text in quotes, `y`, `m`, `n`, or a name that these architectures do not define.
    Text(Name),
    /// A symbol that is defined there.
    Symbol(SymbolId),
    /// An answer of the toolchain.
    Unknown,
}

impl<'a> Scope<'a> {
    /// These things to look at.
    pub fn new(
        model: &'a Arc<Model>,
        grammar: &'a Grammar,
        names: &'a Names,
        files: &'a Files,
        form: &'static Form,
    ) -> Scope<'a> {
        Scope {
            model,
            grammar,
            names,
            files,
            form,
            theory: OnceCell::new(),
        }
    }

    /// The solver. `None` where symbols depend on each other in a cycle, so that no value is defined.
    pub fn theory(&self) -> Option<RefMut<'_, Theory>> {
        let made = self.theory.get_or_init(|| {
            let is_cyclic = !self.model.cycles_of_each().is_empty();
            (!is_cyclic).then(|| RefCell::new(Theory::new(self.model.clone())))
        });
        made.as_ref().map(RefCell::borrow_mut)
    }

    /// The places whose conditions never hold together, in any configuration. A place may be asked for
    /// several times, where a file is read twice: then none of its conditions may hold. Conditions that
    /// lack only a name that nothing defines are left to `undefined-symbol`.
    pub fn never(&self, asked: &[(Span, Together)]) -> BTreeMap<Span, ArchSet> {
        let Some(mut theory) = self.theory() else {
            return BTreeMap::new();
        };
        let conditions: Vec<Together> = asked.iter().map(|(_, it)| it.clone()).collect();
        let never = logic::never(&mut theory, &conditions);
        let never: FxHashSet<usize> = never.into_iter().collect();
        let lacks_a_name = |it: &Together| it.0.iter().any(|id| self.lacks_a_name(*id));
        let mut found: BTreeMap<Span, ArchSet> = BTreeMap::new();
        let mut others: FxHashSet<Span> = FxHashSet::default();
        for (at, (place, conditions)) in asked.iter().enumerate() {
            match never.contains(&at) && !lacks_a_name(conditions) {
                true => *found.entry(*place).or_default() |= conditions.1,
                false => drop(others.insert(*place)),
            }
        }
        found.retain(|place, _| !others.contains(place));
        found
    }

    /// The architectures among these on which some configuration has y for `id` while it has m for `module`. None
    /// where symbols depend on each other in a cycle.
    pub fn yes_beside_module(&self, id: SymbolId, module: SymbolId, on: ArchSet) -> ArchSet {
        let Some(mut theory) = self.theory() else {
            return ArchSet::EMPTY;
        };
        theory.focus();
        let (own, other) = (theory.symbol(id), theory.symbol(module));
        let somewhere = theory.holds_on(&[own.yes, other.on, !other.yes], on);
        somewhere.possible()
    }

    /// Whether a condition has a term that is a name which nothing defines.
    pub fn lacks_a_name(&self, condition: ModelExpr) -> bool {
        let model = self.model;
        let terms = model.exprs.conjuncts(condition);
        terms.iter().any(|term| match model.exprs.get(*term) {
            Expr::Symbol(other) => {
                let name = model.symbol(other).name;
                name.is_some_and(|name| !self.names.has(name))
            }
            _ => false,
        })
    }

    /// What is written at a place; what is no UTF-8 there is replaced.
    pub fn text(&self, place: Span) -> String {
        let file = self.files.get(place.file);
        let bytes = place.range().of(file.text());
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// What a word of an entry stands for, with the architectures on which it does.
    pub fn meant(&self, entry: &MenuEntry<'_>, atom: Atom) -> Vec<(Meant, ArchSet)> {
        let on = entry.node.on;
        let values = match entry.value(atom) {
            Value::Forked(forks) => forks,
            value => vec![(on, value)],
        };
        let mut found = Vec::new();
        for (these, value) in values {
            match value {
                Value::Constant(text) => found.push((Meant::Text(text), these & on)),
                Value::Symbol(name) => found.extend(self.symbols(name, these & on)),
                Value::Unknown { .. } | Value::Forked(_) => {
                    found.push((Meant::Unknown, these & on))
                }
            }
        }
        found.retain(|(_, these)| !these.is_empty());
        found
    }

    /// The architectures on which a `select` or an `imply` stands for these symbols.
    pub fn architectures_of(&self, select: &Select) -> ArchSet {
        let model = self.model;
        let on = model.menu.node(select.node).on;
        on & model.architectures_of(select.target) & model.architectures_of(select.selector)
    }

    /// Whether a `source` statement in a block leads to no file.
    pub fn has_unread(&self, block: &MenuEntry<'_>) -> bool {
        let head = block.span(block.entry.head);
        let end = block.entry.close.map_or(u32::MAX, |close| close.start);
        let mut unfollowed = self.model.menu.unfollowed.iter();
        unfollowed.any(|it| it.span.file == head.file && (head.start..end).contains(&it.span.start))
    }

    /// What an expression of an entry says, with single blanks.
    pub fn written(&self, entry: &MenuEntry<'_>, expr: ExprId) -> String {
        let text = self.text(entry.span(entry.ast.expr(expr).range));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The lines of a place, with their line ends: what goes when it is deleted.
    pub fn lines(&self, place: Span) -> Span {
        let file = self.files.get(place.file);
        let starts = file.line_starts();
        let first = starts.partition_point(|start| *start <= place.start) - 1;
        let next = starts.partition_point(|start| *start < place.end);
        let end = starts
            .get(next)
            .copied()
            .unwrap_or(file.text().len() as u32);
        TextRange::new(starts[first], end).in_file(place.file)
    }

    /// A fix that deletes the lines of a place, where it is certain that nobody misses them.
    pub fn delete(&self, place: Span, title: impl Into<String>) -> Fix {
        let edit = Edit {
            span: self.lines(place),
            text: String::new(),
        };
        Fix::new(title, Applicability::MachineApplicable, vec![edit])
    }

    /// The symbols of a name on these architectures; its own text where it has none.
    fn symbols(&self, name: Name, on: ArchSet) -> Vec<(Meant, ArchSet)> {
        let menu = &self.model.menu;
        let mut rest = on;
        let mut found = Vec::new();
        for (these, id) in self.model.symbols_named(name) {
            let symbol = self.model.symbol(id);
            if symbol.is_defined() || symbol.choice.is_some() {
                let these = these & on & menu.defined.get(&name).copied().unwrap_or(menu.on);
                rest = rest.without(these);
                found.push((Meant::Symbol(id), these));
            }
        }
        found.push((Meant::Text(name), rest));
        found
    }

    /// The symbols that an entry defines, or gives more defaults, with the architectures on which it does.
    pub fn owners(&self, entry: &MenuEntry<'_>) -> Vec<(SymbolId, ArchSet)> {
        let (EntryKind::Config(name)
        | EntryKind::MenuConfig(name)
        | EntryKind::ConfigDefault(name)) = entry.entry.kind
        else {
            return Vec::new();
        };
        let meant = self.meant(entry, name).into_iter();
        let symbols = meant.filter_map(|(meant, on)| match meant {
            Meant::Symbol(id) if !on.is_empty() => Some((id, on)),
            _ => None,
        });
        symbols.collect()
    }
}

/// The blocks with some definition in them, each with the first of these. Parents come before their
/// children.
pub fn blocks(model: &Model) -> BTreeMap<NodeId, &Definition> {
    let mut found: BTreeMap<NodeId, &Definition> = BTreeMap::new();
    for definition in model.symbols.iter().flat_map(|it| &it.definitions) {
        for block in model.menu.around(definition.node) {
            let first = found.entry(block).or_insert(definition);
            if definition.node < first.node {
                *first = definition;
            }
        }
    }
    found
}

/// A menu entry in its place.
pub struct MenuEntry<'a> {
    /// Its number.
    pub id: NodeId,
    /// Its place in the menu tree.
    pub node: &'a Node,
    /// The file's statements.
    pub ast: &'a Ast,
    /// The statement.
    pub entry: &'a Entry,
    /// What stands below it.
    pub attributes: &'a [Attribute],
    menu: &'a Menu,
}

impl<'a> MenuEntry<'a> {
    /// The entry of this number.
    pub fn of(menu: &'a Menu, id: NodeId) -> MenuEntry<'a> {
        let node = menu.node(id);
        let ast = menu.instance(node.instance).tree.ast();
        let entry = ast.entry(node.entry);
        let attributes = ast.attributes_of(entry);
        MenuEntry {
            id,
            node,
            ast,
            entry,
            attributes,
            menu,
        }
    }

    /// The inclusion in which it stands.
    pub fn instance(&self) -> InstanceId {
        self.node.instance
    }

    /// A range of its file.
    pub fn span(&self, range: TextRange) -> Span {
        self.menu.span(self.node.instance, range)
    }

    /// What a word stands for here.
    pub fn value(&self, atom: Atom) -> Value {
        self.menu.value(self.node.instance, atom)
    }

    /// The place of a word.
    pub fn place(&self, atom: Atom) -> Span {
        self.span(self.ast.range_of(atom))
    }

    /// The name that a `config` or `menuconfig` defines.
    pub fn defines(&self) -> Option<Atom> {
        match self.entry.kind {
            EntryKind::Config(name) | EntryKind::MenuConfig(name) => Some(name),
            _ => None,
        }
    }

    /// That name, where some architecture finds one there.
    pub fn symbol(&self) -> Option<&'static str> {
        match self.value(self.defines()?) {
            Value::Symbol(name) => Some(name.as_str()),
            Value::Forked(forks) => forks.iter().find_map(|(_, value)| match value {
                Value::Symbol(name) => Some(name.as_str()),
                _ => None,
            }),
            Value::Constant(_) | Value::Unknown { .. } => None,
        }
    }

    /// Every expression in it: conditions, dependencies, and the values of defaults.
    pub fn expressions(&self) -> Vec<ExprId> {
        let mut all = Vec::new();
        if let EntryKind::If(condition) = self.entry.kind {
            all.push(condition);
        }
        for attribute in self.attributes {
            all.extend(parts(&attribute.kind).into_iter().flatten());
        }
        all
    }

    /// The words of an expression, in order, each with the word it is compared with.
    pub fn words(&self, expr: ExprId) -> Vec<(Atom, Option<Atom>)> {
        let mut found = Vec::new();
        let mut open = vec![expr];
        while let Some(id) = open.pop() {
            match self.ast.expr(id).kind {
                ExprKind::Atom(atom) => found.push((atom, None)),
                ExprKind::Not(x) | ExprKind::Paren(x) => open.push(x),
                ExprKind::And(x, y) | ExprKind::Or(x, y) => open.extend([y, x]),
                ExprKind::Compare(_, x, y) => found.extend([(x, Some(y)), (y, Some(x))]),
            }
        }
        found
    }
}

/// The expressions of an attribute: what it says, and its condition.
pub(super) fn parts(kind: &AttributeKind) -> [Option<ExprId>; 2] {
    match *kind {
        AttributeKind::Type { prompt, .. } => [None, prompt.and_then(|it| it.condition)],
        AttributeKind::Prompt(prompt) => [None, prompt.condition],
        AttributeKind::TypedDefault {
            value, condition, ..
        }
        | AttributeKind::Default { value, condition } => [Some(value), condition],
        AttributeKind::DependsOn { expr, condition } => [Some(expr), condition],
        AttributeKind::Select { condition, .. }
        | AttributeKind::Imply { condition, .. }
        | AttributeKind::Range { condition, .. }
        | AttributeKind::Set { condition, .. } => [None, condition],
        AttributeKind::Visible(condition) => [None, condition],
        AttributeKind::Option { .. }
        | AttributeKind::Modules
        | AttributeKind::Transitional
        | AttributeKind::Optional
        | AttributeKind::Help { .. }
        | AttributeKind::Warning(_)
        | AttributeKind::Macro(_) => [None, None],
    }
}

/// What one rule has found.
pub struct Findings {
    rule: &'static Rule,
    level: Level,
    found: Vec<(Diagnostic, ArchSet)>,
    is_held_back: bool,
}

impl Findings {
    fn of(rule: &'static Rule, level: Level) -> Findings {
        Findings {
            rule,
            level,
            found: Vec::new(),
            is_held_back: false,
        }
    }

    /// Whether every name that the tree may define is known. A rule that needs all of them asks
    /// here, so that the report can say which rules did not look.
    pub fn knows_all_names(&mut self, names: &Names) -> bool {
        self.is_held_back |= !names.is_complete;
        names.is_complete
    }

    /// Reports something of a symbol, on these architectures.
    ///
    /// Nothing is reported on no architecture.
    pub fn report(
        &mut self,
        place: Span,
        on: ArchSet,
        symbol: Option<&str>,
        message: String,
    ) -> &mut Diagnostic {
        let mut finding =
            Diagnostic::new(self.rule.name, self.level, Label::new(place, ""), message);
        finding.symbol = symbol.map(str::to_owned);
        self.found.push((finding, on));
        &mut self.found.last_mut().expect("it was just pushed").0
    }
}

/// What these rules find in files, on all architectures that read them.
pub fn check_files<'f>(
    files: impl Iterator<Item = KconfigFile<'f>>,
    rules: &[(&'static Rule, Level)],
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for file in files {
        for (rule, level) in rules {
            if let Check::File(check) = rule.check {
                let mut findings = Findings::of(rule, *level);
                timing::measured(rule.name, || check(&file, &mut findings));
                found.extend(findings.found.into_iter().map(|(finding, _)| finding));
            }
        }
    }
    found
}

/// What these rules find in other files than Kconfig, and which of them did not look.
pub fn check_outside(
    outside: &Outside<'_>,
    rules: &[(&'static Rule, Level)],
) -> (Vec<Diagnostic>, Vec<&'static str>) {
    let (mut found, mut held_back) = (Vec::new(), Vec::new());
    for (rule, level) in rules {
        if let Check::Outside(check) = rule.check {
            let mut findings = Findings::of(rule, *level);
            timing::measured(rule.name, || check(outside, &mut findings));
            held_back.extend(findings.is_held_back.then_some(rule.name));
            // A file that is read twice says everything twice.
            let mut known: BTreeSet<(Option<Span>, String)> = BTreeSet::new();
            let own = findings.found.into_iter().map(|(finding, _)| finding);
            found.extend(own.filter(|finding| {
                let place = finding.primary.as_ref().map(|label| label.span);
                known.insert((place, finding.message.clone()))
            }));
        }
    }
    (found, held_back)
}

/// What some rules found, and which of them did not look.
pub struct Found {
    /// The findings, each with its architectures.
    pub findings: Vec<(Diagnostic, ArchSet)>,
    /// The rules that reported nothing because some file of the tree was not read.
    pub held_back: Vec<&'static str>,
}

/// What these rules find.
pub fn check(scope: &Scope<'_>, rules: &[(&'static Rule, Level)]) -> Found {
    let rules = rules.iter();
    let mut all: Vec<Findings> = rules
        .map(|(rule, level)| Findings::of(rule, *level))
        .collect();
    let menu = &scope.model.menu;
    for at in 0..menu.nodes.len() {
        let entry = MenuEntry::of(menu, NodeId(at as u32));
        for findings in &mut all {
            if let Check::Entry(check) = findings.rule.check {
                timing::measured(findings.rule.name, || check(scope, &entry, findings));
            }
        }
    }
    for (id, symbol) in scope.model.symbol_ids() {
        if !symbol.is_defined() {
            continue;
        }
        for findings in &mut all {
            if let Check::Symbol(check) = findings.rule.check {
                timing::measured(findings.rule.name, || check(scope, id, findings));
            }
        }
    }
    for findings in &mut all {
        if let Check::Tree(check) = findings.rule.check {
            timing::measured(findings.rule.name, || check(scope, findings));
        }
    }
    let held_back = all.iter().filter(|it| it.is_held_back);
    Found {
        held_back: held_back.map(|it| it.rule.name).collect(),
        findings: all.into_iter().flat_map(|it| it.found).collect(),
    }
}
