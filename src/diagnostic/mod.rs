// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a run says: findings with their places, witnesses and candidate fixes.
//!
//! These are plain values. How they look is the business of `report/`, whether they
//! count is that of `config/` and `session/`. Nothing here reads a file.

pub mod group;

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{FileId, Span};

/// How much a finding weighs. `Deny` fails the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Not reported.
    Allow,
    /// Reported; the run passes.
    Warn,
    /// Reported; the run fails.
    Deny,
}

impl Level {
    /// The word of the report: `error` for what is denied.
    pub fn word(self) -> &'static str {
        match self {
            Level::Allow => "note",
            Level::Warn => "warning",
            Level::Deny => "error",
        }
    }
}

/// A place with what there is to say about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there; may be empty for the primary place.
    pub message: String,
}

impl Label {
    /// A label of this place and message.
    pub fn new(span: Span, message: impl Into<String>) -> Label {
        Label {
            span,
            message: message.into(),
        }
    }
}

/// How safe it is to apply a fix unseen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Applicability {
    /// Proved: `--fix` applies it.
    MachineApplicable,
    /// Plausible: `--fix-unsafe` applies it too.
    MaybeIncorrect,
    /// For the reader only, never applied.
    DisplayOnly,
}

impl Applicability {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Applicability::MachineApplicable => "machine-applicable",
            Applicability::MaybeIncorrect => "maybe-incorrect",
            Applicability::DisplayOnly => "display-only",
        }
    }
}

/// Replaces the bytes of a span.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What goes; empty to insert.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// A change that would remove a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What to do, as an imperative: `depend on MMU`.
    pub title: String,
    /// Whether it may be applied unseen.
    pub applicability: Applicability,
    /// Whether it was proved on all architectures.
    pub proved: bool,
    /// What is to be known before it is applied, as the end of a sentence; empty before a proof.
    pub remark: String,
    /// What it is meant to do; the proof holds it to that.
    pub plan: Plan,
    /// Disjoint edits in order of their places; empty for advice in words.
    edits: Vec<Edit>,
}

/// What a fix is meant to do to the tree's configurations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// How safe it is once it is proved and no valid configuration is lost.
    pub best: Applicability,
    /// Symbols that can then be on only while something holds.
    pub narrows: Vec<Narrowing>,
    /// The selector, whose select then acts only while something holds.
    pub restricts: Option<Narrowing>,
    /// Symbols that it changes besides.
    pub touches: Vec<String>,
    /// Symbols whose statements are edited; where none of them can be on, it does nothing.
    pub owners: Vec<String>,
    /// Symbols on which something then hangs that did not before.
    pub asks: Vec<String>,
    /// What no proof can say about it, as the end of a sentence; may be empty.
    pub caveat: String,
    /// Why it is done where it is done, as the end of a sentence; may be empty.
    pub reason: String,
    /// Whether it is of use only when no valid configuration is lost.
    pub must_be_free: bool,
    /// Whether it is of use only when the candidate before it does harm.
    pub is_fallback: bool,
    /// Of a fix for code: what it lacks. Then the defect counts as there wherever something is narrowed.
    pub lacks: Option<Lack>,
}

/// An option whose code needs another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Lack {
    /// The option that builds the code.
    pub caller: String,
    /// The option that it needs.
    pub missing: String,
    /// Whether that option as a module is too weak for code that is built in, and only this is wrong.
    pub is_level: bool,
}

impl Plan {
    /// A plan that changes no configuration.
    pub fn harmless() -> Plan {
        Plan {
            best: Applicability::MachineApplicable,
            narrows: Vec::new(),
            restricts: None,
            touches: Vec::new(),
            owners: Vec::new(),
            asks: Vec::new(),
            caveat: String::new(),
            reason: String::new(),
            must_be_free: false,
            is_fallback: false,
            lacks: None,
        }
    }
}

/// A symbol that can then be on only while an expression holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Narrowing {
    /// The symbol.
    pub symbol: String,
    /// What has to hold, as a Kconfig expression.
    pub term: String,
}

/// A fix that is not offered, because the proof found what it would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejected {
    /// What it would have done: `depend on MMU`.
    pub title: String,
    /// What is wrong with it, as the end of a sentence.
    pub reason: String,
}

