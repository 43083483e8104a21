// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `impact` says a defconfig leads to is what conf makes of the defconfig, before a change and after it.

use std::collections::BTreeMap;
use std::fs;

use kconfig_lint::session::impact::configured;

use crate::driver::Reading;
use crate::judge::{Judge, Mode, SymbolKey};
use crate::library::Library;
use crate::trees::{Linux, newest};

/// Defconfigs of 6.12, over the architectures, small and large.
const DEFCONFIGS: [&str; 20] = [
    "arch/arc/configs/hsdk_defconfig",
    "arch/arm/configs/at91_dt_defconfig",
    "arch/arm/configs/imx_v6_v7_defconfig",
    "arch/arm/configs/multi_v7_defconfig",
    "arch/arm/configs/netwinder_defconfig",
    "arch/arm/configs/tegra_defconfig",
    "arch/arm64/configs/defconfig",
    "arch/csky/configs/defconfig",
    "arch/hexagon/configs/comet_defconfig",
    "arch/loongarch/configs/loongson3_defconfig",
    "arch/m68k/configs/multi_defconfig",
    "arch/mips/configs/malta_defconfig",
    "arch/nios2/configs/10m50_defconfig",
    "arch/openrisc/configs/or1ksim_defconfig",
    "arch/powerpc/configs/ppc64_defconfig",
    "arch/riscv/configs/defconfig",
    "arch/s390/configs/defconfig",
    "arch/sh/configs/se7724_defconfig",
    "arch/sparc/configs/sparc64_defconfig",
    "arch/x86/configs/i386_defconfig",
];

/// A change that reaches many configurations.
const CHANGE: (&str, &str, &str) = (
    "drivers/usb/Kconfig",
    "menuconfig USB_SUPPORT\n\tbool \"USB support\"\n\tdepends on HAS_IOMEM\n\tdefault y\n",
    "menuconfig USB_SUPPORT\n\tbool \"USB support\"\n\tdepends on HAS_IOMEM && PCI\n",
);

#[test]
fn defconfigs_lead_to_what_conf_makes_of_them() {
    let tree = newest();
    let (file, old, new) = CHANGE;
    let text = fs::read_to_string(tree.root.join(file)).expect("UTF-8");
    let text = text.replacen(old, new, 1);
    let is_changed = text.contains(new);
    let mut wrong = Vec::new();
    let mut compared = 0;
    // CI has time for some of them.
    let step = match std::env::var_os("KCONFIG_LINT_DEFCONFIGS") {
        Some(_) => 1,
        None => 5,
    };
    let mut changes = 0;
    for path in DEFCONFIGS.into_iter().step_by(step) {
        let before = ask(&tree, path, None, &mut wrong);
        let after = ask(&tree, path, is_changed.then_some((file, &text)), &mut wrong);
        compared += before.len() + after.len();
        changes += usize::from(before != after);
    }
    println!("{compared} values compared; {changes} defconfigs change");
    assert!(compared > 5_000, "only {compared} values");
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
}

/// What conf makes of a defconfig; what `impact` says otherwise goes into `wrong`.
fn ask(
    tree: &Linux,
    path: &str,
    change: Option<(&str, &String)>,
    wrong: &mut Vec<String>,
) -> BTreeMap<String, String> {
    let architecture = path.split('/').nth(1).expect("a folder");
    let Ok(text) = fs::read_to_string(tree.root.join(path)) else {
        panic!("{path} is not where it was");
    };
    let reading = Reading::kernel(tree, architecture);
    let (reading, library) = match change {
        Some((file, text)) => (reading.with(file, text), Library::with(tree, file, text)),
        None => (reading, Library::new(tree)),
    };
    let mut judge = Judge::new(&reading).unwrap_or_else(|it| panic!("{path}: {}", it.messages));
    let outcome = judge
        .ask(Mode::Given, &text)
        .expect("conf takes a defconfig");
    let model = library.model_of_conf(&tree.environment(architecture), &judge.commands);
    let own = configured(&model, "CONFIG_", &text);
    let own: BTreeMap<&str, &str> = own
        .values
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().trim_matches('"')))
        .collect();
    let written = outcome.written.bytes().map(|it| it == b'1');
    let all = judge.symbols.iter().zip(&outcome.values).zip(written);
    let of_conf: BTreeMap<String, String> = all
        .filter(|(_, written)| *written)
        .filter_map(|(((key, _), value), _)| match key {
            SymbolKey::Name(name) => Some((name.clone(), value.clone())),
            SymbolKey::Choice(_) => None,
        })
        .collect();
    for (name, value) in &of_conf {
        if own.get(name.as_str()) != Some(&value.as_str()) {
            let found = own.get(name.as_str());
            wrong.push(format!(
                "{path}: {name} is {value} for conf, {found:?} here"
            ));
        }
    }
    for name in own.keys().filter(|name| !of_conf.contains_key(**name)) {
        wrong.push(format!("{path}: conf writes no line for {name}"));
    }
    of_conf
}
