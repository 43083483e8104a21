// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a Kconfig file itself tells of the program that reads it: words that only one program
//! knows.
//!
//! Only files of trees that nothing else tells the kind of are looked at, line by line.

use super::Kind;

/// Functions of Zephyr's `kconfigfunctions.py` without the prefix `dt_`.
const ZEPHYR_FUNCTIONS: [&str; 4] = [
    "$(shields_list_contains,",
    "$(normalize_upper,",
    "$(sanitize_upper,",
    "$(add,",
];

/// Choices in each other that somebody may mean.
const MAX_DEPTH: usize = 20;

/// The kind of tree that a file must be of, if it has something that no other kind has.
pub(super) fn kind_of(text: &str) -> Option<Kind> {
    let mut reads_kconfiglib = false;
    // Open choices, and whether one holds a statement that only kconfiglib takes there.
    let (mut open, mut deepest, mut has_inner) = (0, 0, false);
    for line in text.lines().map(str::trim) {
        if asks_zephyr(line, text) {
            return Some(Kind::Zephyr);
        }
        reads_kconfiglib |= joins_text(line);
        let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        let rest = rest.trim_start();
        let is_block = rest.is_empty() || rest.starts_with('#');
        match word {
            "rsource" | "osource" | "orsource" | "gsource" | "grsource" => {
                reads_kconfiglib |= rest.starts_with(['"', '\'']);
            }
            "choice" if rest.starts_with(['"', '\'']) => reads_kconfiglib = true,
            "choice" if is_block || !rest.contains([' ', '\t']) => {
                has_inner |= open > 0;
                open += 1;
                deepest = deepest.max(open);
            }
            "menu" if rest.starts_with(['"', '\'']) => {
                has_inner |= open > 0;
            }
            // A choice that ends nowhere is a mistake, and no sign.
            "endchoice" if open > 0 => {
                open -= 1;
                reads_kconfiglib |= open == 0 && has_inner && deepest <= MAX_DEPTH;
            }
            _ => {}
        }
    }
    reads_kconfiglib.then_some(Kind::Kconfiglib)
}

/// Whether a text in quotes goes on in the next line, which no conf reads.
fn joins_text(line: &str) -> bool {
    const WORDS: [&str; 8] = [
        "bool", "tristate", "int", "hex", "string", "prompt", "menu", "comment",
    ];
    let Some(text) = line.strip_suffix('\\') else {
        return false;
    };
    let first = text.split([' ', '\t']).next();
    let is_open = text.matches('"').count() % 2 == 1;
    is_open && first.is_some_and(|word| WORDS.contains(&word))
}

/// Whether a line calls a function that Zephyr's tools define, and no file.
fn asks_zephyr(line: &str, text: &str) -> bool {
    if !line.contains("$(") {
        return false;
    }
    let defines = |name: &str| {
        let mut lines = text.lines();
        lines.any(|line| {
            let rest = line.trim_start().strip_prefix(name).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with(['=', ':', '+']))
        })
    };
    let calls = line.split("$(dt_").skip(1);
    let mut names = calls.filter_map(|call| Some(format!("dt_{}", call.split([',', ')']).next()?)));
    names.any(|name| !defines(&name))
        || ZEPHYR_FUNCTIONS.iter().any(|call| {
            let name = call.trim_start_matches("$(").trim_end_matches(',');
            line.contains(call) && !defines(name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_one_program_knows_tell_it() {
        let kind = kind_of;
        assert_eq!(kind("rsource \"sub/Kconfig\"\n"), Some(Kind::Kconfiglib));
        assert_eq!(
            kind("choice \"A name\"\nendchoice\n"),
            Some(Kind::Kconfiglib)
        );
        let nested = "choice\nconfig A\nchoice B\nendchoice\nendchoice\n";
        assert_eq!(kind(nested), Some(Kind::Kconfiglib));
        assert_eq!(
            kind("choice\nmenu \"m\"\nendmenu\nendchoice\n"),
            Some(Kind::Kconfiglib)
        );
        let call = "config A\n\tdefault $(dt_has,x)\n";
        assert_eq!(kind(call), Some(Kind::Zephyr));
        assert_eq!(kind(&format!("dt_has = y\n{call}")), None);
        assert_eq!(kind("choice NAME\nendchoice\nmenu \"m\"\nendmenu\n"), None);
        let joined = "config A\n\tint \"one \\\n\t\ttwo\"\n";
        assert_eq!(kind(joined), Some(Kind::Kconfiglib));
        // The end of the first choice is forgotten.
        assert_eq!(kind("choice\nconfig A\nchoice\nendchoice\n"), None);
        assert_eq!(
            kind("config A\n\thelp\n\t  choice of one\n\t  menu entries\n"),
            None
        );
    }
}
