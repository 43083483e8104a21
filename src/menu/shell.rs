// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a `$(shell,…)` stands for: recorded text, one of two texts, or an unknown.
//!
//! Reads the text of a command, never runs it. Where the text leaves any doubt, the answer is
//! "unknown" (semantics.md 27 and 28).

use std::collections::BTreeMap;

use super::command::{CommandId, Commands, Output, TestCommand};
use super::meaning::{self, Reading};
use super::pieces::{Piece, Pieces, either};
use super::toolchain::Toolchain;
use crate::tree::VersionScripts;

/// What is known of the machine on which commands run.
#[derive(Clone, Copy)]
pub(super) struct Machine<'a> {
    /// Recorded answers.
    pub(super) toolchain: &'a Toolchain,
    /// What the tree's own scripts print.
    pub(super) scripts: &'a VersionScripts,
    /// The environment.
    pub(super) environment: &'a BTreeMap<String, String>,
    /// The place of the architecture among those that are read together.
    pub(super) at: usize,
}

/// The output of the command `text`, which conf would hand to popen (preprocess.c, do_shell).
pub(super) fn output(commands: &mut Commands, machine: Machine<'_>, text: &Pieces) -> Output {
    if let Some(text) = text.as_text() {
        commands.ask(text);
    }
    text.distribute(&mut |text| single(commands, machine, text))
}

fn single(commands: &mut Commands, machine: Machine<'_>, text: &Pieces) -> Output {
    let whole = text.to_output();
    if let Some(answer) = recorded(commands, machine.toolchain, &whole) {
        return answer;
    }
    let Some(conditional) = Script::new(text).and_then(|script| script.conditional()) else {
        let id = commands.command(whole);
        note_form(commands, machine, id, text);
        return Output::Command(id);
    };
    let Conditional {
        condition,
        success,
        failure,
    } = conditional;
    let reading = Script::new(&condition).and_then(|script| meaning::read(&script));
    if let Some(Reading::Known(outcome)) = reading {
        return if outcome { success } else { failure };
    }
    let test = commands.test(condition.to_output(), |_| match reading {
        Some(Reading::Means(meaning)) => Some(meaning),
        _ => None,
    });
    let seen = TestCommand {
        text: whole,
        success: success.clone(),
        failure: failure.clone(),
    };
    commands.sees(test, seen);
    either(test, success, failure)
}

/// Notes what is certain of a command's output: that it names a tool, because the tree's own script
/// prints it, or that it is a word of such an output (`set -- … && echo $1`).
fn note_form(commands: &mut Commands, machine: Machine<'_>, id: CommandId, text: &Pieces) {
    if let Some(script) = version_script(machine.environment, text) {
        if let Some(tools) = machine.scripts.tools(script, machine.environment) {
            commands.prints_tools(id, tools, machine.at);
        }
    }
    let [
        Piece::Known(set),
        Piece::Unknown(Output::Command(of)),
        Piece::Known(echo),
    ] = text.parts()
    else {
        return;
    };
    let at = match (set.as_str(), echo.as_str()) {
        ("set -- ", " && echo $1") => 0,
        ("set -- ", " && echo $2") => 1,
        _ => return,
    };
    if commands.tools_of(*of).is_some() {
        commands.prints_word(id, *of, at);
    }
}

/// The name of the script that a command runs, where the script lies in `scripts` and the command
/// does nothing else. A variable among the arguments is taken for words without a meaning to the
/// shell.
fn version_script<'t>(environment: &BTreeMap<String, String>, text: &'t Pieces) -> Option<&'t str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_./=+,:".contains(c);
    let parts = text.parts().iter();
    let mut known = parts.filter_map(|part| match part {
        Piece::Known(text) => Some(text.as_str()),
        Piece::Unknown(_) => None,
    });
    if !known.all(|text| text.chars().all(is_plain)) {
        return None;
    }
    let Some(Piece::Known(first)) = text.parts().first() else {
        return None;
    };
    let inside = first.strip_prefix(environment.get("srctree")?.as_str())?;
    let (name, _) = inside.strip_prefix("/scripts/")?.split_once(' ')?;
    Some(name)
}

