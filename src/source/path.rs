// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths of a tree as texts: without `.` and `..`, through links, from one folder to another.

use std::path::Path;

/// Links that are followed one after another.
pub(super) const MAX_LINKS: usize = 16;

/// Where a link leads with what comes behind it; `None` out of the tree.
pub(super) fn led(link: &str, target: &str, rest: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let joined = format!("{}/{target}/{rest}", folder_of(link));
    normalize(joined.trim_matches('/'))
}

/// The folder of a normalised path; empty at the root.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `path` without `.` and `..`; `None` when it is absolute or leads above its start.
pub(crate) fn normalize(path: &str) -> Option<String> {
    normalize_up(path).filter(|path| !leads_up(path))
}

/// `path` without `.` and `..` but those that lead above its start; `None` when it is absolute.
pub(crate) fn normalize_up(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether a normalised path leads out of the folder that it starts in.
pub(crate) fn leads_up(path: &str) -> bool {
    path == ".." || path.starts_with("../")
}

/// The path from one folder to another place, both absolute or from one start, and without links; empty for the
/// folder itself.
pub(crate) fn relative(from: &Path, to: &Path) -> Option<String> {
    let shared = from.components().zip(to.components());
    let shared = shared.take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Some(".."));
    let down = to.components().skip(shared);
    let down = down.map(|part| part.as_os_str().to_str());
    Some(up.chain(down).collect::<Option<Vec<&str>>>()?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_tree() {
        assert_eq!(normalize("a/./b/../c"), Some("a/c".to_owned()));
        assert_eq!(normalize("../c"), None);
        assert_eq!(normalize("/etc/passwd"), None);
    }

    #[test]
    fn paths_lead_up_where_the_tree_may_reach() {
        assert_eq!(normalize_up("a/../../b/./c"), Some("../b/c".to_owned()));
        assert_eq!(normalize_up("../../c"), Some("../../c".to_owned()));
        assert_eq!(normalize_up("/c"), None);
    }
}