impl Fix {
    /// A fix of these edits, which are sorted here.
    ///
    /// # Panics
    /// When two edits overlap.
    pub fn new(
        title: impl Into<String>,
        applicability: Applicability,
        mut edits: Vec<Edit>,
    ) -> Fix {
        edits.sort_by_key(|edit| edit.span);
        let overlap = edits.windows(2).any(|pair| {
            pair[0].span.file == pair[1].span.file && pair[0].span.end > pair[1].span.start
        });
        assert!(!overlap, "edits of one fix overlap");
        Fix {
            title: title.into(),
            applicability,
            proved: false,
            remark: String::new(),
            plan: Plan {
                best: applicability,
                ..Plan::harmless()
            },
            edits,
        }
    }

    /// A candidate: how safe it is, the proof has to say.
    ///
    /// # Panics
    /// When two edits overlap.
    pub fn candidate(title: impl Into<String>, plan: Plan, edits: Vec<Edit>) -> Fix {
        let applicability = plan.best.max(Applicability::MaybeIncorrect);
        let fix = Fix::new(title, applicability, edits);
        Fix { plan, ..fix }
    }

    /// Whether a proof is still to be had.
    pub fn is_candidate(&self) -> bool {
        !self.proved && !self.edits.is_empty() && !self.plan.owners.is_empty()
    }

    /// Sorts the edits by their files in another order than that of the numbers.
    pub fn sort_edits<K: Ord>(&mut self, order: impl Fn(FileId) -> K) {
        self.edits
            .sort_by_cached_key(|edit| (order(edit.span.file), edit.span));
    }

    /// The edits, sorted and disjoint.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }
}

/// A configuration that shows a finding: what the user sets, and what the toolchain answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Witness {
    /// The architecture it is a configuration of; empty where the tree has none.
    pub architecture: String,
    /// Values the user gives, `n` included, by symbol; what is not named is unset.
    /// Strings stand here without quotes.
    pub config: BTreeMap<String, String>,
    /// Variables of the environment that it needs, with their values; one with an empty value has
    /// to be unset.
    pub environment: BTreeMap<String, String>,
    /// Answers of the toolchain that it needs, by command.
    pub toolchain: BTreeMap<String, String>,
    /// What every command of the tree prints in it, and what every variable holds that nothing
    /// fixes, by `$(NAME)`: with these, conf can be run on it without running a command. No report
    /// shows them.
    pub answers: BTreeMap<String, String>,
    /// The few of `config` worth showing to a person, in telling order.
    pub highlights: Vec<(String, String)>,
}

/// What the tree's own conf says to a witness, when it was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Confirmation {
    /// It warns about the same symbol, selected by the same selector, in the same way.
    Confirmed,
    /// It does not: a failure of this program, or conf itself failed.
    NotConfirmed(String),
    /// There is nothing that it could say.
    NotAsked(String),
}

/// What a rule knows beyond words; it is the `data` of the JSON report.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Data {
    /// Nothing.
    #[default]
    None,
    /// unmet-dependency.
    Unmet {
        /// The symbol whose `select` it is.
        selector: String,
        /// The symbol that is selected.
        selectee: String,
        /// The condition of the `select`, as written.
        condition: Option<String>,
        /// Conjuncts of the target's dependency that the active select does not imply.
        missing: Vec<String>,
        /// `off` or `module`.
        level: &'static str,
    },
    /// policy.
    Policy {
        /// The policy's name.
        policy: String,
        /// The symbol whose `select` it is.
        selector: String,
        /// The symbol that is selected.
        selectee: String,
        /// The condition of the `select`, as written.
        condition: Option<String>,
        /// The conjuncts of the required expression that do not hold.
        missing: Vec<String>,
    },
    /// recursive-dependency: the symbols of the cycle, in order.
    Cycle {
        /// Names, each depends on the next, the last on the first.
        symbols: Vec<String>,
    },
}

/// Where in a series of changes a finding comes and goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Whether it comes or goes.
    pub status: Status,
    /// The commit that brings it, or takes it away; `None` for a patch that is none yet, and for
    /// the index.
    pub commit: Option<String>,
    /// The subject of the commit or patch; may be empty.
    pub subject: String,
    /// What takes away again what this brings, in words.
    pub gone_with: Option<String>,
    /// The missing terms that come or go, where the finding was there before, or stays, for others.
    pub terms: Vec<String>,
    /// The file of the patch as the user named it, and the line in it, from 1.
    pub patch: Option<(String, u32)>,
}

/// What a series of changes does to a finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// It brings it.
    New,
    /// It brings it, and takes it away again.
    FixedLater,
    /// It was there before, and goes.
    Fixed,
    /// Some of its missing terms go, others stay.
    PartlyFixed,
    /// The tree before said nothing about its place: an error there is gone now.
    BecameVisible,
}

