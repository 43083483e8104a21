// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fixes of mutants: what is applied removes its finding, brings no other, and leaves a tree that
//! conf loads. Where the mutation took a term from a selector, the best fix should give back the
//! same meaning; how often it does is counted.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `KCONFIG_LINT_FIXED_MUTANTS` | mutants, 50 unless set |
//! | `KCONFIG_LINT_MUTANT_SEED` | the first seed, 1 unless set |
//! | `KCONFIG_LINT_MUTANT_MINUTES` | no mutant is begun later; no limit unless set |

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kconfig_lint::diagnostic::{Applicability, Diagnostic, Edit};
use kconfig_lint::fix::Effort;
use kconfig_lint::logic::Theory;
use kconfig_lint::model::{ExprId, Exprs, Model};
use kconfig_lint::rules::policy::Requirement;
use kconfig_lint::source::{Overlay, Reader};

use crate::fixes::{Share, Workshop};
use crate::generate::Random;
use crate::mutants::{Ground, Key, in_threads, unmet};
use crate::mutate::{Change, Mutant};
use crate::small_trees::number;
use crate::trees::newest;

/// What came out for a mutant.
#[derive(Default)]
struct Report {
    skipped: bool,
    new: usize,
    share: Share,
    applied: usize,
    /// Findings about a selector from which the mutation took a term, and those of them whose
    /// best fix gives back its meaning: the term of a dependency, the condition of a select.
    taken: [usize; 2],
    restored: [usize; 2],
    not_restored: Vec<String>,
    wrong: Vec<String>,
}

#[test]
fn mutants_are_fixed_and_nothing_else_comes() {
    let ground = Ground::new(newest());
    let count = number("KCONFIG_LINT_FIXED_MUTANTS").unwrap_or(50);
    let first = number("KCONFIG_LINT_MUTANT_SEED").unwrap_or(1);
    let minutes = number("KCONFIG_LINT_MUTANT_MINUTES");
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let reports = in_threads(count, |at| {
        let mut report = Report::default();
        if end.is_some_and(|end| Instant::now() > end) {
            report.skipped = true;
            return report;
        }
        let seed = first + at;
        judge(&ground, seed, &ground.pool.mutant(seed), &mut report);
        for words in report.wrong.iter().chain(&report.not_restored) {
            println!("{words}");
        }
        report
    });
    let sum = |count: fn(&Report) -> usize| reports.iter().map(count).sum::<usize>();
    println!(
        "{} mutants (seeds from {first}), {} skipped; {} with {} new findings: {} with a fix for \
         machines, {} with a weaker one, {} with none; {} fixes applied; a term was taken from a \
         dependency of {} selectors, the best fix gives back its meaning for {}; the condition of {} \
         selects, for {}; {} differences",
        count,
        sum(|it| usize::from(it.skipped)),
        sum(|it| usize::from(it.new > 0)),
        sum(|it| it.new),
        sum(|it| it.share.machine),
        sum(|it| it.share.weaker),
        sum(|it| it.share.none.len()),
        sum(|it| it.applied),
        sum(|it| it.taken[0]),
        sum(|it| it.restored[0]),
        sum(|it| it.taken[1]),
        sum(|it| it.restored[1]),
        sum(|it| it.wrong.len()),
    );
    for words in reports.iter().flat_map(|it| &it.share.none) {
        println!("  none: {words}");
    }
    let wrong: Vec<&str> = reports
        .iter()
        .flat_map(|it| it.wrong.iter().map(String::as_str))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(sum(|it| it.applied) > 0, "no fix was applied");
}

fn judge(ground: &Ground, seed: u64, mutant: &Mutant, report: &mut Report) {
    let mut random = Random::new(seed ^ 0xacce55);
    let readers: Vec<&String> = ground.readers[&mutant.path].iter().collect();
    let architecture = random.pick(&readers).as_str();
    let place = format!(
        "seed {seed}, {architecture}, {}, {}",
        mutant.path, mutant.words
    );
    let workshop = Workshop::new(&ground.project, &[architecture]);
    let overlay = Overlay::new(ground.reader.clone()).with(&mutant.path, mutant.text.as_bytes());
    let below: Arc<dyn Reader> = Arc::new(overlay);
    let known = ground.known(architecture);
    let is_new = |finding: &Diagnostic| {
        let own: BTreeSet<Key> = unmet(std::slice::from_ref(finding)).into_keys().collect();
        !own.is_empty() && own.is_disjoint(known)
    };
    let first = workshop.judge(below.clone(), Some(Effort::All), &is_new);
    report.new = first.shown().len();
    for finding in &first.outcome.findings {
        report.share.add(finding);
        if let Some(same) = restores(ground, architecture, mutant, &first.outcome.files, finding) {
            let at = usize::from(mutant.change == Change::DropSelectCondition);
            report.taken[at] += 1;
            report.restored[at] += usize::from(same);
            if !same {
                let best = finding
                    .fixes
                    .first()
                    .map_or("none", |fix| fix.title.as_str());
                let words = format!("{place}: {}: best: {best}", finding.message);
                report.not_restored.push(words);
            }
        }
    }
    let mutated = [(mutant.path.as_str(), mutant.text.as_str())];
    for threshold in [
        Applicability::MachineApplicable,
        Applicability::MaybeIncorrect,
    ] {
        let (fixed, wrong) =
            workshop.check((&ground.tree, &mutated), &below, &first, threshold, &is_new);
        report.applied += fixed.applied.len();
        let wrong = wrong.iter().map(|words| format!("{place}: {words}"));
        report.wrong.extend(wrong);
    }
}

