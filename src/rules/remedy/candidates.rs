// SPDX-License-Identifier: MIT OR Apache-2.0
//! The candidates in the order in which practice prefers them.
//!
//! A driver mostly depends on what its helper depends on. A select that already has a condition
//! gets one more; what is selected together with the target everywhere else is selected here
//! too. A selector that is on only when it is selected gets nothing: what selects it, and names
//! the hardware or the user's choice, does.

use std::collections::{BTreeMap, BTreeSet};

use super::buildroot;
use super::edits::{self, Lines, Term};
use super::{Above, Remedy};
use crate::diagnostic::{Applicability, Edit, Fix, Narrowing, Plan};
use crate::rules::selects::{self, Block, BlockKind, Missing, Statement};
use crate::rules::term;
use crate::source::Span;

/// What the fixes are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::rules) enum Want {
    /// The dependency is off.
    Off,
    /// The dependency is only m.
    Module,
    /// What a policy requires; the target does not state it.
    Policy,
}

/// A broken pair that wants fixes.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Request<'a> {
    pub(in crate::rules) selector: &'a str,
    pub(in crate::rules) selectee: &'a str,
    pub(in crate::rules) statements: &'a [Statement],
    pub(in crate::rules) missing: &'a [Missing],
    pub(in crate::rules) want: Want,
}

impl Remedy {
    /// The candidates, the best first.
    pub(in crate::rules) fn fixes(&self, request: &Request<'_>) -> Vec<Fix> {
        if request.missing.is_empty() {
            return Vec::new();
        }
        let strict = strictly(request.missing).map(|terms| term_of(&terms));
        let plain = term_of(request.missing);
        // A bool counts a dependency of m as y, so the module has to be excluded.
        let terms: Vec<Term> = match request.want {
            _ if self.selector_is_tristate || !self.terms_can_be_m => vec![plain],
            Want::Module => strict.into_iter().collect(),
            _ => std::iter::once(plain).chain(strict).collect(),
        };
        let each = |make: &dyn Fn(&Term) -> Option<Fix>| -> Vec<Fix> {
            let mut fixes: Vec<Fix> = terms.iter().filter_map(make).collect();
            let later = fixes.iter_mut().skip(1);
            later.for_each(|fix| fix.plan.is_fallback = true);
            fixes
        };
        let mut depend = each(&|term| Some(self.depend_on(request, term)));
        let condition = each(&|term| Some(only_if(request, term)));
        let unless = each(&|term| self.unless_off(request, term));
        let blocks = each(&|term| around(request, term));
        let too: Vec<Fix> = self.select_too(request).into_iter().collect();

        let mut all = Vec::new();
        let (early, late) = if self.prefers_select() {
            (too, Vec::new())
        } else {
            (Vec::new(), too)
        };
        all.extend(early);
        if self.prefers_condition(request.statements) {
            // No machine takes the second best.
            for fix in &mut depend {
                fix.plan.best = Applicability::MaybeIncorrect;
            }
            all.extend(condition);
            all.extend(unless);
            all.extend(depend);
        } else {
            all.extend(depend);
            all.extend(condition);
        }
        all.extend(late);
        all.extend(blocks);
        all.extend(self.weaker(request));
        all.push(advice(request));
        all
    }

