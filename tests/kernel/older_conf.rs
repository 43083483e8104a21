// SPDX-License-Identifier: MIT OR Apache-2.0
//! What confs from before Linux 4.20 mean otherwise. U-Boot's is the judge, and that of Linux 6.12 beside it
//! shows that each text tells the two apart.

use std::collections::BTreeSet;

use crate::driver::Reading;
use crate::generate::{Generated, generate_for};
use crate::library::Library;
use crate::small_trees::{assert_none, examine, number};
use crate::trees::{Linux, newest, u_boot};

/// Random trees for U-Boot's conf, unless the environment says otherwise.
const TREES: u64 = 25;

/// A text that selects TARGET, which nothing fulfils, where one of the two means it so: the unmet pairs of
/// U-Boot's conf and of that of Linux 6.12.
struct Case {
    text: &'static str,
    older: usize,
    newer: usize,
}

/// `MODULES` stands where each of the two says in its own way that a symbol means modules.
const CASES: [Case; 5] = [
    // An imply is bounded by nothing: B can be y where it depends on an m.
    Case {
        text: "config C\n\ttristate \"c\"\n\nconfig A\n\tbool \"a\"\n\timply B\n\n\
               config B\n\ttristate\n\tdepends on C\n\n\
               config X\n\tbool \"x\"\n\tdepends on B = y && C = m\n\tselect TARGET\n\n",
        older: 1,
        newer: 0,
    },
    // An imply at y turns the user's m into y.
    Case {
        text: "config A\n\tbool \"a\"\n\timply B\n\nconfig B\n\ttristate \"b\"\n\n\
               config X\n\tbool \"x\"\n\tdepends on B = m && A\n\tselect TARGET\n\n",
        older: 0,
        newer: 1,
    },
    // A value that a range moves is a number, and no longer the text of the bound.
    Case {
        text: "config I\n\tint\n\tdefault 1\n\trange 010 20\n\n\
               config S\n\tstring\n\tdefault I\n\n\
               config X\n\tbool \"x\"\n\tdepends on S = \"010\"\n\tselect TARGET\n\n",
        older: 0,
        newer: 1,
    },
    // That number has no sign in a hex.
    Case {
        text: "config I\n\thex\n\tdefault 0x10\n\trange 0x3 -3\n\n\
               config S\n\tstring\n\tdefault I\n\n\
               config X\n\tbool \"x\"\n\tdepends on S = \"0xfffffffffffffffd\"\n\tselect TARGET\n\n",
        older: 1,
        newer: 0,
    },
    // The letters are texts, and n is behind m.
    Case {
        text: "config A\n\tbool \"a\"\n\n\
               config X\n\tbool \"x\"\n\tdepends on A < m\n\tselect TARGET\n\n",
        older: 0,
        newer: 1,
    },
];

#[test]
fn older_confs_mean_what_their_sources_say() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (tree, modules, is_older) in [
        (u_boot(), "option modules", true),
        (newest(), "modules", false),
    ] {
        let library = Library::new(&tree);
        for case in &CASES {
            let text = format!(
                "config MODULES\n\tbool \"m\"\n\t{modules}\n\nconfig NEVER\n\tbool\n\n{}\
                 config TARGET\n\tbool\n\tdepends on NEVER\n",
                case.text
            );
            let reading = Reading::folder(&tree, folder.path()).with("Kconfig", &text);
            let generated = Generated {
                text: text.clone(),
                constructs: BTreeSet::new(),
            };
            let report = examine(&tree, &library, &reading, 0, generated);
            assert_eq!(report.differences, [""; 0]);
            let expected = if is_older { case.older } else { case.newer };
            assert_eq!(report.pairs, expected, "{}: {text}", tree.name);
        }
    }
}

#[test]
fn small_trees_mean_what_the_conf_of_u_boot_says() {
    let count = number("KCONFIG_LINT_SMALL_TREES").unwrap_or(TREES);
    let first = number("KCONFIG_LINT_SMALL_SEED").unwrap_or(1);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tree: Linux = u_boot();
    let library = Library::new(&tree);
    let differences = (first..first + count).flat_map(|seed| {
        let generated = generate_for(seed, &library.project);
        let reading = Reading::folder(&tree, folder.path()).with("Kconfig", &generated.text);
        examine(&tree, &library, &reading, seed, generated).differences
    });
    assert_none(&differences.collect::<Vec<String>>());
}
