// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings that hang on the compiler: only compilers count that the tree's own scripts accept, and
//! name and version come from one output. The kernel test `tools` runs the real scripts.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::refused::new_tree;

/// A version script of the shape that is understood.
const VERSION: &str = "#!/bin/sh\nset -e\nget_canonical_version()\n{\n\tIFS=.\n\tset -- $1\n\
    \techo $((10000 * $1 + 100 * $2 + $3))\n}\nname=$1\ncase \"$name\" in\n\
    GCC)\n\tmin_version=$($min_tool_version gcc)\n\t;;\n\
    Clang)\n\tmin_version=$($min_tool_version llvm)\n\t;;\n*)\n\texit 1\n\t;;\nesac\n\
    cversion=$(get_canonical_version $version)\n\
    min_cversion=$(get_canonical_version $min_version)\n\
    if [ \"$cversion\" -lt \"$min_cversion\" ]; then\n\texit 1\nfi\necho $name $cversion\n";

const LEAST: &str = "set -e\ncase \"$1\" in\ngcc)\n\techo 8.1.0\n\t;;\nllvm)\n\
    \tif [ \"$SRCARCH\" = s390 ]; then\n\t\techo 15.0.0\n\telse\n\t\techo 13.0.1\n\tfi\n\t;;\nesac\n";

/// The macros and symbols of a tree that asks for its compiler.
const COMPILER: &str = "success = $(shell,{ $(1); } >/dev/null 2>&1 && echo \"y\" || echo \"n\")\n\
    cc-info := $(shell,$(srctree)/scripts/cc-version.sh $(CC))\n\
    $(error-if,$(success,test -z \"$(cc-info)\"),no compiler)\n\
    cc-name := $(shell,set -- $(cc-info) && echo $1)\n\
    cc-version := $(shell,set -- $(cc-info) && echo $2)\n\n\
    config CC_IS_GCC\n\tdef_bool $(success,test \"$(cc-name)\" = GCC)\n\n\
    config CC_IS_CLANG\n\tdef_bool $(success,test \"$(cc-name)\" = Clang)\n\n\
    config GCC_VERSION\n\tint\n\tdefault $(cc-version) if CC_IS_GCC\n\tdefault 0\n\n\
    config CLANG_VERSION\n\tint\n\tdefault $(cc-version) if CC_IS_CLANG\n\tdefault 0\n\n";

/// A tree in which a select is unmet where `condition` holds.
fn tree(version: &str, condition: &str) -> TempDir {
    let text = format!(
        "{COMPILER}config TARGET\n\tbool\n\tdepends on !({condition})\n\n\
         config DRIVER\n\tbool \"driver\"\n\tselect TARGET\n"
    );
    new_tree(&[
        ("Kconfig", &text),
        ("scripts/cc-version.sh", version),
        ("scripts/min-tool-version.sh", LEAST),
    ])
}