/// The recorded answer to a text.
pub(super) fn recorded(
    commands: &Commands,
    toolchain: &Toolchain,
    text: &Output,
) -> Option<Output> {
    // A record that does not name a variable was made while that variable was unset.
    let Output::Text(known) = commands.while_unset(text) else {
        return None;
    };
    let answer = toolchain.answer(known.as_str())?;
    Some(Pieces::from(&*answer).to_output())
}

/// `{ C; } >/dev/null 2>&1 && echo A || echo B`.
struct Conditional {
    condition: Pieces,
    success: Output,
    failure: Output,
}

/// A command's text in which each unknown output is one character, so that it can be read as
/// ordinary text.
pub(super) struct Script {
    text: String,
    unknown: Vec<Output>,
}

/// The first of the characters that stand for unknown outputs: a private plane of Unicode.
const FIRST_UNKNOWN: u32 = 0xF_0000;
const MAX_UNKNOWN: usize = 0xFFFD;

impl Script {
    /// `None` when the text itself holds such characters.
    pub(super) fn new(pieces: &Pieces) -> Option<Script> {
        let mut script = Script {
            text: String::with_capacity(pieces.size()),
            unknown: Vec::new(),
        };
        for part in pieces.parts() {
            match part {
                Piece::Known(text) if text.chars().any(is_unknown) => return None,
                Piece::Known(text) => script.text.push_str(text),
                Piece::Unknown(_) if script.unknown.len() == MAX_UNKNOWN => return None,
                Piece::Unknown(output) => {
                    let code = FIRST_UNKNOWN + script.unknown.len() as u32;
                    script.text.push(char::from_u32(code)?);
                    script.unknown.push(output.clone());
                }
            }
        }
        Some(script)
    }

    /// The text, with a character for each unknown.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Puts the unknown outputs back into a part of the text.
    pub(super) fn pieces(&self, part: &str) -> Pieces {
        let mut pieces = Pieces::new();
        let mut rest = part;
        while let Some(at) = rest.find(is_unknown) {
            pieces.push_str(&rest[..at]);
            let mut chars = rest[at..].chars();
            if let Some(index) = chars.next().map(|c| c as u32 - FIRST_UNKNOWN) {
                if let Some(output) = self.unknown.get(index as usize) {
                    pieces.push(output);
                }
            }
            rest = chars.as_str();
        }
        pieces.push_str(rest);
        pieces
    }

    fn conditional(&self) -> Option<Conditional> {
        let (head, failure) = self.text.rsplit_once("|| echo")?;
        let (head, success) = head.rsplit_once("&& echo")?;
        let condition = silenced(head.trim_end())?;
        Some(Conditional {
            condition: self.pieces(condition),
            success: self.pieces(&echoed(success)?).to_output(),
            failure: self.pieces(&echoed(failure)?).to_output(),
        })
    }
}

/// Whether a character stands for an unknown output in a [`Script`].
pub(super) fn is_unknown(c: char) -> bool {
    c as u32 >= FIRST_UNKNOWN
}

/// What `echo` prints for these arguments, when that is certain. The new line at the end is cut
/// by do_shell anyway.
fn echoed(arguments: &str) -> Option<String> {
    let bare = arguments.trim();
    if !bare.is_empty() && !arguments.starts_with([' ', '\t']) {
        return None;
    }
    let quoted = |quote: char, forbidden: &[char]| {
        let inner = bare.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(forbidden)).then(|| inner.to_owned())
    };
    let text = match bare.chars().next() {
        // `echo` itself reads backslashes in some shells.
        Some('"') => quoted('"', &['"', '$', '`', '\\'])?,
        Some('\'') => quoted('\'', &['\'', '\\'])?,
        _ => {
            let plain = |c: char| c.is_ascii_alphanumeric() || " \t_.,:=+-/@%".contains(c);
            if !bare.chars().all(plain) {
                return None;
            }
            bare.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
        }
    };
    let is_option = text
        .strip_prefix('-')
        .is_some_and(|flags| flags.chars().next().is_some_and(|c| "neE".contains(c)));
    let may_be_option = text.starts_with(is_unknown);
    (!is_option && (!may_be_option || bare.starts_with(['"', '\'']))).then_some(text)
}

