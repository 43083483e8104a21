// SPDX-License-Identifier: MIT OR Apache-2.0
//! The words of `why`: a reason as a sentence, an answer as a headline. In which order they
//! are told is decided in `logic/`, how they look in `why`.

use crate::logic::{Fact, Owner, Reason, Why};
use crate::rules::undecided::Cause;
use crate::session::why::{Question, Verdict};

/// Names that are listed before a list is cut.
const MOST_NAMES: usize = 8;
/// Letters of a term that are shown: the place shows all of it.
const MOST_LETTERS: usize = 100;

/// The answer in one sentence.
pub(super) fn headline(question: &Question, verdict: &Verdict) -> String {
    let symbol = &question.symbol;
    let condition = question.condition.as_deref().unwrap_or("y");
    let during = match &question.condition {
        Some(condition) => format!(" while {}", quoted(condition)),
        None => String::new(),
    };
    match verdict {
        Verdict::Possible { .. } => format!("{symbol} can be on{during}"),
        Verdict::Impossible {
            symbol: true,
            condition: false,
            ..
        } if question.condition.is_some() => {
            format!(
                "{symbol} can never be on, whether or not {}",
                quoted(condition)
            )
        }
        Verdict::Impossible { symbol: true, .. } => format!("{symbol} can never be on{during}"),
        Verdict::Impossible { symbol: false, .. } => {
            format!("{} never holds, whatever {symbol} is", quoted(condition))
        }
        Verdict::Undefined => format!("{symbol} does not exist here"),
        Verdict::Recursive => {
            "recursive dependencies: Kconfig refuses the tree here, so there is no answer"
                .to_owned()
        }
        Verdict::Undecided(Cause::Effort) => {
            format!("whether {symbol} can be on{during} was not decided: see --effort")
        }
        Verdict::Undecided(Cause::Order) => format!(
            "whether {symbol} can be on{during} depends on the order in which Kconfig computes values"
        ),
    }
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}

/// A reason as a sentence.
pub(super) fn sentence(reason: &Reason) -> String {
    let symbol = &list(&reason.symbols);
    let many = reason.symbols.len() > 1;
    match &reason.fact {
        Fact::Ways {
            prompt,
            default,
            variable,
            selectors,
        } => ways(symbol, *prompt, *default, variable.as_deref(), selectors),
        Fact::Needs {
            term,
            denied,
            selects,
            selectable,
            around,
        } => {
            let term = abridged(term);
            let place = if *around {
                " (the block around it)"
            } else {
                ""
            };
            let tail = format!("{place}{}", denial(denied.as_deref()));
            let (need, select) = match many {
                true => ("need", "select"),
                false => ("needs", "selects"),
            };
            match (&selects[..], selectable) {
                ([], true) => format!("{symbol} {need} {term} unless selected{tail}"),
                ([], false) => format!("{symbol} {need} {term}{tail}"),
                (targets, _) => {
                    format!(
                        "{symbol} {select} {} only while {term}{tail}",
                        list(targets)
                    )
                }
            }
        }
        Fact::Condition {
            property,
            term,
            denied,
        } => {
            let (term, tail) = (abridged(term), denial(denied.as_deref()));
            match property {
                Owner::Prompt => format!("the prompt of {symbol} is there only if {term}{tail}"),
                Owner::Default => format!("this default of {symbol} counts only if {term}{tail}"),
                Owner::Select(target) => format!("{symbol} selects {target} only if {term}{tail}"),
                Owner::Imply(target) => format!("{symbol} implies {target} only if {term}{tail}"),
            }
        }
        Fact::Selected { by, condition } => {
            format!("{by} selects {symbol}{}", only_if(condition.as_deref()))
        }
        Fact::Implied { by, condition } => {
            format!("{by} implies {symbol}{}", only_if(condition.as_deref()))
        }
        Fact::Default {
            value,
            condition,
            fixed,
        } => {
            let fixed = if *fixed {
                ", and no prompt changes it"
            } else {
                ""
            };
            let condition = only_if(condition.as_deref());
            format!("{symbol} is {value} by default{condition}{fixed}")
        }
        Fact::Environment { variable, fixed } => {
            let fixed = if *fixed {
                ", and no prompt changes it"
            } else {
                ""
            };
            format!("{symbol} has the value of the environment variable {variable}{fixed}")
        }
        Fact::Undefined => format!("{symbol} does not exist here, so it is n"),
        Fact::Choice(members) => format!("of {} the choice takes one", list(members)),
        Fact::Text => format!("the value of {symbol} is what its definition allows"),
        Fact::Is { value, why } => format!("{symbol}={value}: {}", because(why)),
    }
}

