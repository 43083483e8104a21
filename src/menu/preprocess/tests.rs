// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rules of preprocess.c, one by one. What they say was tried with the conf of Linux 6.12.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::*;
use crate::menu::Toolchain;
use crate::menu::command::TestId;
use crate::menu::pieces::either;
use crate::source::Name;
use crate::tree::VersionScripts;

const PLACE: Place<'_> = Place {
    file: "sub/Kconfig",
    line: &|| 7,
};

/// A machine of which no script tells anything.
fn machine<'a>(environment: &'a BTreeMap<String, String>, toolchain: &'a Toolchain) -> Machine<'a> {
    static SCRIPTS: LazyLock<VersionScripts> = LazyLock::new(VersionScripts::default);
    Machine {
        toolchain,
        scripts: &SCRIPTS,
        environment,
        at: 0,
    }
}

/// Runs lines of assignments, and of texts whose expansions it returns. An expansion with
/// unknowns in it is shown by its form.
fn run(lines: &str) -> Vec<Result<String, String>> {
    with_toolchain(lines, &Toolchain::default()).0
}

fn with_toolchain(lines: &str, toolchain: &Toolchain) -> (Vec<Result<String, String>>, Vec<Event>) {
    let environment = [
        ("ARCH", "arm"),
        ("EMPTY", ""),
        ("dollar", "of the environment"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment = environment.into();
    let none = BTreeSet::new();
    let mut preprocessor = Preprocessor::new(machine(&environment, toolchain), false, &none);
    let mut results = Vec::new();
    for line in lines.lines().map(str::trim_start) {
        let assignment = [
            (":=", AssignOp::Simple),
            ("+=", AssignOp::Append),
            ("=", AssignOp::Recursive),
        ]
        .into_iter()
        .find_map(|(sign, op)| {
            let (name, value) = line.split_once(&format!(" {sign}"))?;
            (!name.contains(' ')).then(|| (name, op, value.trim_start()))
        });
        let result = match assignment {
            Some((name, op, value)) => match preprocessor.assign(name, op, value, &PLACE) {
                Ok(()) => continue,
                Err(error) => Err(error),
            },
            None => preprocessor.expand(line, false, &PLACE),
        };
        results.push(match result {
            Ok(value) => Ok(match value.as_text() {
                Some(text) => text.to_owned(),
                None => format!("{:?}", value.to_output()),
            }),
            Err(MacroError(message)) => Err(message),
        });
    }
    (results, preprocessor.events)
}

fn texts(lines: &str) -> Vec<String> {
    run(lines).into_iter().map(Result::unwrap).collect()
}

fn errors(lines: &str) -> Vec<String> {
    run(lines).into_iter().filter_map(Result::err).collect()
}

#[test]
fn a_simple_variable_is_expanded_once() {
    let lines = "X := 1\nS := $(X)\nX := 2\n$(S)";
    assert_eq!(texts(lines), ["1"]);
}

#[test]
fn a_recursive_variable_is_expanded_at_each_use() {
    let lines = "X = 1\nR = $(X)\nX = 2\n$(R)\nX = 3\n<$(R)>";
    assert_eq!(texts(lines), ["2", "<3>"]);
}

#[test]
fn appending_keeps_the_flavour() {
    let lines = "X := 1\nS := a\nS += $(X)\nR = a\nR += $(X)\nN += $(X)\nX := 2\n$(S)\n$(R)\n$(N)";
    assert_eq!(texts(lines), ["a 1", "a 2", "2"]);
}

#[test]
fn assigning_again_takes_the_new_flavour() {
    let lines = "X := 1\nV = $(X)\nV := $(X)\nX := 2\n$(V)\nV = $(X)\n$(V)";
    assert_eq!(texts(lines), ["1", "2"]);
}

#[test]
fn names_and_functions_may_be_computed() {
    let lines = "A := B\nB := c\nc := d\n$($(A))\n$($($(A)))\nf = <$(1)>\ng := f\n$($(g),x)";
    assert_eq!(texts(lines), ["c", "d", "<x>"]);
}

#[test]
fn arguments() {
    let lines = "f = [$(1)|$(2)]\n$(f,a,b)\n$(f,a)\n$(f,a,b,c)\n$(f, a ,)\n$(f)\n$(f,$(f,x,y),z)";
    let expected = ["[a|b]", "[a|]", "[a|b]", "[ a |]", "[|]", "[[x|y]|z]"];
    assert_eq!(texts(lines), expected);
}

#[test]
fn commas_in_parentheses_do_not_separate() {
    assert_eq!(texts("f = [$(1)]\n$(f,(a,b))"), ["[(a,b)]"]);
}

#[test]
fn a_comma_that_comes_of_an_expansion_does_not_separate() {
    assert_eq!(texts("comma := ,\nf = [$(1)]\n$(f,a$(comma)b)"), ["[a,b]"]);
}

#[test]
fn arguments_are_those_of_the_innermost_function() {
    let lines = "in = <$(1)>\nout = $(in,$(1)$(1))$(2)\n$(out,a,b)";
    assert_eq!(texts(lines), ["<aa>b"]);
    // Without the argument, `1` is a variable like any other.
    assert_eq!(texts("1 := one\nf = $(1)$(2)\n$(f)\n$(f,x)"), ["one", "x"]);
    assert_eq!(texts("f = $( 1)$(1 )$(01)\n$(f,x)"), ["xx"]);
}

#[test]
fn a_dollar_without_parenthesis_is_itself() {
    let lines = "a$b\n$$\n${ARCH}\n$\nd := $\n$(d)(X)\nX := no\nY := $(d)(X)\n$(Y)";
    assert_eq!(texts(lines), ["a$b", "$$", "${ARCH}", "$", "$(X)", "$(X)"]);
}

#[test]
fn what_nobody_defines_is_nothing() {
    assert_eq!(texts("<$(none,x)>\n<$()>\n<$(a-b)>"), ["<>", "<>", "<>"]);
}

#[test]
fn a_variable_that_nothing_fixes_is_unknown() {
    let unknown = "Joined([Text(\"<\"), Command(CommandId(0)), Text(\">\")])";
    assert_eq!(texts("<$(none)>\n<$(none)>"), [unknown, unknown]);
    let recorded = |value: &str| {
        let answers = [("$(none)".to_owned(), value.to_owned())].into();
        let results = with_toolchain("<$(none)>", &Toolchain { answers }).0;
        results.into_iter().map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(recorded("it"), ["<it>"]);
    assert_eq!(recorded(""), ["<>"]);
}

#[test]
fn the_environment_comes_last() {
    let lines =
        "$(ARCH)\n<$(EMPTY)>\n<$(ARCH,x)>\ndollar := $\n$(dollar)\nshell := mine\n$(shell,id)";
    assert_eq!(texts(lines), ["arm", "<>", "<>", "$", "mine"]);
}

#[test]
fn places() {
    assert_eq!(texts("$(filename):$(lineno)"), ["sub/Kconfig:7"]);
}

#[test]
fn a_variable_may_not_refer_to_itself() {
    let message = |name| format!("recursive variable '{name}' references itself (eventually)");
    assert_eq!(errors("X = $(X)\n$(X)"), [message("X")]);
    assert_eq!(
        errors("X = $(Y)\nY = $(X)\n$(X)\n$(Y)"),
        [message("X"), message("Y")]
    );
    // Appending to itself is fine: it is expanded now.
    assert_eq!(texts("X := a\nX := $(X)b\n$(X)"), ["ab"]);
}

#[test]
fn a_function_may_refer_to_itself_as_often_as_conf_allows() {
    assert_eq!(
        errors("f = $(f,$(1))\n$(f,x)"),
        ["too deep recursive expansion"]
    );
    // Neither form may exhaust the stack, and the variable is usable afterwards.
    let lines = "f = $(g,$(1))\ng = $(f,$(1))\n$(f,x)\nf = $(1)\n$(f,y)";
    assert_eq!(run(lines)[1], Ok("y".to_owned()));
}

#[test]
fn references_end() {
    let message = "unterminated reference to 'a $(b)': missing ')'";
    assert_eq!(errors("x$(a $(b)"), [message]);
}

#[test]
fn built_in_functions_count_their_arguments() {
    let expected = [
        "too few function arguments passed to 'shell'",
        "too many function arguments passed to 'shell'",
        "too few function arguments passed to 'error-if'",
        "too many function arguments passed to 'lineno'",
        "too many function arguments",
    ];
    let lines = "$(shell)\n$(shell,a,b)\n$(error-if,y)\n$(lineno,)\n$(f,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16)";
    assert_eq!(errors(lines), expected);
    assert_eq!(texts("$(f,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15)"), [""]);
}

#[test]
fn error_if_and_its_kin() {
    assert_eq!(errors("$(error-if,y,no luck)"), ["no luck"]);
    assert_eq!(
        texts("$(error-if,n,x)\n$(error-if,,x)\n$(info,x)\n$(warning-if,n,x)"),
        [""; 4]
    );
    let (_, events) = with_toolchain("$(warning-if,y,beware)", &Toolchain::default());
    assert_eq!(events, [Event::Warning("beware".to_owned())]);
}

#[test]
fn an_error_that_only_the_toolchain_decides_is_assumed_away() {
    let lines = "failure = $(shell,{ $(1); } >/dev/null 2>&1 && echo \"n\" || echo \"y\")\n\
                 $(error-if,$(failure,command -v cc),none)";
    let (results, events) = with_toolchain(lines, &Toolchain::default());
    assert_eq!(results, [Ok(String::new())]);
    let (yes, no) = (Output::Text(Name::new("y")), Output::Text(Name::new("n")));
    assert_eq!(events, [Event::Assumption(either(TestId(0), no, yes))]);
}

#[test]
fn recorded_answers_enter_the_text() {
    let answers = [("cc --version".to_owned(), "cc 12\nfree\n".to_owned())].into();
    let toolchain = Toolchain { answers };
    let (results, _) = with_toolchain("<$(shell,cc --version)>", &toolchain);
    assert_eq!(results, [Ok("<cc 12 free>".to_owned())]);
}

#[test]
fn unknown_text_is_not_expanded_again() {
    let lines = "v := $(shell,cc)\nn := $(shell,set -- $(v) && echo $1)\n$(n)";
    let results = texts(lines);
    assert_eq!(results, ["Command(CommandId(1))"]);
}

#[test]
fn strings_unescape_outside_of_references() {
    let environment = BTreeMap::new();
    let toolchain = Toolchain::default();
    let none = BTreeSet::new();
    let mut preprocessor = Preprocessor::new(machine(&environment, &toolchain), false, &none);
    let mut expand = |text| {
        let value = preprocessor.expand(text, true, &PLACE).unwrap();
        value.as_text().unwrap().to_owned()
    };
    assert_eq!(expand(r#"a\"b\\c\d"#), r#"a"b\cd"#);
    assert_eq!(expand(r"\$(lineno)"), "$(lineno)");
    assert_eq!(expand(r"$\(x"), "$(x");
    assert_eq!(expand("end\\"), "end");
}

#[test]
fn doubling_macros_come_to_an_end() {
    let mut lines = String::from("x0 = aaaaaaaaaaaaaaaa\ny0 =\n");
    for n in 1..64 {
        lines.push_str(&format!("x{n} = $(x{0})$(x{0})\n", n - 1));
        lines.push_str(&format!("y{n} = $(y{0})$(y{0})\n", n - 1));
    }
    lines.push_str("$(x63)\n$(y63)\n$(x3)");
    let results = run(&lines);
    let message = Err("the expansion is too long: it was given up".to_owned());
    assert_eq!(results[0], message);
    assert_eq!(results[1], message);
    assert_eq!(results[2], Ok("a".repeat(128)));
}

#[test]
fn appending_forever_comes_to_an_end() {
    let long = "x".repeat(1 << 16);
    let lines: String = (0..20).map(|_| format!("v += {long}\n")).collect();
    assert!(
        errors(&lines)
            .iter()
            .any(|message| message.contains("too long"))
    );
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let depth = 100_000;
    let text = format!("{}x{}", "$(".repeat(depth), ")".repeat(depth));
    assert!(run(&text)[0].is_err());
    let text = format!("{}x{}", "$(".repeat(500), ")".repeat(500));
    assert_eq!(run(&text)[0], Ok(String::new()));
}

#[test]
fn functions_of_other_tools_stay_unknown() {
    let environment = BTreeMap::new();
    let toolchain = Toolchain::default();
    let none = BTreeSet::new();
    let mut preprocessor = Preprocessor::new(machine(&environment, &toolchain), true, &none);
    let value = preprocessor
        .expand("$(dt_chosen,a,b)", false, &PLACE)
        .unwrap();
    assert!(matches!(value.to_output(), Output::Command(_)));
    let text = Output::Text(Name::new("$(dt_chosen,a,b)"));
    assert_eq!(preprocessor.commands.commands[0].text, text);
    let call = "$(dt_nodelabel_enabled,a)";
    let value = preprocessor.expand(call, false, &PLACE).unwrap();
    let Output::Either {
        test,
        success,
        failure,
    } = value.to_output()
    else {
        panic!("{call} answers yes or no");
    };
    let [yes, no] = ["y", "n"].map(|word| Output::Text(Name::new(word)));
    assert_eq!((*success, *failure), (yes, no));
    let known = &preprocessor.commands.tests[test.0 as usize].commands[0];
    assert_eq!(known.text, Output::Text(Name::new(call)));
    let value = preprocessor.expand("$(NONE)", false, &PLACE).unwrap();
    assert!(matches!(value.to_output(), Output::Command(_)));
    assert_eq!(preprocessor.unset, ["NONE"]);
}

#[test]
fn functions_of_other_tools_have_recorded_answers() {
    let environment = BTreeMap::new();
    let record = br#"{"$(dt_nodelabel_enabled,a)": "y", "$(dt_chosen,a,b)": "/soc/a"}"#;
    let toolchain = Toolchain::from_json(record).unwrap();
    let none = BTreeSet::new();
    let mut preprocessor = Preprocessor::new(machine(&environment, &toolchain), true, &none);
    let mut text = |call| {
        preprocessor
            .expand(call, false, &PLACE)
            .unwrap()
            .to_output()
    };
    let known = |text| Output::Text(Name::new(text));
    assert_eq!(text("$(dt_nodelabel_enabled,a)"), known("y"));
    assert_eq!(text("$(dt_chosen,a,b)"), known("/soc/a"));
    assert!(matches!(text("$(dt_chosen,b,b)"), Output::Command(_)));
}

proptest::proptest! {
    #[test]
    fn no_text_does_harm(lines in "([a-c] (=|:=|\\+=) )?([a-c12$(), ]|\\$\\(){0,40}(\n([a-c] (=|:=|\\+=) )?([a-c12$(), ]|\\$\\(){0,40}){0,12}") {
        run(&lines);
    }
}
