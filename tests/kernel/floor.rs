// SPDX-License-Identifier: MIT OR Apache-2.0
//! What conf warns about while it reads a tree, against the rules that say the same: each warning
//! has a finding at its line, and each finding of these rules that conf can have has its warning.

use std::collections::BTreeSet;
use std::sync::Arc;

use kconfig_lint::diagnostic::{Diagnostic, Level};
use kconfig_lint::model::Model;
use kconfig_lint::rules::Preset;
use kconfig_lint::rules::registry;
use kconfig_lint::rules::scope::{self, Names, Scope};
use kconfig_lint::source::Files;
use kconfig_lint::tree::Grammar;

use crate::driver::Reading;
use crate::library::Library;
use crate::trees::{Environment, all_linux, latest};

/// Words of conf, and the rule that says the same.
const WORDS: [(&str, &str); 12] = [
    ("must be a single symbol", "invalid-default"),
    ("number is invalid", "invalid-default"),
    ("is not contained in the choice", "choice-errors"),
    ("but is not bool or tristate", "wrong-type-select"),
    ("but is not boolean or tristate", "wrong-type-select"),
    ("has wrong type", "wrong-type-select"),
    ("range is only allowed", "invalid-range"),
    ("range is invalid", "invalid-range"),
    ("defined without type", "missing-type"),
    ("ignoring type redefinition", "type-conflict"),
    ("prompt redefined", "duplicate-prompt"),
    ("leading whitespace ignored", "prompt-whitespace"),
];

/// What conf says of the statement before the place that it names.
const AT_NO_LINE: (&str, &str) = (
    "menuconfig statement without prompt",
    "menuconfig-without-prompt",
);

/// Words of our findings that conf has none for.
const MORE: [&str; 6] = [
    "it counts as n",
    "lies outside of its range",
    "lies in this range",
    "has no members",
    "prompt ends with",
    "a choice can have no",
];