fn ways(
    symbol: &str,
    prompt: bool,
    default: bool,
    variable: Option<&str>,
    selectors: &[String],
) -> String {
    let mut ways: Vec<String> = Vec::new();
    if prompt {
        ways.push("set at its prompt".to_owned());
    }
    if default {
        ways.push("on by default".to_owned());
    }
    if let Some(variable) = variable {
        ways.push(format!(
            "switched on by the environment variable {variable}"
        ));
    }
    if !selectors.is_empty() {
        ways.push(format!("switched on by {}", list(selectors)));
    }
    match (&ways[..], prompt) {
        ([], _) => format!("nothing switches {symbol} on: no prompt, no default, no select"),
        (_, true) => format!("{symbol} can be {}", ways.join(", or ")),
        (_, false) => format!(
            "{symbol} has no prompt: it can only be {}",
            ways.join(", or ")
        ),
    }
}

fn because(why: &Why) -> String {
    match why {
        Why::Set => "set by the user".to_owned(),
        Why::Capped => "set by the user, as far as the prompt allows".to_owned(),
        Why::Chosen => "the member that its choice takes of itself".to_owned(),
        Why::Selected(by) => format!("selected by {by}"),
        Why::Implied(by) => format!("implied by {by}"),
        Why::Default(value) => format!("by `default {value}`"),
        Why::Environment(variable) => {
            format!("from the environment variable {variable}")
        }
        Why::Unset => "left unset".to_owned(),
        Why::Needs(term) => format!("it needs {}", abridged(term)),
        Why::Nothing => "nothing that counts switches it on".to_owned(),
        Why::Undefined => "it does not exist here".to_owned(),
        Why::Other => "its choice takes another member".to_owned(),
    }
}

fn denial(denied: Option<&str>) -> String {
    denied.map_or_else(String::new, |denied| {
        format!(", against {}", quoted(denied))
    })
}

fn abridged(term: &str) -> String {
    match term.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", &term[..end]),
        None => term.to_owned(),
    }
}

fn only_if(condition: Option<&str>) -> String {
    condition.map_or_else(String::new, |condition| format!(" if {condition}"))
}

fn list(names: &[String]) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    let mut shown = names[..names.len() - more].join(", ");
    if more > 0 {
        shown.push_str(&format!(" or {more} more"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fact: Fact) -> String {
        sentence(&Reason {
            symbols: vec!["A".to_owned()],
            fact,
            place: None,
        })
    }

    #[test]
    fn a_need_says_what_it_is_about() {
        let needs = |selects: &[&str], selectable, denied: Option<&str>| {
            said(Fact::Needs {
                term: "MMU".to_owned(),
                denied: denied.map(str::to_owned),
                selects: selects.iter().map(|name| (*name).to_owned()).collect(),
                selectable,
                around: false,
            })
        };
        assert_eq!(
            needs(&[], false, Some("!MMU")),
            "A needs MMU, against `!MMU`"
        );
        assert_eq!(needs(&[], true, None), "A needs MMU unless selected");
        assert_eq!(needs(&["B"], false, None), "A selects B only while MMU");
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..10).map(|at| format!("S{at}")).collect();
        let said = said(Fact::Ways {
            prompt: false,
            default: false,
            variable: None,
            selectors: names,
        });
        assert!(said.ends_with("S6, S7 or 2 more"), "{said}");
    }
}
