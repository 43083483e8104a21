// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the rules about `select` share: the terms that are missing at a statement, and the
//! witness that shows it.
//!
//! What comes out is plain data that holds for all architectures: spans and words. Whether a
//! statement is wrong is the affair of the rules; what to do about it, that of `remedy`.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use crate::diagnostic::Witness;
use crate::logic::{Configuration, Evaluator, Question, Theory, Undecided, minimize, to_witness};
use crate::model::{Expr, ExprId, Model, Select, SelectId, SymbolId};

pub use super::statement::{Block, BlockKind, Depends, Statement};
use crate::source::Span;
use crate::tree::ArchSet;

/// A term that an active select does not imply.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Missing {
    /// The term as it can stand below `&&`; `(X if Y)` for a dependency with a condition.
    pub term: String,
    /// The same where only an expression can stand: `(X || Y = n)`.
    pub expression: String,
    /// For `X if Y`, what stands before `if`.
    pub under_condition: Option<String>,
    /// Where the target states it.
    pub place: Option<Span>,
    /// The symbols in it.
    pub symbols: Vec<String>,
}

/// Which of the numbers below `count` have a question that some configuration answers with
/// yes, or that is undecided. Each configuration found settles all that `holds` of in it, by their place among the
/// questions, so a dependency of a thousand terms does not take a thousand answers.
pub fn possible(
    theory: &mut Theory,
    count: usize,
    questions: &[(usize, Question)],
    holds: &mut dyn FnMut(&mut Evaluator<'_>, usize) -> bool,
) -> Vec<usize> {
    let model = theory.model().clone();
    let mut settled = vec![false; count];
    for at in 0..questions.len() {
        let (number, question) = &questions[at];
        if settled[*number] {
            continue;
        }
        let inputs = match theory.solve(question) {
            Ok(Some(inputs)) => inputs,
            Ok(None) => continue,
            // What nobody has refuted may be.
            Err(Undecided) => {
                settled[*number] = true;
                continue;
            }
        };
        settled[*number] = true;
        let mut evaluator = Evaluator::new(&model, &inputs);
        for (other, (number, _)) in questions.iter().enumerate().skip(at + 1) {
            settled[*number] = settled[*number] || holds(&mut evaluator, other);
        }
    }
    (0..count).filter(|number| settled[*number]).collect()
}

/// What is asked of the selects of one pair, by the select and a term of what they lack; without a term,
/// about all that they lack.
pub struct Lack<'a> {
    /// The question whether the select acts while it lacks that.
    pub question: &'a dyn Fn(&mut Theory, SelectId, Option<ExprId>) -> Question,
    /// Whether a configuration shows it.
    pub holds: &'a dyn Fn(&mut Evaluator<'_>, SelectId, Option<ExprId>) -> bool,
}

/// These architectures, on all of which a pair is broken, in sets on which the same of its selects are,
/// and lack the same of `terms`.
pub fn alike(
    theory: &mut Theory,
    (selector, target): (SymbolId, SymbolId),
    terms: &[ExprId],
    lack: &Lack<'_>,
    on: ArchSet,
) -> Vec<ArchSet> {
    let model = theory.model().clone();
    theory.focus();
    let ids = model.symbol(target).selected_by.iter().copied();
    let ids: Vec<SelectId> = ids
        .filter(|id| model.select(*id).selector == selector)
        .collect();
    let mut split = |parts: Vec<ArchSet>, ids: &[SelectId], term: Option<ExprId>| {
        let mut possible = ArchSet::EMPTY;
        for id in ids {
            let question = (lack.question)(theory, *id, term);
            let mut shown = |evaluator: &mut Evaluator<'_>| (lack.holds)(evaluator, *id, term);
            let rest = on.without(possible);
            possible |= theory.holds_where(&question, rest, &mut shown).possible();
        }
        let both = |part: ArchSet| [part & possible, part.without(possible)];
        let parts = parts.into_iter().flat_map(both);
        parts.filter(|part| !part.is_empty()).collect()
    };
    let mut parts = vec![on];
    for term in terms {
        parts = split(parts, &ids, Some(*term));
    }
    if ids.len() > 1 {
        for id in &ids {
            parts = split(parts, std::slice::from_ref(id), None);
        }
    }
    parts
}

/// Which of `terms` have to be asked for where the selects `ids` are active: the others hold with
/// them. Where two do it for each other, a plain symbol is asked for.
pub fn needed(theory: &mut Theory, ids: &[SelectId], terms: &[ExprId]) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..terms.len()).collect();
    let model = theory.model().clone();
    let mut order: Vec<usize> = (0..terms.len().min(MOST_REDUCED)).collect();
    order.sort_by_key(|at| matches!(model.exprs.get(terms[*at]), Expr::Symbol(_)));
    for at in order {
        let others: Vec<usize> = kept.iter().copied().filter(|other| *other != at).collect();
        let can_fail = |theory: &mut Theory, id: &SelectId| {
            let mut question = vec![theory.level(*id).on];
            for other in &others {
                question.push(theory.expr(terms[*other]).on);
            }
            question.push(!theory.expr(terms[at]).on);
            theory.holds(&question).unwrap_or(true)
        };
        if !ids.iter().any(|id| can_fail(theory, id)) {
            kept = others;
        }
    }
    kept
}

