// SPDX-License-Identifier: MIT OR Apache-2.0
//! The little that is read from a tree's Makefile: its version, and make's other names of an
//! architecture.
//!
//! This understands the lines in which kernels and their kin say so, and no more of make.

use std::collections::BTreeMap;

/// `VERSION.PATCHLEVEL.SUBLEVEL` and EXTRAVERSION, as make puts KERNELVERSION together; `None`
/// when the Makefile has no VERSION.
pub(super) fn version(makefile: &str) -> Option<String> {
    let value = |name: &str| {
        let line = makefile.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            let key = key.trim_end().trim_end_matches([':', '?']).trim();
            let key = key.strip_prefix("export ").map_or(key, str::trim);
            (key == name).then_some(value)
        });
        let value = line.unwrap_or_default();
        let value = value.split('#').next().unwrap_or_default().trim();
        // A value that make computes is not known here.
        if value.contains('$') { "" } else { value }.to_owned()
    };
    let mut version = value("VERSION");
    if version.is_empty() {
        return None;
    }
    for part in [value("PATCHLEVEL"), value("SUBLEVEL")] {
        if part.is_empty() {
            break;
        }
        version.push('.');
        version.push_str(&part);
    }
    version.push_str(&value("EXTRAVERSION"));
    Some(version)
}

/// Other names of architectures with the folder they stand for: each
/// `ifeq ($(ARCH),x86_64)` that is followed by `SRCARCH := x86`.
pub(super) fn other_names(makefile: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut pending: Vec<&str> = Vec::new();
    for line in makefile.lines().map(str::trim) {
        if line.starts_with("if") || line.starts_with("else") || line.starts_with("endif") {
            pending = condition(line);
            continue;
        }
        let Some((name, folder)) = line.split_once('=') else {
            continue;
        };
        let name = name.trim_end().trim_end_matches(':').trim();
        let folder = folder.split('#').next().unwrap_or_default().trim();
        if name == "SRCARCH" && !folder.is_empty() && !folder.contains('$') {
            for name in &pending {
                names.insert((*name).to_owned(), folder.to_owned());
            }
        }
    }
    names
}

/// The values of ARCH for which a line of make holds.
fn condition(line: &str) -> Vec<&str> {
    let line = line.trim_start_matches("else").trim();
    if let Some(rest) = line.strip_prefix("ifeq") {
        let inside = rest
            .trim()
            .strip_prefix('(')
            .and_then(|r| r.strip_suffix(')'));
        let sides = inside.and_then(|inside| inside.split_once(','));
        return match sides.map(|(left, right)| (left.trim(), right.trim())) {
            Some(("$(ARCH)" | "${ARCH}", name)) | Some((name, "$(ARCH)" | "${ARCH}")) => {
                vec![name]
            }
            _ => Vec::new(),
        };
    }
    // ifneq ($(filter x86_64 i386,$(ARCH)),)
    let names = line
        .strip_prefix("ifneq")
        .and_then(|rest| rest.trim().strip_prefix("($(filter"))
        .and_then(|rest| rest.split_once(','))
        .filter(|(_, rest)| rest.trim_start().starts_with("$(ARCH)"));
    names.map_or(Vec::new(), |(names, _)| {
        names
            .split_whitespace()
            .filter(|name| !name.contains('%'))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let makefile = "# x\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\nEXTRAVERSION = -rc1\n";
        assert_eq!(version(makefile).as_deref(), Some("6.12.3-rc1"));
        assert_eq!(version("VERSION = 2\nSUBLEVEL = 3\n").as_deref(), Some("2"));
        assert_eq!(
            version("export XEN_VERSION = 4\nexport VERSION := 5 # x\n").as_deref(),
            Some("5")
        );
        assert_eq!(version("all:\n\ttrue\n"), None);
    }

    #[test]
    fn names() {
        let makefile = "SRCARCH := $(ARCH)\nifeq ($(ARCH),i386)\n        SRCARCH := x86\nendif\n\
                        ifneq ($(filter sparc32 sparc64,$(ARCH)),)\nSRCARCH := sparc\nendif\n\
                        ifeq ($(OTHER),y)\nSRCARCH := none\nendif\n";
        let expected = [("i386", "x86"), ("sparc32", "sparc"), ("sparc64", "sparc")];
        let expected = expected.map(|(name, folder)| (name.to_owned(), folder.to_owned()));
        assert_eq!(other_names(makefile), BTreeMap::from(expected));
    }
}
