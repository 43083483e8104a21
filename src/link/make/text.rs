// SPDX-License-Identifier: MIT OR Apache-2.0
//! The text of Makefiles: words, references, patterns, assignments.

use super::{Alternative, ROOT};

/// Variables of the top Makefile that are empty while the tree itself is built.
pub(super) fn is_never_set(name: &str) -> bool {
    let all = [
        "KBUILD_EXTMOD",
        "need-sub-make",
        "mixed-build",
        "config-build",
        "building_out_of_srctree",
    ];
    all.contains(&name)
}

pub(super) fn append(all: &mut [Alternative], text: &str) {
    for (_, known) in all {
        if let Some(known) = known {
            known.push_str(text);
        }
    }
}

pub(super) fn mapped(
    all: Vec<Alternative>,
    map: impl Fn(&str) -> String,
) -> impl Iterator<Item = Alternative> {
    let all = all.into_iter();
    all.map(move |(cond, word)| (cond, word.map(|it| map(&it))))
}

/// A path that a Makefile in `folder` names, from the root of the tree; `None` where it leads out.
pub fn normal(folder: &str, path: &str) -> Option<String> {
    let whole = match path.strip_prefix(ROOT) {
        Some(rest) => rest.to_owned(),
        None => format!("{folder}/{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

pub(super) fn matches(pattern: &str, word: &str) -> bool {
    match pattern.split_once('%') {
        Some((before, after)) => {
            word.len() >= before.len() + after.len()
                && word.starts_with(before)
                && word.ends_with(after)
        }
        None => pattern == word,
    }
}

/// `patsubst`, or the short form without `%`.
pub(super) fn substituted(word: &str, from: &str, to: &str) -> String {
    if !from.contains('%') {
        return match word.strip_suffix(from) {
            Some(rest) => format!("{rest}{to}"),
            None => word.to_owned(),
        };
    }
    let (before, after) = from.split_once('%').unwrap_or((from, ""));
    match matches(from, word) {
        true => to.replacen('%', &word[before.len()..word.len() - after.len()], 1),
        false => word.to_owned(),
    }
}

/// The inside of a token that is nothing but one reference.
pub(super) fn whole_reference(token: &str) -> Option<&str> {
    let open = token.strip_prefix('$')?.chars().next()?;
    if !matches!(open, '(' | '{') {
        return None;
    }
    let end = closing(&token[1..], open)?;
    (end + 2 == token.len()).then(|| &token[2..token.len() - 1])
}

/// The place of the bracket that closes the first one.
pub(super) fn closing(text: &str, open: char) -> Option<usize> {
    let close = if open == '(' { ')' } else { '}' };
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        if letter == open {
            depth += 1;
        } else if letter == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The arguments of a function, apart at commas outside brackets.
pub(super) fn arguments(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        found.last_mut().expect("one at least").push(letter);
    }
    found
}

/// Words, apart at blanks outside brackets.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0, None);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            _ => {}
        }
        match (letter.is_whitespace() && depth <= 0, start) {
            (true, Some(begin)) => {
                found.push(&text[begin..at]);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    found.extend(start.map(|begin| &text[begin..]));
    found
}

/// The arguments of `ifeq`: `(a,b)` or `"a" "b"`.
pub(super) fn two_arguments(text: &str) -> Option<(String, String)> {
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|it| it.trim_end().strip_suffix(')'))
    {
        let mut all = arguments(inner);
        let second = (all.len() > 1).then(|| all.split_off(1).join(","))?;
        return Some((all.pop()?, second));
    }
    let mut all = Vec::new();
    let mut rest = text.trim();
    while all.len() < 2 {
        let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
        let end = rest[1..].find(quote)?;
        all.push(rest[1..1 + end].to_owned());
        rest = rest[end + 2..].trim_start();
    }
    let second = all.pop()?;
    Some((all.pop()?, second))
}

/// Where the operator of an assignment stands, and its length.
pub(super) fn assignment(line: &str) -> Option<(usize, usize)> {
    let mut depth = 0;
    let bytes = line.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth -= 1,
            b'=' if depth == 0 => {
                let before = at.checked_sub(1).map_or(0, |it| bytes[it]);
                return match before {
                    b':' if at >= 2 && bytes[at - 2] == b':' => Some((at - 2, 3)),
                    b':' | b'+' | b'?' | b'!' => Some((at - 1, 2)),
                    _ => Some((at, 1)),
                };
            }
            b':' if depth == 0
                && bytes.get(at + 1) != Some(&b'=')
                && bytes.get(at + 1) != Some(&b':') =>
            {
                return None; // a rule
            }
            _ => {}
        }
    }
    None
}

pub(super) fn is_assignment(line: &str) -> bool {
    let Some((at, _)) = assignment(line) else {
        return false;
    };
    // One word, which references may be part of.
    split(line[..at].trim()).len() == 1
}

pub(super) fn without_comment(line: &str) -> &str {
    let mut at = 0;
    while let Some(found) = line[at..].find('#') {
        let place = at + found;
        if !line[..place].ends_with('\\') {
            return &line[..place];
        }
        at = place + 1;
    }
    line
}
