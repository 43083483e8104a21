// SPDX-License-Identifier: MIT OR Apache-2.0
//! What kind of tree this is: root file, architectures, environment, dialect, the form of
//! its choices.
//!
//! Everything here is read from the tree itself, never from a list of names that a new
//! release makes stale. Nothing here parses a Kconfig file beyond what detection needs.

mod arch_set;
mod architectures;
mod behaviour;
mod detect;
mod dialect;
mod grammar;
mod locate;
mod makefile;
mod signs;
mod version_scripts;

use std::collections::BTreeMap;

pub use arch_set::ArchSet;
pub use architectures::{UnknownArchitecture, select_architectures};
pub use behaviour::FOLDERS;
pub use detect::detect;
pub use dialect::{Dialect, Patterns, Start, Tool};
pub use grammar::{ChoiceType, Grammar, Options, SecondPrompt};
pub use locate::{Around, LocateError, Located, is_root_file, locate, locate_in, work_tree};
pub use version_scripts::{ToolVersions, VersionScripts, dotted, tool_name};

/// The projects whose trees are recognised.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Linux and those who keep its layout (Xen, barebox).
    Linux,
    /// U-Boot.
    UBoot,
    /// Zephyr.
    Zephyr,
    /// Buildroot.
    Buildroot,
    /// BusyBox.
    BusyBox,
    /// coreboot.
    Coreboot,
    /// NuttX.
    NuttX,
    /// ESP-IDF.
    EspIdf,
    /// Any other that kconfiglib reads.
    Kconfiglib,
    /// QEMU.
    Qemu,
    /// OpenWrt.
    OpenWrt,
    /// uClibc-ng.
    UClibc,
    /// crosstool-NG.
    CrosstoolNg,
    /// OpenSBI.
    OpenSbi,
    /// Any other.
    Generic,
}

/// How choices behave (semantics.md 24 to 26).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChoiceForm {
    /// From Linux 6.11 on: bool, nameless, exactly one visible member is y.
    New,
    /// Before: the choice is a symbol of its own.
    Old,
}

/// Which program gives the files their meaning. Versions of conf differ in the other points of
/// [`Behaviour`]; kconfiglib differs from all of them (kconfiglib.py).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Engine {
    /// conf.
    Conf,
    /// kconfiglib.
    Kconfiglib,
    /// esp-idf-kconfig, a fork of kconfiglib that knows neither m nor modules (core.py).
    EspIdf,
    /// QEMU's minikconf, which knows bool symbols and no prompts (minikconf.py).
    Minikconf,
}

/// The points in which programs and their versions differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Behaviour {
    /// Which program it is.
    pub engine: Engine,
    /// How choices behave.
    pub choices: ChoiceForm,
    /// Whether an int or hex symbol without a value is "0" or "0x0"; otherwise it is empty.
    pub zero_numbers: bool,
    /// Whether a user value out of range is clamped; otherwise it is discarded on load.
    pub clamp_user_values: bool,
    /// Whether a prompt that holds without the symbol above it ends that symbol's submenu
    /// (menu.c of Linux 6.15, `expr_contains_symbol_negated`).
    pub negation_ends_submenu: bool,
    /// Whether kconfig's own sources say that `depends on` takes a condition.
    pub conditional_depends: bool,
    /// Whether nothing bounds what an `imply` gives, and an `imply` at y turns m into y (symbol.c,
    /// `sym_calc_value`, before Linux 5.7; kconfiglib.py, `Symbol.tri_value`).
    pub loose_imply: bool,
    /// Whether a value that a range moves is the number of the bound; otherwise the value is the bound's
    /// text (symbol.c, `sym_validate_range`).
    pub bound_numbers: bool,
    /// Whether the constants y, m and n are tristate; otherwise they are texts, which `<` compares as such
    /// (symbol.c, `symbol_yes`).
    pub typed_letters: bool,
    /// Whether a symbol that says `imply` hangs on its condition, as far as cycles go; otherwise the symbol
    /// that is implied hangs on both (symbol.c, `sym_check_sym_deps`, before Linux 4.18).
    pub imply_at_source: bool,
}

