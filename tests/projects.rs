// SPDX-License-Identifier: MIT OR Apache-2.0
//! The commands of docs/projects.md do what it says, each on a small tree that looks like the project.
//!
//! No tree has the sources of a conf or a library for Python, so `--confirm` has to refuse before it looks.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A heading's first word, the kind that is found, and the folders with their files.
struct Group {
    heading: &'static str,
    kind: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// Where the one defect is.
    defect: &'static str,
}

/// A select whose target needs more.
const DEFECT: &str = "config DRIVER\n\tbool \"Driver\"\n\tselect HELPER\n\nconfig HELPER\n\tbool\n\tdepends on BUS\n\n\
                      config BUS\n\tbool \"Bus\"\n";

const GROUPS: [Group; 8] = [
    Group {
        heading: "Buildroot",
        kind: "buildroot",
        files: &[
            ("buildroot/support/kconfig/README", ""),
            (
                "buildroot/Config.in",
                "source \"package/zabbix/Config.in\"\n",
            ),
            ("buildroot/package/zabbix/Config.in", DEFECT),
        ],
        defect: "package/zabbix/Config.in",
    },
    Group {
        heading: "coreboot",
        kind: "coreboot",
        files: &[
            ("coreboot/util/kconfig/README", ""),
            ("coreboot/src/Kconfig", "source \"src/soc/*/Kconfig\"\n"),
            ("coreboot/src/soc/intel/Kconfig", DEFECT),
        ],
        defect: "src/soc/intel/Kconfig",
    },
    Group {
        heading: "U-Boot",
        kind: "u-boot",
        files: &[
            ("u-boot/scripts/kconfig/README", ""),
            ("u-boot/include/u-boot/README", ""),
            ("u-boot/Kconfig", "source \"drivers/mmc/Kconfig\"\n"),
            ("u-boot/drivers/mmc/Kconfig", DEFECT),
        ],
        defect: "drivers/mmc/Kconfig",
    },
    Group {
        heading: "Zephyr",
        kind: "zephyr",
        files: &[
            ("zephyr/Kconfig", "source \"Kconfig.zephyr\"\n"),
            ("zephyr/Kconfig.zephyr", DEFECT),
            ("my-module/zephyr/module.yml", ""),
            (
                "my-module/Kconfig",
                "config DRIVER\n\tbool \"Driver\"\n\tselect HELPER if $(dt_has_compat,acme)\n\n\
                 config HELPER\n\tbool\n\tdepends on BUS\n\nconfig BUS\n\tbool \"Bus\"\n",
            ),
            ("my-app/prj.conf", ""),
            ("my-app/Kconfig", "source \"Kconfig.zephyr\"\n"),
        ],
        defect: "Kconfig",
    },
    Group {
        heading: "NuttX",
        kind: "nuttx",
        files: &[
            ("nuttx/tools/mkconfig.c", ""),
            ("nuttx/Kconfig", "rsource \"drivers/sensors/Kconfig\"\n"),
            ("nuttx/drivers/sensors/Kconfig", DEFECT),
        ],
        defect: "drivers/sensors/Kconfig",
    },
    Group {
        heading: "ESP-IDF",
        kind: "esp-idf",
        files: &[
            ("esp-idf/tools/idf.py", ""),
            (
                "esp-idf/Kconfig",
                "config IDF_TARGET\n\tstring\n\tdefault \"$IDF_TARGET\"\n\n\
                 osource \"components/soc/$IDF_TARGET/include/soc/Kconfig.soc_caps.in\"\n\
                 source \"$COMPONENT_KCONFIGS_SOURCE_FILE\"\n",
            ),
            (
                "esp-idf/components/soc/esp32/include/soc/Kconfig.soc_caps.in",
                "config SOC_BT\n\tbool\n\tdefault n\n",
            ),
            (
                "esp-idf/components/soc/esp32c3/include/soc/Kconfig.soc_caps.in",
                "config SOC_BT\n\tbool\n\tdefault y\n",
            ),
            ("esp-idf/components/bt/Kconfig", DEFECT),
        ],
        defect: "components/bt/Kconfig",
    },
    Group {
        heading: "QEMU",
        kind: "qemu",
        files: &[
            ("qemu/scripts/minikconf.py", ""),
            ("qemu/Kconfig", "source hw/usb/Kconfig\n"),
            (
                "qemu/hw/usb/Kconfig",
                "config DRIVER\n    bool\n    select HELPER\n\nconfig HELPER\n    bool\n    depends on BUS\n\n\
                 config BUS\n    bool\n",
            ),
        ],
        defect: "hw/usb/Kconfig",
    },
    Group {
        heading: "OpenWrt",
        kind: "openwrt",
        files: &[
            ("openwrt/rules.mk", ""),
            ("openwrt/scripts/config/README", ""),
            (
                "openwrt/Config.in",
                "source \"config/Config-*.in\"\nsource \"tmp/.config-package.in\"\n",
            ),
            ("openwrt/config/Config-build.in", DEFECT),
            ("openwrt/.gitignore", "/tmp\n"),
        ],
        defect: "config/Config-build.in",
    },
];