/// Whether the best fix gives a selector back its meaning from which the mutation took a term;
/// `None` where it did not.
pub(crate) fn restores(
    ground: &Ground,
    architecture: &str,
    mutant: &Mutant,
    files: &kconfig_lint::source::Files,
    finding: &Diagnostic,
) -> Option<bool> {
    let takes = matches!(
        mutant.change,
        Change::DropConjunct | Change::DropDepends | Change::DropSelectCondition
    );
    let selector = finding.symbol.as_deref()?;
    if !takes || !mutant.symbols.iter().any(|name| name == selector) {
        return None;
    }
    let Some(fix) = finding.fixes.first().filter(|fix| fix.proved) else {
        return Some(false);
    };
    let mut fixed = Overlay::new(ground.reader.clone());
    for edit in fix.edits() {
        let path = files.get(edit.span.file).path().to_owned();
        let own = fix.edits().iter();
        let own = own.filter(|other| other.span.file == edit.span.file);
        let text = edited(files.get(edit.span.file).text(), own);
        fixed = fixed.with(&path, text);
    }
    if fix
        .edits()
        .iter()
        .all(|edit| files.get(edit.span.file).path() != mutant.path)
    {
        fixed = fixed.with(&mutant.path, mutant.text.as_bytes());
    }
    let model = |reader: Arc<dyn Reader>| {
        let files = Arc::new(kconfig_lint::source::Files::new(reader));
        ground.whole_model(architecture, files)
    };
    let after = model(Arc::new(fixed));
    let before = model(ground.reader.clone());
    Some(means_the_same(before, &after, selector))
}

fn edited<'e>(text: &[u8], edits: impl Iterator<Item = &'e Edit>) -> Vec<u8> {
    let mut new = Vec::new();
    let mut done = 0;
    for edit in edits {
        new.extend_from_slice(&text[done..edit.span.start as usize]);
        new.extend_from_slice(edit.text.as_bytes());
        done = edit.span.end as usize;
    }
    new.extend_from_slice(&text[done..]);
    new
}

/// Whether the dependency of a symbol, and the conditions of its selects, have the same values in
/// all configurations of the tree `before`.
fn means_the_same(mut before: Model, after: &Model, name: &str) -> bool {
    let (Some(old), Some(new)) = (before.symbol_named(name), after.symbol_named(name)) else {
        return false;
    };
    let mut pairs: Vec<(ExprId, ExprId)> = Vec::new();
    let mut compare = |before: &mut Model, old: ExprId, new: ExprId| {
        // The same words mean the same, also where they are not to be parsed again.
        if before.printer().expr(old) == after.printer().expr(new) {
            return true;
        }
        let moved = moved(after, new, before);
        pairs.extend(moved.map(|new| (old, new)));
        moved.is_some()
    };
    let direct = [(&before, old), (after, new)]
        .map(|(model, id)| model.symbol(id).direct.unwrap_or(Exprs::YES));
    if !compare(&mut before, direct[0], direct[1]) {
        return false;
    }
    let selects = before.symbol(old).selects.clone();
    if selects.len() != after.symbol(new).selects.len() {
        return false;
    }
    for (id, other) in selects.iter().zip(&after.symbol(new).selects) {
        let condition = before.select(*id).condition;
        if !compare(&mut before, condition, after.select(*other).condition) {
            return false;
        }
    }
    let mut theory = Theory::new(Arc::new(before));
    pairs.iter().all(|(one, other)| {
        theory.focus();
        let (one, other) = (theory.expr(*one), theory.expr(*other));
        let differs = [
            [one.on, !other.on],
            [!one.on, other.on],
            [one.yes, !other.yes],
            [!one.yes, other.yes],
        ];
        !differs
            .iter()
            .any(|question| theory.holds(question) != Ok(false))
    })
}

/// An expression of one model in another; `None` where its words do not say it all.
fn moved(from: &Model, expr: ExprId, to: &mut Model) -> Option<ExprId> {
    let text = from.printer().expr(expr);
    let parsed = Requirement::parse(&text).ok()?;
    (!text.contains("$(")).then(|| parsed.add_to(to))
}
