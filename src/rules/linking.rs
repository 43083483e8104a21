// SPDX-License-Identifier: MIT OR Apache-2.0
//! The words of the link check, for its three rules.

use super::outside::{Links, Outside};
use super::remedy::link_fixes;
use super::scope::Findings;
use crate::diagnostic::Label;
use crate::link::{Finding, Kind};
use crate::model::{Model, Tristate};
use crate::source::{Name, Span, TextRange};
use crate::tree::ArchSet;

/// Calls that are shown as labels; the others are counted.
const MAX_CALLS: usize = 5;

/// Reports what the link check found of one kind.
pub fn report(outside: &Outside<'_>, kind: Kind, findings: &mut Findings) {
    if !findings.knows_all_names(outside.names) || outside.references.prefix != b"CONFIG_" {
        return;
    }
    let links = outside.links();
    for (at, found) in &links.found {
        if found.kind == kind {
            one(outside, links, *at, found, findings);
        }
    }
}

fn one(outside: &Outside<'_>, links: &Links, at: usize, found: &Finding, findings: &mut Findings) {
    let model = outside.models[at];
    let first = &found.calls[0];
    let Some(call) = place(outside, links, first.file, first.at, first.name) else {
        return;
    };
    let defined = definition(model, found.caller);
    let (caller, missing) = (found.caller.as_str(), found.missing.as_str());
    let name = first.name.as_str();
    let message = message(found);
    let finding = findings.report(
        defined.unwrap_or(call),
        ArchSet::first(1),
        Some(caller),
        message,
    );
    finding.key.extend([caller.to_owned(), missing.to_owned()]);
    let words = match found.kind {
        Kind::Undeclared => format!("calls {name}()"),
        _ => match first.definition {
            Some(it) => format!(
                "calls {name}(), which {} defines",
                links.code.files[it.file as usize].path
            ),
            None => format!("calls {name}()"),
        },
    };
    finding.labels.push(Label::new(call, words));
    for call in found.calls.iter().skip(1).take(MAX_CALLS) {
        let span = place(outside, links, call.file, call.at, call.name);
        let words = format!("calls {}()", call.name.as_str());
        finding
            .related
            .extend(span.map(|span| Label::new(span, words)));
    }
    if let Some(more) = found
        .calls
        .len()
        .checked_sub(MAX_CALLS + 1)
        .filter(|it| *it > 0)
    {
        finding
            .notes
            .push(format!("{more} more calls lack {missing}"));
    }
    let names = outside.architectures[at];
    let all: Vec<String> = found.on.iter().map(|at| names[at].clone()).collect();
    finding.architectures = match all.len() < outside.asked[at].len() {
        true => all,
        false => Vec::new(),
    };
    finding.fixes = link_fixes(model, outside.files, found);
    finding.witness = Some(found.witness.clone());
}

fn message(found: &Finding) -> String {
    let (caller, missing) = (found.caller.as_str(), found.missing.as_str());
    let name = found.calls[0].name.as_str();
    let lack = match found.kind {
        Kind::Level => "which only that module has",
        Kind::Gap => "which nothing else defines",
        Kind::Undeclared => "which no header declares then",
    };
    let state = match (found.kind, found.missing_is) {
        (Kind::Level, _) => {
            return format!(
                "{caller} can be built in while {missing} is a module, and its code calls {name}(), {lack}"
            );
        }
        (_, Tristate::No) => "off",
        (_, Tristate::Module) => "a module",
        // It takes something else, too.
        (Kind::Gap, Tristate::Yes) => {
            return format!(
                "{caller} can be on, and its code calls {name}(), which {missing} alone does not define"
            );
        }
        (Kind::Undeclared, Tristate::Yes) => "on",
    };
    format!("{caller} can be on while {missing} is {state}, and its code calls {name}(), {lack}")
}

fn place(outside: &Outside<'_>, links: &Links, file: u32, at: u32, name: Name) -> Option<Span> {
    let path = &links.code.files[file as usize].path;
    let range = TextRange::new(at, at + name.as_str().len() as u32);
    Some(range.in_file(outside.files.open(path).ok()?))
}

/// Where Kconfig defines an option.
fn definition(model: &Model, name: Name) -> Option<Span> {
    let symbols = model.symbols_named(name);
    let mut all = symbols
        .iter()
        .flat_map(|(_, id)| &model.symbol(*id).definitions);
    all.next().map(|it| it.name)
}
