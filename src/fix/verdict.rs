// SPDX-License-Identifier: MIT OR Apache-2.0
//! From what a candidate does on each architecture to what is said of it.

use std::collections::{BTreeMap, BTreeSet};

use super::asking::Platform;
use super::judge::{Effect, Effects};
use crate::diagnostic::{Applicability, Fix, Narrowing, Plan};

/// Names in a list before it is cut.
const MOST_NAMES: usize = 4;

/// Whom a fix harms; the later, the worse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Harm {
    /// At most those who have the defect.
    None,
    /// Architectures without the defect, or those for whom the symbol is there.
    Others,
}

/// Marks a fix of a finding on `architectures` as proved, or says why it is none.
pub(super) fn settle(
    fix: &mut Fix,
    effects: &Effects,
    architectures: &[String],
) -> Result<Harm, String> {
    refuse(effects)?;
    let unreachable = unreachable(effects);
    let losses = losses(&fix.plan, effects);
    let gaps = gaps(&fix.plan, effects);
    let idle = idle(&fix.plan, effects);
    if fix.plan.must_be_free && !losses.is_empty() {
        return Err(losses.join("; "));
    }
    fix.proved = true;
    let is_free = losses.is_empty() && unreachable.is_empty() && gaps.is_empty();
    fix.applicability = match is_free {
        true => fix.plan.best,
        false => fix.plan.best.max(Applicability::MaybeIncorrect),
    };
    let mut parts = Vec::new();
    let mut add = |part: &str| {
        if !part.is_empty() {
            parts.push(part.to_owned());
        }
    };
    add(&fix.plan.reason);
    losses.iter().for_each(|loss| add(loss));
    unreachable.iter().for_each(|words| add(words));
    gaps.iter().for_each(|words| add(words));
    add(&idle);
    if !fix.plan.narrows.is_empty() && is_free && fix.plan.lacks.is_none() {
        add("no configuration without this warning is lost");
    }
    add(&fix.plan.caveat);
    fix.remark = parts.join("; ");
    let is_elsewhere = |(name, effect): &(String, Effect)| {
        !effect.lost.is_empty() && !architectures.contains(name)
    };
    let elsewhere = effects.each.iter().any(is_elsewhere) && !architectures.is_empty();
    Ok(
        match !unreachable.is_empty() || !idle.is_empty() || elsewhere {
            true => Harm::Others,
            false => Harm::None,
        },
    )
}

/// What stays on where the fix says that it does not.
fn gaps(plan: &Plan, effects: &Effects) -> Vec<String> {
    let numbers: BTreeSet<usize> = effects
        .each
        .iter()
        .flat_map(|(_, effect)| effect.gaps.iter().copied())
        .collect();
    let words = numbers.into_iter().map(|at| {
        let Narrowing { symbol, term } = &plan.narrows[at];
        let places = on(effects, |effect| effect.gaps.contains(&at)).words();
        let term = enclosed(term);
        format!("another definition keeps {symbol} on without {term}{places}")
    });
    words.collect()
}

/// Where the select no longer acts although it could; empty where that is nowhere.
fn idle(plan: &Plan, effects: &Effects) -> String {
    let places = on(effects, |effect| effect.idle);
    match &plan.restricts {
        Some(Narrowing { symbol, term }) if !places.is_empty() => format!(
            "without {}, {symbol} no longer selects {}, also where there is no warning{}",
            enclosed(term),
            plan.touches.join(" and "),
            places.words()
        ),
        _ => String::new(),
    }
}

fn enclosed(term: &str) -> String {
    match term.contains(' ') {
        true => format!("({term})"),
        false => term.to_owned(),
    }
}

/// What no fix may do.
fn refuse(effects: &Effects) -> Result<(), String> {
    let mut new: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, effect) in &effects.each {
        for defect in &effect.new {
            new.entry(defect.to_string()).or_default().push(name);
        }
    }
    if let Some((words, architectures)) = new.into_iter().next() {
        return Err(format!("{words}{}", Names(architectures).words()));
    }
    let stays = on(effects, |effect| effect.stays);
    if !stays.is_empty() {
        return Err(format!("this warning stays{}", stays.words()));
    }
    let mut dead = lost_names(&effects.alive);
    match dead.next() {
        Some(name) => Err(format!(
            "no configuration could then have {}",
            name.as_str()
        )),
        None => Ok(()),
    }
}

/// What was possible somewhere and then is nowhere.
fn lost_names<K>(possible: &BTreeMap<K, bool>) -> impl Iterator<Item = &K> {
    let lost = possible.iter().filter(|(_, still)| !**still);
    lost.map(|(name, _)| name)
}

fn unreachable(effects: &Effects) -> Vec<String> {
    let lost = lost_names(&effects.reach);
    let words = lost.map(|(symbol, platform)| match platform {
        Platform::Symbol(name) => format!("{symbol} can then not be on where {name} is on"),
        Platform::InEarnest => format!("{symbol} can then be on only where COMPILE_TEST is on"),
    });
    words.collect()
}

/// The configurations without the finding that are lost, in words: one for each term.
fn losses(plan: &Plan, effects: &Effects) -> Vec<String> {
    let mut lost: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for (name, effect) in &effects.each {
        for at in &effect.lost {
            let Narrowing { symbol, term } = &plan.narrows[*at];
            let (symbols, architectures) = lost.entry(term).or_default();
            symbols.insert(symbol);
            architectures.insert(name);
        }
    }
    let words = lost.into_iter().map(|(term, (symbols, architectures))| {
        let symbols = Names(symbols.into_iter().collect()).list();
        let places = Names(architectures.into_iter().collect()).words();
        let term = enclosed(term);
        format!(
            "configurations without this warning are lost: with {symbols}, without {term}{places}"
        )
    });
    words.collect()
}

fn on<'e>(effects: &'e Effects, is: impl Fn(&Effect) -> bool) -> Names<'e> {
    let names = effects.each.iter().filter(|(_, effect)| is(effect));
    Names(names.map(|(name, _)| name.as_str()).collect())
}

/// Names of architectures or symbols.
struct Names<'n>(Vec<&'n str>);

impl Names<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// ` on arm, arm64`; nothing where the tree has no architectures.
    fn words(&self) -> String {
        match self.0.iter().all(|name| name.is_empty()) {
            true => String::new(),
            false => format!(" on {}", self.list()),
        }
    }

    fn list(&self) -> String {
        let shown = &self.0[..self.0.len().min(MOST_NAMES)];
        let rest = self.0.len() - shown.len();
        match rest {
            0 => shown.join(", "),
            _ => format!("{} and {rest} more", shown.join(", ")),
        }
    }
}
