// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of the instrument itself: the driver says what conf says, and runs no command.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::answers::Answers;
use crate::conditions::{Assignments, Lanes};
use crate::driver::Reading;
use crate::judge::{Judge, Mode, Outcome, Parser, SymbolKey};
use crate::trees::{Linux, all_linux, newest, others};

/// A tree with most of the language in it, and no command.
const SMALL: &str = r#"
mainmenu "Small"

config MODULES
	bool "Modules"
	modules

config MMU
	bool "MMU"

menu "Graphics"
	visible if MMU || !MMU

config HELPER
	tristate
	depends on MMU

config DRIVER
	tristate "Driver"
	select HELPER
	imply EXTRA if MODULES

config EXTRA
	bool "Extra"
	default y if DRIVER = m

endmenu

config SIZE
	int "Size"
	range 1 64 if MMU
	default 8

config NAME
	string "Name"
	default "a \"quoted\" name"

choice
	prompt "One of"
	default SECOND

config FIRST
	bool "First"

config SECOND
	bool "Second"
	depends on MMU

config THIRD
	bool "Third"

endchoice
"#;

fn name(text: &str) -> SymbolKey {
    SymbolKey::Name(text.to_owned())
}

#[test]
fn an_unmet_dependency_is_told() {
    for tree in all_linux() {
        let folder = tempfile::tempdir().unwrap();
        let reading = Reading::folder(&tree, folder.path()).with("Kconfig", SMALL);
        let mut judge = Judge::new(&reading).unwrap();
        let bad = judge.ask(Mode::Old, "CONFIG_DRIVER=y\n").unwrap();
        assert_eq!(bad.warned(), ["HELPER"].into(), "{}", tree.name);
        assert_eq!(bad.unmet.len(), 1);
        assert_eq!(bad.unmet[0].symbol, name("HELPER"));
        assert_eq!(bad.unmet[0].direct, 'n');
        assert_eq!(bad.unmet[0].selectors, [(name("DRIVER"), 'y')]);
        let text = "CONFIG_MMU=y\nCONFIG_MODULES=y\nCONFIG_DRIVER=m\n";
        let good = judge.ask(Mode::Default, text).unwrap();
        assert_eq!(good.warned(), [].into());
        assert_eq!(good.unmet, []);
        let values = judge.by_name(&good);
        for (symbol, value) in [
            ("HELPER", "m"),
            ("EXTRA", "y"),
            ("SIZE", "8"),
            ("NAME", "a \"quoted\" name"),
            ("FIRST", "n"),
            ("SECOND", "y"),
        ] {
            assert_eq!(values[symbol], value, "{}: {symbol}", tree.name);
        }
        let config = judge.config(&good);
        assert!(config.contains("CONFIG_NAME=\"a \\\"quoted\\\" name\"\n"));
        assert!(config.contains("# CONFIG_FIRST is not set\n"));
    }
}

/// conf itself, run as a program, writes what the driver says.
#[test]
fn the_driver_says_what_conf_writes() {
    for tree in all_linux() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("Kconfig"), SMALL).unwrap();
        let reading = Reading::folder(&tree, folder.path());
        let mut judge = Judge::new(&reading).unwrap();
        let mut modes = vec![
            (Mode::Default, "--alldefconfig", 0),
            (Mode::No, "--allnoconfig", 0),
            (Mode::Yes, "--allyesconfig", 0),
            (Mode::Modules, "--allmodconfig", 0),
        ];
        modes.extend((0..40).map(|seed| (Mode::Random(seed, ""), "--randconfig", seed)));
        for (mode, option, seed) in modes {
            let outcome = judge.ask(mode, "").unwrap();
            let run = Command::new(&tree.conf)
                .args([option, "Kconfig"])
                .env_clear()
                .env("KCONFIG_SEED", seed.to_string())
                .current_dir(folder.path())
                .output()
                .unwrap();
            let said = String::from_utf8(run.stderr).unwrap();
            assert!(run.status.success(), "{}: {mode:?}: {said}", tree.name);
            let written = fs::read_to_string(folder.path().join(".config")).unwrap();
            assert_eq!(lines(&written), lines(&judge.config(&outcome)), "{mode:?}");
            let warned = outcome.warned();
            let agreed = warned.iter().all(|symbol| said.contains(symbol));
            assert!(
                agreed && warned.is_empty() != said.contains("unmet"),
                "{mode:?}"
            );
        }
    }
}

fn lines(config: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = config
        .lines()
        .filter(|line| line.starts_with("CONFIG_") || line.ends_with(" is not set"))
        .collect();
    lines.sort_unstable();
    lines
}

#[test]
fn commands_are_answered_and_never_run() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
config A
	def_bool $(shell,touch ran && echo y)
config B
	string
	default "$(shell,uname)"