    /// The terms go to the selector, and to whatever selects it without them. A selector that
    /// is on only when it is selected needs none.
    fn depend_on(&self, request: &Request<'_>, term: &Term) -> Fix {
        let mut edits: BTreeMap<Span, Edit> = BTreeMap::new();
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for Above {
            selector,
            statement,
            ..
        } in &self.above
        {
            names.insert(selector);
            let own = depend(request, statement, term);
            edits.extend(own.into_iter().map(|edit| (edit.span, edit)));
        }
        if !self.is_above_only() {
            names.insert(request.selector);
            for statement in request.statements {
                let own = depend(request, statement, term);
                edits.extend(own.into_iter().map(|edit| (edit.span, edit)));
            }
        }
        let words = shortened(&term.in_words());
        let names: Vec<&str> = names.into_iter().collect();
        let title = match &names[..] {
            [only] if *only == request.selector => format!("depend on {words}"),
            [one] => format!("let {one} depend on {words}"),
            [one, other] => format!("let {one} and {other} depend on {words}"),
            [one, rest @ ..] => format!("let {one} and {} others depend on {words}", rest.len()),
            [] => format!("depend on {words}"),
        };
        let reason = match self.is_above_only() {
            true => format!("nothing but a select switches {} on", request.selector),
            false => String::new(),
        };
        let plan = Plan {
            best: Applicability::MachineApplicable,
            narrows: names
                .iter()
                .map(|name| narrowing(name, &term.bare))
                .collect(),
            owners: owned(names.iter().copied()),
            asks: asked(request),
            reason,
            ..Plan::harmless()
        };
        Fix::candidate(title, plan, edits.into_values().collect())
    }

    /// What is missing is selected as well.
    fn select_too(&self, request: &Request<'_>) -> Option<Fix> {
        if !self.selectable || request.want != Want::Off {
            return None;
        }
        let names: Vec<&str> = request.missing.iter().map(|it| it.term.as_str()).collect();
        let edits = request.statements.iter().map(|statement| {
            let all = names.iter().map(|name| edits::select_too(statement, name));
            all.reduce(|mut all, next| {
                all.text.push_str(&next.text);
                all
            })
        });
        let super::Practice {
            select_too, all, ..
        } = self.practice;
        let reason = match select_too {
            0 => String::new(),
            some => format!(
                "as {some} of {all} other selectors of {} do",
                request.selectee
            ),
        };
        let title = format!("select {} too", names.join(" and "));
        let plan = Plan {
            touches: owned(names.iter().copied().chain([request.selectee])),
            owners: owned([request.selector]),
            asks: owned([request.selector])
                .into_iter()
                .chain(asked(request))
                .collect(),
            caveat: format!(
                "works only if {} works wherever {} can be on",
                names.join(" and "),
                request.selector
            ),
            reason,
            ..maybe()
        };
        Some(Fix::candidate(title, plan, edits.flatten().collect()))
    }

    /// The user decides about the target instead of the selector.
    fn weaker(&self, request: &Request<'_>) -> Vec<Fix> {
        if !self.target_has_prompt || request.want == Want::Policy {
            return Vec::new();
        }
        let (selector, selectee) = (request.selector, request.selectee);
        let mut fixes = Vec::new();
        if let [statement] = request.statements {
            let term = self.unless(statement, &symbol_term(selectee));
            let held = if statement.condition.is_some() {
                "holds"
            } else {
                "is on"
            };
            let mut edits = edits::depend(statement, &term);
            edits.push(edits::remove(statement));
            let plan = Plan {
                narrows: vec![narrowing(selector, &term.bare)],
                touches: owned([selectee]),
                owners: owned([selector]),
                asks: owned([selectee])
                    .into_iter()
                    .chain(asked(request))
                    .collect(),
                caveat: format!("{selector} is then on only where {} {held}", term.bare),
                ..maybe()
            };
            let title = format!(
                "depend on {} instead of selecting {selectee}",
                term.in_words()
            );
            fixes.push(Fix::candidate(title, plan, edits));
        }
        // Before Linux 4.18, a symbol hangs on the condition of its own imply.
        let conditions = request.statements.iter().flat_map(|it| &it.condition);
        let conditions = conditions.flat_map(|it| &it.symbols).cloned();
        let plan = Plan {
            touches: match self.imply_at_source {
                true => owned([selectee, selector]),
                false => owned([selectee]),
            },
            owners: owned([selector]),
            asks: conditions.filter(|_| self.imply_at_source).collect(),
            caveat: format!("works only if {selector}'s code copes without {selectee}"),
            ..maybe()
        };
        let edits = request.statements.iter().map(edits::imply).collect();
        let title = format!("replace `select {selectee}` by `imply {selectee}`");
        fixes.push(Fix::candidate(title, plan, edits));
        fixes
    }

