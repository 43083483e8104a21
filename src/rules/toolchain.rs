// SPDX-License-Identifier: MIT OR Apache-2.0
//! Of a broken pair, with which toolchains it is broken, where that is not all that the tree accepts.
//!
//! The theory answers for each tool in each version that something tells from others, so the words
//! hold for every configuration and not just for the one that is shown. It must not say that a
//! toolchain is needed where some configuration does without it.

use std::collections::BTreeSet;

use crate::logic::{Bit, Configuration, Evaluator, Theory, needs};
use crate::menu::command::{CommandId, Tool};
use crate::source::Name;
use crate::tree::{dotted, tool_name};

/// What is said where no tool's name or version says it.
pub(super) const SOME: &str = "some toolchains";

/// Questions about one command before nothing is said of it. Real trees take two.
const MAX_QUESTIONS: usize = 8;

/// Tests of which it is asked whether one is needed. Real findings have up to five.
const MAX_TESTS: usize = 20;

/// A condition, and the configuration that shows that it can hold.
pub(super) struct Shown<'a> {
    /// What holds of the pair when it is broken.
    pub(super) broken: &'a [Bit],
    /// The configuration, made small.
    pub(super) configuration: &'a Configuration,
}

/// The toolchains, as the end of "with"; `None` where the pair is broken with some toolchain
/// whatever a single command answers.
pub(super) fn needed(
    theory: &mut Theory,
    shown: &Shown<'_>,
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Option<String> {
    let model = theory.model().clone();
    // There the theory does not know of all configurations.
    if model.has_tristate_before_modules {
        return None;
    }
    let commands = &model.menu.commands;
    let needs = needs(&model, shown.configuration.inputs(), holds);
    let mut words = Vec::new();
    let mut others = false;
    for id in needs.commands {
        if commands.variable_of(id).is_some() {
            continue;
        }
        let Some((all, possible)) = possible(theory, shown, id, holds) else {
            continue;
        };
        match commands.tools_of(id) {
            Some(tools) => words.push(in_words(tools, &all, &possible)),
            None => others = true,
        }
    }
    for (id, succeeds) in needs.tests.into_iter().take(MAX_TESTS) {
        let bit = theory.succeeds(id);
        let opposite = if succeeds { !bit } else { bit };
        let asked = [shown.broken, &[opposite]].concat();
        others |= theory.holds(&asked) == Ok(false);
    }
    match (words.is_empty(), others) {
        (true, false) => None,
        (true, true) => Some(SOME.to_owned()),
        (false, _) => Some(words.join(", and ")),
    }
}

/// The texts that a command can print, and those of them with which some configuration breaks the pair.
/// `None` where every text does, or where the theory leaves a text undecided.
fn possible(
    theory: &mut Theory,
    shown: &Shown<'_>,
    id: CommandId,
    holds: &mut dyn FnMut(&mut Evaluator<'_>) -> bool,
) -> Option<(Vec<Name>, BTreeSet<Name>)> {
    let model = theory.model().clone();
    let texts = theory.prints(id);
    let texts: Vec<(Name, Bit)> = texts
        .into_iter()
        .filter(|(text, _)| !text.as_str().is_empty())
        .collect();
    let mut known = BTreeSet::new();
    let mut inputs = shown.configuration.inputs().clone();
    for _ in 0..MAX_QUESTIONS {
        let before = known.len();
        for (text, _) in texts
            .iter()
            .filter(|(text, _)| !known.contains(text))
            .collect::<Vec<_>>()
        {
            let mut other = inputs.clone();
            other.outputs.insert(id, *text);
            if Configuration::replay(&model, &other, holds).is_some() {
                known.insert(*text);
            }
        }
        if known.len() == before || known.len() == texts.len() {
            return None;
        }
        let unknown = texts.iter().map(|(text, bit)| match known.contains(text) {
            true => !*bit,
            false => Bit::True,
        });
        let asked: Vec<Bit> = shown.broken.iter().copied().chain(unknown).collect();
        match theory.solve(&asked) {
            Ok(Some(found)) => inputs = found,
            Ok(None) => {
                let all = texts.iter().map(|(text, _)| *text);
                return Some((all.collect(), known));
            }
            Err(_) => return None,
        }
    }
    None
}

/// The tools that make these outputs, in words.
fn in_words(tools: &[Tool], all: &[Name], possible: &BTreeSet<Name>) -> String {
    let mut names: Vec<&str> = tools.iter().map(|tool| &*tool.versions.name).collect();
    names.dedup();
    let versions = |outputs: &mut dyn Iterator<Item = &Name>, name: &str| {
        let numbers = outputs.filter_map(|output| {
            let rest = output.as_str().strip_prefix(name)?;
            rest.strip_prefix(' ')?.parse::<u64>().ok()
        });
        numbers.collect::<BTreeSet<u64>>()
    };
    let words = names.iter().flat_map(|name| {
        let own: Vec<u64> = versions(&mut all.iter(), name).into_iter().collect();
        let possible = versions(&mut possible.iter(), name);
        ranges(&own, &possible)
            .into_iter()
            .map(|range| format!("{}{range}", tool_name(name)))
    });
    words.collect::<Vec<_>>().join(" or ")
}

/// The versions of `possible` as ranges of `all`, which are sorted: each as what follows the name.
fn ranges(all: &[u64], possible: &BTreeSet<u64>) -> Vec<String> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let length = all[at..]
            .iter()
            .take_while(|it| possible.contains(it))
            .count();
        if length == 0 {
            at += 1;
            continue;
        }
        let (first, behind) = (all[at], all.get(at + length));
        words.push(match (at, behind) {
            (0, None) => String::new(),
            (_, Some(behind)) if length == 1 && *behind == first + 1 => {
                format!(" {}", dotted(first))
            }
            (0, Some(behind)) => format!(" before {}", dotted(*behind)),
            (_, None) => format!(" {} or newer", dotted(first)),
            (_, Some(behind)) => {
                let (first, behind) = (dotted(first), dotted(*behind));
                format!(" {first} or newer but before {behind}")
            }
        });
        at += length;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(all: &[u64], possible: &[u64]) -> Vec<String> {
        ranges(all, &possible.iter().copied().collect())
    }

    #[test]
    fn versions_are_told_as_ranges() {
        let all = [80100, 80101, 90099, 90100, 90101, 160000, 160001];
        assert_eq!(said(&all, &all), [""]);
        assert_eq!(said(&all, &all[..3]), [" before 9.1"]);
        assert_eq!(said(&all, &all[5..]), [" 16 or newer"]);
        assert_eq!(said(&all, &[90100]), [" 9.1"]);
        let expected = [" 8.1", " 9.1 or newer but before 16"];
        assert_eq!(said(&all, &[80100, 90100, 90101]), expected);
        assert_eq!(said(&all, &[]), [""; 0]);
    }
}