/// The commands below a heading, in their order.
fn commands<'d>(page: &'d str, heading: &str) -> Vec<&'d str> {
    let (_, rest) = page
        .split_once(&format!("\n## {heading}"))
        .unwrap_or_else(|| panic!("no heading {heading}"));
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let lines = section.lines().filter_map(|line| line.strip_prefix("    "));
    lines.filter(|line| line.contains("kconfig-lint")).collect()
}

/// Runs one line as a shell would from `folder`; `cd` starts at `top` and lasts.
fn run(line: &str, top: &Path, folder: &mut std::path::PathBuf) -> Output {
    for command in line.split(" && ") {
        let mut words = command.split(' ');
        match words.next() {
            Some("cd") => *folder = top.join(words.next().expect("a folder")),
            Some("kconfig-lint") => {
                let mut program = Command::new(env!("CARGO_BIN_EXE_kconfig-lint"));
                program.args(words).args(["--format", "json"]);
                // No library for Python is found.
                program.env("PYTHONPATH", "").env("PYTHONNOUSERSITE", "1");
                return program.current_dir(&*folder).output().expect("it runs");
            }
            _ => {}
        }
    }
    panic!("{line} does not call kconfig-lint");
}

#[test]
fn the_commands_of_each_project_do_what_their_page_says() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(manifest.join("docs/projects.md")).expect("a page");
    for group in GROUPS {
        let top = tempfile::tempdir().expect("a folder");
        for (path, text) in group.files {
            let place = top.path().join(path);
            fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
            fs::write(place, text).expect("a file");
        }
        let lines = commands(&page, group.heading);
        assert_eq!(lines.len(), 3, "{}: three commands", group.heading);
        let mut folder = top.path().to_owned();
        for line in lines {
            let output = run(line, top.path(), &mut folder);
            let error = String::from_utf8_lossy(&output.stderr);
            if line.contains("--confirm") {
                let is_known = ["neither the tree nor python3", "has no"];
                let is_known = is_known.iter().any(|words| error.contains(words));
                let has_library = output.status.code() == Some(1);
                assert!(
                    output.status.code() == Some(2) && is_known || has_library,
                    "{line}: {error}"
                );
                continue;
            }
            assert_eq!(output.status.code(), Some(1), "{line}: {error}");
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(report["tree"]["kind"], group.kind, "{line}");
            let found = report["findings"].as_array().expect("a list").iter();
            let found = found.filter(|it| it["rule"] == "unmet-dependency");
            let files: Vec<&str> = found.filter_map(|it| it["file"].as_str()).collect();
            assert_eq!(files.len(), 1, "{line}: {files:?}");
            assert!(files[0].contains(group.defect), "{line}: {files:?}");
        }
    }
}