config C
	def_bool $(shell,{ touch ran2; } >/dev/null 2>&1 && echo "y" || echo "n")
"#;
    for tree in all_linux() {
        let mut answers = Answers::none();
        answers.says("touch ran && echo y", "y");
        answers.fallback = "made up".to_owned();
        let reading = Reading::folder(&tree, folder.path())
            .with("Kconfig", text)
            .answers(answers);
        let mut judge = Judge::new(&reading).unwrap();
        let outcome = judge.ask(Mode::Default, "").unwrap();
        let expected = BTreeMap::from([("A", "y"), ("B", "made up"), ("C", "n")]);
        assert_eq!(judge.by_name(&outcome), expected);
        let recorded: Vec<bool> = judge.commands.iter().map(|asked| asked.recorded).collect();
        assert_eq!(recorded, [true, false, false]);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            0,
            "a command ran"
        );
    }
}

#[test]
fn the_parser_gives_verdicts() {
    for tree in all_linux() {
        let mut parser = Parser::of(&tree);
        for (text, syntax, accepted) in [
            ("config A\n\tbool \"a\"\n", true, true),
            ("", true, true),
            ("config A\n\tdefault\n", false, false),
            ("if A\n", false, false),
            ("config A\n\tbool \"a\"\n\tdepends on A\n", true, false),
            ("source \"nowhere\"\n", false, false),
            ("$(error-if,y,stop)\n", false, false),
        ] {
            let verdict = parser.judge(text.as_bytes());
            let found = (verdict.syntax, verdict.accepted);
            assert_eq!(
                found,
                (syntax, accepted),
                "{}: {text}: {}",
                tree.name,
                verdict.messages
            );
        }
    }
}

#[test]
fn a_dump_is_structured() {
    for tree in all_linux() {
        let folder = tempfile::tempdir().unwrap();
        let reading = Reading::folder(&tree, folder.path()).with("Kconfig", SMALL);
        let dump = reading.dump().unwrap();
        let driver = dump.symbol("DRIVER").unwrap();
        assert_eq!(driver.kind, "tristate");
        assert_eq!(driver.selects[0].target, "HELPER");
        assert_eq!(dump.show(driver.implies[0].condition), "MODULES");
        assert_eq!(driver.definitions[0].line, 18);
        let helper = dump.symbol("HELPER").unwrap();
        assert_eq!(dump.show(helper.direct), "MMU");
        assert_eq!(dump.show(helper.reverse), "DRIVER");
        assert_eq!(dump.symbol("SECOND").unwrap().member_of, Some(0));
        let size = dump.symbol("SIZE").unwrap();
        assert_eq!(dump.show(Some(size.ranges[0].high)), "64");
        assert!(dump.symbol("MODULES").unwrap().modules);
        assert_eq!(dump.messages, "");
    }
}

/// In random configurations, the dumped expressions have the values that conf computes:
/// visibility, direct and reverse dependency and implied value of every symbol.
#[test]
fn dumped_expressions_mean_what_conf_computes() {
    for tree in all_linux() {
        for architecture in ["x86", "um"] {
            expressions_mean_what_conf_computes(&tree, architecture);
        }
    }
}

fn expressions_mean_what_conf_computes(tree: &Linux, architecture: &str) {
    const CONFIGURATIONS: u32 = 8;
    let reading = Reading::kernel(tree, architecture);
    let dump = reading.dump().unwrap();
    let mut judge = Judge::new(&reading).unwrap();
    let outcomes: Vec<Outcome> = (0..CONFIGURATIONS)
        .map(|seed| judge.ask(Mode::Random(seed, ""), "").unwrap())
        .collect();
    let given = outcomes.iter().map(|outcome| judge.by_leaf(outcome));
    let assignments = Assignments::given(&dump, given.collect());
    let values = assignments.evaluate(&dump);
    let modules = dump
        .symbols
        .iter()
        .position(|symbol| symbol.modules)
        .unwrap();
    for (at, symbol) in dump.symbols.iter().enumerate() {
        if symbol.definitions.is_empty() || symbol.member_of.is_some() {
            continue;
        }
        let value = |node: Option<u32>, none: Lanes| node.map_or(none, |id| values[id as usize]);
        let visible = symbol.prompts.iter().fold(Lanes::NO, |any, prompt| {
            any.or(&value(prompt.condition, Lanes::YES))
        });
        for (lane, outcome) in outcomes.iter().enumerate() {
            let promoted = symbol.kind != "tristate" || outcome.values[modules] == "n";
            let mut expected = vec![("visibility", visible, &outcome.visible)];
            if matches!(symbol.kind.as_str(), "bool" | "tristate") {
                let direct = value(symbol.direct, Lanes::YES);
                expected.push(("direct dependency", direct, &outcome.direct));
                let reverse = value(symbol.reverse, Lanes::NO);
                expected.push(("reverse dependency", reverse, &outcome.reverse));
                let implied = value(symbol.implied, Lanes::NO);
                expected.push(("implied value", implied, &outcome.implied));
            }
            for (what, ours, conf) in expected {
                let level = match ours.level(lane) {
                    1 if promoted => 2,
                    level => level,
                };
                let conf = "nmy".find(char::from(conf.as_bytes()[at])).unwrap();
                assert_eq!(
                    usize::from(level),
                    conf,
                    "{} {architecture}: {what} of {:?} with seed {lane}",
                    tree.name,
                    symbol.name
                );
            }
        }
    }
}

