// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes that no text has, line ends of all kinds, and garbage.

use super::{SELECT, Tree, UNMET};

#[test]
fn an_empty_file_gives_no_verdict() {
    Tree::new("").expect_only(&[]);
    Tree::new("\n\n# nothing\n").expect_only(&[]);
    assert_eq!(Tree::new("").check(&[]).exit, Some(2));
}

#[test]
fn nul_bytes_are_named_and_the_rest_is_linted() {
    let mut text = b"config A\n\tbool \"a\0b\"\n\0\0\0\nconfig \0B\n\tbool \"b\"\n".to_vec();
    text.extend(SELECT.bytes());
    let tree = Tree::new(text);
    tree.expect(&["Kconfig:3:1: warning:", "Kconfig:4:8: warning:", UNMET]);
}

#[test]
fn invalid_utf8_is_named_outside_of_texts() {
    let mut text =
        b"config A\n\tbool \"a\xff\xfe\"\n\thelp\n\t  \xc3\x28\nconfig \xff\xfeB\n\tbool\n"
            .to_vec();
    text.extend(SELECT.bytes());
    let tree = Tree::new(text);
    tree.expect_only(&["Kconfig:5:8: warning: these bytes are not part", UNMET]);
}

#[test]
fn utf16_is_garbage_with_an_end() {
    let text: Vec<u8> = SELECT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Tree::new(text).expect(&["[syntax-error]"]);
}

#[test]
fn carriage_returns_and_a_missing_line_end_change_nothing() {
    Tree::new(SELECT.replace('\n', "\r\n")).expect_only(&[UNMET]);
    Tree::new(SELECT.trim_end()).expect_only(&[UNMET]);
    Tree::new(SELECT.replace('\n', "\r\n").trim_end()).expect_only(&[UNMET]);
}

#[test]
fn a_byte_order_mark_is_a_warning() {
    let tree = Tree::new(format!("\u{feff}{SELECT}"));
    tree.expect(&["Kconfig:1:1: warning:", UNMET]);
}

#[test]
fn every_byte_may_stand_anywhere() {
    for byte in 0..=255u8 {
        let mut text = vec![byte];
        text.extend(b"config A\n\tbool \"");
        text.push(byte);
        text.extend(b"\"\n\tdepends on A");
        text.push(byte);
        text.extend(b"B\n");
        text.push(byte);
        Tree::new(text).findings();
    }
}

#[test]
fn thousands_of_errors_are_all_told() {
    let count = 20_000;
    let findings = Tree::new("endif\n".repeat(count)).findings();
    assert_eq!(findings.len(), count);
    Tree::new("@@@ $$ %%\n".repeat(count)).findings();
    Tree::new("config A\n\tbool \"a\n".repeat(count)).findings();
    Tree::new("config A bool ".repeat(100_000)).findings();
    Tree::new("if\nmenu\nchoice\nsource\n".repeat(count)).findings();
}
