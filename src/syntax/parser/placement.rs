// SPDX-License-Identifier: MIT OR Apache-2.0
//! What may stand where: attributes below entries, statements inside choices.
//!
//! The union of what `scripts/kconfig/parser.y` of current and older trees and the dialects
//! allow. No token is read here.

use super::{Parser, Place, Target};
use crate::syntax::Notation;
use crate::syntax::ast::{AttributeKind, EntryKind, ExprId, ExprKind, Type};
use crate::syntax::token::TokenKind;

impl Parser<'_> {
    /// Reports a statement that must not stand here; it is kept all the same, so that the
    /// lines that belong to it find their place.
    pub(super) fn check_place(&mut self, kind: &EntryKind, place: &Place<'_>) {
        // kconfiglib.py, `_parse_block`: any statement may stand in any block.
        if self.arena.notation.is_kconfiglib() {
            return;
        }
        let word = word_of(kind);
        if let Some(choice) = self.blocks.choice() {
            if !may_stand_in_choice(kind) {
                let what = match kind {
                    EntryKind::Assignment { .. } => "an assignment".to_owned(),
                    _ => format!("`{word}`"),
                };
                let message = format!("{what} cannot stand inside a choice");
                self.error_with(place.range(), message, choice, "the choice begins here");
                return;
            }
        }
        if matches!(kind, EntryKind::MainMenu(_)) && self.started {
            let message = "`mainmenu` has to be the first statement of the tree".to_owned();
            self.error(place.range(), message);
        }
        let assigns = matches!(kind, EntryKind::Assignment { value, .. } if !value.is_empty());
        if self.after_help && assigns {
            let message = "conf does not read an assignment right after a help text".to_owned();
            self.error(place.range(), message);
            if let Some(error) = self.errors.last_mut() {
                error.harmless = true;
            }
        }
    }

    pub(super) fn fits(&self, kind: &AttributeKind) -> bool {
        match self.target {
            Target::Entry(id) => may_have(&self.ast.entries[id.0 as usize].kind, kind),
            _ => false,
        }
    }

    pub(super) fn check_attribute(&mut self, kind: &AttributeKind, place: &Place<'_>) -> bool {
        let word = place.line.iter().find_map(|token| match token.kind {
            TokenKind::Keyword(keyword) => Some(keyword.word()),
            _ => None,
        });
        let word = word.unwrap_or_default();
        let id = match self.target {
            Target::Entry(id) => id,
            Target::Lost => return true,
            Target::Nothing => {
                let message = format!("`{word}` belongs to no entry here");
                self.error(place.range(), message);
                return false;
            }
        };
        let entry = &self.ast.entries[id.0 as usize];
        let (head, owner) = (entry.head, word_of(&entry.kind));
        // kconfiglib.py, `_parse_props`: a choice is asked only for what it may select or imply.
        let is_odd = self.arena.notation.is_kconfiglib()
            && matches!(
                (&entry.kind, kind),
                (EntryKind::Choice(_), AttributeKind::Range { .. })
            );
        let is_idle =
            self.arena.notation == Notation::EspIdf && is_idle_for_esp_idf(&entry.kind, kind);
        if !may_have(&entry.kind, kind) && !is_odd && !is_idle {
            let message = format!("a `{owner}` cannot have `{word}`");
            self.error_with(place.range(), message, head, "the entry begins here");
            return false;
        }
        if let (EntryKind::Choice(_), AttributeKind::Default { value, .. }) = (&entry.kind, kind) {
            if !self.is_name(*value) {
                let message = "the default of a choice has to be the name of a symbol".to_owned();
                self.error(place.range(), message);
                return false;
            }
        }
        true
    }

    pub(super) fn is_name(&self, value: ExprId) -> bool {
        match self.arena.exprs.borrow()[value.0 as usize].kind {
            ExprKind::Atom(atom) => {
                let words = self.arena.words.borrow();
                let first = atom.first.0 as usize;
                words[first..first + atom.count as usize]
                    .iter()
                    .all(|word| !word.quoted)
            }
            _ => false,
        }
    }
}

/// Whether an entry of this kind may have this attribute (`config_option_list`,
/// `choice_option_list`, `menu_option_list`, `comment_option_list`).
pub(super) fn may_have(entry: &EntryKind, attribute: &AttributeKind) -> bool {
    use AttributeKind as A;
    match entry {
        _ if matches!(attribute, A::Macro(_)) => true,
        EntryKind::Config(_) | EntryKind::MenuConfig(_) => {
            !matches!(attribute, A::Visible(_) | A::Optional)
        }
        EntryKind::ConfigDefault(_) => matches!(attribute, A::Default { .. }),
        EntryKind::Choice(_) => match attribute {
            A::Type { ty, .. } => matches!(ty, Type::Bool | Type::Tristate),
            A::Prompt(_)
            | A::Default { .. }
            | A::DependsOn { .. }
            | A::Optional
            | A::Help { .. } => true,
            _ => false,
        },
        EntryKind::Menu(_) => matches!(attribute, A::Visible(_) | A::DependsOn { .. }),
        EntryKind::Comment(_) => matches!(attribute, A::DependsOn { .. }),
        _ => false,
    }
}

/// Whether esp-idf-kconfig reads this attribute of such an entry, although it has no effect.
fn is_idle_for_esp_idf(entry: &EntryKind, attribute: &AttributeKind) -> bool {
    use AttributeKind as A;
    match attribute {
        A::Help { .. } | A::Warning(_) => true,
        A::Visible(_) | A::Set { .. } => !matches!(entry, EntryKind::Menu(_)),
        _ => false,
    }
}

/// Whether lines below an entry of this kind can be its attributes at all.
pub(super) fn has_attributes(entry: &EntryKind) -> bool {
    use EntryKind as E;
    matches!(
        entry,
        E::Config(_)
            | E::MenuConfig(_)
            | E::ConfigDefault(_)
            | E::Choice(_)
            | E::Menu(_)
            | E::Comment(_)
    )
}

/// Whether such a statement may stand inside a choice (`stmt_list_in_choice`). `source` may:
/// older conf, Buildroot and coreboot list their members so.
pub(super) fn may_stand_in_choice(entry: &EntryKind) -> bool {
    use EntryKind as E;
    matches!(
        entry,
        E::Config(_) | E::If(_) | E::Comment(_) | E::Source(_) | E::Macro(_) | E::Insert
    )
}

/// What people call an entry of this kind.
pub(super) fn word_of(entry: &EntryKind) -> &'static str {
    use EntryKind as E;
    match entry {
        E::Config(_) => "config",
        E::MenuConfig(_) => "menuconfig",
        E::ConfigDefault(_) => "configdefault",
        E::Choice(_) => "choice",
        E::Menu(_) => "menu",
        E::If(_) => "if",
        E::Comment(_) => "comment",
        E::MainMenu(_) => "mainmenu",
        E::Source(_) => "source",
        E::Assignment { .. } => "assignment",
        E::Macro(_) => "macro",
        E::Insert => "INSERT",
    }
}
