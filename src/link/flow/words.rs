// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of C that stand for more than a reference: keywords, and macros that do not keep what they are given.

use rustc_hash::FxHashMap;

use crate::source::Name;

/// The names of a file's words: all threads share the table of names, so each word is looked up there once.
#[derive(Default)]
pub struct Words<'t>(FxHashMap<&'t [u8], Name>);

impl<'t> Words<'t> {
    /// The name of a word.
    pub fn name(&mut self, word: &'t [u8]) -> Name {
        let known = self.0.entry(word);
        *known.or_insert_with(|| Name::new(&String::from_utf8_lossy(word)))
    }
}

/// Whether the name of a macro says that it may drop its argument.
pub(super) fn is_dropping(name: &str) -> bool {
    name.ends_with("_ptr") || name.bytes().all(|it| !it.is_ascii_lowercase())
}

/// Whether a value is taken as it is.
pub(super) fn is_transparent(name: &[u8]) -> bool {
    matches!(
        name,
        b"likely"
            | b"unlikely"
            | b"WARN_ON"
            | b"WARN_ON_ONCE"
            | b"BUG_ON"
            | b"__builtin_expect"
            | b"READ_ONCE"
            | b"IS_TRUE"
    )
}

/// Whether arguments are only looked at by the compiler.
pub(super) fn is_unevaluated(name: &[u8]) -> bool {
    matches!(
        name,
        b"sizeof"
            | b"typeof"
            | b"__typeof__"
            | b"__typeof"
            | b"offsetof"
            | b"__alignof__"
            | b"_Alignof"
            | b"__builtin_constant_p"
            | b"BUILD_BUG_ON"
            | b"BUILD_BUG_ON_MSG"
            | b"BUILD_BUG_ON_ZERO"
            | b"static_assert"
            | b"_Static_assert"
            | b"__must_be_array"
            | b"lockdep_assert_held"
            | b"lockdep_assert"
            | b"__attribute__"
            | b"BUILD_BUG_ON_INVALID"
            | b"sizeof_field"
            | b"offsetofend"
            | b"__is_constexpr"
            | b"__builtin_types_compatible_p"
            | b"compiletime_assert"
            | b"typeof_member"
            | b"RCU_LOCKDEP_WARN"
            | b"__same_type"
            | b"lockdep_assert_once"
            | b"lockdep_is_held"
            | b"VM_WARN_ON"
            | b"VM_BUG_ON"
    )
}

pub(super) fn is_keyword(name: &[u8]) -> bool {
    matches!(
        name,
        b"if"
            | b"while"
            | b"for"
            | b"switch"
            | b"return"
            | b"do"
            | b"else"
            | b"goto"
            | b"case"
            | b"defined"
            | b"asm"
            | b"__asm__"
            | b"volatile"
            | b"__volatile__"
            | b"struct"
            | b"union"
            | b"enum"
            | b"const"
            | b"static"
            | b"int"
            | b"void"
            | b"unsigned"
            | b"char"
            | b"long"
            | b"__attribute__"
            | b"_Generic"
            | b"__extension__"
            | b"inline"
            | b"bool"
            | b"extern"
    )
}