impl Kind {
    /// All kinds, with the names by which users call them.
    pub const NAMES: [(Kind, &'static str); 15] = [
        (Kind::Linux, "linux"),
        (Kind::UBoot, "u-boot"),
        (Kind::Zephyr, "zephyr"),
        (Kind::Buildroot, "buildroot"),
        (Kind::BusyBox, "busybox"),
        (Kind::Coreboot, "coreboot"),
        (Kind::NuttX, "nuttx"),
        (Kind::EspIdf, "esp-idf"),
        (Kind::Kconfiglib, "kconfiglib"),
        (Kind::Qemu, "qemu"),
        (Kind::OpenWrt, "openwrt"),
        (Kind::UClibc, "uclibc-ng"),
        (Kind::CrosstoolNg, "crosstool-ng"),
        (Kind::OpenSbi, "opensbi"),
        (Kind::Generic, "generic"),
    ];

    /// The name in options and reports.
    pub fn name(self) -> &'static str {
        let known = Kind::NAMES.iter().find(|(kind, _)| *kind == self);
        known.map_or("generic", |(_, name)| name)
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Kind> {
        let known = Kind::NAMES.iter().find(|(_, known)| *known == name);
        known.map(|(kind, _)| *kind)
    }
}

impl Behaviour {
    /// Linux 6.11 and newer; what holds when nothing tells.
    pub const NEW: Behaviour = Behaviour {
        engine: Engine::Conf,
        choices: ChoiceForm::New,
        zero_numbers: true,
        clamp_user_values: true,
        negation_ends_submenu: true,
        conditional_depends: false,
        loose_imply: false,
        bound_numbers: false,
        typed_letters: true,
        imply_at_source: false,
    };
    /// Linux 6.1.
    pub const OLD: Behaviour = Behaviour {
        engine: Engine::Conf,
        choices: ChoiceForm::Old,
        zero_numbers: false,
        clamp_user_values: false,
        negation_ends_submenu: false,
        conditional_depends: false,
        loose_imply: false,
        bound_numbers: false,
        typed_letters: true,
        imply_at_source: false,
    };
    /// kconfiglib, whose choices are of the older form.
    pub const KCONFIGLIB: Behaviour = Behaviour {
        engine: Engine::Kconfiglib,
        loose_imply: true,
        ..Behaviour::OLD
    };

    /// esp-idf-kconfig.
    pub const ESP_IDF: Behaviour = Behaviour {
        engine: Engine::EspIdf,
        ..Behaviour::KCONFIGLIB
    };

    /// minikconf.
    pub const MINIKCONF: Behaviour = Behaviour {
        engine: Engine::Minikconf,
        ..Behaviour::NEW
    };

    /// Whether there are a value m and modules.
    pub fn knows_m(&self) -> bool {
        matches!(self.engine, Engine::Conf | Engine::Kconfiglib)
    }

    /// Whether kconfiglib or a fork of it gives the files their meaning.
    pub fn is_kconfiglib(&self) -> bool {
        matches!(self.engine, Engine::Kconfiglib | Engine::EspIdf)
    }
}

/// One configuration space of a tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Architecture {
    /// Its name in reports; empty where the tree has no architectures.
    pub name: String,
    /// What the environment holds: ARCH, SRCARCH, srctree, KERNELVERSION, CC …
    pub environment: BTreeMap<String, String>,
}

/// A tree that was recognised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Project {
    /// What it is.
    pub kind: Kind,
    /// The root file, relative to the root of the tree.
    pub root_file: String,
    /// Whether the root file is the tree's own. A part that is linted alone may speak of symbols of
    /// other files.
    pub is_whole: bool,
    /// Its configuration spaces, sorted by name; at least one.
    pub architectures: Vec<Architecture>,
    /// What stands before a symbol in `.config`: `CONFIG_`, or nothing (Buildroot).
    pub prefix: String,
    /// How its kconfig behaves.
    pub behaviour: Behaviour,
    /// What its kconfig accepts.
    pub grammar: Grammar,
    /// Whether `$NAME` in the path of a `source` means a symbol or a variable, as it did before
    /// there were macros, and does in kconfiglib.
    pub dollar_variables: bool,
    /// Whether its kconfig expands macros; `$(NAME)` in a word is otherwise ordinary text.
    pub macros: bool,
    /// What its scripts print about tools.
    pub scripts: VersionScripts,
    /// The file of its settings, where they are those of a repository around it.
    pub settings: Option<String>,
}

/// What the user says instead of detection.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overrides {
    /// The kind of tree.
    pub kind: Option<Kind>,
    /// The root file, relative to the root of the tree.
    pub root_file: Option<String>,
    /// Variables that are set, whatever detection says.
    pub environment: BTreeMap<String, String>,
    /// The form of choices.
    pub choices: Option<ChoiceForm>,
    /// The file of the settings, where they are those of a repository around the tree.
    pub settings: Option<String>,
}
