// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a kind of tree means by its files: one description for each kind.
//!
//! Here stands what follows from the program that reads the tree. What differs between versions of
//! one program is read from its sources (`behaviour`, `grammar`); what differs between trees of one
//! kind is in [`super::Project`].

use super::{Behaviour, Grammar, Kind};
use crate::syntax::Notation;

/// The program that reads the files of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Tool {
    /// conf, the C code of Linux, in a version of the project's own.
    Conf,
    /// kconfiglib, or a fork of it that means the same.
    Kconfiglib,
    /// esp-idf-kconfig, a fork of kconfiglib with a meaning of its own.
    EspIdfKconfig,
    /// QEMU's minikconf.py.
    Minikconf,
}

/// What a pattern in the path of a `source` means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Patterns {
    /// Nothing: it is a name like any other.
    Names,
    /// All files that match, of which there must be one unless the statement is optional.
    Some,
    /// All files that match, and none is fine.
    Any,
}

/// Where a `source` looks for its file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Start {
    /// At the root of the tree.
    Root,
    /// At the root of the tree, then beside the including file.
    RootThenFile,
    /// Beside the including file.
    File,
}

/// A variable that the build of a tree sets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value: a path, or a pattern of paths.
    pub value: &'static str,
    /// The file by which a tree is known that sets it.
    pub mark: &'static str,
}

/// Folders of which each is a configuration space of its own, as `arch/` has them in Linux.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Targets {
    /// The folder that holds them.
    pub folder: &'static str,
    /// The file that each of them has.
    pub mark: &'static str,
    /// The variable that names the one at hand.
    pub variable: &'static str,
    /// The variable that holds its path, where files name the path.
    pub path_variable: Option<&'static str>,
}

/// What holds in all trees of a kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Dialect {
    /// The program that reads them.
    pub tool: Tool,
    /// Patterns in paths.
    pub patterns: Patterns,
    /// Where `source` looks.
    pub start: Start,
    /// What stands before a symbol in `.config`.
    pub prefix: &'static str,
    /// Whether functions that no file defines are the tool's own, whose answers are unknown.
    pub unknown_functions: bool,
    /// Variables that the tree's build sets.
    pub base_variables: &'static [Variable],
    /// The folder into which the build writes lists of files of external trees: as files name it, and the
    /// variable that holds it. Without such trees the lists are empty.
    pub lists: Option<[&'static str; 2]>,
    /// The variable that holds the path of `.config`.
    pub config_variable: &'static str,
    /// The folders that stand for architectures, where these are not those of Linux.
    pub targets: Option<Targets>,
    /// The variable that names the folder where `source` starts, where that is not the tree itself.
    pub start_variable: Option<&'static str>,
    /// What holds where the sources of the tool are not in the tree; `None` when nothing tells.
    pub behaviour: Option<Behaviour>,
    /// Whether files without a line in the tree's sources that say otherwise know macros.
    pub macros: bool,
    /// Whether `$NAME` in a path means a symbol or a variable.
    pub dollar_variables: bool,
}

/// conf as Linux has it.
const CONF: Dialect = Dialect {
    tool: Tool::Conf,
    patterns: Patterns::Names,
    start: Start::Root,
    prefix: "CONFIG_",
    unknown_functions: false,
    base_variables: &[],
    targets: None,
    lists: None,
    config_variable: "KCONFIG_CONFIG",
    start_variable: None,
    behaviour: None,
    macros: true,
    dollar_variables: false,
};

/// conf from before there were macros.
const OLD_CONF: Dialect = Dialect {
    behaviour: Some(Behaviour::OLD),
    macros: false,
    dollar_variables: true,
    ..CONF
};

/// kconfiglib (kconfiglib.py: `_parse_block` for `source`, `_expand_str` for `$NAME`).
const KCONFIGLIB: Dialect = Dialect {
    tool: Tool::Kconfiglib,
    patterns: Patterns::Some,
    behaviour: Some(Behaviour::KCONFIGLIB),
    dollar_variables: true,
    ..CONF
};

/// What Zephyr's check of its own Kconfig sets, so that all architectures and boards are read
/// (scripts/ci/check_compliance.py of Zephyr, `parse_kconfig`).
const ZEPHYR_VARIABLES: [Variable; 5] = [
    Variable {
        name: "ZEPHYR_BASE",
        value: ".",
        mark: "Kconfig.zephyr",
    },
    Variable {
        name: "ARCH",
        value: "*",
        mark: "Kconfig.zephyr",
    },
    Variable {
        name: "ARCH_DIR",
        value: "arch",
        mark: "Kconfig.zephyr",
    },
    Variable {
        name: "BOARD_DIR",
        value: "boards/*/*",
        mark: "Kconfig.zephyr",
    },
    Variable {
        name: "SOC_DIR",
        value: "soc",
        mark: "Kconfig.zephyr",
    },
];

