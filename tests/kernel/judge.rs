// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks conf what configurations lead to, and what it can parse: one reading of the tree,
//! many questions. Owns the requests; every answer is conf's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Deserialize;

use crate::driver::{Asked, Failed, Process, Reading};
use crate::dump::Leaf;
use crate::trees::Linux;

/// The way conf makes a configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// `--olddefconfig` on the given `.config`.
    Old,
    /// `--defconfig` with the given file.
    Given,
    /// `--alldefconfig`; the given text is KCONFIG_ALLCONFIG, as in all that follow.
    Default,
    /// `--allnoconfig`
    No,
    /// `--allyesconfig`
    Yes,
    /// `--allmodconfig`
    Modules,
    /// `--randconfig` with this seed and this KCONFIG_PROBABILITY (empty: conf's own).
    Random(u32, &'static str),
}

/// conf with a tree in its memory. It is asked again and again; no answer depends on an
/// earlier question.
pub(crate) struct Judge {
    process: Process,
    /// The symbols, in the order of all values.
    pub(crate) symbols: Vec<(SymbolKey, String)>,
    /// The commands that the tree asked for.
    pub(crate) commands: Vec<Asked>,
    /// What conf said while it read the tree.
    pub(crate) messages: String,
}

/// What a symbol is called: choices have numbers (in parse order, from 0).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum SymbolKey {
    /// A choice.
    Choice(u32),
    /// Any other.
    Name(String),
}

/// conf's configuration. Strings have one character for each symbol.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Outcome {
    /// The value of each symbol, visible or not. Empty when they were not asked for. Where conf
    /// has no text at all, the text is empty.
    #[serde(default, deserialize_with = "texts")]
    pub(crate) values: Vec<String>,
    /// `1` when `.config` has a line for the symbol.
    #[serde(default)]
    pub(crate) written: String,
    /// Visibility after promotion: `n`, `m` or `y`, as in all that follow.
    #[serde(default)]
    pub(crate) visible: String,
    /// Direct dependency.
    #[serde(default)]
    pub(crate) direct: String,
    /// Reverse dependency.
    #[serde(default)]
    pub(crate) reverse: String,
    /// Implied value.
    #[serde(default)]
    pub(crate) implied: String,
    /// Symbols whose dependencies are not met.
    pub(crate) unmet: Vec<Unmet>,
    /// What conf said.
    pub(crate) messages: String,
}

fn texts<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let texts: Vec<Option<String>> = Vec::deserialize(from)?;
    Ok(texts.into_iter().map(Option::unwrap_or_default).collect())
}

/// One symbol that is selected above its dependencies.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct Unmet {
    /// The symbol.
    pub(crate) symbol: SymbolKey,
    /// The level of its direct dependency.
    pub(crate) direct: char,
    /// Its active selectors, innocent ones too, each with the level at which it selects.
    pub(crate) selectors: Vec<(SymbolKey, char)>,
}

impl Judge {
    /// conf after it has read a tree.
    ///
    /// # Errors
    /// When it refuses the tree.
    pub(crate) fn new(reading: &Reading) -> Result<Judge, Failed> {
        #[derive(Deserialize)]
        struct Ready {
            symbols: Vec<(SymbolKey, String)>,
            commands: Vec<Asked>,
            messages: String,
        }
        let mut process = reading.start("judge");
        let ready: Ready = process.reply("ready")?;
        Ok(Judge {
            process,
            symbols: ready.symbols,
            commands: ready.commands,
            messages: ready.messages,
        })
    }

    /// The configuration that `text` (lines of a `.config`) leads to.
    ///
    /// # Errors
    /// When conf gives up.
    pub(crate) fn ask(&mut self, mode: Mode, text: &str) -> Result<Outcome, Failed> {
        self.send(mode, text, "");
        self.process.reply("values")
    }

