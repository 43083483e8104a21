// SPDX-License-Identifier: MIT OR Apache-2.0
//! `impact` on a repository: what appears, vanishes and differs, for each defconfig, and which defconfigs come and go.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::schema::assert_fits;

/// Two commits of a small tree: one symbol gets another default, one goes and one comes.
fn repository() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("impact");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("configs")).expect("a folder");
    git(&root, &["init", "-q"]);
    let before = "config A\n\tbool \"a\"\n\nconfig B\n\tint \"b\"\n\tdefault 1\n\nconfig C\n\tbool \"c\"\n\tdepends on A\n";
    let configs = [
        ("on_defconfig", "CONFIG_A=y\n"),
        ("off_defconfig", "# CONFIG_A is not set\n"),
    ];
    for (name, text) in configs {
        fs::write(root.join("configs").join(name), text).expect("a file");
    }
    commit(&root, before);
    let after = before
        .replace("default 1", "default 2")
        .replace("config C", "config D");
    fs::write(root.join("configs/new_defconfig"), "").expect("a file");
    commit(&root, &after);
    root
}

fn commit(root: &Path, text: &str) {
    fs::write(root.join("Kconfig"), text).expect("a file");
    git(root, &["add", "."]);
    git(
        root,
        &[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "-q",
            "-m",
            "x",
        ],
    );
}

fn git(root: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    let status = command.arg("-C").arg(root).args(arguments).status();
    assert!(status.expect("git starts").success(), "git {arguments:?}");
}

fn impact(root: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
    let output = command
        .arg("impact")
        .args(arguments)
        .current_dir(root)
        .output();
    let output = output.expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((&*said, output.status.code()), ("", Some(0)));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn options_appear_vanish_and_differ_for_each_defconfig() {
    let root = repository();
    let expected = "configs/new_defconfig is new\n\
                    configs/off_defconfig\n\
                    \u{20}  B 1 -> 2\n\
                    configs/on_defconfig\n\
                    \u{20}  B 1 -> 2\n\
                    \u{20} -C n\n\
                    \u{20} +D n\n\
                    2 of 3 defconfigs change\n";
    assert_eq!(impact(&root, &["--range", "HEAD~1..HEAD"]), expected);
    let json = impact(&root, &["--range", "HEAD~1..", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_fits(kconfig_lint::report::IMPACT_SCHEMA, &json);
    let differs = json!({ "symbol": "B", "before": "1", "after": "2" });
    let entry = |name: &str, what: &str, changes: &[serde_json::Value]| json!({ "path": name, "architecture": "", "what": what, "changes": changes });
    let affected = [
        entry("configs/new_defconfig", "new", &[]),
        entry(
            "configs/off_defconfig",
            "changed",
            std::slice::from_ref(&differs),
        ),
        entry(
            "configs/on_defconfig",
            "changed",
            &[
                differs,
                json!({ "symbol": "C", "before": "n", "after": null }),
                json!({ "symbol": "D", "before": null, "after": "n" }),
            ],
        ),
    ];
    let expected =
        json!({ "version": 1, "range": "HEAD~1..", "defconfigs": 3, "affected": affected });
    assert_eq!(json, expected);
    let expected = "configs/off_defconfig\n   B 1 -> 2\n1 of 1 defconfig changes\n";
    let arguments = ["--range", "HEAD~1..", "configs/off_defconfig"];
    assert_eq!(impact(&root, &arguments), expected);
}
