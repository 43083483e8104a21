// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fixes on the real trees: what upstream had is given back, and what is applied removes its
//! finding, brings no other, leaves a tree that conf loads, and leaves nothing to be done.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Applicability, Diagnostic};
use kconfig_lint::fix::{Changed, Effort, Fixed, Identity, Judged, fix, prove};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::report;
use kconfig_lint::session::{self, Options, Outcome};
use kconfig_lint::source::{Files, Overlay, Reader, WorkTree};
use kconfig_lint::tree::Project;

use crate::driver::Reading;
use crate::judge::Judge;
use crate::library::Library;
use crate::small_trees::number;
use crate::trees::{Linux, all_linux, newest};

/// A tree with what its runs need.
pub(crate) struct Workshop {
    pub(crate) project: Project,
    pub(crate) options: Options,
}

impl Workshop {
    /// For some architectures of a tree; no file of another is read.
    pub(crate) fn new(project: &Project, names: &[&str]) -> Workshop {
        let mut project = project.clone();
        project
            .architectures
            .retain(|it| names.contains(&it.name.as_str()));
        let options = Options {
            architectures: project.architectures.clone(),
            toolchain: Toolchain::default(),
            levels: Levels::default(),
            policies: Vec::new(),
            remarks: false,
            effort: kconfig_lint::logic::Effort::DEFAULT,
            jobs: None,
        };
        Workshop { project, options }
    }

    /// The findings, their fixes proved as far as `effort` goes. Only what `is_shown` admits is
    /// proved, and may be fixed.
    pub(crate) fn judge(
        &self,
        reader: Arc<dyn Reader>,
        effort: Option<Effort>,
        is_shown: &dyn Fn(&Diagnostic) -> bool,
    ) -> Judged {
        let files = Arc::new(Files::new(reader));
        let outcome = session::run(&self.project, files, &self.options, &|_, _, _| {});
        let outcome = outcome.expect("a run");
        assert_eq!(outcome.internal_errors, [""; 0]);
        let identities = report::identities(&outcome.findings, &outcome.files);
        let mut judged = Judged::new(outcome, identities, &|finding, _| is_shown(finding));
        if let Some(effort) = effort {
            self.prove(&mut judged.outcome, effort);
        }
        judged
    }

    fn prove(&self, outcome: &mut Outcome, effort: Effort) {
        prove(outcome, &self.options, effort, &|_, _, _| {}).expect("a proof");
    }

    /// Applies fixes until nothing is left to be done.
    pub(crate) fn fix(
        &self,
        below: &Arc<dyn Reader>,
        first: &Judged,
        threshold: Applicability,
        is_shown: &dyn Fn(&Diagnostic) -> bool,
    ) -> Fixed {
        let mut again = |changed: Overlay| {
            let judged = self.judge(Arc::new(changed), None, is_shown);
            Ok::<_, Infallible>(judged)
        };
        let proved = |outcome: &mut Outcome| {
            self.prove(outcome, effort(threshold));
            Ok(())
        };
        let Ok(fixed) = fix(below, first, threshold, &mut again, &proved);
        fixed
    }

    /// Applies fixes to `below`, which is the tree with `mutated` files, and again to what comes of
    /// it. What is wrong then.
    pub(crate) fn check(
        &self,
        (tree, mutated): (&Linux, &[(&str, &str)]),
        below: &Arc<dyn Reader>,
        first: &Judged,
        threshold: Applicability,
        is_shown: &dyn Fn(&Diagnostic) -> bool,
    ) -> (Fixed, Vec<String>) {
        let fixed = self.fix(below, first, threshold, is_shown);
        let mut wrong = Vec::new();
        if fixed.unfinished {
            wrong.push("it does not end".to_owned());
        }
        // Each is proved alone; what does harm beside another one is left out, and that is right.
        for (fix, reason) in &fixed.left_out {
            println!("  left out beside others: {fix}: {reason}");
        }
        if fixed.changed.is_empty() {
            return (fixed, wrong);
        }
        let changed = fixed.changed.iter();
        let overlay = changed.fold(Overlay::new(below.clone()), |overlay, file| {
            overlay.with(&file.path, file.after.clone())
        });
        let after: Arc<dyn Reader> = Arc::new(overlay);
        let second = self.judge(after.clone(), Some(effort(threshold)), is_shown);
        let before: BTreeSet<&Identity> = first.shown().iter().collect();
        let now: BTreeSet<&Identity> = second.shown().iter().collect();
        for new in now.difference(&before) {
            wrong.push(format!("a new finding: {}", new.own));
        }
        if before.len() - now.len() < fixed.applied.len() {
            // One fix can remove several findings, but none removes less than its own.
            wrong.push("a finding with an applied fix is still there".to_owned());
        }
        let third = self.fix(&after, &second, threshold, is_shown);
        for fix in &third.applied {
            wrong.push(format!("a third run applies {fix}"));
        }
        wrong.extend(self.refused(tree, mutated, &fixed.changed));
        (fixed, wrong)
    }

    /// What conf says against the changed tree, on each architecture.
    fn refused(&self, tree: &Linux, mutated: &[(&str, &str)], changed: &[Changed]) -> Vec<String> {
        let mut wrong = Vec::new();
        for architecture in &self.project.architectures {
            let mut reading = Reading::kernel(tree, &architecture.name);
            let is_as_mutated = |path: &str| changed.iter().all(|file| file.path != path);
            for (path, text) in mutated.iter().filter(|(path, _)| is_as_mutated(path)) {
                reading = reading.with(path, text);
            }
            for file in changed {
                let text = std::str::from_utf8(&file.after).expect("UTF-8");
                reading = reading.with(&file.path, text);
            }
            if let Err(failed) = Judge::new(&reading) {
                wrong.push(format!("conf refuses {}: {failed:?}", architecture.name));
            }
        }
        wrong
    }
}

