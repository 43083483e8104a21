// SPDX-License-Identifier: MIT OR Apache-2.0
//! The grammar against conf: sentences of Linux, and damaged ones, get the same verdict
//! from the grammar and from the parser of each release.
//!
//! Only what conf says while it parses counts; whether the tree makes sense is another
//! matter. What macros expand to has to be known here, so they come from a short list.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::grammar::engine::{
    Dialects, LINUX_6_1, LINUX_6_12, Layout, Leaf, Random, mutate_bytes, mutate_lexemes,
};
use crate::grammar::judge::{Grammars, Judge, KNOWN, Writer};
use crate::grammar::mutants::parser_accepts;

const SENTENCES: u64 = 400;
/// Of each kind, for each sentence.
const MUTANTS: u64 = 4;
const LENGTH: usize = 40;

/// The files that [`KNOWN`] names, so that `source` finds them.
const FILES: &[&str] = &["f", "g h", "i#j", "k\"l", "m"];

/// Without carriage returns, which conf warns of, and which may end its help texts.
const LAYOUT: Layout = Layout {
    crlf: false,
    continuations: true,
    strays: true,
    open_end: false,
};

#[test]
fn conf_of_linux_6_12_agrees() {
    compare("linux-6.12", LINUX_6_12);
}

#[test]
fn conf_of_linux_6_1_agrees() {
    compare("linux-6.1", LINUX_6_1);
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    Accepted,
    Rejected,
    /// It stopped before the end for a reason that is none of the parser's.
    Unknown,
}

fn compare(release: &str, dialects: Dialects) {
    let conf = Conf::new(release);
    let grammars = Grammars::new();
    let judge = Judge::of_tool(&grammars, dialects);
    let mut writer = Writer::new(&grammars, dialects, Some(&KNOWN));
    let mut pool = grammars.pool();
    pool.retain(|leaf| *leaf != Leaf::Token("PATH".to_owned()));
    let mut counts = [0; 3];
    for seed in 0..SENTENCES {
        let mut random = Random::new(seed);
        let sentence = writer.sentence(LENGTH, &mut random);
        let text = writer.text(&sentence, LAYOUT, &mut random);
        let mut texts = vec![text.clone()];
        for _ in 0..MUTANTS {
            let mutant = mutate_lexemes(&sentence, &pool, &mut writer.speller, &mut random);
            texts.push(writer.text(&mutant, LAYOUT, &mut random));
            texts.push(mutate_bytes(&text, &mut random));
        }
        for (number, text) in texts.into_iter().enumerate() {
            // conf wants the line ends that a file of its own has; the second one in case
            // that the text ends in a backslash.
            let text = [&text[..], b"\n\n"].concat();
            let shown = String::from_utf8_lossy(&text);
            let judged = judge.judge(&text);
            let ours = if judged.is_ok() {
                Verdict::Accepted
            } else {
                Verdict::Rejected
            };
            let theirs = conf.verdict(&text);
            let place = format!("{release}, seed {seed}, mutant {number}");
            assert!(
                number > 0 || judged.is_ok(),
                "{place}: {judged:?} in\n{shown}"
            );
            if theirs != Verdict::Unknown {
                assert_eq!(ours, theirs, "{place}: grammar and conf on\n{shown}");
            }
            // Our parser does not know what macros expand to, so it may refuse some.
            let plain = !text.windows(2).any(|two| two == b"$(");
            if theirs == Verdict::Accepted && plain {
                assert!(
                    parser_accepts(&text),
                    "{place}: parser and conf on\n{shown}"
                );
            }
            counts[theirs as usize] += 1;
        }
    }
    let [accepted, rejected, unknown] = counts;
    println!("{release}: {accepted} accepted, {rejected} rejected, {unknown} undecided");
    assert!(
        accepted.min(rejected) * 4 > accepted + rejected,
        "the mutants say little"
    );
    assert!(unknown * 10 < accepted + rejected, "conf gave up too often");
}

/// The conf of a release and a folder to run it in.
struct Conf {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Conf {
    /// That which `tests/kernel/fetch` has built.
    fn new(release: &str) -> Conf {
        let trees = match std::env::var_os("KCONFIG_LINT_TREES") {
            Some(folder) => PathBuf::from(folder),
            None => Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("kernel-trees"),
        };
        let program = trees.join(format!("build-{release}")).join("conf");
        assert!(
            program.exists(),
            "{} is missing; this brings it:\n\n    tests/kernel/fetch\n",
            program.display()
        );
        let folder = tempfile::tempdir().expect("a folder");
        for file in FILES {
            fs::write(folder.path().join(file), "").expect("a file");
        }
        Conf { program, folder }
    }

    fn verdict(&self, text: &[u8]) -> Verdict {
        fs::write(self.folder.path().join("Kconfig"), text).expect("a file");
        let run = Command::new(&self.program)
            .args(["--listnewconfig", "Kconfig"])
            .current_dir(self.folder.path())
            .env_clear()
            .env("WORDY", "word")
            .stdin(Stdio::null())
            .output()
            .expect("conf runs");
        let said = String::from_utf8_lossy(&run.stderr);
        let says = |words: &[&str]| words.iter().any(|words| said.contains(words));
        if says(&SYNTAX) {
            Verdict::Rejected
        } else if says(&GIVES_UP) || run.status.code().is_none() {
            // It crashes on `A := $(A)`, for one: the value is not there yet.
            Verdict::Unknown
        } else {
            Verdict::Accepted
        }
    }
}

/// What conf says of the form of a file.
const SYNTAX: [&str; 7] = [
    ": syntax error",
    ": invalid statement",
    ": unknown statement",
    ": unexpected '",
    "' in different file than '",
    ": missing end statement",
    ": unterminated reference",
];

/// With these words it stops at once.
const GIVES_UP: [&str; 5] = [
    ": can't open file",
    "function arguments",
    "Recursive variable",
    "Too deep recursive",
    "Recursive inclusion",
];
