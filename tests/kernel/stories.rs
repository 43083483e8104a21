// SPDX-License-Identifier: MIT OR Apache-2.0
//! The story this tool started from, told on the real tree: the shmem helper that needs an
//! MMU, and a driver that forgets it.

use std::collections::BTreeSet;
use std::sync::Arc;

use kconfig_lint::config::Levels;
use kconfig_lint::diagnostic::{Data, Diagnostic};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::rules::policy;
use kconfig_lint::session::{self, Options, Outcome};
use kconfig_lint::source::{Files, Overlay, Reader, WorkTree};

use crate::library::Library;
use crate::trees::newest;

const HELPER: &str = "drivers/gpu/drm/Kconfig";
const DRIVER: &str = "drivers/gpu/drm/solomon/Kconfig";

/// Lints the newest tree with the `depends on DRM && MMU` of some symbols cut.
fn lint(cut: &[(&str, &str)]) -> Outcome {
    let tree = newest();
    let project = Library::new(&tree).project;
    let below: Arc<dyn Reader> = Arc::new(WorkTree::new(&tree.root));
    let mut overlay = Overlay::new(below.clone());
    for (path, symbol) in cut {
        let text = String::from_utf8(below.read(path).unwrap().to_vec()).unwrap();
        let start = text
            .find(&format!("config {symbol}\n"))
            .expect("the symbol");
        let term = start
            + text[start..]
                .find("depends on DRM && MMU\n")
                .expect("the line");
        let end = term + "depends on DRM && MMU".len();
        let cut = format!("{}depends on DRM{}", &text[..term], &text[end..]);
        overlay = overlay.with(path, cut.into_bytes());
    }
    let options = Options {
        architectures: project.architectures.clone(),
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: policy::builtin(),
        remarks: true,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: None,
    };
    let files = Arc::new(Files::new(overlay));
    let outcome = session::run(&project, files, &options, &|_, _, _| {}).unwrap();
    assert_eq!(outcome.internal_errors, [""; 0]);
    outcome
}

/// The pairs that are unmet or break a policy; other rules say more of a kernel.
fn pairs(outcome: &Outcome) -> BTreeSet<(&'static str, String, String)> {
    let pair = |finding: &Diagnostic| match &finding.data {
        Data::Unmet {
            selector, selectee, ..
        }
        | Data::Policy {
            selector, selectee, ..
        } => Some((finding.rule, selector.clone(), selectee.clone())),
        Data::None | Data::Cycle { .. } => None,
    };
    outcome.findings.iter().filter_map(pair).collect()
}

#[test]
fn a_driver_that_forgets_the_mmu_is_found_where_it_matters() {
    let before = lint(&[]);
    let helper = "DRM_GEM_SHMEM_HELPER";
    assert!(
        pairs(&before)
            .iter()
            .all(|(_, _, selectee)| selectee != helper)
    );

    // Safe through their architectures, and -v says so.
    for (selector, words) in [
        ("DRM_ACCEL_IVPU", "MMU always holds on x86"),
        ("DRM_POWERVR", "MMU always holds on arm64"),
    ] {
        let said = before.remarks.iter().any(|remark| {
            remark.symbol.as_deref() == Some(selector) && remark.message.ends_with(words)
        });
        assert!(said, "{selector}: {words}");
    }

    // Cut at the driver: one finding more.
    let driver = lint(&[(DRIVER, "DRM_SSD130X")]);
    let more: Vec<_> = pairs(&driver)
        .difference(&pairs(&before))
        .cloned()
        .collect();
    let expected = (
        "unmet-dependency",
        "DRM_SSD130X".to_owned(),
        helper.to_owned(),
    );
    assert_eq!(more, [expected]);
    let finding = |outcome: &Outcome| {
        let mut findings = outcome.findings.iter();
        findings
            .find(|finding| finding.symbol.as_deref() == Some("DRM_SSD130X"))
            .unwrap()
            .clone()
    };
    let found = finding(&driver);
    // Where MMU can be off and the driver on: at least these, never where MMU always holds.
    for architecture in ["arm", "m68k", "riscv", "sh", "xtensa"] {
        assert!(
            found.architectures.iter().any(|name| name == architecture),
            "{architecture}"
        );
    }
    for architecture in ["arm64", "x86", "s390", "powerpc"] {
        assert!(
            found.architectures.iter().all(|name| name != architecture),
            "{architecture}"
        );
    }
    let edits = found.fixes[0].edits();
    assert_eq!(
        (found.fixes[0].title.as_str(), edits.len()),
        ("depend on MMU", 1)
    );
    assert_eq!(edits[0].text, "DRM && MMU");

    // Cut at the helper: every selector has MMU by itself.
    let at_helper = lint(&[(HELPER, helper)]);
    assert_eq!(pairs(&at_helper), pairs(&before));

    // Cut at both: the policy alone sees it, on the same architectures.
    let both = lint(&[(HELPER, helper), (DRIVER, "DRM_SSD130X")]);
    let more: Vec<_> = pairs(&both).difference(&pairs(&before)).cloned().collect();
    assert_eq!(
        more,
        [("policy", "DRM_SSD130X".to_owned(), helper.to_owned())]
    );
    assert_eq!(finding(&both).architectures, found.architectures);
}
