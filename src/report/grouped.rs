// SPDX-License-Identifier: MIT OR Apache-2.0
//! A group of findings as one finding for people: at the dependency that all its selectors lack, or
//! at the first place of a defect.

use std::collections::BTreeSet;

use crate::diagnostic::group::{Cause, Lack, MAX_PROVED};
use crate::diagnostic::{Data, Diagnostic, Fix, Label};
use crate::rules::selects::bare;
use crate::rules::term;
use crate::source::{Files, Span};

/// Selectors that the message names.
const MAX_NAMED: usize = 3;

/// The finding that stands for the members of a group.
pub(super) fn finding(
    findings: &[Diagnostic],
    members: &[usize],
    cause: &Cause,
    files: &Files,
) -> Diagnostic {
    let all: Vec<&Diagnostic> = members.iter().map(|at| &findings[*at]).collect();
    match cause {
        Cause::Lack(lack) => lacking(&all, lack, files),
        Cause::Defect(_) => repeated(&all),
    }
}

/// The first place of a defect, with the others as its further places.
fn repeated(all: &[&Diagnostic]) -> Diagnostic {
    let (first, rest) = (all[0], &all[1..]);
    let places = rest.iter().filter_map(|finding| {
        let label = finding.primary.as_ref()?;
        let inside = finding.symbol.iter();
        let inside: String = inside.map(|name| format!("in {name}")).collect();
        Some(Label::new(label.span, inside))
    });
    let more = match rest.len() {
        1 => "1 more place".to_owned(),
        some => format!("{some} more places"),
    };
    Diagnostic {
        message: format!("{} (and in {more})", first.message),
        related: first.related.iter().cloned().chain(places).collect(),
        architectures: joined(all),
        ..first.clone()
    }
}

/// The architectures of any of these findings; none where one of them does not depend on any.
fn joined(all: &[&Diagnostic]) -> Vec<String> {
    if all.iter().any(|finding| finding.architectures.is_empty()) {
        return Vec::new();
    }
    let joined: BTreeSet<&String> = all.iter().flat_map(|it| &it.architectures).collect();
    joined.into_iter().cloned().collect()
}

/// The selectors that lack a term.
fn lacking(all: &[&Diagnostic], cause: &Lack, files: &Files) -> Diagnostic {
    let first = all[0];
    let names: Vec<&str> = all.iter().map(|it| selector(it)).collect();
    let named = names[..names.len().min(MAX_NAMED)].join(", ");
    let rest = match names.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let words = cause.words(&written(first, &cause.term), all.len());
    let selects = all.iter().filter_map(|finding| {
        let label = finding.primary.as_ref()?;
        let words = format!("{} selects {}", selector(finding), cause.selectee);
        Some(Label::new(label.span, words))
    });
    let related: Vec<Label> = selects.collect();
    let place = all.iter().find_map(|finding| place(finding, cause, files));
    let primary = match place {
        Some(span) => Some(Label::new(
            span,
            format!("{} selectors may lack this", all.len()),
        )),
        None => first.primary.clone(),
    };
    let toolchain = first.toolchain.iter();
    let toolchain: String = toolchain.map(|it| format!(" (with {it})")).collect();
    Diagnostic {
        message: format!("{words}: {named}{rest}{toolchain}"),
        primary,
        labels: Vec::new(),
        related,
        architectures: joined(all),
        fixes: all
            .iter()
            .take(MAX_PROVED)
            .filter_map(|it| fix(it))
            .collect(),
        rejected: Vec::new(),
        ..first.clone()
    }
}

fn selector(finding: &Diagnostic) -> &str {
    match &finding.data {
        Data::Unmet { selector, .. } | Data::Policy { selector, .. } => selector,
        Data::None | Data::Cycle { .. } => finding.symbol.as_deref().unwrap_or_default(),
    }
}

/// A term as a finding that lacks it has it, which is as it stands in the file.
fn written(finding: &Diagnostic, term: &str) -> String {
    let missing = match &finding.data {
        Data::Unmet { missing, .. } | Data::Policy { missing, .. } => &missing[..],
        Data::None | Data::Cycle { .. } => &[],
    };
    let written = match missing {
        [only] => Some(only),
        _ => missing.iter().find(|text| is_term(text, term)),
    };
    written.map_or(term, |text| bare(text)).to_owned()
}

/// Whether a text of a file is a term, which is written in the canonical way: with `!USB` for
/// `USB = n` where USB is a bool, which is not known here.
fn is_term(text: &str, term: &str) -> bool {
    [true, false]
        .into_iter()
        .any(|is_bool| term::canonical(text, &|_| is_bool) == term)
}

/// Where the selectee states the term: the label of a member that stands on just that.
fn place(finding: &Diagnostic, cause: &Lack, files: &Files) -> Option<Span> {
    let states = |label: &&Label| {
        let span = label.span;
        let file = files.get(span.file);
        let text = file.text().get(span.start as usize..span.end as usize);
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        text.is_some_and(|text| is_term(text, &cause.term))
    };
    let label = finding.labels.iter().find(states);
    label.map(|label| label.span)
}

/// The best fix of a member, with the member's name.
fn fix(finding: &Diagnostic) -> Option<Fix> {
    let mut best = finding.fixes.first()?.clone();
    best.title = format!("{}: {}", selector(finding), best.title);
    Some(best)
}