/// How far fixes are proved before they are applied.
fn effort(threshold: Applicability) -> Effort {
    match threshold {
        Applicability::MachineApplicable => Effort::Applicable,
        _ => Effort::Enough(1),
    }
}

/// How many findings have a fix for machines, a weaker one, or none.
#[derive(Default, Debug)]
pub(crate) struct Share {
    pub(crate) machine: usize,
    pub(crate) weaker: usize,
    pub(crate) none: Vec<String>,
}

impl Share {
    pub(crate) fn add(&mut self, finding: &Diagnostic) {
        let is = |wanted| {
            let mut fixes = finding.fixes.iter();
            fixes.any(|fix| fix.applicability == wanted && fix.proved)
        };
        if is(Applicability::MachineApplicable) {
            self.machine += 1;
        } else if is(Applicability::MaybeIncorrect) {
            self.weaker += 1;
        } else {
            let tried = finding.rejected.iter();
            let tried: Vec<String> = tried
                .map(|fix| format!("{}: {}", fix.title, fix.reason))
                .collect();
            let words = format!("{}\n    {}", finding.message, tried.join("\n    "));
            self.none.push(words);
        }
    }
}

/// The driver, its file, and what is cut from it.
const CUTS: [(&str, &str, &str, &str); 3] = [
    (
        "DRM_SSD130X",
        "drivers/gpu/drm/solomon/Kconfig",
        "depends on DRM && MMU",
        "depends on DRM",
    ),
    (
        "DRM_GUD",
        "drivers/gpu/drm/gud/Kconfig",
        "depends on DRM && USB && MMU",
        "depends on DRM && USB",
    ),
    (
        "DRM_UDL",
        "drivers/gpu/drm/udl/Kconfig",
        "\tdepends on MMU\n",
        "",
    ),
];

#[test]
fn what_was_cut_is_given_back_as_upstream_has_it() {
    let tree = newest();
    let project = Library::new(&tree).project;
    let upstream: Arc<dyn Reader> = Arc::new(WorkTree::new(&tree.root));
    let mut overlay = Overlay::new(upstream.clone());
    for (_, path, old, new) in CUTS {
        let text = upstream.read(path).expect("a file");
        let text = std::str::from_utf8(&text).expect("UTF-8");
        assert_eq!(text.matches(old).count(), 1, "{path}");
        overlay = overlay.with(path, text.replacen(old, new, 1).into_bytes());
    }
    let below: Arc<dyn Reader> = Arc::new(overlay);
    let names = tree.architectures();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let workshop = Workshop::new(&project, &names);
    let drivers = CUTS.map(|(driver, ..)| driver);
    let is_ours = |finding: &Diagnostic| {
        let symbol = finding.symbol.as_deref();
        symbol.is_some_and(|symbol| drivers.contains(&symbol))
    };
    let first = workshop.judge(below.clone(), Some(Effort::Applicable), &is_ours);
    assert_eq!(first.shown().len(), CUTS.len());
    let fixed = workshop.fix(&below, &first, Applicability::MachineApplicable, &is_ours);
    let after: BTreeMap<&str, &[u8]> = fixed
        .changed
        .iter()
        .map(|file| (file.path.as_str(), &*file.after))
        .collect();
    assert_eq!(after.len(), CUTS.len());
    for (_, path, ..) in CUTS {
        let expected = upstream.read(path).expect("a file");
        assert!(after[path] == &*expected, "{path} is not as it was");
    }
}

/// Architectures whose findings are fixed by default; `KCONFIG_LINT_FIX_ALL=1` takes all.
const SOME: [&str; 3] = ["arm", "powerpc", "sh"];

#[test]
fn findings_are_fixed_and_nothing_else_comes() {
    let all = number("KCONFIG_LINT_FIX_ALL").is_some();
    let mut wrong = Vec::new();
    for tree in all_linux() {
        let project = Library::new(&tree).project;
        let names = tree.architectures();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.retain(|name| all || SOME.contains(name));
        let workshop = Workshop::new(&project, &names);
        let below: Arc<dyn Reader> = Arc::new(WorkTree::new(&tree.root));
        let first = workshop.judge(below.clone(), Some(Effort::All), &|_| true);
        let mut share = Share::default();
        first.outcome.findings.iter().for_each(|it| share.add(it));
        println!(
            "{}: {} findings: {} with a fix for machines, {} with a weaker one, {} with none\n{}",
            tree.name,
            first.shown().len(),
            share.machine,
            share.weaker,
            share.none.len(),
            share.none.join("\n")
        );
        assert!(share.machine > 0, "{share:?}");
        for threshold in [
            Applicability::MachineApplicable,
            Applicability::MaybeIncorrect,
        ] {
            let (fixed, found) = workshop.check((&tree, &[]), &below, &first, threshold, &|_| true);
            println!(
                "  {}: {} applied in {} files, {} left out",
                threshold.word(),
                fixed.applied.len(),
                fixed.changed.len(),
                fixed.left_out.len()
            );
            wrong.extend(found.iter().map(|words| format!("{}: {words}", tree.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
