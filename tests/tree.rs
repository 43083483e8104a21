// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recognition of trees: which one a path lies in, and what it is like.

use std::fs;
use std::path::Path;

use kconfig_lint::source::WorkTree;
use kconfig_lint::tree::{
    Behaviour, ChoiceForm, Kind, LocateError, Located, Overrides, Project, detect, locate,
    select_architectures,
};
use tempfile::TempDir;

/// A folder with these files; a path that ends in `/` is a folder.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        if path.ends_with('/') {
            fs::create_dir_all(place).unwrap();
        } else {
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        }
    }
    folder
}

fn located(folder: &TempDir, path: &str) -> Result<Located, LocateError> {
    locate(&folder.path().join(path), &Overrides::default())
}

/// Root relative to the folder, root file, kind.
fn found(folder: &TempDir, path: &str) -> (String, String, Kind, bool) {
    let located = located(folder, path).unwrap();
    let root = located.root.strip_prefix(folder.path()).unwrap();
    let root = root.to_str().unwrap().to_owned();
    (root, located.root_file, located.kind, located.alone)
}

fn project(folder: &TempDir, overrides: &Overrides) -> Project {
    let located = locate(folder.path(), overrides).unwrap();
    detect(&WorkTree::new(&located.root), &located, overrides)
}

fn expect(root: &str, file: &str, kind: Kind) -> (String, String, Kind, bool) {
    (root.to_owned(), file.to_owned(), kind, false)
}

#[test]
fn each_kind_has_its_marks() {
    for (files, root_file, kind) in [
        (&["Kconfig", "scripts/kconfig/"][..], "Kconfig", Kind::Linux),
        (&["Kconfig", "tools/kconfig/"], "Kconfig", Kind::Linux),
        (
            &["Kconfig", "scripts/kconfig/", "include/u-boot/"],
            "Kconfig",
            Kind::UBoot,
        ),
        (
            &["Kconfig", "Kconfig.zephyr", "scripts/kconfig/"],
            "Kconfig",
            Kind::Zephyr,
        ),
        (&["Kconfig", "tools/idf.py"], "Kconfig", Kind::EspIdf),
        (&["Kconfig", "tools/mkconfig.c"], "Kconfig", Kind::NuttX),
        (
            &["Config.in", "support/kconfig/"],
            "Config.in",
            Kind::Buildroot,
        ),
        (
            &["Config.in", "scripts/kconfig/"],
            "Config.in",
            Kind::BusyBox,
        ),
        (
            &["src/Kconfig", "util/kconfig/"],
            "src/Kconfig",
            Kind::Coreboot,
        ),
        (
            &["extra/Configs/Config.in", "extra/config/"],
            "extra/Configs/Config.in",
            Kind::UClibc,
        ),
        (
            &["config/config.in", "kconfig/"],
            "config/config.in",
            Kind::CrosstoolNg,
        ),
        (
            &["Kconfig", "scripts/Kconfiglib/", "lib/sbi/"],
            "Kconfig",
            Kind::OpenSbi,
        ),
        (
            &["Config.in", "kconfig/", "toys/"],
            "Config.in",
            Kind::BusyBox,
        ),
        (&["Config.uk", "support/kconfig/"], "Config.uk", Kind::Linux),
        (&["Kconfig", "prj.conf"], "Kconfig", Kind::Zephyr),
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|file| (*file, "")).collect();
        let folder = tree(&files);
        assert_eq!(found(&folder, ""), expect("", root_file, kind));
    }
}

#[test]
fn the_nearest_marked_folder_wins() {
    let folder = tree(&[
        ("Kconfig", ""),
        ("scripts/kconfig/", ""),
        ("drivers/gpu/Kconfig", ""),
        ("sub/Kconfig", ""),
        ("sub/scripts/kconfig/", ""),
        ("sub/lib/Kconfig", ""),
    ]);
    let outer = expect("", "Kconfig", Kind::Linux);
    assert_eq!(found(&folder, "drivers/gpu/Kconfig"), outer);
    assert_eq!(found(&folder, "drivers/../drivers/gpu"), outer);
    let inner = expect("sub", "Kconfig", Kind::Linux);
    assert_eq!(found(&folder, "sub/lib"), inner);
}