    /// The selector depends on the terms where the condition of its select holds.
    fn unless_off(&self, request: &Request<'_>, term: &Term) -> Option<Fix> {
        let [statement] = request.statements else {
            return None;
        };
        statement.condition.as_ref()?;
        let term = self.unless(statement, term);
        let edits = edits::depend(statement, &term);
        let plan = Plan {
            narrows: vec![narrowing(request.selector, &term.bare)],
            owners: owned([request.selector]),
            asks: asked(request),
            caveat: format!(
                "{} needs nothing new where {} does not select {}",
                request.selector, request.selector, request.selectee
            ),
            ..maybe()
        };
        let title = format!("depend on {}", shortened(&term.in_words()));
        Some(Fix::candidate(title, plan, edits))
    }

    /// `T if C` for a select on the condition C, or `T || !C` where the tree's kconfig knows no
    /// condition of a dependency; `T` for a select without one.
    fn unless(&self, statement: &Statement, term: &Term) -> Term {
        let Some(condition) = &statement.condition else {
            return term.clone();
        };
        let text = condition.text.trim();
        if let Some(off) = term::off(text).filter(|_| self.takes_conditions) {
            let bare = format!("{} || {off}", term.bare);
            return Term {
                joined: format!("({bare})"),
                bare,
                lines: Some(Lines {
                    always: None,
                    conditional: vec![(term.under(text), text.to_owned())],
                }),
            };
        }
        let is_word = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let denied = match text.strip_prefix('!').map(str::trim) {
            Some(inner) if is_word(inner) => inner.to_owned(),
            _ if is_word(text) => format!("!{text}"),
            _ => format!("!({text})"),
        };
        let bare = format!("{} || {denied}", term.bare);
        Term {
            joined: format!("({bare})"),
            bare,
            lines: None,
        }
    }
}

/// A statement's definition asks for the term, as the tree does it.
fn depend(request: &Request<'_>, statement: &Statement, term: &Term) -> Vec<Edit> {
    match &statement.mirror {
        Some(mirror) => buildroot::depend(statement, mirror, request.selectee, request.missing),
        None => edits::depend(statement, term),
    }
}

/// The terms become a condition of the select.
fn only_if(request: &Request<'_>, term: &Term) -> Fix {
    let statements = request.statements.iter();
    let edits = statements.map(|statement| edits::condition(statement, term));
    let (selector, selectee) = (request.selector, request.selectee);
    let plan = Plan {
        restricts: Some(narrowing(selector, &term.bare)),
        touches: owned([selectee]),
        owners: owned([selector]),
        asks: asked(request),
        caveat: format!("works only if {selector}'s code copes without {selectee}"),
        ..maybe()
    };
    let title = format!("select {selectee} only if {}", shortened(&term.bare));
    Fix::candidate(title, plan, edits.collect())
}

/// The `if` or the menu around the selector asks for the terms.
fn around(request: &Request<'_>, term: &Term) -> Option<Fix> {
    let [statement] = request.statements else {
        return None;
    };
    let block: &Block = statement.block.as_ref()?;
    // Alone in it, the selector had better say so itself.
    if block.members.len() < 2 {
        return None;
    }
    let words = match &block.kind {
        BlockKind::If => shortened(&term.bare),
        BlockKind::Menu(_) => shortened(&term.in_words()),
    };
    let title = match &block.kind {
        BlockKind::If => format!("let the `if` around {} require {words}", request.selector),
        BlockKind::Menu(title) => format!("let the menu {title} depend on {words}"),
    };
    let members = block.members.iter();
    let plan = Plan {
        narrows: members.map(|name| narrowing(name, &term.bare)).collect(),
        owners: block.members.clone(),
        asks: asked(request),
        caveat: format!(
            "all {} symbols of the block then depend on {words}",
            block.members.len()
        ),
        must_be_free: true,
        ..maybe()
    };
    Some(Fix::candidate(
        title,
        plan,
        edits::depend_block(block, term),
    ))
}

