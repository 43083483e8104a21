// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hostile and broken input: whatever lies in a tree, a run ends within seconds, with a clear
//! diagnostic at its place or with a clean result; it never panics, exhausts the stack, runs
//! a command, or reads outside the tree.

mod bytes;
mod chains;
mod files;
mod macros;
mod nesting;
mod pipeline;
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kconfig_lint::config::Levels;
use kconfig_lint::logic::{Evaluator, Inputs, Theory};
use kconfig_lint::menu::{Loader, Toolchain, elaborate};
use kconfig_lint::model::{Model, SelectId};
use kconfig_lint::report;
use kconfig_lint::rules::policy;
use kconfig_lint::session::{self, Options};
use kconfig_lint::source::{Files, WorkTree};
use kconfig_lint::tree::{self, Overrides, Project};

/// A few seconds, and room for a machine that does other things as well.
const LIMIT: Duration = Duration::from_secs(30);

/// What fires in every tree that ends with [`SELECT`]: the rest of a broken tree is linted.
const UNMET: &str = "S selects T, which depends on MMU";

/// A select that is unmet.
const SELECT: &str = "\
config MMU
\tbool \"MMU\"

config T
\tbool
\tdepends on MMU

config S
\tbool \"S\"
\tselect T
";

/// A tree in a temporary folder.
struct Tree {
    folder: tempfile::TempDir,
}

/// What the program said.
struct Ran {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    exit: Option<i32>,
}

impl Tree {
    /// A tree whose root file is `kconfig`.
    fn new(kconfig: impl AsRef<[u8]>) -> Tree {
        Tree::empty().file("Kconfig", kconfig)
    }

    fn empty() -> Tree {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Tree { folder }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn file(self, path: &str, text: impl AsRef<[u8]>) -> Tree {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    fn link(self, path: &str, to: impl AsRef<Path>) -> Tree {
        std::os::unix::fs::symlink(to, self.path(path)).expect("a link");
        self
    }

    fn fifo(self, path: &str) -> Tree {
        let made = Command::new("mkfifo").arg(self.path(path)).status();
        assert!(made.expect("mkfifo").success());
        self
    }

    fn project(&self) -> Project {
        let overrides = Overrides::default();
        let located = tree::locate(self.root(), &overrides).expect("a tree");
        tree::detect(&WorkTree::new(&located.root), &located, &overrides)
    }

    /// The findings of a run of the library, as `short` lines.
    fn findings(&self) -> Vec<String> {
        let start = Instant::now();
        let project = self.project();
        let options = Options {
            architectures: project.architectures.clone(),
            toolchain: Toolchain::default(),
            levels: Levels::default(),
            policies: policy::builtin(),
            remarks: true,
            effort: kconfig_lint::logic::Effort::DEFAULT,
            jobs: None,
        };
        let files = Arc::new(Files::new(WorkTree::new(self.root())));
        let outcome = session::run(&project, files, &options, &|_, _, _| {}).expect("a run");
        assert_eq!(outcome.internal_errors, Vec::<String>::new());
        let mut bytes = Vec::new();
        report::short(&outcome, true, &mut bytes).expect("a Vec takes everything");
        let mut bytes_of_all = Vec::new();
        report::json(&outcome, "tree", &mut bytes_of_all).expect("a Vec takes everything");
        assert!(start.elapsed() < LIMIT, "took {:?}", start.elapsed());
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.lines().map(str::to_owned).collect()
    }

    /// Asserts that some finding contains each of `wanted`, and gives all.
    #[track_caller]
    fn expect(&self, wanted: &[&str]) -> Vec<String> {
        let findings = self.findings();
        for wanted in wanted {
            let shown: Vec<&String> = findings.iter().take(20).collect();
            let found = findings.iter().any(|line| line.contains(wanted));
            assert!(found, "no finding says {wanted}: {shown:#?}");
        }
        findings
    }

    /// Asserts that exactly these fire, in this order.
    #[track_caller]
    fn expect_only(&self, wanted: &[&str]) {
        let findings = self.expect(wanted);
        assert_eq!(findings.len(), wanted.len(), "{findings:#?}");
    }

    /// Builds and asks all stages on a thread as small as any, as a user of the library may;
    /// gives how many selects can be active while their target's dependency is off.
    fn on_a_small_stack(&self) -> usize {
        let project = self.project();
        let files = Arc::new(Files::new(WorkTree::new(self.root())));
        let work = move || {
            let start = Instant::now();
            let loader = Loader::new(files);
            let architecture = &project.architectures[0];
            let menu = elaborate(&loader, &project, architecture, &Toolchain::default());
            let model = Model::new(Arc::new(menu.expect("a root")), project.behaviour);
            let _graph = model.graph();
            if !model.cycles().is_empty() {
                return 0;
            }
            let model = Arc::new(model);
            let mut theory = Theory::new(model.clone());
            let mut open = 0;
            for (at, select) in model.selects.iter().enumerate() {
                let level = theory.level(SelectId(at as u32));
                let direct = theory.direct(select.target);
                let answer = theory.solve(&[level.on, !direct.on]);
                if let Some(inputs) = answer.expect("within the effort") {
                    open += 1;
                    let mut evaluator = Evaluator::new(&model, &inputs);
                    assert!(evaluator.level(SelectId(at as u32)) > evaluator.direct(select.target));
                }
            }
            for reversed in [false, true] {
                let inputs = Inputs::default();
                let mut evaluator = Evaluator::new(&model, &inputs);
                let mut ids: Vec<_> = model.symbol_ids().map(|(id, _)| id).collect();
                if reversed {
                    ids.reverse();
                }
                for id in ids {
                    evaluator.symbol(id);
                }
            }
            assert!(start.elapsed() < LIMIT, "took {:?}", start.elapsed());
            open
        };
        let thread = std::thread::Builder::new().stack_size(2 << 20);
        let thread = thread.spawn(work).expect("a thread");
        thread.join().expect("no panic")
    }

    /// Runs the program on the tree.
    fn check(&self, arguments: &[&str]) -> Ran {
        let start = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
            .arg("check")
            .arg(self.root())
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the program starts");
        assert!(start.elapsed() < LIMIT, "took {:?}", start.elapsed());
        let panicked = String::from_utf8_lossy(&output.stderr).contains("panicked");
        assert!(!panicked, "{}", String::from_utf8_lossy(&output.stderr));
        Ran {
            stdout: output.stdout,
            stderr: output.stderr,
            exit: output.status.code(),
        }
    }
}

impl Ran {
    fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// One line for each number below `count`.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|at| line(at) + "\n").collect()
}
