// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finite domains for int, hex and string values (semantics.md 34).
//!
//! Texts that can meet (in a comparison, a default, a range, a test of the toolchain) form a
//! class. A class's domain holds every constant met there, the neighbours of the numbers
//! among them, and one text that differs from all: two texts that no comparison tells apart
//! need not both be there.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::class::{MOST_TEXTS, Traits};
use super::formed;
use crate::menu::command::{CommandId, Commands, Form, Meaning, Output};
use crate::model::{DefaultValue, Expr, Model, Operand, SymbolId, ValueType};
use crate::source::Name;
use crate::syntax::ast::CompareOp;

/// Something whose text is not fixed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Source {
    /// An int, hex or string symbol.
    Symbol(SymbolId),
    /// A command's output, or pieces around one.
    Output(Output),
}

/// The domains of a model.
pub(super) struct Domains {
    numbers: FxHashMap<Source, usize>,
    class: Vec<usize>,
    texts: Vec<Vec<Name>>,
    /// Of each class, a text that no comparison tells from those that are not in its domain.
    others: Vec<Option<Name>>,
    /// Of each class without such a text, what pieces side by side can make of the outputs in them.
    joined: Vec<Vec<Name>>,
    may_be_empty: FxHashSet<Output>,
    /// What each command prints that meets nothing.
    defaults: Vec<Name>,
    /// What each command prints whose output has a certain form.
    formed: FxHashMap<CommandId, Vec<Name>>,
}

impl Domains {
    pub(super) fn new(model: &Model) -> Domains {
        let mut work = Work::default();
        let commands = &model.menu.commands;
        for (variable, _) in commands.variables() {
            work.may_be_empty.insert(Output::Command(variable));
        }
        for (_, expr) in model.exprs.iter() {
            match expr {
                Expr::Compare(op, left, right) => work.meet_operands(model, op, left, right),
                Expr::Prints(output, text) => {
                    let mut side = Side::default();
                    work.output_side(model.output(output), &mut side);
                    for source in side.sources {
                        work.add(source, text.as_str());
                    }
                }
                _ => {}
            }
        }
        for (id, symbol) in model.symbol_ids() {
            if matches!(
                symbol.ty,
                ValueType::Int | ValueType::Hex | ValueType::String
            ) {
                work.add_symbol(model, id);
            }
        }
        for test in &commands.tests {
            work.add_meaning(test.meaning.as_ref());
        }
        work.add_alike(commands);
        work.add_forms(commands);
        work.finish(model)
    }

    /// The texts that a source can have. A command prints something unless the tree itself
    /// tests whether it prints nothing: else a bare word would leave a hole in a statement. A
    /// variable can always be unset.
    pub(super) fn of(&self, source: &Source) -> Vec<Name> {
        if let Source::Output(Output::Command(id)) = source {
            if let Some(texts) = self.formed.get(id) {
                return texts.clone();
            }
        }
        let Some(number) = self.numbers.get(source) else {
            return match source {
                Source::Output(Output::Command(id)) => vec![self.defaults[id.0 as usize]],
                _ => vec![Name::new("0")],
            };
        };
        let class = self.class[*number];
        let texts = self.texts[class].iter().copied();
        match source {
            Source::Symbol(_) => texts.chain(self.joined[class].iter().copied()).collect(),
            Source::Output(output) if !self.may_be_empty.contains(output) => {
                texts.filter(|text| !text.as_str().is_empty()).collect()
            }
            _ => texts.collect(),
        }
    }

    /// The texts of a command's class, and whether the tree tests for an empty output.
    fn class_of(&self, id: CommandId) -> (&[Name], bool) {
        let output = Output::Command(id);
        let may_be_empty = self.may_be_empty.contains(&output);
        let number = self.numbers.get(&Source::Output(output));
        let texts = number.map_or(&[][..], |number| &self.texts[self.class[*number]]);
        (texts, may_be_empty)
    }

