// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the program says about itself: help that fits a screen, schemas, settings, completions and
//! manual pages.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use kconfig_lint::rules::RULES;

/// What the program prints.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "80")
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The commands that the help of the program lists.
fn commands() -> Vec<String> {
    let help = printed(&["-h"]);
    let (_, rest) = help.split_once("\nCommands:\n").expect("commands");
    let list = rest.lines().take_while(|line| !line.is_empty());
    let names = list.filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// The long options in a text.
fn options(text: &str) -> BTreeSet<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    words
        .filter(|word| word.len() > 2 && word.starts_with("--"))
        .collect()
}

#[test]
fn short_help_fits_a_screen() {
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    let all = commands.iter().map(|name| vec![name.as_str(), "-h"]);
    for arguments in all.chain([vec!["-h"]]) {
        // `help` has no options of its own.
        let arguments = match arguments[0] {
            "help" => vec!["help", "help"],
            _ => arguments,
        };
        let help = printed(&arguments);
        let lines = help.lines().count();
        assert!(lines <= 40, "{arguments:?} prints {lines} lines:\n{help}");
        let wide = help.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{arguments:?}");
    }
}

#[test]
fn long_help_shows_every_option() {
    let completions = printed(&["completions", "bash"]);
    for command in commands().iter().filter(|name| *name != "help") {
        // clap_complete writes a hyphen of a command like a command below it.
        let name = command.replace('-', "__subcmd__");
        let case = format!("        kconfig__lint__subcmd__{name})\n");
        let (_, part) = completions.split_once(&case).expect(&case);
        let (_, list) = part.split_once("opts=\"").expect("a list");
        let (list, _) = list.split_once('"').expect("an end");
        let help = printed(&[command, "--help"]);
        let missing: Vec<&str> = options(list).difference(&options(&help)).copied().collect();
        assert!(missing.is_empty(), "{command} --help lacks {missing:?}");
    }
}

#[test]
fn level_options_have_long_names() {
    let check = |levels: &[&str]| {
        let tree = ["settings", "fixtures/projects/usb-display", "--format=json"];
        printed(&[&tree, levels].concat())
    };
    let long = check(&["--deny", "all", "--warn=policy", "--allow", "syntax-error"]);
    let short = check(&["-D", "all", "-W", "policy", "-Asyntax-error"]);
    assert_eq!(long, short);
    assert!(long.contains("\"--allow\""), "{long}");
}

#[test]
fn settings_name_their_sources() {
    let arguments = [
        "settings",
        "fixtures/projects/settings",
        "--format=json",
        "--env=CC=clang",
        "--allow=policy",
        "--tree=busybox",
        "--jobs=3",
    ];
    let settings: serde_json::Value = serde_json::from_str(&printed(&arguments)).expect("JSON");
    let settings = settings.as_array().expect("an array");
    for (part, name, value, source) in [
        ("tree", "kind", "busybox", "--tree"),
        ("tree", "root file", "Kconfig", "detected"),
        ("tree", "toolchain", "symbolic", "default"),
        ("tree", "threads", "3", "--jobs"),
        ("environment", "CC", "clang", "--env"),
        ("environment", "LD", "ld", "default"),
        ("levels", "policy", "allow", "--allow"),
        ("levels", "unmet-dependency", "warn", "kconfig-lint.toml:3"),
        ("levels", "syntax-error", "deny", "default"),
        (
            "policies",
            "camera-needs-power",
            "CAMERA_CORE requires POWER",
            "kconfig-lint.toml:5",
        ),
        (
            "policies",
            "shmem-needs-mmu",
            "DRM_GEM_SHMEM_HELPER requires MMU",
            "built in",
        ),
        (
            "allow",
            "unmet-dependency",
            "VENDOR_HIDDEN_*",
            "kconfig-lint.toml:17",
        ),
    ] {
        let wanted = serde_json::json!({
            "part": part, "name": name, "value": value, "source": source
        });
        assert!(settings.contains(&wanted), "{wanted} in {settings:#?}");
    }
}

#[test]
fn explain_without_a_rule_lists_the_rules() {
    assert_eq!(printed(&["explain"]), printed(&["rules"]));
}

#[test]
fn schemas_are_listed_and_printed() {
    let list = printed(&["schema"]);
    assert!(list.lines().count() > 1, "{list}");
    for line in list.lines() {
        let name = line.split_whitespace().next().expect("a name");
        let schema: serde_json::Value =
            serde_json::from_str(&printed(&["schema", name])).expect("JSON");
        assert!(schema["title"].is_string(), "{name}");
    }
}

