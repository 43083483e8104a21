// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every fixture and every example of a rule, with all its fixes, until nothing changes: no new
//! syntax error, no new finding, and a second run does nothing.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kconfig_lint::config::{FILE_NAME, Levels, Settings};
use kconfig_lint::diagnostic::Applicability;
use kconfig_lint::fix::{Effort, Fixed, Identity, Judged, fix, prove};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::report;
use kconfig_lint::rules::{RULES, policy, registry};
use kconfig_lint::session::{self, Options};
use kconfig_lint::source::{Files, Overlay, Reader, WorkTree};
use kconfig_lint::tree::{self, Kind, Located, Overrides, Project};

/// How many fixes the fixtures and examples have at least that do no harm.
const FEWEST_APPLIED: usize = 30;

/// Rules of which a new finding means that the text is broken.
const BROKEN: [&str; 2] = ["syntax-error", "unterminated-block"];

struct Case {
    name: String,
    reader: Arc<dyn Reader>,
    project: Project,
    options: Options,
}

#[test]
fn all_fixes_of_every_fixture_reach_a_fixpoint_and_do_no_harm() {
    let mut cases = fixtures();
    cases.extend(examples());
    let (mut applied, mut left_out, mut wrong) = (0, Vec::new(), Vec::new());
    for case in &cases {
        let first = case.judge(case.reader.clone());
        let fixed = case.fix(&case.reader, &first);
        wrong.extend(case.check(&first, &fixed));
        applied += fixed.applied.len();
        let fixes = fixed.left_out.iter();
        left_out.extend(fixes.map(|(fix, why)| format!("{}: {fix}: {why}", case.name)));
    }
    println!("{applied} fixes applied in {} cases", cases.len());
    println!("{} left out\n{}", left_out.len(), left_out.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(applied >= FEWEST_APPLIED, "only {applied} were applied");
}

impl Case {
    fn new(name: String, reader: Arc<dyn Reader>, located: &Located, kind: Option<Kind>) -> Case {
        let overrides = Overrides {
            kind,
            ..Overrides::default()
        };
        let project = tree::detect(&reader, located, &overrides);
        let settings = reader.read(FILE_NAME).ok();
        let settings =
            settings.and_then(|bytes| Settings::parse(std::str::from_utf8(&bytes).ok()?).ok());
        let settings = settings.unwrap_or_default();
        let mut levels = Levels::default();
        for it in &settings.levels {
            levels.set(it.selector, it.level);
        }
        let options = Options {
            architectures: project.architectures.clone(),
            toolchain: Toolchain::default(),
            levels,
            policies: policy::builtin()
                .into_iter()
                .chain(settings.policies)
                .collect(),
            remarks: false,
            effort: kconfig_lint::logic::Effort::DEFAULT,
            jobs: None,
        };
        Case {
            name,
            reader,
            project,
            options,
        }
    }

    fn judge(&self, reader: impl Reader + 'static) -> Judged {
        let files = Arc::new(Files::new(reader));
        let outcome = session::run(&self.project, files, &self.options, &|_, _, _| {});
        let mut outcome = outcome.expect("a run");
        prove(
            &mut outcome,
            &self.options,
            Effort::Enough(1),
            &|_, _, _| {},
        )
        .expect("a proof");
        assert_eq!(outcome.internal_errors, [""; 0], "{}", self.name);
        let identities = report::identities(&outcome.findings, &outcome.files);
        Judged::new(outcome, identities, &|_, _| true)
    }

    fn fix(&self, below: &Arc<dyn Reader>, first: &Judged) -> Fixed {
        let mut judge = |changed: Overlay| Ok::<_, Infallible>(self.judge(changed));
        let Ok(fixed) = fix(
            below,
            first,
            Applicability::MaybeIncorrect,
            &mut judge,
            &|_| Ok(()),
        );
        fixed
    }

    /// What is wrong with what the loop did.
    fn check(&self, first: &Judged, fixed: &Fixed) -> Vec<String> {
        let mut wrong = Vec::new();
        if fixed.unfinished {
            wrong.push("it does not end".to_owned());
        }
        let overlay = Overlay::new(self.reader.clone());
        let changed = fixed.changed.iter();
        let overlay = changed.fold(overlay, |overlay, file| {
            overlay.with(&file.path, file.after.clone())
        });
        let below: Arc<dyn Reader> = Arc::new(overlay);
        let after = self.judge(below.clone());
        let before: BTreeSet<&Identity> = first.shown().iter().collect();
        for (finding, identity) in after.outcome.findings.iter().zip(after.shown()) {
            if !before.contains(identity) {
                wrong.push(format!("a new finding: {}", finding.message));
            }
        }
        let broken = |judged: &Judged| {
            let findings = judged.outcome.findings.iter();
            findings.filter(|it| BROKEN.contains(&it.rule)).count()
        };
        if broken(&after) > broken(first) {
            wrong.push("a new syntax error".to_owned());
        }
        let again = self.fix(&below, &after);
        wrong.extend(
            again
                .applied
                .iter()
                .map(|fix| format!("a second run applies {fix}")),
        );
        wrong
            .iter()
            .map(|words| format!("{}: {words}", self.name))
            .collect()
    }
}

/// `fixtures/rules/<rule>/{bad,good}/<case>` and `fixtures/projects/<tree>`.
fn fixtures() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let sides = folders(&root.join("rules"))
        .into_iter()
        .flat_map(|rule| folders(&rule));
    let rules = sides.flat_map(|side| folders(&side)).map(|case| {
        let kind = fs::read_to_string(case.join("kind")).unwrap_or_else(|_| "generic".to_owned());
        let kind = Kind::from_name(kind.trim()).expect("a kind");
        let file = if case.join("Config.in").exists() {
            "Config.in"
        } else {
            "Kconfig"
        };
        fixture(&root, &case, Some(kind), Some(file))
    });
    let mut cases: Vec<Case> = rules.collect();
    let projects = folders(&root.join("projects"));
    cases.extend(projects.iter().map(|case| fixture(&root, case, None, None)));
    cases
}

fn fixture(root: &Path, case: &Path, kind: Option<Kind>, file: Option<&str>) -> Case {
    let overrides = Overrides {
        kind,
        root_file: file.map(str::to_owned),
        ..Overrides::default()
    };
    let located = tree::locate(case, &overrides).expect("a tree");
    let name = case
        .strip_prefix(root)
        .expect("below")
        .display()
        .to_string();
    Case::new(name, Arc::new(WorkTree::new(case)), &located, kind)
}

/// The examples in the documentation of the rules.
fn examples() -> Vec<Case> {
    let located = Located {
        root: "/nonexistent".into(),
        root_file: "Kconfig".to_owned(),
        kind: Kind::Generic,
        alone: false,
    };
    let mut cases = Vec::new();
    for rule in RULES {
        for (at, example) in registry::examples(rule).iter().enumerate() {
            let nowhere = Overlay::new(Arc::new(WorkTree::new("/nonexistent")));
            let files = example.files.iter();
            let reader = files.fold(nowhere, |tree, (path, text)| {
                tree.with(path, text.as_bytes())
            });
            let name = format!("{}, example {}", rule.name, at + 1);
            cases.push(Case::new(name, Arc::new(reader), &located, None));
        }
    }
    cases
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).expect("a readable folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<PathBuf> = paths.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
