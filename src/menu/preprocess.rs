// SPDX-License-Identifier: MIT OR Apache-2.0
//! Macro expansion as the kernel's preprocess.c does it, except that no command is run.
//!
//! Expansion works on an explicit stack, so that no input can exhaust the machine's, and within
//! a budget, so that a macro that doubles itself comes to an end. What a command would print
//! enters the text as an unknown. Nothing here knows statements or files.

mod frame;

use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use frame::{Frame, Step, spend};

use super::command::{Commands, Meaning, Output, TestCommand, is_variable_name};
use super::pieces::{Piece, Pieces, either};
use super::shell::{self, Machine};
use crate::source::Name;
use crate::syntax::ast::AssignOp;

/// How often a function may stand within itself (preprocess.c, variable_expand).
const MAX_DEPTH: u32 = 1000;

/// How many frames may lie upon each other, over all functions. conf has no such limit; its
/// stack has.
const MAX_FRAMES: usize = 20_000;

/// Steps and bytes that one expansion may cost.
const EXPANSION_BUDGET: usize = 1 << 20;

/// Steps and bytes that all expansions of one architecture may cost.
const TOTAL_BUDGET: usize = 64 << 20;

/// Where an expansion takes place, for `$(filename)` and `$(lineno)`.
pub(super) struct Place<'a> {
    /// The name under which the file was sourced.
    pub(super) file: &'a str,
    /// The line, asked for only by those who need it.
    pub(super) line: &'a dyn Fn() -> u32,
}

/// Why an expansion failed; in lower case and without a full stop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct MacroError(pub(super) String);

/// What an expansion did besides its result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Event {
    /// `$(error-if,C,…)` with a C that only the toolchain decides.
    Assumption(Output),
    /// `$(warning-if,y,…)` and its message.
    Warning(String),
}

/// Variables and the answers known so far; grows as statements are read.
pub(super) struct Preprocessor<'a> {
    machine: Machine<'a>,
    unknown_functions: bool,
    always_unset: &'a BTreeSet<Name>,
    variables: FxHashMap<String, Variable>,
    budget: usize,
    /// Commands asked for so far.
    pub(super) commands: Commands,
    /// What happened since the caller last took these.
    pub(super) events: Vec<Event>,
    /// Variables that were expanded while nothing defines or fixes them, since the caller last
    /// took these.
    pub(super) unset: Vec<String>,
    /// Variables that nothing fixes and that name a file, a symbol or a macro.
    pub(super) naming: BTreeSet<Name>,
}

struct Variable {
    value: Value,
    /// How many expansions of it are under way (`exp_count`).
    active: u32,
}

enum Value {
    /// Expanded at each use.
    Recursive(Rc<str>),
    /// Expanded already.
    Simple(Pieces),
}