/// What the target's side could do; only people can say whether it should.
fn advice(request: &Request<'_>) -> Fix {
    let words = selects::in_words(request.missing);
    let selectee = request.selectee;
    let title = match request.want {
        Want::Policy => format!("or let {selectee} itself depend on {words}"),
        Want::Off => {
            format!(
                "or drop {words} from the dependencies of {selectee}, if {selectee} works without"
            )
        }
        Want::Module => {
            let words = selects::without_conditions(request.missing);
            format!("or let {selectee} accept {words} as a module")
        }
    };
    Fix::new(title, Applicability::DisplayOnly, Vec::new())
}

/// The symbols in the missing terms and in the conditions of the statements.
fn asked(request: &Request<'_>) -> Vec<String> {
    let missing = request.missing.iter().flat_map(|term| &term.symbols);
    let conditions = request.statements.iter();
    let conditions = conditions.flat_map(|statement| &statement.condition);
    let conditions = conditions.flat_map(|condition| &condition.symbols);
    missing.chain(conditions).cloned().collect()
}

/// What a person has to look at, whatever is proved.
pub(super) fn maybe() -> Plan {
    Plan {
        best: Applicability::MaybeIncorrect,
        ..Plan::harmless()
    }
}

pub(super) fn narrowing(symbol: &str, term: &str) -> Narrowing {
    Narrowing {
        symbol: symbol.to_owned(),
        term: term.to_owned(),
    }
}

pub(super) fn owned<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

pub(super) fn symbol_term(name: &str) -> Term {
    Term {
        bare: name.to_owned(),
        joined: name.to_owned(),
        lines: None,
    }
}

fn term_of(missing: &[Missing]) -> Term {
    let expressions = missing.iter().map(|it| it.expression.as_str());
    let all = expressions.collect::<Vec<_>>().join(" && ");
    let (conditional, always): (Vec<&Missing>, Vec<&Missing>) =
        missing.iter().partition(|it| it.under_condition.is_some());
    let lines = (!conditional.is_empty()).then(|| {
        let always: Vec<Missing> = always.into_iter().cloned().collect();
        let conditional = conditional.into_iter();
        Lines {
            always: (!always.is_empty()).then(|| Box::new(term_of(&always))),
            conditional: conditional
                .filter_map(|it| Some((it.under_condition.clone()?, it.condition()?.to_owned())))
                .collect(),
        }
    });
    let bare = match missing {
        [only] => selects::bare(&only.expression).to_owned(),
        _ => all.clone(),
    };
    Term {
        bare,
        joined: all,
        lines,
    }
}

/// The terms such that a module does not meet them; `None` when one is no symbol.
fn strictly(missing: &[Missing]) -> Option<Vec<Missing>> {
    let strict = missing.iter().map(|term| {
        let plain = match (&term.under_condition, &term.symbols[..]) {
            (Some(dependency), [first, ..]) if first == dependency => first,
            (None, [only]) if *only == term.term => only,
            _ => return None,
        };
        // Of `(X if Y)` only X is asked to be y.
        let strict = |text: &str| text.replacen(plain, &format!("{plain} = y"), 1);
        Some(Missing {
            term: strict(&term.term),
            expression: strict(&term.expression),
            under_condition: term.under_condition.as_deref().map(strict),
            ..term.clone()
        })
    });
    strict.collect()
}

/// Text of an edit as it can stand in a title.
fn shortened(text: &str) -> String {
    selects::cut(text.to_owned())
}