    /// Where no text stands for all others, a symbol's domain has to hold what its defaults can make.
    /// Only symbols get these texts: outputs with more texts would make more of them, without end.
    fn add_joined(&mut self) {
        for (source, number) in &self.numbers {
            let Source::Output(Output::Joined(pieces)) = source else {
                continue;
            };
            let class = self.class[*number];
            if self.others[class].is_none() {
                let made = self.all_joined(pieces).unwrap_or_default();
                let known = &self.texts[class];
                let new = made.into_iter().filter(|text| !known.contains(text));
                self.joined[class].extend(new);
            }
        }
        for texts in &mut self.joined {
            texts.sort_unstable_by_key(|text| text.as_str());
            texts.dedup();
        }
    }

    /// All texts of pieces side by side; none when there are more than [`MOST_TEXTS`].
    fn all_joined(&self, pieces: &[Output]) -> Option<Vec<Name>> {
        let mut all = vec![String::new()];
        for piece in pieces {
            let here = self.all_of(piece)?;
            if all.len() * here.len() > MOST_TEXTS {
                return None;
            }
            let longer = all
                .iter()
                .flat_map(|text| here.iter().map(move |piece| format!("{text}{piece}")));
            all = longer.collect();
        }
        Some(all.iter().map(|text| Name::new(text)).collect())
    }

    fn all_of(&self, output: &Output) -> Option<Vec<Name>> {
        match output {
            Output::Text(text) => Some(vec![*text]),
            Output::Joined(pieces) => self.all_joined(pieces),
            Output::Command(_) => Some(self.of(&Source::Output(output.clone()))),
            Output::Either {
                success, failure, ..
            } => {
                let mut all = self.all_of(success)?;
                all.extend(self.all_of(failure)?);
                Some(all)
            }
        }
    }

    /// A text of the domain that stands for all that are not in it: no comparison tells them
    /// apart. There is none among numbers, and none where texts are compared by order or with
    /// each other.
    pub(super) fn other(&self, source: &Source) -> Option<Name> {
        self.others[self.class[*self.numbers.get(source)?]]
    }
}

#[derive(Default)]
struct Work {
    sources: Vec<Source>,
    numbers: FxHashMap<Source, usize>,
    parent: Vec<usize>,
    constants: Vec<BTreeSet<&'static str>>,
    /// Classes (by their roots) in which texts are compared by order.
    ordered: FxHashSet<usize>,
    /// Classes (by their roots) in which two unknown texts are compared with each other.
    paired: FxHashSet<usize>,
    may_be_empty: FxHashSet<Output>,
}

impl Work {
    fn source(&mut self, source: Source) -> usize {
        let next = self.sources.len();
        let number = *self.numbers.entry(source.clone()).or_insert(next);
        if number == next {
            self.sources.push(source);
            self.parent.push(next);
            self.constants.push(BTreeSet::new());
        }
        number
    }

