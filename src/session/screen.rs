// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a change of some symbols brings nothing: asked of a part of the tree before the whole
//! is built.
//!
//! In the part, symbols of which not all is there may have any value within their bounds. So it
//! has all configurations of the whole and more, and a select that is safe in it is safe. What
//! cannot be said so is not decided here: then the caller analyses the whole.
//!
//! What is asked again are the selects whose selector or target is another one, and those of which
//! the [`Grounds`] say that their safety rests on a symbol that is. A definition can also be
//! another one to the encoder because a symbol that it speaks of has other bounds: then all that
//! speak of this one count as changed.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::analysis::{Analysed, Shared};
use super::footing::{Footing, Value};
use super::index::Index;
use super::trial::Base;
use crate::logic::{Bounds, Effort, Proofs, Theory};
use crate::menu::part::{Inclusion, part};
use crate::menu::{Edit, Loaded, Loader, Mentions};
use crate::model::{
    Expr, ExprId, Extent, Hanging, Model, Operand, Select, SymbolId, Tristate, ValueType,
};
use crate::rules::grounds::{Grounds, On};
use crate::rules::{Context, Practices, policy, unmet_dependency};
use crate::source::{FileId, Name, Span, TextRange};
use crate::syntax::SyntaxTree;
use crate::syntax::ast::AttributeKind;
use crate::tree::Grammar;

/// What is another one than in the tree before.
pub(super) struct Changes {
    /// Files, by their paths.
    files: BTreeMap<Name, Changed>,
    /// The statements of the new tree.
    pub(super) index: Index,
    /// What parts of the new tree refute.
    proofs: Arc<Proofs>,
}

/// A file as it was.
pub(super) struct Version {
    /// Its number, where places may refer to it.
    pub(super) file: Option<FileId>,
    /// Its syntax.
    pub(super) tree: Arc<SyntaxTree>,
    /// Its bytes.
    pub(super) text: Arc<[u8]>,
}

struct Changed {
    old: Option<FileId>,
    new: Arc<Loaded>,
    /// `None` when it says more than of symbols.
    edit: Option<Edit>,
    /// How many selects it had, and has.
    selects: (usize, usize),
}

impl Changes {
    /// From the tree that was analysed last to that of `loader`, which has the same files;
    /// `None` where they have not, or not enough is known.
    pub(super) fn between(base: &Base, loader: &Loader) -> Option<Changes> {
        // There a symbol's default can say which file is read.
        if base.project.dollar_variables {
            return None;
        }
        let before = base.left.index.as_ref()?;
        let mut versions = Vec::new();
        let old = base.loader.loaded();
        for old in &old {
            let new = loader.load(old.source.path(), old.notation).ok()?;
            if new.file != old.file {
                let version = Version {
                    file: Some(old.file),
                    tree: old.tree.clone(),
                    text: old.source.text().into(),
                };
                versions.push((version, new));
            }
        }
        let has_same = loader.loaded().len() == old.len();
        let changes = Changes::of(before, versions, &base.project.grammar, base.options.effort);
        changes.filter(|_| has_same)
    }

    /// From a tree with these statements to one in which these files are others; `None` where a
    /// macro names a symbol in them, or kconfig refuses one of them.
    pub(super) fn of(
        before: &Index,
        versions: Vec<(Version, Arc<Loaded>)>,
        grammar: &Grammar,
        effort: Effort,
    ) -> Option<Changes> {
        let mut files = BTreeMap::new();
        let mut mentions = Vec::new();
        for (old, new) in versions {
            let path = Name::new(new.source.path());
            if !new.is_accepted(grammar) {
                return None;
            }
            mentions.push((path, Mentions::of(&new.tree)?));
            let edit = Edit::between((&old.tree, &old.text), (&new.tree, new.source.text()));
            let changed = Changed {
                old: old.file,
                selects: (selects_in(&old.tree).count(), selects_in(&new.tree).count()),
                new,
                edit,
            };
            // One that is read in two ways is too much.
            if files.insert(path, changed).is_some() {
                return None;
            }
        }
        Some(Changes {
            files,
            index: before.with(mentions),
            proofs: Proofs::within(effort),
        })
    }

