// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fingerprints: the same finding has the same one after lines moved and files were renamed.
//!
//! A finding has two of them. That of its pair hashes the rule and the names that make the finding
//! this one (interface.md, "One finding per defect"), never a path or a line. Where no symbol is
//! concerned the text of the line stands in, and findings that still look the same are counted.
//! The fingerprint itself goes on from there with the missing terms, so that it changes when a
//! helper gains a term. Where no term is missing both are equal.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::diagnostic::{Data, Diagnostic};
use crate::fix::Identity;
use crate::rules::term;
use crate::rules::unmet_dependency::Kind;
use crate::source::Files;

/// Gives every finding of a run its fingerprints, before any is suppressed or left out.
pub fn mark(findings: &mut [Diagnostic], files: &Files) {
    let pairs = pairs(findings, files);
    for (finding, pair) in findings.iter_mut().zip(pairs) {
        finding.fingerprint = of_finding(finding, &pair);
        finding.pair = pair;
    }
}

/// The fingerprints of findings, which must be in the order of the report: 16 hex digits each,
/// all distinct. Those that have theirs keep it.
pub fn fingerprints(findings: &[Diagnostic], files: &Files) -> Vec<String> {
    let pairs = pairs(findings, files);
    let all = findings.iter().zip(pairs);
    all.map(|(finding, pair)| of_finding(finding, &pair))
        .collect()
}

/// The same without what is missing.
pub fn pairs(findings: &[Diagnostic], files: &Files) -> Vec<String> {
    let mut seen: FxHashMap<u64, u32> = FxHashMap::default();
    findings
        .iter()
        .map(|finding| {
            if !finding.pair.is_empty() {
                return finding.pair.clone();
            }
            let hash = hash(&identity(finding, files));
            let ordinal = seen.entry(hash).or_default();
            let hash = match *ordinal {
                0 => hash,
                n => add(hash, n.to_string().as_bytes()),
            };
            *ordinal += 1;
            format!("{hash:016x}")
        })
        .collect()
}

/// How findings, which must be in the order of the report, are told from each other.
pub fn identities(findings: &[Diagnostic], files: &Files) -> Vec<Identity> {
    let all = findings.iter().zip(pairs(findings, files));
    let identities = all.map(|(finding, own)| Identity {
        own,
        alike: format!("{:016x}", hash(&identity(finding, files))),
    });
    identities.collect()
}

/// The pair of an unmet dependency that is worse than this one and covers it: off covers module.
pub fn worse_pair(finding: &Diagnostic) -> Option<String> {
    other_kind(finding, Kind::Module, Kind::Off)
}

/// The pair of an unmet dependency that is milder than this one: module is milder than off.
pub fn milder_pair(finding: &Diagnostic) -> Option<String> {
    other_kind(finding, Kind::Off, Kind::Module)
}

fn other_kind(finding: &Diagnostic, own: Kind, other: Kind) -> Option<String> {
    match &finding.data {
        Data::Unmet {
            selector,
            selectee,
            level,
            ..
        } if *level == own.word() => {
            let parts = [finding.rule, selector, selectee, other.word()];
            let parts = parts.map(|part| part.as_bytes().to_vec());
            Some(format!("{:016x}", hash(&parts)))
        }
        _ => None,
    }
}

/// The fingerprint of a pair that lacks these terms.
pub fn of_pair<'t>(pair: &str, missing: impl IntoIterator<Item = &'t str>) -> String {
    let terms = missing.into_iter();
    let terms: BTreeSet<String> = terms
        .map(|text| term::canonical(text, &|_| false))
        .collect();
    match u64::from_str_radix(pair, 16) {
        Ok(start) if !terms.is_empty() => {
            let add_term = |hash, term: &String| add(add(hash, term.as_bytes()), b"\0");
            format!("{:016x}", terms.iter().fold(start, add_term))
        }
        _ => pair.to_owned(),
    }
}

fn of_finding(finding: &Diagnostic, pair: &str) -> String {
    if !finding.fingerprint.is_empty() {
        return finding.fingerprint.clone();
    }
    let missing = match &finding.data {
        Data::Unmet { missing, .. } | Data::Policy { missing, .. } => missing.as_slice(),
        Data::None | Data::Cycle { .. } => &[],
    };
    of_pair(pair, missing.iter().map(String::as_str))
}

fn hash(parts: &[Vec<u8>]) -> u64 {
    let parts = parts.iter();
    parts.fold(OFFSET, |hash, part| add(add(hash, part), b"\0"))
}

fn identity(finding: &Diagnostic, files: &Files) -> Vec<Vec<u8>> {
    let mut parts = vec![finding.rule.as_bytes().to_vec()];
    let mut name = |text: &str| parts.push(text.as_bytes().to_vec());
    match &finding.data {
        Data::None => {
            finding.symbol.iter().for_each(|symbol| name(symbol));
            finding.key.iter().for_each(|key| name(key));
        }
        Data::Unmet {
            selector,
            selectee,
            level,
            ..
        } => [selector, selectee, *level].into_iter().for_each(name),
        Data::Policy {
            policy,
            selector,
            selectee,
            ..
        } => [policy, selector, selectee]
            .into_iter()
            .for_each(|part| name(part)),
        Data::Cycle { symbols } => canonical(symbols).for_each(name),
    }
    if parts.len() == 1 {
        parts.push(line_of(finding, files));
    }
    parts
}

/// A cycle from its smallest name on, so that it is the same wherever a walk entered it.
fn canonical(symbols: &[String]) -> impl Iterator<Item = &str> {
    let first = (0..symbols.len())
        .min_by_key(|at| &symbols[*at])
        .unwrap_or_default();
    symbols[first..]
        .iter()
        .chain(&symbols[..first])
        .map(String::as_str)
}

fn line_of(finding: &Diagnostic, files: &Files) -> Vec<u8> {
    finding.primary.as_ref().map_or_else(Vec::new, |label| {
        let file = files.get(label.span.file);
        let line = file.line(file.position(label.span.start).line);
        line.trim_ascii().to_vec()
    })
}

/// FNV-1a, 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn add(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(add(OFFSET, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(add(OFFSET, b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_cycle_is_the_same_from_every_entry() {
        let turned = |names: [&str; 3]| names.map(str::to_owned).to_vec();
        let one = turned(["C", "A", "B"]);
        let other = turned(["A", "B", "C"]);
        assert!(canonical(&one).eq(canonical(&other)));
    }
}
