// SPDX-License-Identifier: MIT OR Apache-2.0
//! What may stand where: attributes below entries, statements inside choices.
//!
//! The union of what `scripts/kconfig/parser.y` of current and older trees and the dialects
//! allow. No token is read here.

use crate::syntax::ast::{AttributeKind, EntryKind, Type};

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
