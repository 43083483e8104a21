// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keeps imports pointing upwards: a room uses only rooms that stand above it in the list of
//! `src/lib.rs`'s data flow, so that each can be read and tested without those below.

use std::fs;
use std::path::{Path, PathBuf};

/// From the top down.
const ROOMS: [&str; 16] = [
    "system",
    "source",
    "diagnostic",
    "syntax",
    "tree",
    "references",
    "menu",
    "model",
    "logic",
    "link",
    "rules",
    "config",
    "session",
    "fix",
    "report",
    "cli",
];

#[test]
fn imports_point_upwards() {
    let mut wrong = Vec::new();
    let files = rust_files(&source());
    assert!(files.len() > ROOMS.len(), "src is not where it was");
    for file in files {
        let inside = file.strip_prefix(source()).expect("below src").to_owned();
        let Some(room) = room_of(&inside) else {
            continue;
        };
        let text = fs::read_to_string(&file).expect("a readable file");
        for used in used_rooms(&text) {
            match position(&used) {
                Some(place) if place <= room => {}
                Some(_) => wrong.push(format!("{} uses crate::{used}", inside.display())),
                None => wrong.push(format!("{}: crate::{used} is no room", inside.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_of_the_library_is_a_room() {
    let text = fs::read_to_string(source().join("lib.rs")).expect("a readable file");
    let modules = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "));
    let names: Vec<&str> = modules.map(|line| line.trim_end_matches(';')).collect();
    assert_eq!(names, ROOMS);
}

#[test]
fn every_file_says_what_it_is_and_under_which_licence() {
    let tests = source().with_file_name("tests");
    for file in [source(), tests]
        .iter()
        .flat_map(|folder| rust_files(folder))
    {
        let text = fs::read_to_string(&file).expect("a readable file");
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some("// SPDX-License-Identifier: MIT OR Apache-2.0"),
            "{}",
            file.display()
        );
        assert!(
            lines.next().is_some_and(|line| line.starts_with("//! ")),
            "{} does not open by saying what it owns",
            file.display()
        );
    }
}

#[test]
fn every_file_of_tests_is_part_of_the_suite() {
    let tests = source().with_file_name("tests");
    let listed = fs::read_to_string(tests.join("main.rs")).expect("a readable file");
    for entry in fs::read_dir(&tests).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let is_file = path.extension().is_some_and(|it| it == "rs") && name != "main";
        if is_file || path.join("mod.rs").is_file() {
            let line = format!("mod {name};");
            assert!(
                listed.lines().any(|it| it == line),
                "tests/main.rs lacks `{line}`"
            );
        }
    }
}

#[test]
fn the_reader_of_imports_sees_groups_and_paths() {
    let text = "use crate::source::Files;\n// crate::cli\nuse crate::{\n    menu::{Menu, Node},\n    \
                model,\n};\nlet x = crate::syntax::ast::X; /// [`crate::report`]\npub(crate) fn f() {}\n";
    assert_eq!(used_rooms(text), ["source", "menu", "model", "syntax"]);
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The place of a file's room in the list; `None` for `lib.rs` and `main.rs`.
fn room_of(inside: &Path) -> Option<usize> {
    let first = inside.iter().next()?.to_str()?;
    position(first.trim_end_matches(".rs"))
}

fn position(room: &str) -> Option<usize> {
    ROOMS.iter().position(|known| *known == room)
}

/// The first names after `crate::` in a file, comments aside.
fn used_rooms(text: &str) -> Vec<String> {
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(names_of_group(group)),
            None => found.extend(first_name(rest)),
        }
    }
    found
}

/// The first names of the members of `{…}`, whose opening brace is gone.
fn names_of_group(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = Vec::new();
    let mut member = String::new();
    for letter in group.chars() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(first_name(&std::mem::take(&mut member))),
            _ if depth == 0 => member.push(letter),
            _ => {}
        }
    }
    names.extend(first_name(&member));
    names
}

fn first_name(text: &str) -> Option<String> {
    let name: String = text
        .trim_start()
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}