/// Terms of one dependency that are compared with each other.
const MOST_REDUCED: usize = 20;

/// Terms as missing, each with its place at the target.
pub fn missing(model: &Model, target: SymbolId, terms: &[ExprId]) -> Vec<Missing> {
    let mut places = BTreeMap::new();
    for definition in &model.symbol(target).definitions {
        if terms.iter().all(|term| places.contains_key(term)) {
            break;
        }
        for conjunct in model.conjuncts_of(definition) {
            if let Some(expr) = conjunct.expr {
                places.entry(expr).or_insert(conjunct.span);
            }
        }
    }
    let missing = terms.iter();
    missing
        .map(|term| Missing::new(model, *term, places.get(term).copied()))
        .collect()
}

impl Missing {
    /// For `X if Y`, the text of Y.
    pub fn condition(&self) -> Option<&str> {
        let dependency = self.under_condition.as_ref()?;
        bare(&self.term)
            .strip_prefix(dependency.as_str())?
            .strip_prefix(" if ")
    }

    /// A term of the model, stated at a place.
    pub fn new(model: &Model, term: ExprId, place: Option<Span>) -> Missing {
        let printer = model.printer();
        let dependency = model.dependency_under_condition(term);
        Missing {
            term: printer.term(term),
            expression: printer.plain().term(term),
            under_condition: dependency.map(|dependency| printer.expr(dependency)),
            place,
            symbols: symbols_below(model, term),
        }
    }
}

/// The names of the symbols in an expression, in order, each once.
pub fn symbols_below(model: &Model, id: ExprId) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut seen = FxHashSet::default();
    model.exprs.for_each_symbol(id, |symbol| {
        if seen.insert(symbol) {
            names.push(model.name(symbol).to_owned());
        }
    });
    names
}

/// Whether one of `given` makes `term` true whatever else holds: it is `term` itself, or
/// `term` is an OR that contains it.
pub fn implies(model: &Model, given: &FxHashSet<ExprId>, term: ExprId) -> bool {
    let mut open = vec![term];
    while let Some(id) = open.pop() {
        if given.contains(&id) {
            return true;
        }
        if let Expr::Or(x, y) = model.exprs.get(id) {
            open.extend([x, y]);
        }
    }
    false
}

/// The terms of a dependency. Of several definitions the terms that all of them have, when
/// that is all that one of them has.
pub fn dependency_terms(model: &Model, direct: ExprId) -> Vec<ExprId> {
    let terms = model.exprs.conjuncts(direct);
    let [only] = terms[..] else { return terms };
    let mut alternatives = Vec::new();
    let mut open = vec![only];
    while let Some(id) = open.pop() {
        match model.exprs.get(id) {
            Expr::Or(x, y) => open.extend([y, x]),
            _ => alternatives.push(model.exprs.conjuncts(id)),
        }
    }
    let mut common = alternatives[0].clone();
    for terms in &alternatives[1..] {
        let terms: FxHashSet<ExprId> = terms.iter().copied().collect();
        common.retain(|term| terms.contains(term));
    }
    let is_all = alternatives.iter().any(|terms| terms.len() == common.len());
    if is_all && !common.is_empty() {
        common
    } else {
        terms
    }
}

/// The terms that hold whenever a select is active, as far as they are written: those of its
/// level.
pub fn given_terms(model: &Model, select: &Select) -> FxHashSet<ExprId> {
    model.exprs.conjuncts(select.level).into_iter().collect()
}

/// A term without the parentheses that only `&&` asks for.
pub fn bare(term: &str) -> &str {
    let inner = term
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let balanced = |inner: &&str| {
        let mut depth = 0i32;
        inner.chars().all(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth >= 0
        })
    };
    inner.filter(balanced).unwrap_or(term)
}

/// Missing terms in words, without parentheses where there is only one, and cut to what a
/// person reads. The whole of them is in the report's data.
pub fn in_words(missing: &[Missing]) -> String {
    cut(joined(missing.iter().map(|term| term.term.as_str())))
}

/// The same where only an expression can stand.
pub fn as_condition(missing: &[Missing]) -> String {
    cut(joined(missing.iter().map(|term| term.expression.as_str())))
}

/// Terms with `&&` between them; one alone stands without parentheses.
pub fn joined<'t>(terms: impl IntoIterator<Item = &'t str>) -> String {
    let terms: Vec<&str> = terms.into_iter().collect();
    match terms[..] {
        [only] => bare(only).to_owned(),
        _ => terms.join(" && "),
    }
}

/// Words, cut to what a person reads.
pub fn cut(mut words: String) -> String {
    if let Some((end, _)) = words.char_indices().nth(LONGEST_WORDS) {
        words.truncate(end);
        words.push('…');
    }
    words
}