impl<'a> Preprocessor<'a> {
    /// A preprocessor without variables. With `unknown_functions`, a call of a function that
    /// nobody defines is an unknown rather than nothing: the tree's own tools define it. Variables
    /// of the environment that nothing fixes are unknown, but for those in `always_unset`.
    pub(super) fn new(
        machine: Machine<'a>,
        unknown_functions: bool,
        always_unset: &'a BTreeSet<Name>,
    ) -> Preprocessor<'a> {
        Preprocessor {
            machine,
            unknown_functions,
            always_unset,
            variables: FxHashMap::default(),
            budget: TOTAL_BUDGET,
            commands: Commands::default(),
            events: Vec::new(),
            unset: Vec::new(),
            naming: BTreeSet::new(),
        }
    }

    /// Expands the references in a text (preprocess.c, expand_string). In a quoted text a
    /// backslash outside of references takes its meaning from the next character (lexer.l,
    /// STRING).
    pub(super) fn expand(
        &mut self,
        text: &str,
        quoted: bool,
        place: &Place<'_>,
    ) -> Result<Pieces, MacroError> {
        let mut stack = vec![Frame::text(text.into(), quoted, Rc::new([]))];
        let allowance = self.budget.min(EXPANSION_BUDGET);
        let mut left = allowance;
        let result = self.run(&mut stack, &mut left, place);
        self.budget -= allowance - left;
        for frame in stack {
            if let Frame::Variable(name) = frame {
                self.leave(&name);
            }
        }
        result
    }

    /// Defines a variable (preprocess.c, variable_add).
    pub(super) fn assign(
        &mut self,
        name: &str,
        op: AssignOp,
        text: &str,
        place: &Place<'_>,
    ) -> Result<(), MacroError> {
        let old = self.variables.get(name).map(|variable| &variable.value);
        let value = match (op, old) {
            (AssignOp::Recursive, _) | (AssignOp::Append, None) => Value::Recursive(text.into()),
            (AssignOp::Append, Some(Value::Recursive(old))) => {
                if old.len() + text.len() > EXPANSION_BUDGET {
                    return Err(too_long());
                }
                Value::Recursive(format!("{old} {text}").into())
            }
            (AssignOp::Append, Some(Value::Simple(old))) => {
                let mut value = old.clone();
                value.push_str(" ");
                value.append(&self.expand(text, false, place)?);
                if value.size() > EXPANSION_BUDGET {
                    return Err(too_long());
                }
                Value::Simple(value)
            }
            (AssignOp::Simple, _) => Value::Simple(self.expand(text, false, place)?),
        };
        let variable = Variable { value, active: 0 };
        self.variables.insert(name.to_owned(), variable);
        Ok(())
    }

    /// What stands for a text whose expansion failed or cannot be known: a command of that
    /// text, which nobody can answer.
    pub(super) fn unknown(&mut self, text: &str) -> Output {
        let text = Pieces::from(text).to_output();
        Output::Command(self.commands.command(text))
    }

    fn run(
        &mut self,
        stack: &mut Vec<Frame>,
        left: &mut usize,
        place: &Place<'_>,
    ) -> Result<Pieces, MacroError> {
        loop {
            spend(left, 1)?;
            if stack.len() > MAX_FRAMES {
                return Err(too_deep());
            }
            let Some(top) = stack.last_mut() else {
                return Ok(Pieces::new());
            };
            let done = match top {
                Frame::Text { .. } => match top.read_text(left)? {
                    Step::Done(value) => {
                        stack.pop();
                        Some(value)
                    }
                    Step::Call(call) => {
                        stack.push(call);
                        None
                    }
                },
                Frame::Call {
                    waiting,
                    done,
                    arguments,
                } => match waiting.pop() {
                    Some(part) => {
                        let frame = Frame::text(part, false, arguments.clone());
                        stack.push(frame);
                        None
                    }
                    None => {
                        let parts = std::mem::take(done);
                        stack.pop();
                        self.call(parts, stack, place)?
                    }
                },
                Frame::Variable(_) => None,
            };
            let Some(value) = done else { continue };
            if let Some(result) = self.deliver(value, stack, left)? {
                return Ok(result);
            }
        }
    }

    /// Hands a finished value to whoever waits for it; returns it when nobody does.
    fn deliver(
        &mut self,
        value: Pieces,
        stack: &mut Vec<Frame>,
        left: &mut usize,
    ) -> Result<Option<Pieces>, MacroError> {
        spend(left, value.size())?;
        loop {
            match stack.last_mut() {
                None => return Ok(Some(value)),
                Some(Frame::Text { result, .. }) => {
                    result.append(&value);
                    return Ok(None);
                }
                Some(Frame::Call { done, .. }) => {
                    done.push(value);
                    return Ok(None);
                }
                Some(Frame::Variable(name)) => {
                    let name = std::mem::take(name);
                    stack.pop();
                    self.leave(&name);
                }
            }
        }
    }

    /// Evaluates a reference (preprocess.c, eval_clause): variables, then built-in functions,
    /// then the environment. `None` when a frame was pushed that will deliver the value.
    fn call(
        &mut self,
        mut parts: Vec<Pieces>,
        stack: &mut Vec<Frame>,
        place: &Place<'_>,
    ) -> Result<Option<Pieces>, MacroError> {
        let arguments = parts.split_off(1);
        parts[0] = self.name(&parts[0]);
        let Some(name) = parts[0].as_text() else {
            return Ok(Some(self.unknown_call(&parts[0], &arguments)));
        };
        if let Some(variable) = self.variables.get_mut(name) {
            if arguments.is_empty() && variable.active > 0 {
                return Err(MacroError(format!(
                    "recursive variable '{name}' references itself (eventually)"
                )));
            }
            if variable.active > MAX_DEPTH {
                return Err(too_deep());
            }
            return Ok(match &variable.value {
                Value::Simple(value) => Some(value.clone()),
                Value::Recursive(text) => {
                    variable.active += 1;
                    stack.push(Frame::Variable(name.to_owned()));
                    stack.push(Frame::text(text.clone(), false, arguments.into()));
                    None
                }
            });
        }
        if let Some(value) = self.built_in(name, &arguments, place)? {
            return Ok(Some(value));
        }
        if arguments.is_empty() {
            let name = name.to_owned();
            return Ok(Some(match self.variable(&name) {
                Some(value) => Pieces::from(&value),
                None => Pieces::new(),
            }));
        }
        if self.unknown_functions {
            return Ok(Some(self.unknown_call(&parts[0], &arguments)));
        }
        Ok(Some(Pieces::new()))
    }

    /// The value of a variable of the environment: what the architecture or a record says, else
    /// an unknown text. `None` where the variable is known to be unset.
    pub(super) fn variable(&mut self, name: &str) -> Option<Output> {
        if let Some(value) = self.machine.environment.get(name) {
            return Some(Output::Text(Name::new(value)));
        }
        match self.machine.toolchain.variable(name) {
            Some("") => {}
            Some(value) => return Some(Output::Text(Name::new(value))),
            None if is_variable_name(name) && !self.counts_as_unset(name) => {
                self.unset.push(name.to_owned());
                return Some(Output::Command(self.commands.variable(name)));
            }
            None => {}
        }
        self.unset.push(name.to_owned());
        None
    }

    fn counts_as_unset(&self, name: &str) -> bool {
        self.always_unset.contains(&Name::new(name))
    }

    /// A bare word. Where a variable that nothing fixes is only a part of the word, the word is
    /// most likely the name of a symbol, and stays what it is while the variable is unset.
    pub(super) fn bare(&mut self, word: Pieces) -> Pieces {
        if word.parts().len() < 2 {
            return word;
        }
        let mut whole = Pieces::new();
        for part in word.parts() {
            match part {
                Piece::Known(text) => whole.push_str(text),
                Piece::Unknown(output) if self.commands.may_vanish(output) => {
                    whole.append(&self.name(&Pieces::from(output)));
                }
                Piece::Unknown(output) => whole.push(output),
            }
        }
        whole
    }

    /// `y` when this output is the empty text, where a variable can make it empty.
    pub(super) fn is_nothing(&mut self, output: &Output) -> Option<Output> {
        if !self.commands.may_vanish(output) {
            return None;
        }
        let mut text = Pieces::from("test -z \"");
        text.push(output);
        text.push_str("\"");
        let meaning = Meaning::Empty {
            value: output.clone(),
            negated: false,
        };
        let test = self.commands.test(text.join(), |_| Some(meaning));
        let word = |text| Output::Text(Name::new(text));
        Some(either(test, word("y"), word("n")))
    }

    /// A text that names something, while all variables that nothing fixes are unset. What it
    /// names must not change from machine to machine, so these variables count as unset.
    pub(super) fn name(&mut self, text: &Pieces) -> Pieces {
        if text.as_text().is_some() {
            return text.clone();
        }
        let output = text.to_output();
        self.commands.variables_in(&output, &mut self.naming);
        Pieces::from(&self.commands.while_unset(&output))
    }

    /// The built-in functions (preprocess.c, function_table); `None` when this is none.
    fn built_in(
        &mut self,
        name: &str,
        arguments: &[Pieces],
        place: &Place<'_>,
    ) -> Result<Option<Pieces>, MacroError> {
        let wanted = match name {
            "filename" | "lineno" => 0,
            "info" | "shell" => 1,
            "error-if" | "warning-if" => 2,
            _ => return Ok(None),
        };
        if arguments.len() != wanted {
            let how = if arguments.len() < wanted {
                "few"
            } else {
                "many"
            };
            return Err(MacroError(format!(
                "too {how} function arguments passed to '{name}'"
            )));
        }
        let value = match name {
            "filename" => Pieces::from(place.file),
            "lineno" => Pieces::from(&*(place.line)().to_string()),
            "shell" => Pieces::from(&shell::output(
                &mut self.commands,
                self.machine,
                &arguments[0],
            )),
            "error-if" => {
                match arguments[0].to_output() {
                    Output::Text(text) if text.as_str() == "y" => {
                        return Err(MacroError(message(&arguments[1])));
                    }
                    Output::Text(_) => {}
                    condition => self.events.push(Event::Assumption(condition)),
                }
                Pieces::new()
            }
            "warning-if" if arguments[0].as_text() == Some("y") => {
                self.events.push(Event::Warning(message(&arguments[1])));
                Pieces::new()
            }
            _ => Pieces::new(),
        };
        Ok(Some(value))
    }

    /// A call that only the toolchain or the tree's own tools can answer: a recorded answer, a test
    /// where the function answers yes or no, else a command named by its text.
    fn unknown_call(&mut self, name: &Pieces, arguments: &[Pieces]) -> Pieces {
        let mut text = Pieces::from("$(");
        text.append(name);
        for argument in arguments {
            text.push_str(",");
            text.append(argument);
        }
        text.push_str(")");
        let is_predicate = name.as_text().is_some_and(is_predicate);
        let (commands, toolchain) = (&mut self.commands, self.machine.toolchain);
        Pieces::from(&text.distribute(&mut |text| {
            let whole = text.to_output();
            if let Some(answer) = shell::recorded(commands, toolchain, &whole) {
                return answer;
            }
            if !is_predicate {
                return Output::Command(commands.command(whole));
            }
            let [yes, no] = ["y", "n"].map(|word| Output::Text(Name::new(word)));
            let test = commands.test(whole.clone(), |_| None);
            commands.sees(
                test,
                TestCommand {
                    text: whole,
                    success: yes.clone(),
                    failure: no.clone(),
                },
            );
            either(test, yes, no)
        }))
    }

    fn leave(&mut self, name: &str) {
        if let Some(variable) = self.variables.get_mut(name) {
            variable.active = variable.active.saturating_sub(1);
        }
    }
}

/// Whether a function of Zephyr answers `y` or `n` and nothing else, by its name
/// (`scripts/kconfig/kconfigfunctions.py` of Zephyr). The others answer numbers and texts.
fn is_predicate(name: &str) -> bool {
    const ENDS: [&str; 10] = [
        "_enabled",
        "_enabled_with_compat",
        "_exists",
        "_has_compat",
        "_has_prop",
        "_has_bool_prop",
        "_bool_prop",
        "_has_val",
        "_on_bus",
        "_equals",
    ];
    let of_device_tree = name.starts_with("dt_") && ENDS.iter().any(|end| name.ends_with(end));
    of_device_tree || name == "shields_list_contains"
}

fn too_long() -> MacroError {
    MacroError("the variable's value is too long".to_owned())
}

fn too_deep() -> MacroError {
    MacroError("too deep recursive expansion".to_owned())
}

/// The message of `error-if` and `warning-if`, with an ellipsis for what is unknown.
fn message(text: &Pieces) -> String {
    let parts = text.parts().iter().map(|part| match part {
        Piece::Known(text) => text.as_str(),
        Piece::Unknown(_) => "…",
    });
    let text: String = parts.collect();
    if text.is_empty() {
        "the tree refuses this configuration without a word".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