#[test]
fn without_marks_the_outermost_root_file_of_the_work_tree_counts() {
    let folder = tree(&[
        ("Kconfig", ""),
        ("work/.git/", ""),
        ("work/a/Kconfig", ""),
        ("work/a/b/c/Kconfig", ""),
        ("work/other/x", ""),
    ]);
    let outer = expect("work/a", "Kconfig", Kind::Generic);
    assert_eq!(found(&folder, "work/a/b/c/Kconfig"), outer);
    assert_eq!(found(&folder, "work/a/b"), outer);
    let none = located(&folder, "work/other");
    assert!(matches!(none, Err(LocateError::NoTree(_))));
}

#[test]
fn a_file_outside_of_any_tree_is_alone() {
    let folder = tree(&[("deep/er/Kconfig.usb", ""), ("deep/Kconfig", "")]);
    let (root, root_file, kind, alone) = found(&folder, "deep/er/Kconfig.usb");
    assert_eq!((&*root, &*root_file), ("deep/er", "Kconfig.usb"));
    assert!(alone && kind == Kind::Generic);
    // Without a work tree a folder is the root of its own tree.
    assert_eq!(
        found(&folder, "deep"),
        expect("deep", "Kconfig", Kind::Generic)
    );
    let missing = located(&folder, "nowhere");
    assert!(matches!(missing, Err(LocateError::Unreadable(..))));
}

#[test]
fn the_user_knows_better() {
    let folder = tree(&[
        ("Kconfig", ""),
        ("scripts/kconfig/", ""),
        ("sub/My.config", ""),
        ("sub/deep/", ""),
    ]);
    let overrides = Overrides {
        kind: Some(Kind::Zephyr),
        root_file: Some("My.config".to_owned()),
        ..Overrides::default()
    };
    let located = locate(&folder.path().join("sub/deep"), &overrides).unwrap();
    assert_eq!(located.root, folder.path().join("sub"));
    assert_eq!(located.root_file, "My.config");
    assert_eq!(located.kind, Kind::Zephyr);
    let wrong = locate(folder.path(), &overrides);
    assert!(matches!(wrong, Err(LocateError::NoRootFile(..))));
}

const MAKEFILE: &str = "VERSION = 6\nPATCHLEVEL = 99\nSUBLEVEL = 1\nEXTRAVERSION =\n\
    SRCARCH := $(ARCH)\nifeq ($(ARCH),x86_64)\n        SRCARCH := x86\nendif\n\
    ifeq ($(ARCH),gone64)\n        SRCARCH := gone\nendif\n";

fn kernel() -> TempDir {
    tree(&[
        ("Kconfig", "source \"init/Kconfig\"\n"),
        ("init/Kconfig", "source \"arch/Kconfig\"\n"),
        ("arch/Kconfig", "source \"arch/$(SRCARCH)/Kconfig\"\n"),
        ("arch/x86/Kconfig", ""),
        ("arch/um/Kconfig", ""),
        ("arch/none/Makefile", ""),
        ("scripts/kconfig/", ""),
        ("Makefile", MAKEFILE),
    ])
}

#[test]
fn architectures_are_folders() {
    let folder = kernel();
    let project = project(&folder, &Overrides::default());
    let names: Vec<&str> = project.architectures.iter().map(|a| &*a.name).collect();
    assert_eq!(names, ["um", "x86"]);
    let x86 = &project.architectures[1].environment;
    assert_eq!(x86["ARCH"], "x86");
    assert_eq!(x86["SRCARCH"], "x86");
    assert_eq!(x86["KERNELVERSION"], "6.99.1");
    assert_eq!(x86["srctree"], ".");
    assert!(!x86.contains_key("SUBARCH"));
    let um = &project.architectures[0].environment;
    assert_eq!((&*um["SUBARCH"], &*um["HEADER_ARCH"]), ("x86", "x86"));
}

#[test]
fn a_tree_whose_root_does_not_name_srcarch_has_none() {
    let folder = tree(&[
        ("Kconfig", "source \"arch/Kconfig\"\n"),
        ("arch/Kconfig", "source \"arch/arm/Kconfig\"\n"),
        ("arch/arm/Kconfig", ""),
        ("scripts/kconfig/", ""),
    ]);
    let project = project(&folder, &Overrides::default());
    assert_eq!(project.architectures.len(), 1);
    assert_eq!(project.architectures[0].name, "");
}

