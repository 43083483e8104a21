// SPDX-License-Identifier: MIT OR Apache-2.0
//! `why` on the newest real tree: by which dependency a driver can never be on without an MMU,
//! and, once that dependency is cut, a configuration in which it is, confirmed by conf.

use std::collections::BTreeSet;
use std::sync::Arc;

use kconfig_lint::config::Levels;
use kconfig_lint::logic::{Fact, Why};
use kconfig_lint::menu::Toolchain;
use kconfig_lint::session::Options;
use kconfig_lint::session::why::{self, Answer, Question, Verdict};
use kconfig_lint::source::{Files, Overlay, Reader, WorkTree};

use crate::answers::Answers;
use crate::driver::Reading;
use crate::findings::fragment;
use crate::judge::{Judge, Mode};
use crate::library::Library;
use crate::trees::{Linux, newest};

const DRIVER: &str = "drivers/gpu/drm/solomon/Kconfig";

fn ask(tree: &Linux, overlay: Option<(&str, &str)>, symbol: &str, condition: &str) -> Answer {
    let project = Library::new(tree).project;
    let below: Arc<dyn Reader> = Arc::new(WorkTree::new(&tree.root));
    let mut reader = Overlay::new(below);
    if let Some((path, text)) = overlay {
        reader = reader.with(path, text.as_bytes());
    }
    let options = Options {
        architectures: project.architectures.clone(),
        toolchain: Toolchain::default(),
        levels: Levels::default(),
        policies: Vec::new(),
        remarks: false,
        effort: kconfig_lint::logic::Effort::DEFAULT,
        jobs: None,
    };
    let question = Question {
        symbol: symbol.to_owned(),
        condition: Some(condition.to_owned()),
    };
    let answer = why::why(&project, Arc::new(Files::new(reader)), &options, &question);
    let answer = answer.expect("a question that has an answer");
    assert_eq!(answer.internal_errors, [""; 0]);
    answer
}

#[test]
fn the_dependency_that_keeps_a_driver_off_is_named() {
    let tree = newest();
    let answer = ask(&tree, None, "DRM_SSD130X", "!MMU");
    let told: BTreeSet<String> = answer.groups[0].architectures.iter().cloned().collect();
    assert_eq!(answer.groups.len(), 1, "{:?}", answer.groups);
    assert_eq!(told.len(), tree.architectures().len());
    let Verdict::Impossible {
        reasons,
        symbol: true,
        condition: true,
    } = &answer.groups[0].verdict
    else {
        panic!("{:?}", answer.groups);
    };
    let [reason] = &reasons[..] else {
        panic!("{reasons:?}");
    };
    assert_eq!(reason.symbols, ["DRM_SSD130X"]);
    assert!(
        matches!(&reason.fact, Fact::Needs { term, denied: Some(denied), .. }
            if term == "MMU" && denied == "!MMU"),
        "{reason:?}"
    );
    let place = reason.place.expect("a place");
    let file = answer.files.get(place.file);
    assert_eq!(file.path(), DRIVER);
    let line = file.position(place.start).line;
    let text = String::from_utf8_lossy(file.line(line)).into_owned();
    assert_eq!(text.trim(), "depends on DRM && MMU");
}

#[test]
fn without_that_dependency_there_is_a_configuration_and_conf_agrees() {
    let tree = newest();
    let text = std::fs::read_to_string(tree.root.join(DRIVER)).expect("a readable file");
    let start = text.find("config DRM_SSD130X\n").expect("the symbol");
    let cut = text[start..].replacen("depends on DRM && MMU", "depends on DRM", 1);
    let cut = format!("{}{cut}", &text[..start]);
    assert_ne!(cut, text, "the line");
    let answer = ask(&tree, Some((DRIVER, &cut)), "DRM_SSD130X", "!MMU");
    let mut possible = BTreeSet::new();
    for group in &answer.groups {
        let Verdict::Possible { witness, reasons } = &group.verdict else {
            continue;
        };
        possible.extend(group.architectures.iter().map(String::as_str));
        let first = &reasons[0];
        assert_eq!(first.symbols, ["DRM_SSD130X"]);
        let set = matches!(&first.fact, Fact::Is { why: Why::Set, .. });
        assert!(set, "{first:?}");
        let answers = Answers {
            recorded: witness.answers.clone().into_iter().collect(),
            succeed: false,
            fallback: "0".to_owned(),
        };
        let reading = Reading::kernel(&tree, &witness.architecture);
        let reading = reading.answers(answers).with(DRIVER, &cut);
        let mut judge = Judge::new(&reading).expect("conf reads the tree");
        let config = fragment(&judge, witness);
        let outcome = judge.ask(Mode::Default, &config).expect("conf answers");
        let values = judge.by_name(&outcome);
        let place = format!("{}: {config}", witness.architecture);
        assert_ne!(values["DRM_SSD130X"], "n", "{place}");
        assert!(matches!(values.get("MMU"), None | Some(&"n")), "{place}");
    }
    for architecture in ["arm", "m68k", "riscv", "sh", "xtensa"] {
        assert!(
            possible.contains(architecture),
            "{architecture}: {possible:?}"
        );
    }
    for architecture in ["arm64", "x86", "s390", "powerpc"] {
        assert!(!possible.contains(architecture), "{architecture}");
    }
}