fn run(folder: &TempDir, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

fn json(folder: &TempDir, arguments: &[&str]) -> Vec<Value> {
    let text = run(folder, &[&["--format", "json"], arguments].concat());
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    report["findings"].as_array().unwrap().clone()
}

/// Whether each condition can hold in a build that the tree accepts.
const CONDITIONS: &[(&str, bool)] = &[
    ("GCC_VERSION = 80100", true),
    ("CC_IS_GCC && GCC_VERSION < 80100", false),
    ("CC_IS_GCC && GCC_VERSION <= 80100", true),
    ("CC_IS_GCC && GCC_VERSION = 0", false),
    ("GCC_VERSION > 80100 && GCC_VERSION < 80102", true),
    ("GCC_VERSION = 999999999", true),
    ("GCC_VERSION < 0", false),
    ("CC_IS_GCC && CC_IS_CLANG", false),
    ("!CC_IS_GCC && !CC_IS_CLANG", false),
    ("GCC_VERSION != 0 && CLANG_VERSION != 0", false),
    ("GCC_VERSION = 0 && CLANG_VERSION = 0", false),
    ("CC_IS_CLANG && CLANG_VERSION < 130001", false),
    ("CLANG_VERSION = 130001", true),
    ("CLANG_VERSION > 130001 && GCC_VERSION = 0", true),
    ("CLANG_VERSION >= 90000 && CLANG_VERSION <= 100000", false),
    ("CC_IS_GCC && GCC_VERSION != $(cc-version)", false),
    ("CLANG_VERSION = $(cc-version)", true),
    ("\"$(cc-info)\" = \"GCC 90100\"", true),
    ("\"$(cc-info)\" = \"GCC 70100\"", false),
    (
        "\"$(cc-info)\" = \"GCC 90100\" && GCC_VERSION != 90100",
        false,
    ),
    ("\"$(cc-name)\" = \"ICC\"", false),
    (
        "\"$(cc-name)\" = \"Clang\" && \"$(cc-version)\" = \"80100\"",
        false,
    ),
];

#[test]
fn only_compilers_count_that_the_tree_accepts() {
    for (condition, possible) in CONDITIONS {
        let found = json(&tree(VERSION, condition), &[]);
        assert_eq!(
            found.len(),
            usize::from(*possible),
            "{condition}: {found:?}"
        );
    }
}

#[test]
fn a_script_that_is_not_understood_constrains_nothing() {
    let other = VERSION.replace("exit 1\nfi", "true\nfi");
    for (condition, _) in CONDITIONS
        .iter()
        .filter(|(it, _)| it.contains("GCC_VERSION < 80100"))
    {
        assert_eq!(json(&tree(&other, condition), &[]).len(), 1, "{condition}");
    }
}

#[test]
fn a_witness_names_one_compiler() {
    let found = json(&tree(VERSION, "GCC_VERSION = 90200"), &[]);
    let answers = found[0]["witness"]["toolchain"].as_object().unwrap();
    let answers: Vec<_> = answers
        .iter()
        .map(|(key, it)| (&**key, it.as_str().unwrap()))
        .collect();
    assert_eq!(
        answers,
        [
            ("./scripts/cc-version.sh gcc", "GCC 90200"),
            ("set -- GCC 90200 && echo $1", "GCC"),
            ("set -- GCC 90200 && echo $2", "90200"),
        ]
    );
}

/// A condition, and what the compiler is in the witness: the oldest that shows it.
#[test]
fn a_witness_names_the_oldest_compiler() {
    for (condition, compiler) in [
        ("CC_IS_GCC", "GCC 80100"),
        ("GCC_VERSION > 90200", "GCC 90201"),
        (
            "GCC_VERSION != 80100 && GCC_VERSION < 120000",
            "Clang 130001",
        ),
        ("CC_IS_CLANG && CLANG_VERSION != 140000", "Clang 130001"),
        (
            "CLANG_VERSION >= 160000 && CLANG_VERSION < 190000",
            "Clang 160000",
        ),
    ] {
        let found = json(&tree(VERSION, condition), &[]);
        let answers = &found[0]["witness"]["toolchain"];
        assert_eq!(
            answers["./scripts/cc-version.sh gcc"], compiler,
            "{condition}"
        );
    }
}

/// Trees of several architectures, each with a least version of its own; fixes are proved on a model
/// of all of them.
#[test]
fn each_architecture_has_its_least_version() {
    let root = format!(
        "{COMPILER}config TARGET\n\tbool\n\tdepends on !(CLANG_VERSION = 140000)\n\n\
         config DRIVER\n\tbool \"driver\"\n\tselect TARGET\n\nsource \"arch/$(SRCARCH)/Kconfig\"\n"
    );
    let folder = new_tree(&[
        ("Kconfig", &root),
        ("arch/s390/Kconfig", "config S390\n\tbool\n"),
        ("arch/x86/Kconfig", "config X86\n\tbool\n"),
        ("scripts/cc-version.sh", VERSION),
        ("scripts/min-tool-version.sh", LEAST),
    ]);
    let found = json(&folder, &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0]["architectures"],
        serde_json::json!(["x86"]),
        "{found:?}"
    );
    assert_eq!(json(&folder, &["--arch", "s390"]).len(), 0);
}

