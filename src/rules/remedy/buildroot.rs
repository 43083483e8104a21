// SPDX-License-Identifier: MIT OR Apache-2.0
//! Buildroot's convention: a package repeats what its libraries depend on, each on a line of its
//! own that names the library, and a comment in its place says what the toolchain lacks.

use crate::diagnostic::Edit;
use crate::rules::selects::Missing;
use crate::rules::statement::{Mirror, Statement};
use crate::source::Span;

/// What the comments call the toolchain's features.
const FEATURES: [(&str, &str); 9] = [
    ("BR2_TOOLCHAIN_HAS_THREADS", "threads"),
    ("BR2_TOOLCHAIN_HAS_THREADS_NPTL", "NPTL"),
    ("BR2_INSTALL_LIBSTDCPP", "C++"),
    ("BR2_USE_WCHAR", "wchar"),
    ("BR2_ENABLE_LOCALE", "locale"),
    ("BR2_TOOLCHAIN_USES_GLIBC", "glibc"),
    ("BR2_TOOLCHAIN_HAS_NATIVE_RPC", "RPC"),
    ("BR2_TOOLCHAIN_HAS_FORTRAN", "fortran"),
    ("!BR2_STATIC_LIBS", "dynamic library"),
];

/// The edits that add terms to a package because of a library.
pub(super) fn depend(
    statement: &Statement,
    mirror: &Mirror,
    library: &str,
    missing: &[Missing],
) -> Vec<Edit> {
    let library = library.strip_prefix("BR2_PACKAGE_").unwrap_or(library);
    let library = library.to_lowercase().replace('_', "-");
    let (room, start) = &statement.room;
    let lines = missing.iter().map(|it| {
        let term = crate::rules::selects::bare(&it.term);
        format!("{start}depends on {term} # {library}")
    });
    let mut edits = vec![Edit {
        span: *room,
        text: lines.collect(),
    }];
    edits.extend(mirrored(mirror, missing));
    edits
}

fn mirrored(mirror: &Mirror, missing: &[Missing]) -> Vec<Edit> {
    let feature = |term: &str| FEATURES.iter().find(|(name, _)| *name == term);
    let (words, absent): (Vec<&str>, Vec<String>) = missing
        .iter()
        .filter_map(|it| feature(&it.term))
        .map(|(name, word)| (*word, denied(name)))
        .unzip();
    let others = missing.iter().filter(|it| feature(&it.term).is_none());
    let others: Vec<&str> = others.map(|it| it.term.as_str()).collect();
    let Some(comment) = &mirror.comment else {
        return new_comment(mirror, &words, &absent, &others);
    };
    let mut edits = Vec::new();
    let mut lines = String::new();
    let (room, start) = &comment.room;
    for term in others {
        lines.push_str(&format!("{start}depends on {term}"));
    }
    if !words.is_empty() {
        edits.push(insert(comment.end, format!(", {}", words.join(", "))));
        let absent = absent.join(" || ");
        // The line that says what the toolchain lacks is the one that begins with a `!`.
        let lacks = |text: &str| text.trim_start().starts_with('!');
        match comment.depends.iter().rev().find(|it| lacks(&it.text)) {
            Some(old) => edits.push(Edit {
                span: old.span,
                text: format!("{} || {absent}", old.text),
            }),
            None => lines.push_str(&format!("{start}depends on {absent}")),
        }
    }
    if !lines.is_empty() {
        edits.push(insert(*room, lines));
    }
    edits
}

fn new_comment(mirror: &Mirror, words: &[&str], absent: &[String], others: &[&str]) -> Vec<Edit> {
    // What hangs on the machine is not told: nobody can change it.
    if words.is_empty() {
        return Vec::new();
    }
    let (room, feed) = &mirror.room;
    let package = &mirror.package;
    let mut text = format!(
        "{feed}{feed}comment \"{package} needs a toolchain w/ {}\"",
        words.join(", ")
    );
    for term in others {
        text.push_str(&format!("{feed}\tdepends on {term}"));
    }
    text.push_str(&format!("{feed}\tdepends on {}", absent.join(" || ")));
    vec![insert(*room, text)]
}

fn denied(term: &str) -> String {
    term.strip_prefix('!')
        .map_or_else(|| format!("!{term}"), str::to_owned)
}

fn insert(span: Span, text: String) -> Edit {
    Edit { span, text }
}