/// What bash offers after these words, of which the last one is being typed.
fn completed(words: &[&str]) -> BTreeSet<String> {
    let script = r#"
        source /dev/stdin
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        $(complete -p kconfig-lint | sed 's/.*-F \([^ ]*\).*/\1/') kconfig-lint "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("completions");
    fs::write(&file, printed(&["completions", "bash"])).expect("written");
    let output = Command::new("bash")
        .args(["--norc", "-c", script, "bash", "kconfig-lint"])
        .args(words)
        .stdin(fs::File::open(file).expect("there"))
        .output()
        .expect("bash starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && error.is_empty(), "{error}");
    let offered = String::from_utf8(output.stdout).expect("UTF-8");
    offered.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_rules() {
    let offered = completed(&[""]);
    for command in commands() {
        assert!(offered.contains(&command), "{command} in {offered:?}");
    }
    let staged = BTreeSet::from(["--staged".to_owned()]);
    assert_eq!(completed(&["--stag"]), staged);
    assert_eq!(completed(&["check", "--stag"]), staged);
    for words in [
        &["explain", ""][..],
        &["--deny", ""],
        &["check", "-A", ""],
        &["settings", "-W", ""],
        &["commit-message", "--rule", ""],
    ] {
        let offered = completed(words);
        for rule in RULES {
            assert!(offered.contains(rule.name), "{words:?}: {offered:?}");
        }
    }
    let groups = completed(&["--deny", "correct"]);
    assert_eq!(groups, BTreeSet::from(["correctness".to_owned()]));
}

#[test]
fn other_shells_are_told_the_rules_too() {
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let script = printed(&["completions", shell]);
        assert!(script.contains("toolchain"), "{shell}");
        let tells_values = ["zsh", "fish"].contains(&shell);
        for rule in RULES.iter().filter(|_| tells_values) {
            assert!(script.contains(rule.name), "{shell} and {}", rule.name);
        }
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man1");
    printed(&["man", pages.to_str().expect("UTF-8")]);
    let main = read(&pages.join("kconfig-lint.1"));
    assert_eq!(main, printed(&["man"]));
    for command in commands().iter().filter(|name| *name != "help") {
        let name = format!("kconfig-lint-{command}");
        let page = read(&pages.join(format!("{name}.1")));
        assert!(main.contains(&format!("{}(1)", name.replace('-', "\\-"))));
        for option in options(&printed(&[command, "--help"])) {
            let written = option.replace('-', "\\-");
            assert!(page.contains(&written), "{option} in {name}");
        }
    }
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Whether a program is installed. Where it is not, its part of a test is left out, and says so.
fn is_installed(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        eprintln!("{program} is not installed, so it judges nothing here");
    }
    found
}

#[test]
fn fish_completes_commands_options_and_rules() {
    let script = printed(&["completions", "fish"]);
    let first = RULES[0].name;
    let explain = format!("\"__fish_kconfig_lint_using_subcommand explain\" -f -a \"{first}");
    assert!(script.contains(&explain), "{explain}");
    if !is_installed("fish") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kconfig-lint.fish");
    fs::write(&file, script).expect("written");
    for (line, wanted) in [
        ("kconfig-lint toolc", "toolchain"),
        ("kconfig-lint --stag", "--staged"),
        ("kconfig-lint check --stag", "--staged"),
        ("kconfig-lint explain unmet-d", "unmet-dependency"),
        ("kconfig-lint --deny recursive-d", "recursive-dependency"),
        ("kconfig-lint check -A correc", "correctness"),
        ("kconfig-lint --quiet --format gitl", "gitlab"),
        ("kconfig-lint schema rep", "report"),
    ] {
        let output = Command::new("fish")
            .args(["--no-config", "-c", "source $argv[1]; complete -C $argv[2]"])
            .args([file.as_os_str(), line.as_ref()])
            .current_dir(folder.path())
            .output()
            .expect("fish starts");
        let offered = String::from_utf8(output.stdout).expect("UTF-8");
        let words: Vec<&str> = offered
            .lines()
            .filter_map(|it| it.split('\t').next())
            .collect();
        assert_eq!(words, [wanted], "{line}");
    }
}

/// zsh completes on a terminal only, so this looks for what makes it take the first word for a
/// command or a path.
#[test]
fn zsh_takes_the_first_word_for_a_command_or_a_path() {
    let script = printed(&["completions", "zsh"]);
    assert!(!script.contains("'::paths"), "a path before the command");
    assert!(
        !script.contains("$line[2]"),
        "the command is the second word"
    );
    assert!(script.contains("\": :{_kconfig-lint_commands; _files}\""));
    let names = commands().join(" ");
    let default = format!("[[ \" {names} \" == *\" $line[1] \"* ]] || line[1]=check\n");
    assert!(script.contains(&default), "{default}");
    if is_installed("zsh") {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("_kconfig-lint");
        fs::write(&file, script).expect("written");
        let output = Command::new("zsh").arg("-n").arg(file).output();
        assert!(output.expect("zsh starts").stderr.is_empty());
    }
}

#[test]
fn manual_pages_are_clean() {
    let folder = tempfile::tempdir().expect("a folder");
    printed(&["man", folder.path().to_str().expect("UTF-8")]);
    let pages = fs::read_dir(folder.path()).expect("a folder");
    let pages: Vec<_> = pages.map(|entry| entry.expect("an entry").path()).collect();
    for page in &pages {
        let text = read(page);
        let long = text
            .lines()
            .find(|line| line.len() > 80 && !line.starts_with('.'));
        assert_eq!(long, None, "{}", page.display());
        assert!(text.lines().all(|line| line.trim_end() == line));
    }
    // The version of mandoc goes to standard error, with a status of its own.
    if is_installed("mandoc") {
        let output = Command::new("mandoc")
            .args(["-T", "lint"])
            .args(pages)
            .output();
        let said = String::from_utf8(output.expect("mandoc starts").stdout).expect("UTF-8");
        // A debug build knows no date.
        let said = said.lines().filter(|line| !line.contains("missing date"));
        assert_eq!(said.collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