    /// Whether no file says anything else than of symbols.
    pub(super) fn are_symbols(&self) -> bool {
        self.files.values().all(|changed| changed.edit.is_some())
    }

    /// How many selects changed files had, and have, of those that `is_read`.
    pub(super) fn selects(&self, is_read: impl Fn(Name) -> bool) -> (usize, usize) {
        let read = self.files.iter().filter(|(path, _)| is_read(**path));
        read.fold((0, 0), |(had, has), (_, file)| {
            (had + file.selects.0, has + file.selects.1)
        })
    }

    /// The symbols that are others.
    pub(super) fn symbols(&self) -> Vec<Name> {
        let edits = self.files.values().filter_map(|it| it.edit.as_ref());
        edits
            .flat_map(|edit| edit.changed.iter().copied())
            .collect()
    }
}

/// The statements of all files that a loader has read; `None` where macros name symbols.
pub(super) fn index_of(loader: &Loader) -> Option<Index> {
    let mut files = FxHashMap::default();
    for loaded in loader.loaded() {
        let mentions = Arc::new(Mentions::of(&loaded.tree)?);
        let path = Name::new(loaded.source.path());
        if files.insert(path, mentions).is_some() {
            return None;
        }
    }
    Some(Index::new(files))
}

/// What there is to say of an architecture after `changes`, where they bring and take nothing
/// that can be found; `None` where that is not certain.
pub(super) fn after(shared: &Shared<'_>, changes: &Changes, before: &Analysed) -> Option<Analysed> {
    let footing = before.footing.as_ref()?;
    let files = changes.files.iter();
    let own = files.filter(|(path, _)| !footing.inclusions_of(**path).is_empty());
    let own: Vec<(&Name, &Changed)> = own.collect();
    let mut after = before.clone();
    if own.is_empty() {
        return Some(after);
    }
    let mut edit = Edit::default();
    for (path, changed) in &own {
        if footing.places.contains(*path) {
            return None;
        }
        edit.add(changed.edit.as_ref()?);
    }
    let numbers: FxHashMap<FileId, &Changed> = own
        .iter()
        .filter_map(|(_, it)| Some((it.old?, *it)))
        .collect();
    for file in &mut after.instances {
        if let Some(changed) = numbers.get(file) {
            *file = changed.new.file;
        }
    }
    let others = after.selects.iter();
    let others = others.filter(|span| !numbers.contains_key(&span.file));
    let mut selects: Vec<Span> = others.copied().collect();
    for changed in numbers.values() {
        let own = selects_in(&changed.new.tree);
        selects.extend(own.map(|range| range.in_file(changed.new.file)));
    }
    after.selects = Arc::new(selects);
    if edit.changed.is_empty() {
        return Some(after);
    }
    let mut screen = Screen {
        shared,
        changes,
        before,
        footing,
        whole: FxHashSet::default(),
        stated: FxHashSet::default(),
    };
    screen.settle(&edit, &mut after)?;
    Some(after)
}

/// The places of the selects of a file.
fn selects_in(tree: &SyntaxTree) -> impl Iterator<Item = TextRange> + '_ {
    let attributes = tree.ast().attributes.iter();
    let selects =
        attributes.filter(|attribute| matches!(attribute.kind, AttributeKind::Select { .. }));
    selects.map(|attribute| attribute.range)
}

/// More symbols than this, and the whole is as quick.
const MOST_SYMBOLS: usize = 2000;

/// More selects to ask about than this, and the whole is as quick.
const MOST_PAIRS: usize = 1000;

/// The value of a symbol that more statements raise is left open in a part, unless something rested
/// on it.
const MOST_RAISED: usize = 40;

/// How often more of the tree is taken in.
const ROUNDS: usize = 4;

struct Screen<'a> {
    shared: &'a Shared<'a>,
    changes: &'a Changes,
    before: &'a Analysed,
    footing: &'a Footing,
    /// Symbols of which all is in the part.
    whole: FxHashSet<Name>,
    /// Symbols of which at least the definitions are.
    stated: FxHashSet<Name>,
}

/// Selector and target.
type Pair = (Name, Name);