/// Most expressions are not constant under random assignments: the comparison of two of
/// them would otherwise say little.
#[test]
fn random_assignments_tell_expressions_apart() {
    for tree in all_linux() {
        let dump = Reading::kernel(&tree, "x86").dump().unwrap();
        let values = Assignments::random(&dump, 1).evaluate(&dump);
        let constants = [Lanes::NO, Lanes::MODULE, Lanes::YES];
        let varied = values.iter().filter(|lanes| !constants.contains(lanes));
        let share = varied.count() * 100 / values.len();
        assert!(
            share > 80,
            "{}: only {share} % of all expressions vary",
            tree.name
        );
    }
}

/// The driver's reading of unmet dependencies is what conf prints, on many random
/// configurations of a whole kernel.
#[test]
fn unmet_dependencies_are_those_conf_prints() {
    for tree in all_linux() {
        let mut judge = Judge::new(&Reading::kernel(&tree, "arm")).unwrap();
        for seed in 0..25 {
            let outcome = judge.unmet(Mode::Random(seed, "70"), "").unwrap();
            let read: Vec<&SymbolKey> = outcome.unmet.iter().map(|unmet| &unmet.symbol).collect();
            let printed = outcome.warned();
            assert_eq!(read.len(), printed.len(), "{}: seed {seed}", tree.name);
            for symbol in read {
                let SymbolKey::Name(name) = symbol else {
                    panic!("a choice is unmet");
                };
                assert!(printed.contains(name.as_str()), "{name}");
            }
        }
    }
}

/// Randconfigs of one process are those of a process each.
#[test]
fn randconfigs_do_not_see_each_other() {
    const TEXT: &str = "CONFIG_MODULES=y\nCONFIG_COMPILE_TEST=y\n";
    for tree in all_linux() {
        let mut judge = Judge::new(&Reading::kernel(&tree, "arm")).unwrap();
        let together = judge.unmet_at_random(1, "70", 25, TEXT).unwrap();
        for (one, seed) in together.iter().zip(1..) {
            let alone = judge.unmet(Mode::Random(seed, "70"), TEXT).unwrap();
            assert_eq!(one.unmet, alone.unmet, "{}: seed {seed}", tree.name);
            assert_eq!(one.warned(), alone.warned(), "{}: seed {seed}", tree.name);
        }
        let warns = together.iter().filter(|one| !one.unmet.is_empty());
        assert!(warns.count() > 0, "{}: nothing to compare", tree.name);
    }
}

/// A configuration that conf wrote comes back unchanged.
#[test]
fn configurations_are_stable() {
    let tree = newest();
    let mut judge = Judge::new(&Reading::kernel(&tree, "riscv")).unwrap();
    for seed in 0..4 {
        let first = judge.ask(Mode::Random(seed, ""), "").unwrap();
        let again = judge.ask(Mode::Old, &judge.config(&first)).unwrap();
        assert_eq!(first.values, again.values, "seed {seed}");
        assert_eq!(first.written, again.written, "seed {seed}");
    }
}

/// Defconfigs load, and what they say of a visible symbol holds.
#[test]
fn defconfigs_load() {
    for tree in all_linux() {
        for (architecture, file) in [("x86", "x86_64_defconfig"), ("arm64", "defconfig")] {
            let path = tree
                .root
                .join("arch")
                .join(architecture)
                .join("configs")
                .join(file);
            let text = fs::read_to_string(path).unwrap();
            let mut judge = Judge::new(&Reading::kernel(&tree, architecture)).unwrap();
            assert!(!judge.messages.contains("error"), "{}", judge.messages);
            let outcome = judge.ask(Mode::Given, &text).unwrap();
            assert_eq!(judge.by_name(&outcome)["USB"], "y", "{} {file}", tree.name);
        }
    }
}

#[test]
fn the_other_trees_are_there() {
    for (name, root) in others() {
        let root_file = ["Kconfig", "Config.in", "xen/Kconfig", "src/Kconfig"];
        let found = root_file.iter().any(|file| root.join(file).is_file());
        assert!(found, "{name}: no root file in {}", root.display());
    }
}