/// The build of ESP-IDF writes lists of its components' files (tools/cmake/kconfig.cmake). Without a
/// build all components count.
const ESP_IDF_VARIABLES: [Variable; 3] = [
    Variable {
        name: "IDF_PATH",
        value: ".",
        mark: "tools/idf.py",
    },
    Variable {
        name: "COMPONENT_KCONFIGS_SOURCE_FILE",
        value: "components/*/Kconfig",
        mark: "tools/idf.py",
    },
    Variable {
        name: "COMPONENT_KCONFIGS_PROJBUILD_SOURCE_FILE",
        value: "components/*/Kconfig.projbuild",
        mark: "tools/idf.py",
    },
];

impl Dialect {
    /// How the files are written.
    pub fn notation(&self) -> Notation {
        match self.tool {
            Tool::EspIdfKconfig => Notation::EspIdf,
            Tool::Kconfiglib => Notation::Kconfiglib,
            Tool::Minikconf => Notation::Minikconf,
            Tool::Conf => Notation::Kconfig,
        }
    }

    /// What the tool accepts, where its own sources do not tell.
    pub(super) fn grammar(&self) -> Grammar {
        match self.tool {
            Tool::Kconfiglib | Tool::EspIdfKconfig => Grammar::KCONFIGLIB,
            Tool::Conf | Tool::Minikconf => Grammar::ALL,
        }
    }
}

impl Tool {
    /// Whether it is kconfiglib or a fork of it.
    pub fn is_kconfiglib(self) -> bool {
        matches!(self, Tool::Kconfiglib | Tool::EspIdfKconfig)
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Conf => "conf",
            Tool::Kconfiglib => "kconfiglib",
            Tool::EspIdfKconfig => "esp-idf-kconfig",
            Tool::Minikconf => "minikconf",
        }
    }
}

impl Kind {
    /// What holds in all trees of this kind.
    pub fn dialect(self) -> Dialect {
        match self {
            Kind::UBoot => CONF,
            // Makefile of Unikraft, its exports.
            Kind::Linux => Dialect {
                base_variables: &[Variable {
                    name: "UK_BASE",
                    value: ".",
                    mark: "Config.uk",
                }],
                ..CONF
            },
            Kind::Zephyr => Dialect {
                unknown_functions: true,
                base_variables: &ZEPHYR_VARIABLES,
                start_variable: Some("ZEPHYR_BASE"),
                ..KCONFIGLIB
            },
            Kind::EspIdf => Dialect {
                base_variables: &ESP_IDF_VARIABLES,
                targets: Some(Targets {
                    folder: "components/soc",
                    mark: "include/soc/Kconfig.soc_caps.in",
                    variable: "IDF_TARGET",
                    path_variable: None,
                }),
                tool: Tool::EspIdfKconfig,
                behaviour: Some(Behaviour::ESP_IDF),
                ..KCONFIGLIB
            },
            Kind::NuttX | Kind::Kconfiglib => KCONFIGLIB,
            Kind::Buildroot => Dialect {
                prefix: "",
                lists: Some(["BR2_BASE_DIR", "BASE_DIR"]),
                // confdata.c of Buildroot, `conf_get_configname`.
                config_variable: "BR2_CONFIG",
                ..OLD_CONF
            },
            Kind::BusyBox => OLD_CONF,
            // extra/config/Makefile of uClibc-ng, CONFIG_.
            Kind::UClibc => Dialect {
                prefix: "",
                ..OLD_CONF
            },
            // kconfig/Makefile.am of crosstool-NG, CONFIG_.
            Kind::CrosstoolNg => Dialect {
                prefix: "CT_",
                ..CONF
            },
            // Makefile of OpenSBI, its exports.
            Kind::OpenSbi => Dialect {
                base_variables: &[Variable {
                    name: "OPENSBI_SRC_DIR",
                    value: ".",
                    mark: "lib/sbi",
                }],
                targets: Some(Targets {
                    folder: "platform",
                    mark: "Kconfig",
                    variable: "OPENSBI_PLATFORM",
                    path_variable: Some("OPENSBI_PLATFORM_SRC_DIR"),
                }),
                ..KCONFIGLIB
            },
            // lexer.l of coreboot, `source` with wildcards.
            Kind::Coreboot => Dialect {
                patterns: Patterns::Some,
                dollar_variables: true,
                ..CONF
            },
            // minikconf.py, `do_include`.
            Kind::Qemu => Dialect {
                tool: Tool::Minikconf,
                behaviour: Some(Behaviour::MINIKCONF),
                start: Start::File,
                dollar_variables: true,
                ..CONF
            },
            // scripts/config/lexer.l of OpenWrt, `zconf_nextfile` and its callers.
            Kind::OpenWrt => Dialect {
                patterns: Patterns::Any,
                start: Start::RootThenFile,
                dollar_variables: true,
                ..CONF
            },
            // Nothing tells the tool: what any of them reads is read.
            Kind::Generic => Dialect {
                patterns: Patterns::Some,
                start: Start::RootThenFile,
                dollar_variables: true,
                ..CONF
            },
        }
    }
}