impl Status {
    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Status::New => "new",
            Status::FixedLater => "fixed-later",
            Status::Fixed => "fixed",
            Status::PartlyFixed => "partly-fixed",
            Status::BecameVisible => "became-visible",
        }
    }
}

impl Change {
    /// The change in words: the commit's short name and its subject.
    pub fn words(&self) -> String {
        let quoted = format!("(\"{}\")", self.subject);
        match (&self.commit, self.subject.is_empty()) {
            (Some(commit), true) => format!("{commit:.12}"),
            (Some(commit), false) => format!("{commit:.12} {quoted}"),
            (None, true) => "this change".to_owned(),
            (None, false) => format!("the patch {quoted}"),
        }
    }
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// The rule's name.
    pub rule: &'static str,
    /// Its level after settings.
    pub level: Level,
    /// The symbol it is about, if any.
    pub symbol: Option<String>,
    /// One sentence: what, why, what to do.
    pub message: String,
    /// Where it is; `None` only for findings about the tree as a whole.
    pub primary: Option<Label>,
    /// Other places that explain it.
    pub labels: Vec<Label>,
    /// Further statements that are the same defect.
    pub related: Vec<Label>,
    /// Architectures it holds on, sorted; empty where the tree has none or the finding
    /// does not depend on one.
    pub architectures: Vec<String>,
    /// Short remarks, each a line.
    pub notes: Vec<String>,
    /// Advice that is no edit, each a line.
    pub helps: Vec<String>,
    /// For machines.
    pub data: Data,
    /// A configuration that shows it.
    pub witness: Option<Witness>,
    /// The toolchains without which there is no finding, as the end of "with"; the message says it too.
    pub toolchain: Option<String>,
    /// What conf says to it; `None` unless the user wants conf to be asked.
    pub confirmation: Option<Confirmation>,
    /// Candidate fixes, the best first.
    pub fixes: Vec<Fix>,
    /// Fixes that were tried and are not offered.
    pub rejected: Vec<Rejected>,
    /// What tells apart two findings of one rule without a symbol: nothing else goes into
    /// the fingerprint beside the rule and the names.
    pub key: Vec<String>,
    /// The defect that it shares with other findings of its rule, which people read as one item:
    /// an undefined name, for example. `None` where each finding has a defect of its own.
    pub defect: Option<String>,
    /// Its fingerprint, once all findings of a run are known: it must not change when some of
    /// them are not shown. Empty before.
    pub fingerprint: String,
    /// The fingerprint without what is missing: of the rule, the names and the kind alone. Empty
    /// before all findings are known.
    pub pair: String,
    /// The terms that are missing on each architecture, as `rules/term` writes them. The name is
    /// empty where the tree has no architecture. No entry for a finding that lacks no term.
    pub lacks: BTreeMap<String, BTreeSet<String>>,
    /// Where in a series of changes it comes and goes; `None` where one tree is looked at.
    pub change: Option<Change>,
}

impl Diagnostic {
    /// A finding of `rule` at a place.
    ///
    /// # Panics
    /// When the message is empty.
    pub fn new(rule: &'static str, level: Level, primary: Label, message: String) -> Diagnostic {
        Diagnostic {
            primary: Some(primary),
            ..Diagnostic::global(rule, level, message)
        }
    }

    /// A finding of `rule` about the tree as a whole.
    ///
    /// # Panics
    /// When the message is empty.
    pub fn global(rule: &'static str, level: Level, message: String) -> Diagnostic {
        assert!(!message.is_empty(), "a finding of {rule} says nothing");
        Diagnostic {
            rule,
            level,
            symbol: None,
            message,
            primary: None,
            labels: Vec::new(),
            related: Vec::new(),
            architectures: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            data: Data::None,
            witness: None,
            toolchain: None,
            confirmation: None,
            fixes: Vec::new(),
            rejected: Vec::new(),
            key: Vec::new(),
            defect: None,
            fingerprint: String::new(),
            pair: String::new(),
            lacks: BTreeMap::new(),
            change: None,
        }
    }

    /// Lets every place lie in another file: the same text with another number.
    pub fn move_files(&mut self, of: &mut dyn FnMut(FileId) -> FileId) {
        let labels = self.primary.iter_mut().chain(&mut self.labels);
        for label in labels.chain(&mut self.related) {
            label.span.file = of(label.span.file);
        }
        for edit in self.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span.file = of(edit.span.file);
        }
    }
}