/// C of `{ C; } >/dev/null 2>&1`, of the same with parentheses, or of a plain command with its
/// output thrown away.
fn silenced(head: &str) -> Option<&str> {
    let head = ["2>&1", "2>/dev/null", "2> /dev/null"]
        .iter()
        .find_map(|suffix| head.strip_suffix(suffix))
        .unwrap_or(head)
        .trim_end();
    let head = ["1>/dev/null", ">/dev/null", "> /dev/null"]
        .iter()
        .find_map(|suffix| head.strip_suffix(suffix))?;
    // `&>` is a redirection in some shells and starts a job in others.
    if head.ends_with(['&', '2', '>']) {
        return None;
    }
    let head = head.trim();
    if let Some(inner) = head.strip_prefix('{') {
        let inner = inner.strip_prefix([' ', '\t'])?.strip_suffix('}')?;
        let inner = inner.trim_end().strip_suffix(';')?.trim();
        return stands_alone(inner).then_some(inner);
    }
    if let Some(inner) = head.strip_prefix('(') {
        let inner = inner.strip_suffix(')')?.trim();
        return stands_alone(inner).then_some(inner);
    }
    let plain = !head.contains(['&', ';', '|', '\n', '(', '{']);
    (plain && stands_alone(head)).then_some(head)
}

/// Whether a text, put between braces, is a list of commands that ends where it seems to: no
/// quote, brace or parenthesis is open, none closes what it did not open, and nothing leaves
/// the shell early.
fn stands_alone(text: &str) -> bool {
    let mut depth = 0i32;
    let mut word = String::new();
    let mut chars = text.chars();
    loop {
        let c = chars.next();
        match c {
            Some('\\') => {
                chars.next();
                word.push('\\');
            }
            Some(quote @ ('\'' | '"')) => {
                if !skip_quoted(&mut chars, quote) {
                    return false;
                }
                word.push('"');
            }
            Some(c) if !" \t\n;&|()".contains(c) => word.push(c),
            end => {
                match &*word {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    "exit" | "exec" | "return" => return false,
                    word if word.starts_with('#') => return false,
                    _ => {}
                }
                word.clear();
                match end {
                    Some('(') => depth += 1,
                    Some(')') => depth -= 1,
                    None => return depth == 0,
                    _ => {}
                }
                if depth < 0 {
                    return false;
                }
            }
        }
    }
}