/// A condition, and the toolchains that its finding names: all with which it is there, and none where
/// any will do.
const NEEDED: &[(&str, &str)] = &[
    ("GCC_VERSION < 90100 && CC_IS_GCC", " (with GCC before 9.1)"),
    ("GCC_VERSION >= 90100", " (with GCC 9.1 or newer)"),
    (
        "GCC_VERSION >= 90100 && GCC_VERSION < 120200",
        " (with GCC 9.1 or newer but before 12.2)",
    ),
    ("GCC_VERSION = 90201", " (with GCC 9.2.1)"),
    ("CC_IS_CLANG", " (with Clang)"),
    (
        "CC_IS_CLANG || GCC_VERSION < 90000",
        " (with GCC before 9 or Clang)",
    ),
    (
        "CC_IS_CLANG && CLANG_VERSION >= 160000",
        " (with Clang 16 or newer)",
    ),
    ("CC_IS_GCC || CC_IS_CLANG", ""),
    ("OTHER || CC_IS_GCC", ""),
    ("OTHER && CC_IS_GCC", " (with GCC)"),
    ("$(success,gcc -x)", " (with some toolchains)"),
    ("$(success,gcc -x) && CC_IS_GCC", " (with GCC)"),
    ("$(success,gcc -x) || OTHER", ""),
    ("NUMBER > 5", " (with some toolchains)"),
    ("NUMBER > 5 || OTHER", ""),
];

const OTHERS: &str = "config OTHER\n\tbool \"other\"\n\n\
    config NUMBER\n\tint\n\tdefault $(shell,gcc -dumpversion)\n\n";

#[test]
fn a_finding_names_the_toolchains_that_it_needs() {
    for (condition, toolchains) in NEEDED {
        let folder = tree(VERSION, condition);
        let path = folder.path().join("Kconfig");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\n{OTHERS}")).unwrap();
        let found = json(&folder, &[]);
        let message = found[0]["message"].as_str().unwrap();
        match toolchains.is_empty() {
            true => assert!(!message.contains(" (with "), "{condition}: {message}"),
            false => assert!(message.ends_with(toolchains), "{condition}: {message}"),
        }
    }
}

#[test]
fn every_format_names_them() {
    let folder = tree(VERSION, "GCC_VERSION >= 90100");
    for format in crate::FORMATS {
        let report = run(&folder, &["--format", format]);
        assert!(
            report.contains("(with GCC 9.1 or newer)"),
            "{format}: {report}"
        );
    }
    let report = run(&folder, &["--format", "human"]);
    assert!(report.contains(", with GCC 9.1\n"), "{report}");
    assert!(!report.contains(" prints `"), "{report}");
}

/// Settings and options, and the level of a finding that needs GCC and of one that needs nothing.
#[test]
fn such_findings_have_a_level_apart() {
    let no_options: &[&str] = &[];
    let table = "[rules.unmet-dependency]\ntoolchain = \"warn\"\n";
    let both = "[rules]\nunmet-dependency = { level = \"warn\", toolchain = \"deny\" }\n";
    let only = ["-A", "unmet-dependency", "-W", "unmet-dependency/toolchain"];
    for (settings, options, levels) in [
        ("", no_options, ["error", "error"]),
        (table, no_options, ["warning", "error"]),
        (both, no_options, ["error", "warning"]),
        (table, &["-D", "warnings"], ["error", "error"]),
        ("", &["-A", "unmet-dependency/toolchain"], ["", "error"]),
        ("", &only, ["warning", ""]),
        (
            "[rules]\n\"unmet-dependency/toolchain\" = \"allow\"\n",
            no_options,
            ["", "error"],
        ),
    ] {
        for (condition, level) in ["CC_IS_GCC", "CC_IS_GCC || CC_IS_CLANG"].iter().zip(levels) {
            let folder = tree(VERSION, condition);
            std::fs::write(folder.path().join("kconfig-lint.toml"), settings).unwrap();
            let found = json(&folder, options);
            let found = found.first().map_or("", |it| it["level"].as_str().unwrap());
            assert_eq!(found, level, "{settings}{options:?}: {condition}");
        }
    }
    let folder = tree(VERSION, "CC_IS_GCC");
    std::fs::write(folder.path().join("kconfig-lint.toml"), table).unwrap();
    let settings = run(&folder, &["settings"]);
    let line = settings
        .lines()
        .find(|it| it.contains("unmet-dependency/toolchain"))
        .unwrap();
    assert!(
        line.contains("warn") && line.contains("kconfig-lint.toml:2"),
        "{line}"
    );
    for wrong in [
        "undecided = { toolchain = \"warn\" }",
        "unmet-dependency = { x = \"warn\" }",
    ] {
        let text = format!("[rules]\n{wrong}\n");
        std::fs::write(folder.path().join("kconfig-lint.toml"), text).unwrap();
        assert!(
            run(&folder, &[]).contains("kconfig-lint.toml:2:"),
            "{wrong}"
        );
    }
}
