// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each kconfig accepts and refuses, as its own conf decides: small trees with one fault each,
//! and the trees that the kernel keeps as the tests of its kconfig (`scripts/kconfig/tests`). These
//! are run where they lie. conf has no arguments that change its verdict; the exit status is it.
//!
//! conf runs commands of these trees: `echo` and `printf`, in one of the kernel's own tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Data, Diagnostic, Level};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::session::{self, Options};
use kconfig_lint::source::{Files, WorkTree};
use kconfig_lint::tree::{Architecture, Overrides, Project, detect, locate};

use crate::driver::Reading;
use crate::judge::Judge;
use crate::library::Library;
use crate::trees::{Environment, Linux, all_linux, before_macros, kconfiglib, latest, others};

/// The verdict of a kconfig on a tree.
#[derive(Clone, Debug)]
struct Verdict {
    accepts: bool,
    /// What it says, for a failure of the test.
    says: String,
    /// The symbols of each recursive dependency.
    cycles: BTreeSet<BTreeSet<String>>,
}

fn trees() -> Vec<Linux> {
    all_linux().into_iter().chain([latest()]).collect()
}

fn conf(tree: &Linux, folder: &Path) -> Verdict {
    let work = tempfile::tempdir().expect("a temporary folder");
    let run = Command::new(&tree.conf)
        .args(["--alldefconfig", "Kconfig"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("srctree", folder)
        .current_dir(work.path())
        .output()
        .expect("conf runs");
    let says = String::from_utf8_lossy(&run.stderr).into_owned();
    let blocks = says.split("recursive dependency detected!").skip(1);
    let cycles = blocks.map(|block| {
        // Older kconfigs put the place before each line.
        let names = block
            .lines()
            .filter_map(|line| line.split_once("\tsymbol "));
        let names = names.filter_map(|(_, words)| words.split(' ').next());
        names.map(str::to_owned).collect()
    });
    Verdict {
        accepts: run.status.success(),
        cycles: cycles.collect(),
        says: says.clone(),
    }
}

fn ours(project: &Project, folder: &Path) -> Verdict {
    let project = Project {
        root_file: "Kconfig".to_owned(),
        ..project.clone()
    };
    let options = Options {
        architectures: vec![Architecture {
            name: String::new(),
            environment: Environment::new(),
        }],
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: Vec::new(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: std::num::NonZeroUsize::new(1),
    };
    let files = Arc::new(Files::new(WorkTree::new(folder)));
    let outcome = session::run(&project, files, &options, &|_, _, _| {}).expect("a run");
    assert_eq!(outcome.internal_errors, [""; 0], "{}", folder.display());
    let is_refused = |finding: &&Diagnostic| {
        finding.level == Level::Deny && !matches!(finding.data, Data::Unmet { .. })
    };
    let refused: Vec<&Diagnostic> = outcome.findings.iter().filter(is_refused).collect();
    let cycles = refused.iter().filter_map(|finding| match &finding.data {
        Data::Cycle { symbols } => Some(symbols.iter().cloned().collect()),
        _ => None,
    });
    let says = refused
        .iter()
        .map(|finding| format!("{}: {}\n", finding.rule, finding.message));
    Verdict {
        accepts: refused.is_empty(),
        says: says.collect(),
        cycles: cycles.collect(),
    }
}

/// The folders with a Kconfig file below the tests of a tree's kconfig, by their names.
fn own_tests(tree: &Linux) -> Vec<(String, PathBuf)> {
    let root = tree.root.join("scripts/kconfig/tests");
    let walk = walkdir::WalkDir::new(&root).sort_by_file_name();
    let entries = walk
        .into_iter()
        .map(|entry| entry.expect("a readable tree"));
    let folders = entries.filter(|entry| entry.path().join("Kconfig").is_file());
    folders
        .map(|entry| {
            let name = entry.path().strip_prefix(&root).expect("below the root");
            (name.display().to_string(), entry.into_path())
        })
        .collect()
}

/// What differs in the kernel's own tests, each with its reason. Empty is what is wanted.
const OWN_DIFFERENCES: &[&str] = &[];

#[test]
fn the_kernels_own_tests_of_kconfig_get_the_verdict_of_conf() {
    let mut differences = Vec::new();
    for tree in trees() {
        let project = Library::new(&tree).project;
        let cases = own_tests(&tree);
        assert!(cases.len() > 8, "{}: only {}", tree.name, cases.len());
        let mut counts = [0; 2];
        for (name, folder) in cases {
            let (theirs, ours) = (conf(&tree, &folder), ours(&project, &folder));
            counts[usize::from(theirs.accepts)] += 1;
            let place = format!("{} {name}", tree.name);
            println!("{place}: {}", word(theirs.accepts));
            if ours.accepts != theirs.accepts {
                println!("conf: {}\nours: {}", theirs.says, ours.says);
                differences.push(place.clone());
            }
            if ours.cycles != theirs.cycles {
                println!("conf: {:?}\nours: {:?}", theirs.cycles, ours.cycles);
                differences.push(format!("{place}: cycles"));
            }
        }
        let [refused, accepted] = counts;
        println!("{}: {accepted} accepted, {refused} refused", tree.name);
        assert!(accepted > 4 && refused > 1, "{}", tree.name);
    }
    assert_eq!(differences, OWN_DIFFERENCES);
}

fn word(accepts: bool) -> &'static str {
    if accepts { "accepted" } else { "refused" }
}

/// A name, and the text of `Kconfig`. The files `a` and `b` beside it can be sourced.
type Fault = (&'static str, &'static str);

/// Trees with one point each in which kconfigs differ, or which all refuse.
#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    ("plain", "config A\n\tbool \"a\"\n\thelp\n\t  Text.\n"),
    ("---help---", "config A\n\tbool \"a\"\n\t---help---\n\t  Text.\n"),
    ("--help--", "config A\n\tbool \"a\"\n\t--help--\n\t  Text.\n"),
    ("two helps", "config A\n\tbool \"a\"\n\thelp\n\t  One.\n\thelp\n\t  Two.\n"),
    ("blank help", "config A\n\tbool \"a\"\n\thelp\n\nconfig B\n\tbool \"b\"\n"),
    ("blank help at the end", "config A\n\tbool \"a\"\n\thelp\n"),
    ("help of a choice", "choice\n\tprompt \"c\"\n\thelp\n\t  Text.\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("help of a menu", "menu \"m\"\n\thelp\n\t  Text.\n\nendmenu\n"),
    ("option env", "config A\n\tstring\n\toption env=\"X\"\n"),
    ("option modules", "config A\n\tbool \"a\"\n\toption modules\n"),
    ("option defconfig_list", "config A\n\tstring\n\toption defconfig_list\n"),
    ("option allnoconfig_y", "config A\n\tbool \"a\"\n\toption allnoconfig_y\n"),
    ("option of no kconfig", "config A\n\tbool \"a\"\n\toption other\n"),
    ("modules", "config A\n\tbool \"a\"\n\tmodules\n"),
    ("modules of a tristate", "config A\n\ttristate \"a\"\n\tmodules\n"),
    ("modules twice", "config A\n\tbool \"a\"\n\tmodules\n\nconfig B\n\tbool \"b\"\n\tmodules\n"),
    ("modules twice of one symbol", "config A\n\tbool \"a\"\n\tmodules\n\nconfig A\n\tbool\n\tmodules\n"),
    ("transitional", "config T\n\tbool\n\ttransitional\n"),
    ("transitional and help", "config T\n\tbool\n\ttransitional\n\thelp\n\t  Text.\n"),
    ("transitional and prompt", "config T\n\tbool \"t\"\n\ttransitional\n"),
    ("transitional and default", "config T\n\tbool\n\ttransitional\n\tdefault y\n"),
    ("transitional and def_bool", "config T\n\tdef_bool y\n\ttransitional\n"),
    ("transitional and dependency", "config X\n\tbool \"x\"\n\nconfig T\n\tbool\n\ttransitional\n\tdepends on X\n"),
    ("transitional and y", "config T\n\tbool\n\ttransitional\n\tdepends on y\n"),
    ("transitional in if", "config X\n\tbool \"x\"\n\nif X\n\nconfig T\n\tbool\n\ttransitional\n\nendif\n"),
    ("transitional in a menu", "config X\n\tbool \"x\"\n\nmenu \"m\"\n\tdepends on X\n\nconfig T\n\tbool\n\ttransitional\n\nendmenu\n"),
    ("transitional in a visible menu", "config X\n\tbool \"x\"\n\nmenu \"m\"\n\tvisible if X\n\nconfig T\n\tbool\n\ttransitional\n\nendmenu\n"),
    ("transitional and select", "config X\n\tbool \"x\"\n\nconfig T\n\tbool\n\ttransitional\n\tselect X\n"),
    ("transitional and imply", "config X\n\tbool \"x\"\n\nconfig T\n\tbool\n\ttransitional\n\timply X\n"),
    ("transitional and range", "config T\n\tint\n\ttransitional\n\trange 1 2\n"),
    ("transitional without type", "config T\n\ttransitional\n"),
    ("transitional twice", "config T\n\tbool\n\ttransitional\n\nconfig T\n\tbool\n\ttransitional\n"),
    ("transitional and a second definition", "config T\n\tbool\n\ttransitional\n\nconfig T\n\tbool \"t\"\n"),
    ("transitional and a bare second definition", "config T\n\tbool\n\ttransitional\n\nconfig T\n\tbool\n"),
    ("transitional is selected", "config T\n\tbool\n\ttransitional\n\nconfig A\n\tbool \"a\"\n\tselect T\n"),
    ("transitional menuconfig", "menuconfig T\n\tbool\n\ttransitional\n"),
    ("transitional member", "choice\n\tprompt \"c\"\n\nconfig T\n\tbool\n\ttransitional\n\nendchoice\n"),
    ("transitional as a name", "config transitional\n\tbool\n"),
    ("transitional in an expression", "config A\n\tbool \"a\"\n\tdepends on transitional\n"),
    ("modules as a name", "config modules\n\tbool\n"),
    ("optional as a name", "config optional\n\tbool \"a\"\n"),
    ("option as a name", "config option\n\tbool \"a\"\n"),
    ("help as a name", "config help\n\tbool \"a\"\n"),
    ("sourced twice", "source \"a\"\nsource \"a\"\n"),
    ("sourced twice under conditions that exclude each other", "config X\n\tbool \"x\"\n\nif X\nsource \"a\"\nendif\nif !X\nsource \"a\"\nendif\n"),
    ("sourced twice by two names", "source \"a\"\nsource \"./a\"\n"),
    ("sourced twice from below", "source \"a\"\nsource \"b\"\n"),
    ("sourced and missing", "source \"missing\"\n"),
    ("sources itself", "source \"Kconfig\"\n"),
    ("optional source", "osource \"missing\"\n"),
    ("relative source", "rsource \"a\"\n"),
    ("source in a choice", "choice\n\tprompt \"c\"\n\nsource \"a\"\n\nendchoice\n"),
    ("prompt outside of its choice", "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n\nconfig A\n\tbool \"b\"\n"),
    ("prompt before its choice", "config A\n\tbool \"b\"\n\nchoice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("second prompt in its choice", "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nconfig A\n\tbool \"b\"\n\nendchoice\n"),
    ("definition outside of its choice", "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n\nconfig A\n\tbool\n"),
    ("member of two choices", "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n\nchoice\n\tprompt \"d\"\n\nconfig A\n\tbool \"b\"\n\nendchoice\n"),
    ("default of a member", "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\tdefault y\n\nconfig B\n\tbool \"b\"\n\nendchoice\n"),
    ("member without a prompt", "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nconfig B\n\tbool\n\nendchoice\n"),
    ("member of a type", "choice\n\tprompt \"c\"\n\nconfig A\n\ttristate \"a\"\n\nendchoice\n"),
    ("number in a choice", "choice\n\tprompt \"c\"\n\nconfig A\n\tint \"a\"\n\nendchoice\n"),
    ("menuconfig in a choice", "choice\n\tprompt \"c\"\n\nmenuconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("menu in a choice", "choice\n\tprompt \"c\"\n\nmenu \"m\"\n\nendmenu\n\nendchoice\n"),
    ("choice in a choice", "choice\n\tprompt \"c\"\n\nchoice\n\tprompt \"d\"\n\nendchoice\n\nendchoice\n"),
    ("comment in a choice", "choice\n\tprompt \"c\"\n\ncomment \"text\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("if in a choice", "choice\n\tprompt \"c\"\n\nif y\n\nconfig A\n\tbool \"a\"\n\nendif\n\nendchoice\n"),
    ("bool with text in a choice", "choice\n\tbool \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("tristate with text in a choice", "choice\n\ttristate \"c\"\n\nconfig A\n\ttristate \"a\"\n\nendchoice\n"),
    ("bool choice", "choice\n\tprompt \"c\"\n\tbool\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("tristate choice", "choice\n\tprompt \"c\"\n\ttristate\n\nconfig A\n\ttristate \"a\"\n\nendchoice\n"),
    ("optional choice", "choice\n\tprompt \"c\"\n\toptional\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("named choice", "choice NAMED\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("named choice twice", "choice N\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n\nchoice N\n\nconfig B\n\tbool \"b\"\n\nendchoice\n"),
    ("choice without a prompt", "choice\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("empty choice", "choice\n\tprompt \"c\"\n\nendchoice\n"),
    ("range of a choice", "choice\n\tprompt \"c\"\n\trange 1 2\n\nendchoice\n"),
    ("select of a choice", "choice\n\tprompt \"c\"\n\tselect A\n\nendchoice\n\nconfig A\n\tbool\n"),
    ("default of a choice", "choice\n\tprompt \"c\"\n\tdefault A if y\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("default of a choice that is no member", "choice\n\tprompt \"c\"\n\tdefault B\n\nconfig A\n\tbool \"a\"\n\nendchoice\n\nconfig B\n\tbool \"b\"\n"),
    ("default of a choice that is an expression", "choice\n\tprompt \"c\"\n\tdefault A && B\n\nconfig A\n\tbool \"a\"\n\nendchoice\n\nconfig B\n\tbool \"b\"\n"),
    ("depends on with a condition", "config X\n\tbool \"x\"\n\nconfig A\n\tbool \"a\"\n\tdepends on X if !m\n"),
    ("menu that depends with a condition", "config X\n\tbool \"x\"\n\nmenu \"m\"\n\tdepends on X if !X\n\nendmenu\n"),
    ("choice that depends with a condition", "config X\n\tbool \"x\"\n\nchoice\n\tprompt \"c\"\n\tdepends on X if X\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("comment that depends with a condition", "config X\n\tbool \"x\"\n\ncomment \"text\"\n\tdepends on X if X\n"),
    ("visible with a condition", "config X\n\tbool \"x\"\n\nmenu \"m\"\n\tvisible if X if X\n\nendmenu\n"),
    ("depends without on", "config A\n\tbool \"a\"\n\tdepends A\n"),
    ("requires", "config A\n\tbool \"a\"\n\trequires B\n"),
    ("enable", "config A\n\tbool \"a\"\n\tenable B\n"),
    ("boolean", "config A\n\tboolean \"a\"\n"),
    ("def_boolean", "config A\n\tdef_boolean y\n"),
    ("def_bool with if", "config X\n\tbool \"x\"\n\nconfig A\n\tdef_bool y if X\n"),
    ("def_tristate with if", "config X\n\tbool \"x\"\n\nconfig A\n\tdef_tristate m if X\n"),
    ("def_int", "config A\n\tdef_int 5\n"),
    ("def_string", "config A\n\tdef_string \"x\"\n"),
    ("menuconfig without a prompt", "menuconfig A\n\tbool\n"),
    ("menuconfig with a separate prompt", "menuconfig A\n\tbool\n\tprompt \"a\"\n"),
    ("two prompts", "config A\n\tbool \"a\"\n\tprompt \"b\"\n"),
    ("prompt without a type", "config A\n\tprompt \"a\"\n"),
    ("no type", "config A\n\tdefault y\n"),
    ("two types", "config A\n\tbool \"a\"\n\nconfig A\n\tint\n"),
    ("bare text", "config A\n\tbool word\n"),
    ("bare title", "menu word\n\nendmenu\n"),
    ("bare path", "source a\n"),
    ("bare comment", "comment word\n"),
    ("bare mainmenu", "mainmenu word\n"),
    ("empty prompt", "config A\n\tbool \"\"\n"),
    ("single quotes", "config A\n\tbool 'a'\n"),
    ("open quote", "config A\n\tbool \"a\n\nconfig B\n\tbool \"b\"\n"),
    ("mainmenu", "mainmenu \"text\"\n\nconfig A\n\tbool \"a\"\n"),
    ("mainmenu after a symbol", "config A\n\tbool \"a\"\n\nmainmenu \"text\"\n"),
    ("two mainmenus", "mainmenu \"one\"\nmainmenu \"two\"\n"),
    ("order", "config I\n\tint\n\tdefault 3\n\nconfig A\n\tbool \"a\"\n\tdepends on I < 5\n"),
    ("double equals", "config A\n\tbool \"a\"\n\tdepends on B == y\n"),
    ("single and", "config A\n\tbool \"a\"\n\tdepends on B & C\n"),
    ("comparison of an expression", "config A\n\tbool \"a\"\n\tdepends on (B || C) = n\n"),
    ("imply", "config B\n\tbool\n\nconfig A\n\tbool \"a\"\n\timply B if A\n"),
    ("select of a string", "config B\n\tstring \"b\"\n\nconfig A\n\tbool \"a\"\n\tselect B\n"),
    ("select by a string", "config B\n\tbool \"b\"\n\nconfig A\n\tstring \"a\"\n\tselect B\n"),
    ("range of a bool", "config A\n\tbool \"a\"\n\trange 1 2\n"),
    ("range that is upside down", "config A\n\tint \"a\"\n\trange 5 2\n"),
    ("range of words", "config A\n\tint \"a\"\n\trange x 2\n"),
    ("default that is no number", "config A\n\tint \"a\"\n\tdefault \"x\"\n"),
    ("recursive dependency", "config A\n\tbool \"a\"\n\tdepends on B\n\nconfig B\n\tbool \"b\"\n\tdepends on A\n"),
    ("recursive dependency by a condition", "config A\n\tbool \"a\"\n\tdepends on X if B\n\nconfig X\n\tbool \"x\"\n\nconfig B\n\tbool \"b\"\n\tdepends on A\n"),
    ("recursive dependency by a transitional symbol", "config T\n\tbool\n\ttransitional\n\nconfig A\n\tbool \"a\"\n\tdepends on T\n\tselect T\n"),
    ("recursive select", "config A\n\tbool \"a\"\n\tselect B\n\nconfig B\n\tbool \"b\"\n\tselect A\n"),
    ("endif without if", "endif\n"),
    ("endmenu for an if", "if y\nendmenu\n"),
    ("unterminated menu", "menu \"m\"\n"),
    ("if across files", "if y\nsource \"open\"\n"),
    ("unknown statement", "configure A\n\tbool \"a\"\n"),
    ("attribute of nothing", "\tbool \"a\"\n"),
    ("colon", "config A:\n\tbool \"a\"\n"),
    ("config of two words", "config A B\n\tbool \"a\"\n"),
    ("macro", "X := y\n\nconfig A\n\tdef_bool $(X)\n"),
    ("macro that is empty", "EMPTY :=\n\nconfig A\n\tbool \"a\"\n\tdepends on $(EMPTY)\n"),
    ("macro that is open", "config A\n\tbool \"a\"\n\tdepends on $(EMPTY\n"),
    ("error-if", "$(error-if,y,stop)\n"),
    ("error-if not", "$(error-if,n,stop)\n"),
    ("warning-if", "$(warning-if,y,look)\n"),
    ("recursive dependency by a default that is none", "config A\n\thex \"a\"\n\tdefault !B\n\nconfig B\n\tbool \"b\"\n\tdefault y if A\n"),
    ("recursive macro", "X = $(X)\n$(info,$(X))\n"),
    ("unknown function", "config A\n\tbool \"a$(unknown,x)\"\n"),
    ("no newline at the end", "config A\n\tbool \"a\""),
    ("no newline after a help", "config A\n\tbool \"a\"\n\thelp\n\t  Text."),
    ("no newline after a comment", "config A\n\tbool \"a\"\n# text"),
    ("no newline after a comment behind a statement", "config A\n\tbool \"a\" # text"),
    ("no newline after help", "config A\n\tbool \"a\"\n\thelp"),
    ("no newline after an assignment", "X := y"),
    ("no newline after nothing", "$(info,x)"),
    ("blanks at the end", "config A\n\tbool \"a\"\n\t"),
    ("no newline in a sourced file", "source \"c\"\n"),
    ("carriage returns", "config A\r\n\tbool \"a\"\r\n"),
    ("BOM", "\u{feff}config A\n\tbool \"a\"\n"),
    ("nothing", ""),
];

/// Old lexers skip three dashes (`---` in zconf.l), so that `---help---` is `help`. SeaBIOS's conf
/// is at hand; BusyBox's lexer has the same rules.
#[test]
fn help_between_dashes_gets_the_verdict_of_an_old_conf() {
    let tree = before_macros();
    let mut others = others().into_iter();
    let busybox = others.find(|(name, _)| name == "busybox").expect("BusyBox");
    let none = Overrides::default();
    let located = locate(&busybox.1, &none).expect("a tree");
    let busybox = detect(&WorkTree::new(&located.root), &located, &none);
    for (wanted, accepts) in [("plain", true), ("---help---", true), ("--help--", false)] {
        let mut faults = FAULTS.iter();
        let (_, text) = faults.find(|(name, _)| *name == wanted).expect("a fault");
        let folder = write(text);
        let theirs = conf(&tree, folder.path());
        assert_eq!(theirs.accepts, accepts, "{wanted}: {}", theirs.says);
        for project in [&Library::new(&tree).project, &busybox] {
            let ours = ours(project, folder.path());
            assert_eq!(ours.accepts, accepts, "{wanted}: {}", ours.says);
        }
    }
}

/// Differences that are known, each with its reason. Empty is what is wanted.
const FAULT_DIFFERENCES: &[&str] = &[];

#[test]
fn trees_with_one_fault_get_the_verdict_of_conf() {
    let mut differences = Vec::new();
    let mut told_apart = 0;
    let folders: Vec<tempfile::TempDir> = FAULTS.iter().map(|(_, text)| write(text)).collect();
    let trees = trees();
    let projects: Vec<Project> = trees
        .iter()
        .map(|tree| Library::new(tree).project)
        .collect();
    for ((name, _), folder) in FAULTS.iter().zip(&folders) {
        let mut verdicts = Vec::new();
        for (tree, project) in trees.iter().zip(&projects) {
            let (theirs, ours) = (conf(tree, folder.path()), ours(project, folder.path()));
            verdicts.push(theirs.accepts);
            if ours.accepts != theirs.accepts {
                println!("{}: conf: {}\nours: {}", tree.name, theirs.says, ours.says);
                differences.push(format!("{}: {name}: {}", tree.name, word(theirs.accepts)));
            }
        }
        println!(
            "{name}: {:?}",
            verdicts.iter().map(|it| word(*it)).collect::<Vec<_>>()
        );
        told_apart += usize::from(verdicts.iter().any(|it| *it != verdicts[0]));
    }
    println!("{} trees, {told_apart} of them not for all", FAULTS.len());
    assert_eq!(differences, FAULT_DIFFERENCES);
    assert!(told_apart > 20, "the trees say little");
}

/// The same for kconfiglib, with what it alone reads or refuses.
#[rustfmt::skip]
const FAULTS_OF_KCONFIGLIB: &[Fault] = &[
    ("quoted name of a choice", "choice \"a b\"\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("string over two lines", "config A\n\tbool \"one \\\n\t two\"\n"),
    ("assignment after a help", "config A\n\tbool \"a\"\n\thelp\n\t  Text.\n\nX := y\n"),
    ("assignment in a choice", "choice\n\tprompt \"c\"\n\nX := y\n\nendchoice\n"),
    ("range of itself", "config A\n\tint \"a\"\n\trange A 5\n"),
    ("cycle through a range", "config A\n\tint \"a\"\n\trange B 5\n\nconfig B\n\tint \"b\"\n\tdefault A\n"),
    ("prompt of a choice by its member", "choice\n\tprompt \"c\" if A\n\nconfig A\n\tbool \"a\"\n\nendchoice\n"),
    ("default of a choice by its member", "choice\n\tprompt \"c\"\n\tdefault A if B\n\nconfig A\n\tbool \"a\"\n\nconfig B\n\tbool \"b\"\n\nendchoice\n"),
    ("cycle that y hides", "config A\n\tbool \"a\"\n\tdepends on B\n\nconfig A\n\tbool\n\nconfig B\n\tbool \"b\"\n\tdepends on A\n"),
    ("cycle that n hides", "config A\n\tbool\n\tdepends on n\n\tdepends on B\n\nconfig B\n\tbool \"b\"\n\tdepends on A\n"),
    ("cycle that an inner n does not hide", "config A\n\tbool\n\tdepends on n && B\n\nconfig B\n\tbool \"b\"\n\tdepends on A\n"),
    ("cycle that cancels out", "config A\n\tbool \"a\"\n\tdepends on B || !B\n\nconfig B\n\tbool \"b\"\n\tdepends on A\n"),
    ("select under n", "config A\n\tbool \"a\"\n\tdepends on B\n\tselect B if n\n\nconfig B\n\tbool \"b\"\n"),
    ("string with an expression as its default", "config A\n\tstring\n\tdefault B && C\n"),
    ("int with a comparison as its default", "config A\n\tint\n\tdefault B = C\n"),
    ("member on its sibling", "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nconfig B\n\tbool \"b\"\n\tdepends on A || y\n\nendchoice\n"),
    ("choice in a choice on its member", "choice\n\tprompt \"c\"\n\nconfig A\n\tbool \"a\"\n\nif A\nchoice\n\tprompt \"d\"\n\nconfig B\n\tbool \"b\"\n\nendchoice\nendif\n\nendchoice\n"),
    ("name of an environment variable", "config A\n\tstring\n\tdefault \"$A\"\n"),
    ("pattern without a match", "source \"none*\"\n"),
    ("optional pattern without a match", "osource \"none*\"\n"),
    ("help without indentation", "config A\n\tbool \"a\"\n\thelp\nconfig B\n\tbool \"b\"\n"),
];

#[test]
fn trees_with_one_fault_get_the_verdict_of_kconfiglib() {
    let tree = kconfiglib();
    let project = Library::new(&tree).project;
    let mut differences = Vec::new();
    let mut refused = 0;
    for (name, text) in FAULTS.iter().chain(FAULTS_OF_KCONFIGLIB) {
        let folder = write(text);
        let theirs = Judge::new(&Reading::folder(&tree, folder.path()));
        let ours = ours(&project, folder.path());
        refused += usize::from(theirs.is_err());
        if ours.accepts != theirs.is_ok() {
            let words = theirs.as_ref().err().map_or("", |failed| &failed.messages);
            println!("{name}: kconfiglib: {words}\nours: {}", ours.says);
            differences.push(format!("{name}: {}", word(theirs.is_ok())));
        }
    }
    assert_eq!(differences, [""; 0]);
    assert!(refused > 40, "{refused}");
}

/// Trees whose fixes have to do with conditions of dependencies.
const TO_FIX: [&str; 4] = [
    "config HELPER\n\tbool\n\tdepends on MMU if USB\n\n\
     config DRIVER\n\tbool \"driver\"\n\tselect HELPER\n",
    "config HELPER\n\ttristate\n\tdepends on NET if USB\n\tdepends on MMU\n\n\
     config DRIVER\n\ttristate \"driver\"\n\tdepends on USB\n\tselect HELPER\n",
    "config HELPER\n\tbool\n\tdepends on MMU\n\n\
     config DRIVER\n\tbool \"driver\"\n\tdepends on NET if USB\n\tselect HELPER\n",
    "config HELPER\n\ttristate\n\tdepends on NET if USB\n\n\
     config DRIVER\n\tbool \"driver\"\n\tdepends on NET != n\n\tselect HELPER\n",
];

/// conf reads what the fixes of dependencies with conditions leave, and no configuration that it
/// makes has an unmet dependency.
#[test]
fn conf_takes_fixes_of_conditions() {
    let tree = latest();
    let inputs = "config MODULES\n\tbool \"modules\"\n\tmodules\n\n\
        config MMU\n\tbool \"MMU\"\n\nconfig USB\n\tbool \"USB\"\n\n\
        config NET\n\ttristate \"net\"\n\n";
    for text in TO_FIX {
        let folder = write(&format!("{inputs}{text}"));
        let kconfig = folder.path().join("scripts/kconfig");
        fs::create_dir_all(&kconfig).expect("a folder");
        for name in ["lexer.l", "parser.y", "util.c", "symbol.c", "preprocess.c"] {
            let from = tree.root.join("scripts/kconfig").join(name);
            fs::copy(from, kconfig.join(name)).expect("a file of the kernel");
        }
        let before = unmet_seeds(&tree, folder.path());
        let fix = || {
            let run = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
                .arg("--fix-unsafe")
                .arg(folder.path())
                .output();
            run.expect("the program runs").status.code()
        };
        assert_eq!(fix(), Some(0), "{text}");
        let after = fs::read_to_string(folder.path().join("Kconfig")).expect("a file");
        println!("{}", after.strip_prefix(inputs).unwrap_or(&after));
        assert_ne!(after, format!("{inputs}{text}"));
        assert!(before > 0, "{text}");
        assert_eq!(unmet_seeds(&tree, folder.path()), 0, "{after}");
    }
}

/// Of 100 random configurations, how many have an unmet dependency.
fn unmet_seeds(tree: &Linux, folder: &Path) -> usize {
    let work = tempfile::tempdir().expect("a temporary folder");
    let is_unmet = |seed: &u32| {
        let run = Command::new(&tree.conf)
            .args(["--randconfig", "Kconfig"])
            .env_clear()
            .env("srctree", folder)
            .env("KCONFIG_SEED", seed.to_string())
            .current_dir(work.path())
            .output()
            .expect("conf runs");
        let says = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.success(), "{says}");
        says.contains("unmet direct dependencies")
    };
    (1..=100).filter(is_unmet).count()
}

fn write(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = [
        ("Kconfig", text),
        ("a", "config FILE\n\tbool \"f\"\n"),
        ("b", "source \"a\"\n"),
        ("c", "config FILE\n\tbool \"f\""),
        ("open", "config FILE\n\tbool \"f\"\n\nendif\n"),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}