    /// The configurations that many texts lead to, each by itself as [`Mode::Old`] does it.
    /// All are computed in one process, which is much faster.
    ///
    /// # Errors
    /// When conf gives up on one of them.
    pub(crate) fn ask_all(&mut self, texts: &[String]) -> Result<Vec<Outcome>, Failed> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let mut body = texts.join("\0");
        body.push('\0');
        self.send(Mode::Old, &body, " batch");
        texts.iter().map(|_| self.process.reply("values")).collect()
    }

    /// As [`Judge::ask`] without the values of the symbols, which is all that a finding needs.
    ///
    /// # Errors
    /// When conf gives up.
    pub(crate) fn unmet(&mut self, mode: Mode, text: &str) -> Result<Outcome, Failed> {
        self.send(mode, text, " values=none");
        self.process.reply("values")
    }

    /// As [`Judge::unmet`] for `times` randconfigs with the seeds from `seed`, all in one process.
    ///
    /// # Errors
    /// When conf gives up on one of them.
    pub(crate) fn unmet_at_random(
        &mut self,
        seed: u32,
        probability: &'static str,
        times: u64,
        text: &str,
    ) -> Result<Vec<Outcome>, Failed> {
        let mode = Mode::Random(seed, probability);
        self.send(mode, text, &format!(" values=none times={times}"));
        (0..times).map(|_| self.process.reply("values")).collect()
    }

    fn send(&mut self, mode: Mode, text: &str, more: &str) {
        let mut line = format!("{} {}{more}", mode.word(), text.len());
        if let Mode::Random(seed, probability) = mode {
            let _ = write!(line, " seed={seed}");
            if !probability.is_empty() {
                let _ = write!(line, " probability={probability}");
            }
        }
        self.process.request(&line, text.as_bytes());
    }

    /// The values by name; choices without a name are left out.
    pub(crate) fn by_name<'a>(&'a self, outcome: &'a Outcome) -> BTreeMap<&'a str, &'a str> {
        let values = self.symbols.iter().zip(&outcome.values);
        values
            .filter_map(|((key, _), value)| match key {
                SymbolKey::Name(name) => Some((name.as_str(), value.as_str())),
                SymbolKey::Choice(_) => None,
            })
            .collect()
    }

    /// The values by what expressions call their symbols.
    pub(crate) fn by_leaf(&self, outcome: &Outcome) -> BTreeMap<Leaf, String> {
        let values = self.symbols.iter().zip(&outcome.values);
        values
            .map(|((key, _), value)| match key {
                SymbolKey::Name(name) => (Leaf::Symbol(name.clone()), value.clone()),
                SymbolKey::Choice(number) => (Leaf::Choice(*number), value.clone()),
            })
            .collect()
    }

    /// The configuration as the lines of a `.config`, sorted by definition.
    pub(crate) fn config(&self, outcome: &Outcome) -> String {
        let mut text = String::new();
        let lines = self.symbols.iter().zip(&outcome.values);
        for (((key, kind), value), written) in lines.zip(outcome.written.bytes()) {
            let SymbolKey::Name(name) = key else { continue };
            if written != b'1' {
                continue;
            }
            let _ = match (kind.as_str(), value.as_str()) {
                ("bool" | "tristate", "n") => writeln!(text, "# CONFIG_{name} is not set"),
                ("string", value) => {
                    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
                    writeln!(text, "CONFIG_{name}=\"{escaped}\"")
                }
                ("unknown", _) => Ok(()),
                (_, value) => writeln!(text, "CONFIG_{name}={value}"),
            };
        }
        text
    }
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Mode::Old => "olddefconfig",
            Mode::Given => "defconfig",
            Mode::Default => "alldefconfig",
            Mode::No => "allnoconfig",
            Mode::Yes => "allyesconfig",
            Mode::Modules => "allmodconfig",
            Mode::Random(..) => "randconfig",
        }
    }
}

impl Outcome {
    /// The symbols that conf itself warned about: its words, not the driver's reading.
    pub(crate) fn warned(&self) -> BTreeSet<&str> {
        const WORDS: &str = "WARNING: unmet direct dependencies detected for ";
        let lines = self.messages.lines();
        lines.filter_map(|line| line.strip_prefix(WORDS)).collect()
    }
}

/// conf's parser, asked about one text after the other. A text that sources a file finds it
/// in the folder of the reading.
pub(crate) struct Parser {
    process: Process,
}

/// What conf's parser says of a text.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct Verdict {
    /// Whether the text has no syntax error (nor an error of a macro or a `source`).
    pub(crate) syntax: bool,
    /// Whether conf also takes what it means: no cycle, choices in order.
    pub(crate) accepted: bool,
    /// What conf said.
    pub(crate) messages: String,
}

impl Parser {
    /// The parser of a tree's conf.
    pub(crate) fn new(reading: &Reading) -> Parser {
        Parser {
            process: reading.start("parse"),
        }
    }

    /// The parser of `tree`'s conf, with an empty environment, in an empty folder.
    pub(crate) fn of(tree: &Linux) -> Parser {
        let empty = tree.driver.with_file_name("empty");
        std::fs::create_dir_all(&empty).expect("a folder beside the driver");
        Parser::new(&Reading::folder(tree, &empty))
    }

    /// Judges one text.
    pub(crate) fn judge(&mut self, text: &[u8]) -> Verdict {
        self.process.request(&text.len().to_string(), text);
        match self.process.reply("verdict") {
            Ok(verdict) => verdict,
            Err(crash) => panic!("conf's parser: {}: {}", crash.why, crash.messages),
        }
    }
}
