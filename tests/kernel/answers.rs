// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the commands of a tree are said to answer. Owns the made-up toolchain of the tests
//! and the form in which the driver takes it; runs nothing.

use std::io::Write;

use tempfile::NamedTempFile;

/// Answers to commands, by their exact text, and what all others say.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    /// Command and answer.
    pub(crate) recorded: Vec<(String, String)>,
    /// Whether an unrecorded `{ C; } >/dev/null 2>&1 && echo A || echo B` says A.
    pub(crate) succeed: bool,
    /// What any other unrecorded command prints.
    pub(crate) fallback: String,
}

impl Answers {
    /// No recorded answer; tests fail, everything else prints nothing.
    pub(crate) fn none() -> Answers {
        Answers {
            recorded: Vec::new(),
            succeed: false,
            fallback: String::new(),
        }
    }

    /// No recorded answer; tests fail, everything else prints 0.
    pub(crate) fn numbers() -> Answers {
        Answers {
            fallback: "0".to_owned(),
            ..Answers::none()
        }
    }

    /// A toolchain with which a kernel tree can be read: gcc, as and ld of fixed versions.
    /// Every option test says `succeed`, every other number is 0.
    pub(crate) fn gcc(succeed: bool) -> Answers {
        let mut answers = Answers {
            recorded: Vec::new(),
            succeed,
            fallback: "0".to_owned(),
        };
        for tool in ["gcc", "ld"] {
            answers.test(&format!("command -v {tool}"), true);
        }
        // The second is called as `$(CC) $(CLANG_FLAGS)`, and the flags are unset.
        for (script, tool, name, version) in [
            ("cc", "gcc", "GCC", "120200"),
            ("as", "gcc ", "GNU", "24000"),
            ("ld", "ld", "BFD", "24000"),
        ] {
            let info = format!("{name} {version}");
            answers.says(&format!("./scripts/{script}-version.sh {tool}"), &info);
            answers.test(&format!("test -z \"{info}\""), false);
            answers.says(&format!("set -- {info} && echo $1"), name);
            answers.says(&format!("set -- {info} && echo $2"), version);
            answers.test(&format!("[ {name} = GCC ]"), name == "GCC");
            answers.test(&format!("[ {name} = Clang ]"), false);
        }
        answers
    }

    /// Records that `command` prints `answer`.
    pub(crate) fn says(&mut self, command: &str, answer: &str) {
        self.recorded.push((command.to_owned(), answer.to_owned()));
    }

    /// Records how `command` ends, for `$(success,…)` and `$(failure,…)`.
    pub(crate) fn test(&mut self, command: &str, good: bool) {
        for (yes, no) in [("y", "n"), ("n", "y")] {
            self.says(
                &format!("{{ {command}; }} >/dev/null 2>&1 && echo \"{yes}\" || echo \"{no}\""),
                if good { yes } else { no },
            );
        }
    }

    /// The file of the driver's `--answers`.
    pub(crate) fn file(&self) -> NamedTempFile {
        records(
            self.recorded
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_bytes())),
        )
    }
}

/// Strings in the form of the driver's `--answers` and `--overlay`: each ends in a NUL.
pub(crate) fn records<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    for (key, value) in pairs {
        assert!(
            !key.contains('\0') && !value.contains(&0),
            "a NUL in {key:?}"
        );
        for part in [key.as_bytes(), b"\0", value, b"\0"] {
            file.write_all(part).expect("space for a temporary file");
        }
    }
    file
}
