// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model of every architecture is conf's finalised symbol table: the same symbols with
//! the same types, prompts, defaults, ranges, selects, implies and dependencies. Conditions
//! are compared as functions (`conditions`), not as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use kconfig_lint::model::{self, DefaultValue, Expr, ExprId, Exprs, Model, SymbolId, ValueType};
use kconfig_lint::source::{Files, Span};
use kconfig_lint::syntax::ast::CompareOp;
use kconfig_lint::tree::ChoiceForm;
use rayon::prelude::*;

use crate::answers::Answers;
use crate::conditions::{Assignments, Lanes, Operand};
use crate::driver::Reading;
use crate::dump::{Comparison, Dump, Leaf, Node, NodeId, Symbol};
use crate::floor;
use crate::library::Library;
use crate::trees::{Linux, all_linux, newest};

/// Recorded, so that a difference can be found again.
const SEED: u64 = 0x6b63_6f6e_6669_6700;

/// Differences shown of one architecture.
const SHOWN: usize = 12;

#[test]
fn every_model_is_what_conf_finalises() {
    let failures: Vec<String> = all_linux()
        .iter()
        .flat_map(|tree| {
            let library = Library::new(tree);
            let names = tree.architectures();
            let all = names.par_iter().enumerate();
            all.filter_map(|(at, architecture)| {
                // Half of them with a toolchain that can nothing beyond compiling.
                let answers = Answers::gcc((at + tree.name.len()) % 2 == 0);
                let reading = Reading::kernel(tree, architecture).answers(answers);
                let seed = SEED + at as u64;
                let differences = compare(tree, &library, &reading, architecture, seed);
                let shown = differences[..differences.len().min(SHOWN)].join("\n  ");
                let count = differences.len();
                let place = format!("{} {architecture}", tree.name);
                (count > 0).then(|| format!("{place}: {count} differences\n  {shown}"))
            })
            .collect::<Vec<String>>()
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The comparison sees one missing term: conf is given a tree in which one driver does not
/// depend on MMU.
#[test]
fn a_difference_is_seen() {
    const FILE: &str = "drivers/gpu/drm/solomon/Kconfig";
    let tree = newest();
    let text = fs::read_to_string(tree.root.join(FILE)).unwrap();
    let changed = text.replacen("depends on DRM && MMU", "depends on DRM", 1);
    assert_ne!(text, changed, "{FILE} is not what it was");
    let reading = Reading::kernel(&tree, "arm").with(FILE, &changed);
    let differences = compare(&tree, &Library::new(&tree), &reading, "arm", SEED);
    let found = |what: &str| differences.iter().any(|words| words.starts_with(what));
    for what in [
        "direct dependency of Symbol(\"DRM_SSD130X\")",
        "prompt 0 of Symbol(\"DRM_SSD130X\")",
        "select DRM_GEM_SHMEM_HELPER of Symbol(\"DRM_SSD130X\")",
        "reverse dependency of Symbol(\"DRM_GEM_SHMEM_HELPER\")",
    ] {
        assert!(found(what), "{what}: not among {differences:#?}");
    }
    assert!(differences.len() < 20, "{differences:#?}");
}

fn compare(
    tree: &Linux,
    library: &Library,
    reading: &Reading,
    architecture: &str,
    seed: u64,
) -> Vec<String> {
    let dump = reading
        .dump()
        .unwrap_or_else(|failed| panic!("{} {architecture}: {}", tree.name, failed.messages));
    let place = format!("{} {architecture}", tree.name);
    assert!(
        dump.symbols.len() > 5_000,
        "{place}: only {} symbols",
        dump.symbols.len()
    );
    let model = library.model_of_conf(&tree.environment(architecture), &dump.commands);
    let model = Arc::new(model);
    let assignments = Assignments::random(&dump, seed);
    let mut comparison = Compare {
        files: library.loader.files(),
        theirs: assignments.evaluate(&dump),
        ours: Vec::new(),
        assignments: &assignments,
        dump: &dump,
        model: &model,
        differences: Vec::new(),
    };
    comparison.evaluate();
    comparison.all();
    let mut differences = comparison.differences;
    let (grammar, files) = (&library.project.grammar, library.loader.files());
    differences.extend(floor::differences(&model, grammar, files, &dump.messages));
    differences
}

struct Compare<'a> {
    files: &'a Files,
    dump: &'a Dump,
    model: &'a Model,
    assignments: &'a Assignments,
    theirs: Vec<Lanes>,
    ours: Vec<Lanes>,
    differences: Vec<String>,
}

/// How conf calls what the model calls this.
fn leaf(model: &Model, id: SymbolId) -> Leaf {
    let symbol = model.symbol(id);
    match symbol.choice {
        Some(choice) => Leaf::Choice(choice.0),
        None if symbol.is_defined() => Leaf::Symbol(model.name(id).to_owned()),
        None => Leaf::Undefined(model.name(id).to_owned()),
    }
}

fn comparison(op: CompareOp) -> Comparison {
    match op {
        CompareOp::Equal => Comparison::Equal,
        CompareOp::Unequal => Comparison::Unequal,
        CompareOp::Less => Comparison::Less,
        CompareOp::LessEqual => Comparison::LessEqual,
        CompareOp::Greater => Comparison::Greater,
        CompareOp::GreaterEqual => Comparison::GreaterEqual,
    }
}

fn type_word(ty: ValueType) -> &'static str {
    match ty {
        ValueType::Unknown => "unknown",
        ValueType::Bool => "bool",
        ValueType::Tristate => "tristate",
        ValueType::Int => "int",
        ValueType::Hex => "hex",
        ValueType::String => "string",
    }
}

impl Compare<'_> {
    /// Every expression of the model in every lane.
    fn evaluate(&mut self) {
        for (id, expr) in self.model.exprs.iter() {
            let at = |id: ExprId| &self.ours[id.0 as usize];
            let value = match expr {
                Expr::Const(value) => Assignments::constant(value.word()),
                Expr::Symbol(symbol) => self.assignments.leaf(&leaf(self.model, symbol)),
                Expr::Not(inner) => at(inner).not(),
                Expr::And(left, right) => at(left).and(at(right)),
                Expr::Or(left, right) => at(left).or(at(right)),
                Expr::Compare(op, left, right) => self.compare_operands(op, left, right),
                // Whoever knows one architecture asks about none.
                Expr::On(_) | Expr::Test(_) | Expr::Prints(..) => {
                    let text = self.model.printer().expr(id);
                    self.differences
                        .push(format!("conf never asked for {text}"));
                    Lanes::NO
                }
            };
            self.ours.push(value);
        }
    }

    fn compare_operands(
        &self,
        op: CompareOp,
        left: model::Operand,
        right: model::Operand,
    ) -> Lanes {
        let leaves = [left, right].map(|side| match side {
            model::Operand::Symbol(symbol) => Some(leaf(self.model, symbol)),
            _ => None,
        });
        let texts = [left, right].map(|side| match side {
            model::Operand::Constant(text) => text.as_str(),
            _ => "",
        });
        let operand = |at: usize| match &leaves[at] {
            Some(leaf) => Operand::Leaf(leaf),
            None => Operand::Constant(texts[at]),
        };
        self.assignments
            .compare(comparison(op), operand(0), operand(1))
    }

    /// Compares everything there is.
    fn all(&mut self) {
        let model = self.model;
        let mut ours: BTreeMap<Leaf, &model::Symbol> = BTreeMap::new();
        for (id, symbol) in model.symbol_ids() {
            if symbol.is_defined() || symbol.choice.is_some() || !symbol.selected_by.is_empty() {
                ours.insert(leaf(model, id), symbol);
            }
        }
        let dump = self.dump;
        let mut seen = BTreeSet::new();
        for theirs in &dump.symbols {
            let key = match (theirs.choice, &theirs.name) {
                (Some(number), _) => Leaf::Choice(number),
                (None, Some(name)) if theirs.definitions.is_empty() => {
                    Leaf::Undefined(name.clone())
                }
                (None, Some(name)) => Leaf::Symbol(name.clone()),
                (None, None) => panic!("a symbol without a name that is no choice"),
            };
            match ours.get(&key) {
                Some(ours) => self.symbol(&key, ours, theirs),
                // Only implies make conf list a symbol without definition that has none here.
                None if theirs.definitions.is_empty() && theirs.reverse.is_none() => {}
                None => self.differences.push(format!("{key:?} is missing")),
            }
            seen.insert(key);
        }
        for key in ours.keys().filter(|key| !seen.contains(*key)) {
            self.differences
                .push(format!("{key:?} is not known to conf"));
        }
        let ours = model.modules.map(|id| model.name(id));
        let theirs = dump.symbols.iter().find(|symbol| symbol.modules);
        let theirs = theirs.and_then(|symbol| symbol.name.as_deref());
        self.equal("the modules symbol", &"tree", &ours, &theirs);
    }

    fn equal<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: &str,
        of: &dyn std::fmt::Debug,
        ours: &T,
        theirs: &T,
    ) {
        if ours != theirs {
            let words = format!("{what} of {of:?}: ours is {ours:?}, conf's is {theirs:?}");
            self.differences.push(words);
        }
    }

    /// Compares two expressions as functions.
    fn condition(
        &mut self,
        what: &str,
        of: &Leaf,
        ours: ExprId,
        theirs: Option<NodeId>,
        none: Lanes,
    ) {
        let their_lanes = theirs.map_or(none, |id| self.theirs[id as usize]);
        let Some(lane) = self.ours[ours.0 as usize].difference(&their_lanes) else {
            return;
        };
        let levels = [
            self.ours[ours.0 as usize].level(lane),
            their_lanes.level(lane),
        ];
        let mut names = Vec::new();
        self.model.exprs.for_each_symbol(ours, |symbol| {
            names.push(leaf(self.model, symbol));
        });
        self.leaves_of(theirs, &mut names);
        names.sort();
        names.dedup();
        let values: Vec<String> = names
            .iter()
            .map(|leaf| format!("{leaf:?}={}", self.assignments.text(leaf, lane)))
            .collect();
        self.differences.push(format!(
            "{what} of {of:?}: {} for us and {} for conf\n    with {}\n    ours: {}\n    conf: {}",
            ["n", "m", "y"][usize::from(levels[0])],
            ["n", "m", "y"][usize::from(levels[1])],
            shorten(values.join(" ")),
            shorten(self.model.printer().expr(ours)),
            shorten(self.dump.show(theirs)),
        ));
    }

    fn leaves_of(&self, node: Option<NodeId>, names: &mut Vec<Leaf>) {
        let Some(node) = node else { return };
        match &self.dump.nodes[node as usize] {
            Node::Leaf(leaf) => names.push(leaf.clone()),
            Node::Constant(_) => {}
            Node::Not(inner) => self.leaves_of(Some(*inner), names),
            Node::And(left, right) | Node::Or(left, right) | Node::Compare(_, left, right) => {
                self.leaves_of(Some(*left), names);
                self.leaves_of(Some(*right), names);
            }
        }
    }

    fn symbol(&mut self, key: &Leaf, ours: &model::Symbol, theirs: &Symbol) {
        self.equal("type", key, &type_word(ours.ty), &theirs.kind.as_str());
        let member_of = ours.member_of.map(|choice| choice.0);
        self.equal("choice", key, &member_of, &theirs.member_of);
        if let Some(choice) = ours.choice {
            let optional = self.model.choice(choice).optional;
            self.equal("optional", key, &optional, &theirs.optional);
        }
        self.definitions(key, ours, theirs);
        self.prompts(key, ours, theirs);
        self.defaults(key, ours, theirs);
        self.ranges(key, ours, theirs);
        let model = self.model;
        let selects: Vec<_> = ours.selects.iter().map(|id| model.select(*id)).collect();
        self.selects("select", key, &selects, &theirs.selects);
        let implies: Vec<_> = ours.implies.iter().map(|id| model.imply(*id)).collect();
        self.selects("imply", key, &implies, &theirs.implies);
        self.dependencies(key, ours, theirs);
    }

    fn place(&self, span: Span) -> (String, u32) {
        let file = self.files.get(span.file);
        (file.path().to_owned(), file.position(span.start).line)
    }

    fn definitions(&mut self, key: &Leaf, ours: &model::Symbol, theirs: &Symbol) {
        if ours.choice.is_some() {
            return;
        }
        let here: Vec<_> = ours
            .definitions
            .iter()
            .map(|one| self.place(one.name))
            .collect();
        let there: Vec<_> = theirs
            .definitions
            .iter()
            .map(|place| {
                let file = place.file.as_deref().unwrap_or_default();
                (file.trim_start_matches("./").to_owned(), place.line)
            })
            .collect();
        self.equal("definitions", key, &here, &there);
    }

    fn prompts(&mut self, key: &Leaf, ours: &model::Symbol, theirs: &Symbol) {
        let count = (ours.prompts.len(), theirs.prompts.len());
        self.equal("prompts", key, &count.0, &count.1);
        for (at, (mine, other)) in ours.prompts.iter().zip(&theirs.prompts).enumerate() {
            let what = format!("prompt {at}");
            self.condition(&what, key, mine.condition, other.condition, Lanes::YES);
            let file = self.files.get(mine.span.file);
            let text = String::from_utf8_lossy(mine.span.range().of(file.text())).into_owned();
            let text = unquote(&text);
            if !text.contains('$') {
                self.equal(&what, key, &text.trim_start(), &other.text.as_str());
            }
        }
    }

    fn defaults(&mut self, key: &Leaf, ours: &model::Symbol, theirs: &Symbol) {
        let count = (ours.defaults.len(), theirs.defaults.len());
        self.equal("defaults", key, &count.0, &count.1);
        for (at, (mine, other)) in ours.defaults.iter().zip(&theirs.defaults).enumerate() {
            let what = format!("default {at}");
            self.condition(&what, key, mine.condition, other.condition, Lanes::YES);
            match mine.value {
                DefaultValue::Logical(value) => {
                    self.condition(&what, key, value, Some(other.value), Lanes::YES);
                }
                DefaultValue::Text(operand) => self.operand(&what, key, operand, other.value),
                DefaultValue::Invalid(_) => {
                    self.differences
                        .push(format!("{what} of {key:?} is invalid for us"));
                }
            }
        }
    }

    fn operand(&mut self, what: &str, key: &Leaf, ours: model::Operand, theirs: NodeId) {
        let ours = match ours {
            model::Operand::Symbol(symbol) => Node::Leaf(leaf(self.model, symbol)),
            model::Operand::Constant(text) => Node::Constant(text.as_str().to_owned()),
            model::Operand::Output(_) => Node::Constant("(an unknown output)".to_owned()),
        };
        let theirs = self.dump.nodes[theirs as usize].clone();
        self.equal(what, key, &ours, &theirs);
    }

    fn ranges(&mut self, key: &Leaf, ours: &model::Symbol, theirs: &Symbol) {
        let count = (ours.ranges.len(), theirs.ranges.len());
        self.equal("ranges", key, &count.0, &count.1);
        for (at, (mine, other)) in ours.ranges.iter().zip(&theirs.ranges).enumerate() {
            let what = format!("range {at}");
            self.condition(&what, key, mine.condition, other.condition, Lanes::YES);
            self.operand(&what, key, mine.low, other.low);
            self.operand(&what, key, mine.high, other.high);
        }
    }

    fn selects(
        &mut self,
        what: &str,
        key: &Leaf,
        ours: &[&model::Select],
        theirs: &[crate::dump::Select],
    ) {
        self.equal(what, key, &ours.len(), &theirs.len());
        for (mine, other) in ours.iter().zip(theirs) {
            let what = format!("{what} {}", other.target);
            self.equal(
                &what,
                key,
                &self.model.name(mine.target),
                &other.target.as_str(),
            );
            self.condition(&what, key, mine.condition, other.condition, Lanes::YES);
        }
    }

    fn dependencies(&mut self, key: &Leaf, ours: &model::Symbol, theirs: &Symbol) {
        // The new form computes no direct dependency of a choice's members.
        let unused = ours.member_of.is_some() && self.model.behaviour.choices == ChoiceForm::New;
        if !unused {
            let direct = ours.direct.unwrap_or(Exprs::YES);
            self.condition("direct dependency", key, direct, theirs.direct, Lanes::YES);
        }
        let levels = |ids: &[model::SelectId], of: &dyn Fn(model::SelectId) -> ExprId| {
            let lanes = ids.iter().map(|id| &self.ours[of(*id).0 as usize]);
            lanes.fold(Lanes::NO, |any, one| any.or(one))
        };
        let reverse = levels(&ours.selected_by, &|id| self.model.select(id).level)
            .or(&self.ours[ours.self_select.0 as usize]);
        let implied = levels(&ours.implied_by, &|id| self.model.imply(id).level);
        for (what, ours, theirs) in [
            ("reverse dependency", reverse, theirs.reverse),
            ("implied value", implied, theirs.implied),
        ] {
            let theirs_lanes = theirs.map_or(Lanes::NO, |id| self.theirs[id as usize]);
            if ours != theirs_lanes {
                let text = shorten(self.dump.show(theirs));
                self.differences
                    .push(format!("{what} of {key:?} differs from conf's {text}"));
            }
        }
    }
}

/// The text of a string as lexer.l reads it: a backslash makes the next byte an ordinary one.
fn unquote(text: &str) -> String {
    let inner = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].strip_suffix(quote).unwrap_or(&text[1..]),
        _ => text,
    };
    let mut plain = String::new();
    let mut rest = inner.chars();
    while let Some(next) = rest.next() {
        plain.extend(if next == '\\' {
            rest.next()
        } else {
            Some(next)
        });
    }
    plain
}

fn shorten(text: String) -> String {
    const LONGEST: usize = 1_500;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}
