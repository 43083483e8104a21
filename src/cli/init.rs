// SPDX-License-Identifier: MIT OR Apache-2.0
//! `init`: the settings file, and the lines that hooks need.

use std::fs::File;
use std::io::{ErrorKind, Write};

use anyhow::{Context, bail};

use super::args::InitArgs;
use super::run::Tree;
use super::{Status, Streams, paths, unless_closed};
use crate::config::FILE_NAME;
use crate::system::create;

/// Says everything that can be set, and sets nothing.
const SETTINGS: &str = r#"# Settings of kconfig-lint.

# How a rule or a group of rules is reported: "allow", "warn" or "deny".
# `kconfig-lint rules` lists them. `toolchain` is for findings that need a particular toolchain.
[rules]
# unmet-dependency = { level = "deny", toolchain = "warn" }

# What must hold wherever a symbol is selected.
# [[policy]]
# name = "helper-needs-bus"
# selectors-of = "HELPER"
# require = "BUS"
# reason = "why"

# Findings that are meant.
# [[allow]]
# rule = "unmet-dependency"
# symbol = "DRIVER_*"
# reason = "why"
"#;

const HOOKS: &str = r#"
A git hook, in .git/hooks/pre-commit (made executable):

    #!/bin/sh
    exec kconfig-lint --staged --format human

pre-commit, in .pre-commit-config.yaml:

    repos:
      - repo: local
        hooks:
          - id: kconfig-lint
            name: kconfig-lint
            entry: kconfig-lint --staged --format human
            language: system
            files: (^|/)(Kconfig|Config\.in|.*\.kconfig$|kconfig-lint\.toml$)
            pass_filenames: false

b4, for each patch of a series that is prepared:

    git config b4.prep-perpatch-check-cmd "kconfig-lint --patch - -q"
"#;

/// Runs `init`.
///
/// # Errors
/// When there is no tree, it has settings already, or the file cannot be written.
pub(super) fn init(args: &InitArgs, streams: &mut Streams<'_>) -> anyhow::Result<Status> {
    let tree = Tree::open(std::slice::from_ref(&args.path), &args.tree)?;
    let path = tree.root().join(FILE_NAME);
    let shown = format!("{}/{FILE_NAME}", paths::shown(tree.root()));
    let write = |file: &mut File| {
        file.write_all(SETTINGS.as_bytes())?;
        file.sync_all()
    };
    match create(&path, write) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{shown} exists already; nothing was changed")
        }
        other => other.with_context(|| shown.clone())?,
    }
    let written = writeln!(streams.out, "wrote {}", crate::report::safe::line(&shown));
    let written = written.and_then(|()| streams.out.write_all(HOOKS.as_bytes()));
    unless_closed(written.and_then(|()| streams.out.flush()))?;
    Ok(Status::Clean)
}