/// Longer than any dependency that a message can usefully name.
const LONGEST_WORDS: usize = 400;

/// Missing terms in words, of `X if Y` only X.
pub fn without_conditions(missing: &[Missing]) -> String {
    let terms = missing.iter().map(|term| match &term.under_condition {
        Some(dependency) => dependency.as_str(),
        None => term.term.as_str(),
    });
    cut(joined(terms))
}

/// What it means that a term does not hold: `MMU is off`, `CPU_BIG_ENDIAN is on`.
pub fn denied(missing: &[Missing]) -> String {
    let words: Vec<String> = missing.iter().map(denied_term).collect();
    let is_conditional = |term: &Missing| term.under_condition.is_some();
    words.join(match missing.iter().any(is_conditional) {
        true => ", or ",
        false => " or ",
    })
}

fn denied_term(missing: &Missing) -> String {
    match (&missing.under_condition, missing.condition()) {
        (Some(dependency), Some(condition)) => {
            format!("{} and {}", told(condition, true), told(dependency, false))
        }
        _ => told(bare(&missing.term), false),
    }
}

/// That an expression holds, or that it does not.
fn told(text: &str, holds: bool) -> String {
    let is_symbol = |text: &str| {
        let mut bytes = text.bytes();
        bytes.all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
    };
    let (name, is_on) = match text.strip_prefix('!') {
        Some(name) => (name, !holds),
        None => (text, holds),
    };
    match (is_symbol(name), is_on, holds) {
        (true, true, _) => format!("{name} is on"),
        (true, false, _) => format!("{name} is off"),
        (false, _, true) => format!("{text} holds"),
        (false, _, false) => format!("{text} does not hold"),
    }
}

/// A configuration that was replayed, where nobody will see it.
///
/// # Errors
/// When it does not replay.
pub fn replayed(
    model: &Model,
    architecture: &str,
    inputs: &crate::logic::Inputs,
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Result<(Witness, Configuration), String> {
    let Some(configuration) = Configuration::replay(model, inputs, holds) else {
        return Err("the solver's configuration does not replay".to_owned());
    };
    let witness = Witness {
        architecture: architecture.to_owned(),
        ..Witness::default()
    };
    Ok((witness, configuration))
}

/// Replays an answer, makes it small, and tells it in words. `shown` names the symbols worth
/// showing first.
///
/// # Errors
/// When the answer does not replay: the description of what failed.
pub fn witness(
    model: &Model,
    architecture: &str,
    inputs: &crate::logic::Inputs,
    shown: &[String],
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Result<(Witness, Configuration), String> {
    let Some(configuration) = Configuration::replay(model, inputs, holds) else {
        return Err("the solver's configuration does not replay".to_owned());
    };
    let configuration = minimize(model, configuration, holds);
    let mut witness = to_witness(model, architecture, &configuration, holds)?;
    let mut evaluator = Evaluator::new(model, configuration.inputs());
    let mut seen = BTreeSet::new();
    for name in shown {
        let Some(id) = model.symbol_named(name) else {
            continue;
        };
        // A number of a comparison is no symbol that anybody sets.
        let is_number = name.starts_with(|letter: char| letter.is_ascii_digit());
        if is_number && !model.symbol(id).is_defined() {
            continue;
        }
        if is_told_by_environment(model, id, configuration.inputs(), &witness) {
            continue;
        }
        if seen.insert(name.clone()) {
            let value = evaluator.symbol(id).text.as_str();
            let value = if model.symbol(id).is_defined() {
                value
            } else {
                "n"
            };
            witness.highlights.push((name.clone(), value.to_owned()));
        }
    }
    let (off, on): (Vec<_>, Vec<_>) = witness.config.iter().partition(|(_, value)| *value == "n");
    for (name, value) in on.into_iter().chain(off) {
        if witness.highlights.len() < MOST_HIGHLIGHTS && seen.insert(name.clone()) {
            witness.highlights.push((name.clone(), value.clone()));
        }
    }
    Ok((witness, configuration))
}

/// Whether the text of a symbol with `option env` is that of a variable, which the witness names anyway.
fn is_told_by_environment(
    model: &Model,
    id: SymbolId,
    inputs: &crate::logic::Inputs,
    witness: &Witness,
) -> bool {
    let symbol = model.symbol(id);
    let mut variables = symbol.defaults.iter().filter_map(|it| it.variable);
    let is_named = |it: crate::source::Name| witness.environment.contains_key(it.as_str());
    !symbol.ty.is_logical() && !inputs.user.contains_key(&id) && variables.any(is_named)
}

/// As many values as fit into a line that is still read.
const MOST_HIGHLIGHTS: usize = 6;

/// Whether `select` can be a question at all: a bool or tristate symbol selects one that has
/// a dependency and takes selects (semantics.md 19).
pub fn is_in_question(model: &Model, id: SelectId) -> bool {
    let select = model.select(id);
    let target = model.symbol(select.target);
    target.is_defined()
        && target.ty.is_logical()
        && target.takes_selects()
        && model.symbol(select.selector).ty.is_logical()
}