/// A line of a file, and the rule.
type Line = (String, usize, &'static str);

/// Where conf and the rules differ about a model of one architecture.
pub(crate) fn differences(
    model: &Arc<Model>,
    grammar: &Grammar,
    files: &Files,
    messages: &str,
) -> Vec<String> {
    let ours = findings(model, grammar, files);
    // A symbol without a type is one finding, whatever else stands in it.
    let typeless = ours
        .iter()
        .filter(|((.., rule), _)| *rule == "missing-type");
    let typeless: Vec<String> = typeless
        .filter_map(|(_, finding)| Some(format!("'{}' uses", finding.symbol.as_ref()?)))
        .collect();
    let theirs = messages.lines();
    let theirs = theirs.filter(|line| !typeless.iter().any(|uses| line.contains(uses)));
    let theirs = warnings(theirs);
    let (words, rule) = AT_NO_LINE;
    let (at_no_line, ours): (Vec<_>, Vec<_>) =
        ours.into_iter().partition(|((.., own), _)| *own == rule);
    let found: BTreeSet<&Line> = ours.iter().map(|(line, _)| line).collect();
    let mut differences = Vec::new();
    if messages.contains(words) == at_no_line.is_empty() {
        differences.push(format!("only one of both: {words}"));
    }
    for line in theirs.iter().filter(|line| !found.contains(line)) {
        differences.push(format!("only conf: {line:?}"));
    }
    for (line, finding) in &ours {
        let message = &finding.message;
        let is_more = MORE.iter().any(|words| message.contains(words));
        if !is_more && !theirs.contains(line) {
            differences.push(format!("only ours: {line:?}: {message}"));
        }
    }
    differences
}

fn warnings<'m>(messages: impl Iterator<Item = &'m str>) -> BTreeSet<Line> {
    let mut all = BTreeSet::new();
    for message in messages {
        let mut parts = message.splitn(4, ':');
        let (Some(path), Some(line), Some("warning"), Some(words)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let rule = WORDS.iter().find(|(of_conf, _)| words.contains(of_conf));
        if let (Some((_, rule)), Ok(line)) = (rule, line.parse()) {
            all.insert((path.to_owned(), line, *rule));
        }
    }
    all
}

fn findings(model: &Arc<Model>, grammar: &Grammar, files: &Files) -> Vec<(Line, Diagnostic)> {
    let mut names = Names::new(true);
    names.add(model, false);
    let rules: BTreeSet<&str> = WORDS.iter().chain([&AT_NO_LINE]).map(|it| it.1).collect();
    let rules = rules.into_iter();
    let rules: Vec<_> = rules
        .map(|name| (registry::find(name).expect("a rule"), Level::Warn))
        .collect();
    let scope = Scope::new(model, grammar, &names, files, &Preset::linux().form);
    let found = scope::check(&scope, &rules).findings.into_iter();
    let found = found.map(|(finding, _)| {
        let span = finding.primary.as_ref().expect("a place").span;
        let file = files.get(span.file);
        let mut line = file.position(span.start).line as usize;
        if finding.rule == "type-conflict" {
            // conf names the line of the entry.
            let is_head = |it: &str| it.starts_with("config ") || it.starts_with("menuconfig ");
            let text = |line: &usize| String::from_utf8_lossy(file.line(*line as u32)).into_owned();
            let above = (1..=line).rev();
            line -= above.take_while(|line| !is_head(&text(line))).count();
        }
        ((file.path().to_owned(), line, finding.rule), finding)
    });
    found.collect()
}

/// Entries with a fault that conf warns about, and some that only look like one.
const FAULTS: [&str; 39] = [
    "menuconfig A\n\tbool\n",
    "menuconfig A\n\tbool \"a\"\n\nmenuconfig B\n\tbool\n\tprompt \"b\"\n",
    "config A\n\tint\n\tdefault many\n",
    "config A\n\tint\n\tdefault \"many\"\n",
    "config A\n\tint\n\tdefault \"5\"\n\tdefault -3\n\tdefault 08\n\tdefault \"\"\n",
    "config A\n\tint\n\tdefault B\n\nconfig B\n\tbool \"b\"\n",
    "config A\n\tint\n\tdefault B\n\nconfig B\n\tint \"b\"\n",
    "config A\n\tint\n\tdefault B\n\nconfig B\n\thex \"b\"\n",
    "config A\n\tint\n\tdefault B\n\nconfig B\n\tstring \"b\"\n",
    "config A\n\tint\n\tdefault y\n",
    "config A\n\thex\n\tdefault 0x1g\n\tdefault 1f\n\tdefault 0x\n\tdefault 0X1F\n",
    "config A\n\tstring\n\tdefault B && C\n",
    "config A\n\tstring\n\tdefault word\n\tdefault B\n\nconfig B\n\tbool\n",
    "config A\n\tint\n\tdefault 1 || 2\n\tdefault !B\n",
    "config A\n\tbool\n\tdefault 1\n",
    "config A\n\ttristate\n\tdefault \"yes\"\n\tdefault \"y\"\n",
    "config A\n\tbool\n\tdefault B = 3 && C\n",
    "config A\n\tbool\n\trange 1 2\n",
    "config A\n\tstring\n\trange 1 2\n",
    "config A\n\tint\n\trange 64 4\n\tdefault 64\n",
    "config A\n\tint\n\trange 1 many\n\tdefault 1\n",
    "config A\n\tint\n\trange B C\n\tdefault 1\n\nconfig B\n\tint \"b\"\n\nconfig C\n\tbool \"c\"\n",
    "config A\n\thex\n\trange 0x10 0x20\n\tdefault 0x40\n",
    "config A\n\thex\n\trange 10 zz\n\tdefault 10\n",
    "config A\n\tbool \"a\"\n\tselect B\n\timply C\n\nconfig B\n\tint \"b\"\n\nconfig C\n\tstring \"c\"\n",
    "config A\n\tint \"a\"\n\tselect B\n\timply B\n\nconfig B\n\tbool \"b\"\n",
    "config A\n\tbool \"a\"\n\tselect B\n\tselect C\n\nconfig B\n\ttristate\n",
    "config A\n\tstring \"a\"\n\tselect B\n\nconfig B\n\tint\n",
    "config A\n\tbool \"a\"\n\nconfig A\n\ttristate \"b\"\n",
    "config A\n\tbool\n\tint\n\tdefault 3\n",
    "config A\n\tdef_bool y\n\nconfig A\n\tdef_tristate m\n\nconfig A\n\tbool\n",
    "config A\n\tprompt \"a\"\n",
    "config A\n\tdefault y\n\nconfig A\n\tbool\n",
    "config A\n\tselect B\n\nconfig B\n\tbool\n",
    "config A\n\tbool \"a\"\n\tprompt \"b\"\n",
    "choice\n\tprompt \"c\"\n\tdefault C\n\nconfig A\n\tbool \"a\"\n\nendchoice\n\nconfig C\n\tbool \"c\"\n",
    "choice\n\tprompt \"c\"\n\tdefault NONE\n\nconfig A\n\tbool \"a\"\n\nconfig B\n\tbool \"b\"\n\nendchoice\n",
    "choice\n\tprompt \"c\"\n\tdefault A\n\nconfig A\n\tbool \"a\"\n\nendchoice\n",
    "config A\n\tbool \" a\"\n\nconfig B\n\tbool\n\tprompt \"\tb\"\n\nmenu \" m\"\n\ncomment \" c\"\n\nendmenu\n",
];

#[test]
fn what_conf_warns_about_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for tree in all_linux().into_iter().chain([latest()]) {
        let library = Library::new(&tree);
        for text in FAULTS {
            let reading = Reading::folder(&tree, folder.path()).with("Kconfig", text);
            let Ok(dump) = reading.dump() else {
                // What this conf refuses is a syntax error here.
                continue;
            };
            let small = library.small(text);
            let model = Arc::new(small.model(&Environment::new(), &[]));
            let (grammar, files) = (&small.project.grammar, small.loader.files());
            let found = differences(&model, grammar, files, &dump.messages);
            compared += 1;
            let at = |it: String| format!("{}: {it}\n{text}{}", tree.name, dump.messages);
            wrong.extend(found.into_iter().map(at));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 80, "{compared}");
}