fn skip_quoted(chars: &mut std::str::Chars<'_>, quote: char) -> bool {
    while let Some(c) = chars.next() {
        if c == quote {
            return true;
        }
        if c == '\\' && quote == '"' {
            chars.next();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::menu::command::TestId;
    use crate::source::Name;

    fn text(text: &str) -> Output {
        Output::Text(Name::new(text))
    }

    fn answered(commands: &mut Commands, toolchain: &Toolchain, text: &Pieces) -> Output {
        let machine = Machine {
            toolchain,
            scripts: &VersionScripts::default(),
            environment: &BTreeMap::new(),
            at: 0,
        };
        output(commands, machine, text)
    }

    fn known(commands: &mut Commands, command: &str) -> Output {
        answered(commands, &Toolchain::default(), &Pieces::from(command))
    }

    /// The condition and the two outputs, if the text is a conditional.
    fn conditional(command: &str) -> Option<(String, Output, Output)> {
        let mut commands = Commands::default();
        match known(&mut commands, command) {
            Output::Either {
                test,
                success,
                failure,
            } => {
                let Output::Text(condition) = commands.tests[test.0 as usize].text else {
                    panic!("unknown parts in {command}");
                };
                Some((condition.to_string(), *success, *failure))
            }
            _ => None,
        }
    }

    #[test]
    fn a_conditional_has_two_outputs() {
        for command in [
            "{ cc -x; } >/dev/null 2>&1 && echo \"y\" || echo \"n\"",
            "{ cc -x; } >/dev/null 2>&1 && echo y || echo n",
            "{ cc -x; } > /dev/null 2>&1 && echo 'y' || echo 'n'",
            "(cc -x) >/dev/null 2>&1 && echo y || echo n",
            "cc -x >/dev/null 2>&1 && echo y || echo n",
            "cc -x >/dev/null 2>/dev/null && echo y || echo n",
        ] {
            let expected = Some(("cc -x".to_owned(), text("y"), text("n")));
            assert_eq!(conditional(command), expected, "{command}");
        }
    }

    #[test]
    fn quoted_braces_do_not_end_a_condition() {
        let command =
            "{ echo 'struct a { int b; };' | cc -; } >/dev/null 2>&1 && echo \"y\" || echo \"n\"";
        let condition = conditional(command).map(|(condition, _, _)| condition);
        assert_eq!(
            condition.as_deref(),
            Some("echo 'struct a { int b; };' | cc -")
        );
    }

    #[test]
    fn an_output_may_be_empty_or_a_flag() {
        let command = "{ cc -m64; } >/dev/null 2>&1 && echo \"-m64\" || echo \"\"";
        let expected = Some(("cc -m64".to_owned(), text("-m64"), text("")));
        assert_eq!(conditional(command), expected);
    }

    #[test]
    fn what_is_not_certain_stays_unknown() {
        for command in [
            "cc --version",
            "{ a; } && { b; } >/dev/null 2>&1 && echo y || echo n",
            "{ exit 1; } >/dev/null 2>&1 && echo y || echo n",
            "{ echo \"a; } >/dev/null 2>&1 && echo y || echo n",
            "{ a # b; } >/dev/null 2>&1 && echo y || echo n",
            "a && b >/dev/null 2>&1 && echo y || echo n",
            "{ a; } && echo y || echo n",
            "{ a; } &>/dev/null && echo y || echo n",
            "{ a; } >/dev/null && echo \"$HOME\" || echo n",
            "{ a; } >/dev/null && echo -n || echo n",
            "{ a; } >/dev/null && echo y || echo `n`",
        ] {
            assert_eq!(conditional(command), None, "{command}");
        }
    }

    #[test]
    fn a_condition_that_is_known_decides() {
        let mut commands = Commands::default();
        let command = "{ test 5 -ge 3; } >/dev/null 2>&1 && echo \"y\" || echo \"n\"";
        assert_eq!(known(&mut commands, command), text("y"));
        assert!(commands.tests.is_empty());
    }

    #[test]
    fn one_condition_is_one_test() {
        let mut commands = Commands::default();
        let plain = known(
            &mut commands,
            "{ a; } >/dev/null 2>&1 && echo \"y\" || echo \"n\"",
        );
        let turned = known(
            &mut commands,
            "{ a; } >/dev/null 2>&1 && echo \"n\" || echo \"y\"",
        );
        assert_eq!(plain, either(TestId(0), text("y"), text("n")));
        assert_eq!(turned, either(TestId(0), text("n"), text("y")));
        assert_eq!(commands.tests[0].commands.len(), 2);
    }

    #[test]
    fn recorded_answers_come_first() {
        let command = "{ a; } >/dev/null 2>&1 && echo \"y\" || echo \"n\"";
        let answers = [(command.to_owned(), "n\n".to_owned())].into();
        let mut commands = Commands::default();
        let toolchain = Toolchain { answers };
        let output = answered(&mut commands, &toolchain, &Pieces::from(command));
        assert_eq!(output, text("n"));
    }

    #[test]
    fn only_texts_without_an_unknown_are_certain_to_run() {
        let mut commands = Commands::default();
        known(&mut commands, "cc --version");
        known(&mut commands, "cc --version");
        let mut command = Pieces::from("set -- ");
        command.push(&Output::Command(CommandId(0)));
        answered(&mut commands, &Toolchain::default(), &command);
        let mut command = Pieces::from("cc ");
        command.push(&either(TestId(7), text("-m64"), text("")));
        answered(&mut commands, &Toolchain::default(), &command);
        assert_eq!(commands.asked, [Name::new("cc --version")]);
    }

    #[test]
    fn tests_inside_a_command_come_out_of_it() {
        let mut commands = Commands::default();
        let mut command = Pieces::from("cc ");
        command.push(&either(TestId(7), text("-m64"), text("")));
        let output = answered(&mut commands, &Toolchain::default(), &command);
        let expected = either(
            TestId(7),
            Output::Command(CommandId(0)),
            Output::Command(CommandId(1)),
        );
        assert_eq!(output, expected);
        assert_eq!(commands.commands[0].text, text("cc -m64"));
        assert_eq!(commands.commands[1].text, text("cc "));
    }
}
