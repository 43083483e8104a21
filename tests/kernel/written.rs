// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `format` and the fixes of the group `redundant` make of Linux has the configurations that it had: conf reads both
//! trees, and each `.config` leads to the same values, visibilities and dependencies of all symbols.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::driver::Reading;
use crate::generate::Random;
use crate::judge::{Judge, Mode, Outcome, SymbolKey};
use crate::trees::{Linux, files, newest};

/// The rules of style whose fixes are certain, with those that the preset of Linux leaves out.
const STYLE: [&str; 6] = [
    "style",
    "attribute-order",
    "blank-lines",
    "comment-space",
    "continuation-indent",
    "line-length",
];

#[test]
fn a_formatted_tree_has_the_same_configurations() {
    let tree = newest();
    let changed = copy(&tree, "format");
    assert!(
        format(&changed.root) > 1_000,
        "hardly anything is formatted"
    );
    assert_eq!(format(&changed.root), 0, "a second run changes something");
    // Two of them, since a run of CI has little time: `written::all` takes every one.
    let values = compare(&tree, &changed, &["arm", "x86"], 2);
    assert!(values > 100_000, "only {values} values were compared");
}

/// All architectures, and the fixes of the group `redundant` too. docs/checks.md has the figures.
#[test]
#[ignore = "takes minutes"]
fn all_fixes_of_style_and_redundance_keep_the_configurations() {
    let tree = newest();
    let changed = copy(&tree, "redundant");
    println!("{} fixes of style", format(&changed.root));
    for round in 1.. {
        let fixes = run(
            &changed.root,
            &["check", "--fix", "-A", "all", "-W", "redundant"],
        );
        println!("round {round}: {fixes} redundant statements");
        if fixes == 0 {
            break;
        }
    }
    println!("{} fixes of style after that", format(&changed.root));
    let names = tree.architectures();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let values = compare(&tree, &changed, &names, 12);
    println!("{values} values of {} architectures", names.len());
}

/// A default that goes is seen.
#[test]
fn a_lost_default_is_seen() {
    let tree = newest();
    let changed = copy(&tree, "seen");
    let file = changed.root.join("drivers/usb/Kconfig");
    let text = fs::read_to_string(&file).expect("UTF-8");
    // The default of USB_SUPPORT goes, so that even an empty `.config` leads to something else.
    let old = "depends on HAS_IOMEM\n\tdefault y\n";
    let other = text.replacen(old, "depends on HAS_IOMEM\n", 1);
    assert_ne!(text, other, "the file is not what it was");
    fs::write(&file, other).expect("a file of our own");
    let failed = std::panic::catch_unwind(|| compare(&tree, &changed, &["arm"], 1));
    assert!(failed.is_err(), "nobody noticed");
}

/// The Kconfig files of a tree in a folder of our own, with the same kconfig.
fn copy(tree: &Linux, name: &str) -> Linux {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("written-{name}"));
    let _ = fs::remove_dir_all(&root);
    for (path, bytes) in files(&tree.root, |_| true) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    Linux {
        root,
        ..tree.clone()
    }
}

fn format(root: &Path) -> usize {
    let rules = STYLE.iter().flat_map(|rule| ["-W", rule]);
    let arguments: Vec<&str> = ["format"].into_iter().chain(rules).collect();
    run(root, &arguments)
}

/// How many fixes a run applies.
fn run(root: &Path, arguments: &[&str]) -> usize {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
    let output = command.args(arguments).arg(root).output();
    let output = output.expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let applied = said.lines().find_map(|line| line.strip_prefix("applied "));
    let number = applied.and_then(|line| line.split(' ').next()?.parse().ok());
    number.unwrap_or_else(|| panic!("{arguments:?}: {said}"))
}

/// Compares two trees on some architectures, each with as many random configurations; how many values were compared.
fn compare(one: &Linux, other: &Linux, architectures: &[&str], configurations: u32) -> usize {
    let mut compared = 0;
    for name in architectures {
        let judge = |tree: &Linux| {
            let judge = Judge::new(&Reading::kernel(tree, name));
            judge.unwrap_or_else(|failed| panic!("{name}: {}", failed.messages))
        };
        let (mut one, mut other) = (judge(one), judge(other));
        let mut random = Random::new(u64::from(configurations));
        let mut texts = vec![String::new()];
        for seed in 0..configurations {
            for judge in [&mut one, &mut other] {
                let mode = Mode::Random(seed, ["", "10", "80"][seed as usize % 3]);
                let outcome = judge.ask(mode, "").expect("conf makes one");
                let text = config(judge, &outcome);
                texts.extend([damaged(&text, &mut random), text]);
            }
        }
        let (first, second) = (one.ask_all(&texts), other.ask_all(&texts));
        let pairs = first.expect("conf reads them").into_iter();
        for (first, second) in pairs.zip(second.expect("conf reads them")) {
            let (first, second) = (table(&one, &first), table(&other, &second));
            for (key, state) in &second {
                assert_eq!(first.get(key), Some(state), "{name}: {key:?}");
            }
            compared += second.len();
        }
    }
    compared
}

/// What conf says of a symbol: value, whether `.config` has a line, visibility, dependency and reverse dependency.
type State = (String, [u8; 4]);

fn table<'j>(judge: &'j Judge, outcome: &Outcome) -> BTreeMap<&'j SymbolKey, State> {
    let states = outcome.values.iter().enumerate().map(|(at, value)| {
        let columns = [
            &outcome.written,
            &outcome.visible,
            &outcome.direct,
            &outcome.reverse,
        ];
        (value.clone(), columns.map(|column| column.as_bytes()[at]))
    });
    judge
        .symbols
        .iter()
        .map(|(key, _)| key)
        .zip(states)
        .collect()
}

/// A `.config` with these values.
fn config(judge: &Judge, outcome: &Outcome) -> String {
    let written = outcome.written.bytes().map(|it| it == b'1');
    let all = judge.symbols.iter().zip(&outcome.values).zip(written);
    let lines = all.filter(|(_, written)| *written);
    let lines = lines.filter_map(|(((key, ty), value), _)| {
        let SymbolKey::Name(name) = key else {
            return None;
        };
        Some(match (ty.as_str(), value.as_str()) {
            ("bool" | "tristate", "n") => format!("# CONFIG_{name} is not set\n"),
            ("string", value) => {
                let value = value.replace('\\', "\\\\").replace('"', "\\\"");
                format!("CONFIG_{name}=\"{value}\"\n")
            }
            (_, value) => format!("CONFIG_{name}={value}\n"),
        })
    });
    lines.collect()
}

/// The same with a part of the lines gone and some switched on, which no configuration need have.
fn damaged(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let off = line.strip_prefix("# ");
        match off.and_then(|it| it.strip_suffix(" is not set")) {
            _ if random.chance(5) => {}
            Some(name) if random.chance(20) => out += &format!("{name}=y\n"),
            _ => out += &format!("{line}\n"),
        }
    }
    out
}