    fn root(&mut self, mut number: usize) -> usize {
        while self.parent[number] != number {
            self.parent[number] = self.parent[self.parent[number]];
            number = self.parent[number];
        }
        number
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parent[b] = a;
            let moved = std::mem::take(&mut self.constants[b]);
            self.constants[a].extend(moved);
            for marked in [&mut self.ordered, &mut self.paired] {
                if marked.remove(&b) {
                    marked.insert(a);
                }
            }
        }
    }

    fn add(&mut self, source: usize, constant: &'static str) {
        let root = self.root(source);
        self.constants[root].insert(constant);
    }

    fn meet_operands(&mut self, model: &Model, op: CompareOp, left: Operand, right: Operand) {
        let left = self.side(model, left);
        let right = self.side(model, right);
        self.compare(&left, &right);
        if !matches!(op, CompareOp::Equal | CompareOp::Unequal) {
            for source in left.sources.iter().chain(&right.sources) {
                let root = self.root(*source);
                self.ordered.insert(root);
            }
        }
    }

    fn compare(&mut self, left: &Side, right: &Side) {
        self.meet(left, right);
        if let ([one, ..], [_, ..]) = (&left.sources[..], &right.sources[..]) {
            let root = self.root(*one);
            self.paired.insert(root);
        }
    }

    fn meet(&mut self, left: &Side, right: &Side) {
        for a in &left.sources {
            for b in &right.sources {
                self.join(*a, *b);
            }
            for constant in &right.constants {
                self.add(*a, constant);
            }
        }
        for b in &right.sources {
            for constant in &left.constants {
                self.add(*b, constant);
            }
        }
    }

    fn side(&mut self, model: &Model, operand: Operand) -> Side {
        let mut side = Side::default();
        match operand {
            Operand::Constant(text) => side.constants.push(text.as_str()),
            Operand::Symbol(id) => match model.symbol(id).ty {
                ValueType::Bool | ValueType::Tristate => side.constants.extend(["n", "m", "y"]),
                ValueType::Unknown => side.constants.push(model.name(id)),
                _ => side.sources.push(self.source(Source::Symbol(id))),
            },
            Operand::Output(output) => self.output_side(model.output(output), &mut side),
        }
        side
    }

    fn output_side(&mut self, output: &Output, side: &mut Side) {
        match output {
            Output::Text(text) => side.constants.push(text.as_str()),
            Output::Either {
                success, failure, ..
            } => {
                self.output_side(success, side);
                self.output_side(failure, side);
            }
            output => {
                let source = self.source(Source::Output(output.clone()));
                side.sources.push(source);
                if self.may_be_empty.contains(output) {
                    self.add(source, "");
                }
                if let Output::Joined(pieces) = output {
                    for piece in pieces {
                        self.output_side(piece, &mut Side::default());
                    }
                }
            }
        }
    }

    /// A constant that a joined text meets tells what the commands inside would have to print.
    fn look_inside_joined(&mut self) {
        for number in 0..self.sources.len() {
            let Source::Output(Output::Joined(pieces)) = self.sources[number].clone() else {
                continue;
            };
            let root = self.root(number);
            for constant in self.constants[root].clone() {
                for (command, inner) in taken_apart(&pieces, constant).unwrap_or_default() {
                    let command = self.source(Source::Output(command.clone()));
                    self.add(command, inner);
                }
            }
        }
    }

    fn add_symbol(&mut self, model: &Model, id: SymbolId) {
        let own = Side {
            sources: vec![self.source(Source::Symbol(id))],
            constants: Vec::new(),
        };
        let symbol = model.symbol(id);
        let base = match symbol.ty {
            ValueType::Int => ["0", ""],
            ValueType::Hex => ["0x0", ""],
            _ => ["", ""],
        };
        for text in base {
            self.add(own.sources[0], text);
        }
        for default in &symbol.defaults {
            if let DefaultValue::Text(operand) = default.value {
                let side = self.plain_side(model, operand);
                self.meet(&own, &side);
            }
        }
        for bound in symbol
            .ranges
            .iter()
            .flat_map(|range| [range.low, range.high])
        {
            let side = self.plain_side(model, bound);
            self.meet(&own, &side);
        }
    }

    /// As a default or bound; a bool or tristate symbol there is always "n" for conf.
    fn plain_side(&mut self, model: &Model, operand: Operand) -> Side {
        match operand {
            Operand::Symbol(id)
                if model.symbol(id).ty.is_logical() && !model.behaviour.is_kconfiglib() =>
            {
                Side {
                    sources: Vec::new(),
                    constants: vec!["n"],
                }
            }
            operand => self.side(model, operand),
        }
    }

    fn add_meaning(&mut self, meaning: Option<&Meaning>) {
        let (mut left, mut right) = (Side::default(), Side::default());
        match meaning {
            Some(
                Meaning::Equal {
                    left: l, right: r, ..
                }
                | Meaning::Compare {
                    left: l, right: r, ..
                },
            ) => {
                self.output_side(l, &mut left);
                self.output_side(r, &mut right);
            }
            Some(Meaning::Empty { value, .. }) => {
                self.output_side(value, &mut left);
                self.may_be_empty.insert(value.clone());
                right.constants.push("");
            }
            None => return,
        }
        self.compare(&left, &right);
    }

    /// Texts of commands that can be the same, and what such commands print.
    fn add_alike(&mut self, commands: &Commands) {
        for test in commands.tests.iter().filter(|it| !it.alike.is_empty()) {
            self.output_side(&test.text, &mut Side::default());
        }
        for (at, command) in commands.commands.iter().enumerate() {
            if command.alike.is_empty() {
                continue;
            }
            self.output_side(&command.text, &mut Side::default());
            let mut own = Side::default();
            self.output_side(&Output::Command(CommandId(at as u32)), &mut own);
            for other in &command.alike {
                let mut side = Side::default();
                self.output_side(&Output::Command(*other), &mut side);
                self.meet(&own, &side);
            }
        }
    }

    /// What a tool's name and its least version are meets what is compared with these words.
    fn add_forms(&mut self, commands: &Commands) {
        for (at, command) in commands.commands.iter().enumerate() {
            let own = Source::Output(Output::Command(CommandId(at as u32)));
            let Some(Form::Word { of, at }) = command.form else {
                continue;
            };
            let Some(&number) = self.numbers.get(&own) else {
                continue;
            };
            for tool in commands.tools_of(of).unwrap_or_default() {
                let versions = &tool.versions;
                match at {
                    0 => self.add(number, Name::new(&versions.name).as_str()),
                    _ => self.add(number, Name::new(&versions.least.to_string()).as_str()),
                }
            }
        }
    }

    fn finish(mut self, model: &Model) -> Domains {
        self.look_inside_joined();
        let class: Vec<usize> = (0..self.sources.len())
            .map(|number| self.root(number))
            .collect();
        let mut traits = vec![Traits::of(model.behaviour.engine); self.sources.len()];
        for root in &self.ordered {
            traits[*root].ordered = true;
        }
        for root in &self.paired {
            traits[*root].paired = true;
        }
        for (number, source) in self.sources.iter().enumerate() {
            let seen = &mut traits[class[number]];
            seen.sources += 1;
            match source {
                Source::Symbol(id) => match model.symbol(*id).ty {
                    ValueType::Int => (seen.int, seen.number) = (true, true),
                    ValueType::Hex => (seen.hex, seen.number) = (true, true),
                    _ => (seen.text, seen.string) = (true, true),
                },
                Source::Output(_) => {
                    seen.text = true;
                    seen.int = true;
                }
            }
        }
        let constants = self.constants.iter().zip(&traits);
        let (texts, others) = constants
            .map(|(constants, traits)| traits.texts(constants))
            .unzip();
        let commands = &model.menu.commands;
        let defaults = (0..commands.commands.len() as u32).map(CommandId);
        let defaults = defaults.map(|id| Name::new(&commands.default_output(id)));
        let mut domains = Domains {
            numbers: self.numbers,
            joined: vec![Vec::new(); class.len()],
            class,
            texts,
            others,
            may_be_empty: self.may_be_empty,
            defaults: defaults.collect(),
            formed: FxHashMap::default(),
        };
        domains.formed = formed::texts(commands, |id| domains.class_of(id));
        domains.add_joined();
        domains
    }
}

#[derive(Default)]
struct Side {
    sources: Vec<usize>,
    constants: Vec<&'static str>,
}

/// What each command prints where the pieces make this text: each as little as the text behind it
/// allows, and something. One way of several, which is enough to have them meet. None where a
/// piece hangs on a test.
fn taken_apart<'p>(
    pieces: &'p [Output],
    text: &'static str,
) -> Option<Vec<(&'p Output, &'static str)>> {
    let mut rest = text;
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let end = match (piece, &pieces[at + 1..]) {
            (Output::Text(own), _) => {
                rest = rest.strip_prefix(own.as_str())?;
                continue;
            }
            (Output::Command(_), []) => rest.len(),
            (Output::Command(_), [Output::Text(last)]) => rest.strip_suffix(last.as_str())?.len(),
            (Output::Command(_), [Output::Text(behind), ..]) => rest.find(behind.as_str())?,
            (Output::Command(_), _) => rest.chars().next()?.len_utf8(),
            _ => return None,
        };
        let (inner, behind) = rest.split_at(end);
        found.push((piece, inner));
        rest = behind;
    }
    rest.is_empty().then_some(found)
}