#[test]
fn make_has_other_names() {
    let folder = kernel();
    let project = project(&folder, &Overrides::default());
    let reader = WorkTree::new(folder.path());
    let select = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        select_architectures(&project, &reader, &names)
    };
    let selected = select(&["x86_64", "um", "x86_64"]).unwrap();
    let names: Vec<&str> = selected.iter().map(|a| &*a.name).collect();
    assert_eq!(names, ["um", "x86_64"]);
    assert_eq!(selected[1].environment["ARCH"], "x86_64");
    assert_eq!(selected[1].environment["SRCARCH"], "x86");
    assert_eq!(select(&["all"]).unwrap(), project.architectures);
    let unknown = select(&["x68"]).unwrap_err();
    assert_eq!(unknown.near, ["x86"]);
    // The Makefile knows it, but its folder is gone.
    assert!(select(&["gone64"]).is_err());
}

#[test]
fn the_environment_can_be_set() {
    let folder = kernel();
    let overrides = Overrides {
        environment: [("CC".to_owned(), "clang".to_owned())].into(),
        ..Overrides::default()
    };
    let project = project(&folder, &overrides);
    assert_eq!(project.architectures[0].environment["CC"], "clang");
}

#[test]
fn behaviour_is_read_from_the_trees_own_kconfig() {
    let sources = |parser: &'static str, symbol: &'static str, confdata: &'static str| {
        tree(&[
            ("Kconfig", ""),
            ("scripts/kconfig/parser.y", parser),
            ("scripts/kconfig/symbol.c", symbol),
            ("scripts/kconfig/confdata.c", confdata),
            ("scripts/kconfig/preprocess.c", ""),
        ])
    };
    let none = Overrides::default();
    let new = sources("%token T_ON\n", "newval.val = \"0\";\n", "");
    let without_menu = Behaviour {
        negation_ends_submenu: false,
        ..Behaviour::NEW
    };
    assert_eq!(project(&new, &none).behaviour, without_menu);
    assert!(!project(&new, &none).dollar_variables);
    let range = "if (sym_string_within_range(sym, x))\n";
    let old = sources("%token T_OPTIONAL\n", "newval.val = \"\";\n", range);
    assert_eq!(project(&old, &none).behaviour, Behaviour::OLD);
    let overrides = Overrides {
        choices: Some(ChoiceForm::New),
        ..Overrides::default()
    };
    let mixed = project(&old, &overrides).behaviour;
    assert_eq!(mixed.choices, ChoiceForm::New);
    assert!(!mixed.zero_numbers);

    // What confs from before Linux 4.20 have in their symbol.c, each for one of their meanings.
    let is = |words: &'static str| {
        let tree = sources("%token T_OPTIONAL\n", words, range);
        project(&tree, &none).behaviour
    };
    assert!(is("if (a || sym->implied.tri == yes)\n").loose_imply);
    assert!(is("sprintf(str, \"0x%llx\", value);\n").bound_numbers);
    assert!(!is("struct symbol x = {\n\t.name = \"y\",\n\t.curr = 0\n};\n").typed_letters);
    let selects = "sym2 = sym_check_expr_deps(sym->rev_dep.expr);\n";
    assert!(is(selects).imply_at_source);
    let both = "sym_check_expr_deps(sym->rev_dep.expr) sym_check_expr_deps(sym->implied.expr)";
    assert!(!is(both).imply_at_source);
}

#[test]
fn behaviour_is_guessed_from_the_syntax_otherwise() {
    let none = Overrides::default();
    let plain = tree(&[("Kconfig", "choice\n\tprompt \"x\"\nendchoice\n")]);
    assert_eq!(project(&plain, &none).behaviour, Behaviour::NEW);
    let named = tree(&[
        ("Kconfig", "source \"sub\"\n"),
        ("sub", "choice NAME\nendchoice\n"),
    ]);
    assert_eq!(project(&named, &none).behaviour, Behaviour::OLD);
}

#[test]
fn prefixes() {
    let none = Overrides::default();
    let folder = tree(&[("Config.in", ""), ("support/kconfig/", "")]);
    assert_eq!(project(&folder, &none).prefix, "");
    assert_eq!(project(&kernel(), &none).prefix, "CONFIG_");
}

#[test]
fn hostile_roots_do_no_harm() {
    // A folder named like the root file, and a file that names itself.
    let folder = tree(&[("Kconfig/", ""), ("scripts/kconfig/", "")]);
    let _ = located(&folder, "");
    let folder = tree(&[("Kconfig", "source \"Kconfig\"\nrsource \"../../..\"\n")]);
    let project = project(&folder, &Overrides::default());
    assert_eq!(project.root_file, "Kconfig");
    assert!(locate(Path::new(""), &Overrides::default()).is_err());
}