/// A part in which all that is left out has the bounds that it had; what is to be seen of its whole
/// symbols; those of them that had other bounds or another type.
type Steady = (Arc<Model>, Vec<(Name, Option<Value>)>, FxHashSet<Name>);

impl Screen<'_> {
    fn settle(&mut self, edit: &Edit, after: &mut Analysed) -> Option<()> {
        let new: FxHashSet<Name> = edit.changed.iter().chain(&edit.raised).copied().collect();
        new.iter().try_for_each(|name| self.take_in(*name))?;
        if new.iter().any(|name| self.footing.shaky.contains(name)) {
            return None;
        }
        let (mut model, values, moved) = self.steady()?;
        let touched = self.whole.clone();
        let hanging = self.hanging(&model, &new)?;
        let mut pairs = self.pairs(&model, edit, &moved);
        let is_touched = |on: &On| match on.is_kind {
            true => edit.restated.contains(&on.symbol) || moved.contains(&on.symbol),
            false => touched.contains(&on.symbol),
        };
        for settled in self.footing.grounds.on(is_touched)? {
            pairs.insert((settled.selector, settled.target));
            self.take_in_some(usize::MAX, settled.on.iter().map(|on| on.symbol));
        }
        self.meets_policies(&touched, &pairs)?;
        if pairs.len() > MOST_PAIRS {
            return None;
        }
        self.take_in_some(MOST_RAISED, pairs.iter().map(|(selector, _)| *selector));
        self.stated.extend(pairs.iter().flat_map(|(a, b)| [*a, *b]));
        let mut grounds = Grounds::default();
        let levels = &self.shared.options.levels;
        if levels.is_on(unmet_dependency::RULE.name) && !pairs.is_empty() {
            (model, grounds) = self.ask(&pairs)?;
        }
        let definitions = self.before.definitions.as_ref();
        after.definitions = definitions.map(|old| Arc::new(old.with(&model, &new)));
        after.hanging = hanging;
        let mut footing = self.footing.clone();
        footing.grounds.extend(&grounds);
        for (name, value) in values {
            let symbol = model.symbol_of(name);
            let is_defined = symbol.is_some_and(|id| model.symbol(id).is_defined());
            put(&mut after.symbols, name, is_defined);
            let is_on = value.is_some_and(|value| value.high != Tristate::No);
            put(&mut after.enabled, name, is_on);
            footing.set(name, value);
        }
        after.footing = Some(footing);
        Some(())
    }

    /// Makes a symbol one of those of which all is in the part; `None` where more than its
    /// statements decides it.
    fn take_in(&mut self, name: Name) -> Option<()> {
        if self.footing.value(name).is_some_and(|it| !it.is_plain) {
            return None;
        }
        self.whole.insert(name);
        (self.whole.len() <= MOST_SYMBOLS).then_some(())
    }

    /// The same for symbols that can be, and that at most so many statements raise.
    fn take_in_some(&mut self, most_raised: usize, names: impl IntoIterator<Item = Name>) {
        for name in names {
            let known = self.footing.value(name);
            let is_small = || self.changes.index.raised(name).len() <= most_raised;
            if known.is_some_and(|it| it.is_plain) && self.whole.len() < MOST_SYMBOLS && is_small()
            {
                self.whole.insert(name);
            }
        }
    }

    /// Takes in what has to be for all that is left out to have the bounds that it had.
    fn steady(&mut self) -> Option<Steady> {
        for _ in 0..ROUNDS {
            let model = self.model()?;
            let theory = Theory::sharing(model.clone(), self.changes.proofs.clone());
            let values: Vec<_> = self
                .whole
                .iter()
                .map(|name| (*name, value_in(&model, theory.bounds(), *name)))
                .collect();
            let moved = values.iter().filter(|(name, value)| {
                // What nothing spoke of may be spoken of by now, in a tree since then.
                let [old, new] = [self.footing.value(*name), *value]
                    .map(|value| value.unwrap_or(Value::UNDEFINED));
                old != new
            });
            let moved: Vec<Name> = moved.map(|(name, _)| *name).collect();
            let mut near = Vec::new();
            if !moved.is_empty() {
                near = self.before.hanging.directly_on(&moved);
                near.extend(model.hanging.directly_on(&moved));
                near.extend(&moved);
                for at in 0..near.len() {
                    near.extend(self.raised_by(near[at]));
                }
            }
            if near.iter().all(|name| self.whole.contains(name)) {
                return Some((model, values, moved.into_iter().collect()));
            }
            near.iter().try_for_each(|name| self.take_in(*name))?;
            if near.iter().any(|name| self.footing.shaky.contains(name)) {
                return None;
            }
        }
        None
    }

    /// What the statements of a symbol raise.
    fn raised_by(&self, name: Name) -> Vec<Name> {
        let mut raised = Vec::new();
        for (path, entry) in self.changes.index.defined(name) {
            // However often it is included, it says the same.
            let inclusion = self.footing.inclusions_of(path).first();
            let inclusion = inclusion.map(|at| &self.footing.inclusions[*at as usize]);
            let Some(loaded) = inclusion.and_then(|inclusion| self.load(inclusion)) else {
                continue;
            };
            let ast = loaded.tree.ast();
            for attribute in ast.attributes_of(ast.entry(entry)) {
                if let AttributeKind::Select { target, .. } | AttributeKind::Imply { target, .. } =
                    attribute.kind
                {
                    raised.extend(ast.words_of(target).iter().filter_map(|word| word.text));
                }
            }
        }
        raised
    }

    /// What hangs on what now; `None` when something could hang on itself.
    fn hanging(&self, model: &Model, new: &FxHashSet<Name>) -> Option<Arc<Hanging>> {
        let before = &self.before.hanging;
        let mut edges = Vec::new();
        for name in new {
            let old = before.directly_below(&[*name]);
            let below = model.hanging.directly_below(&[*name]).into_iter();
            let below = below.filter(|other| !old.contains(other));
            edges.extend(below.map(|other| (*name, other)));
        }
        if edges.is_empty() {
            return Some(before.clone());
        }
        let after = before.with(&edges);
        for name in new {
            let heads = edges.iter().filter(|(from, _)| from == name);
            let heads: Vec<Name> = heads.map(|(_, to)| *to).collect();
            if !heads.is_empty() && after.below(&heads).contains(name) {
                return None;
            }
        }
        Some(Arc::new(after))
    }

    /// The selects that say something else than before, or the dependencies of whose targets do:
    /// by their words, or because they speak of a symbol with other bounds.
    fn pairs(&self, model: &Model, edit: &Edit, moved: &FxHashSet<Name>) -> FxHashSet<Pair> {
        let speaks_of_moved = |expr: ExprId| {
            let mut found = false;
            model.exprs.for_each_symbol(expr, |id| {
                let name = model.symbol(id).name;
                found |= name.is_some_and(|name| moved.contains(&name));
            });
            found
        };
        let mut targets: FxHashMap<SymbolId, bool> = FxHashMap::default();
        let mut is_asked = |select: &Select, (selector, target): &Pair| {
            edit.changed.contains(selector)
                || edit.restated.contains(target)
                || !moved.is_empty()
                    && (speaks_of_moved(select.level)
                        || *targets.entry(select.target).or_insert_with(|| {
                            let direct = model.symbol(select.target).direct;
                            direct.is_some_and(speaks_of_moved)
                        }))
        };
        let pairs = model.selects.iter();
        let pairs = pairs.filter_map(|select| Some((select, pair(model, select)?)));
        let own = pairs.filter(|(select, pair)| is_asked(select, pair));
        own.map(|(_, pair)| pair).collect()
    }

    /// `None` where a policy has to be asked about.
    fn meets_policies(&self, touched: &FxHashSet<Name>, pairs: &FxHashSet<Pair>) -> Option<()> {
        let options = self.shared.options;
        if !options.levels.is_on(policy::RULE.name) {
            return Some(());
        }
        for (policy, requirement) in self.shared.requirements {
            let target = Name::new(&policy.selectors_of);
            let mut names = requirement.words().map(Name::new).chain([target]);
            let is_own = |(_, selected): &Pair| *selected == target;
            if names.any(|name| touched.contains(&name)) || pairs.iter().any(is_own) {
                return None;
            }
        }
        Some(())
    }

    /// Asks about selects; `None` when one of them may be unmet. The result has what their safety
    /// rests on, and the part in which it was asked.
    fn ask(&mut self, pairs: &FxHashSet<Pair>) -> Option<(Arc<Model>, Grounds)> {
        for _ in 0..ROUNDS {
            let model = self.model()?;
            let mut theory = Theory::sharing(model.clone(), self.changes.proofs.clone());
            let mut grounds = Grounds::default();
            let mut context = Context {
                architecture: &self.before.architecture,
                model: &model,
                theory: &mut theory,
                graph: OnceCell::new(),
                practices: Practices::default(),
                files: self.shared.loader.files(),
                // Nothing is shown here that could fail to replay.
                internal_errors: &mut Vec::new(),
                undecided: &mut Vec::new(),
                shown: None,
                grounds: Some(&mut grounds),
            };
            let is_asked =
                |select: &Select| pair(&model, select).is_some_and(|pair| pairs.contains(&pair));
            if !unmet_dependency::is_any(&mut context, &is_asked) {
                return Some((model, grounds));
            }
            let before = self.whole.len();
            let near: Vec<Name> = self.whole.iter().copied().collect();
            self.take_in_some(MOST_RAISED, model.hanging.directly_below(&near));
            if self.whole.len() == before {
                return None;
            }
        }
        None
    }

    /// The part with what was taken in.
    fn model(&self) -> Option<Arc<Model>> {
        let index = &self.changes.index;
        let mut places = Vec::new();
        for name in &self.whole {
            places.extend(index.defined(*name));
            places.extend(index.raised(*name));
        }
        for name in &self.stated {
            places.extend(index.defined(*name));
        }
        let wanted = places.into_iter().flat_map(|(path, entry)| {
            let own = self.footing.inclusions_of(path).iter();
            own.map(move |inclusion| (*inclusion, entry))
        });
        let menu = part(&self.footing.inclusions, wanted, &|it| self.load(it))?;
        let behaviour = self.shared.project.behaviour;
        let extent = |name| self.extent(name);
        let model = Model::part(menu, behaviour, self.footing.modules, &extent)?;
        // What texts can be is nothing that bounds tell.
        let is_open_text = |operand| match operand {
            Operand::Symbol(id) => {
                let ty = model.symbol(id).ty;
                !ty.is_logical() && ty != ValueType::Unknown
            }
            Operand::Constant(_) | Operand::Output(_) => false,
        };
        let compares_text = model.exprs.iter().any(|(_, expr)| match expr {
            Expr::Compare(_, left, right) => is_open_text(left) || is_open_text(right),
            _ => false,
        });
        (!compares_text).then(|| Arc::new(model))
    }

    fn extent(&self, name: Name) -> Extent {
        if self.whole.contains(&name) {
            return Extent::Whole;
        }
        match self.footing.value(name) {
            Some(Value { ty, low, high, .. }) if self.stated.contains(&name) => {
                Extent::Stated(ty, low, high)
            }
            Some(Value { ty, low, high, .. }) => Extent::Value(ty, low, high),
            None => Extent::Value(ValueType::Unknown, Tristate::No, Tristate::No),
        }
    }

    fn load(&self, inclusion: &Inclusion) -> Option<Arc<Loaded>> {
        let Inclusion { path, notation, .. } = inclusion;
        self.shared.loader.load(path.as_str(), *notation).ok()
    }
}

fn pair(model: &Model, select: &Select) -> Option<Pair> {
    let selector = model.symbol(select.selector).name?;
    Some((selector, model.symbol(select.target).name?))
}

fn value_in(model: &Model, bounds: &Bounds, name: Name) -> Option<Value> {
    let id = model.symbol_of(name)?;
    Some(Value::of(model, bounds, id))
}

/// Most changes leave the set, which has all symbols of the tree, as it is.
fn put(set: &mut Arc<FxHashSet<Name>>, name: Name, is_in: bool) {
    match is_in {
        is_in if set.contains(&name) == is_in => false,
        true => Arc::make_mut(set).insert(name),
        false => Arc::make_mut(set).remove(&name),
    };
}
