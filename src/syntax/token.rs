// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kinds of token and the keywords.
//!
//! This module owns the vocabulary and nothing else: which bytes make a token is decided in
//! `lexer`, which tokens make a statement in `grammar`.

use crate::source::TextRange;

/// A token with its place. All tokens of a file, one after the other, are the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its place; never empty.
    pub range: TextRange,
}

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// Spaces and tabs.
    Blank,
    /// From `#` to the end of the line.
    Comment,
    /// A backslash and the line end after it.
    Continuation,
    /// A line end, `\n` or `\r\n`.
    Newline,
    /// Bytes that conf warns about and reads over.
    Stray,
    /// What is no Kconfig in a C file of BusyBox, `//config:` included.
    Foreign,
    /// The text of a help, whole (in a C file: each of its lines).
    HelpText,
    /// A name or a number.
    Word,
    /// A word that holds a macro and other text, so it never expands to nothing.
    MixedWord,
    /// A word of macros only, which may expand to nothing.
    Macro,
    /// Text in quotes, without a macro.
    String,
    /// Text in quotes that holds a macro.
    MacroString,
    /// A path without quotes, after `source`.
    Path,
    /// What an assignment assigns.
    Value,
    /// A word with a meaning of its own.
    Keyword(Keyword),
    /// `||`
    Or,
    /// `&&`
    And,
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `!`
    Not,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `:=`
    ColonEqual,
    /// `+=`
    PlusEqual,
}

impl TokenKind {
    /// Whether the grammar does not see it.
    pub fn is_trivia(self) -> bool {
        use TokenKind::*;
        matches!(
            self,
            Blank | Comment | Continuation | Newline | Stray | Foreign | HelpText
        )
    }

    /// Whether it is text in quotes.
    pub fn is_string(self) -> bool {
        matches!(self, TokenKind::String | TokenKind::MacroString)
    }

    /// Whether it is a word without quotes, a macro included.
    pub fn is_word(self) -> bool {
        use TokenKind::*;
        matches!(self, Word | MixedWord | Macro)
    }

    /// Whether it assigns when it follows the first word of a line.
    pub fn is_assignment(self) -> bool {
        use TokenKind::*;
        matches!(self, Equal | ColonEqual | PlusEqual)
    }
}

macro_rules! keywords {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// The keywords. Those of Linux are keywords wherever they stand, as in lexer.l;
        /// those of dialects and of older trees only at the start of a statement.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Keyword {
            $(
                #[doc = concat!("`", $word, "`")]
                $variant,
            )*
        }

        impl Keyword {
            /// All keywords, in the order of their declaration.
            pub const ALL: &'static [Keyword] = &[$(Keyword::$variant,)*];

            /// The word itself.
            pub fn word(self) -> &'static str {
                match self {
                    $(Keyword::$variant => $word,)*
                }
            }

            fn of(word: &[u8]) -> Option<Keyword> {
                $(const $variant: &[u8] = $word.as_bytes();)*
                #[allow(non_upper_case_globals)]
                match word {
                    $($variant => Some(Keyword::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

#[allow(non_upper_case_globals)]
mod table {
    keywords! {
        Bool = "bool",
        Choice = "choice",
        Comment = "comment",
        Config = "config",
        DefBool = "def_bool",
        DefTristate = "def_tristate",
        Default = "default",
        Depends = "depends",
        EndChoice = "endchoice",
        EndIf = "endif",
        EndMenu = "endmenu",
        Help = "help",
        Hex = "hex",
        If = "if",
        Imply = "imply",
        Int = "int",
        MainMenu = "mainmenu",
        Menu = "menu",
        MenuConfig = "menuconfig",
        Modules = "modules",
        On = "on",
        Prompt = "prompt",
        Range = "range",
        Select = "select",
        Source = "source",
        String = "string",
        Tristate = "tristate",
        Visible = "visible",
        Boolean = "boolean",
        ConfigDefault = "configdefault",
        DashedHelp = "---help---",
        DefHex = "def_hex",
        DefInt = "def_int",
        DefString = "def_string",
        Float = "float",
        GrSource = "grsource",
        GSource = "gsource",
        Insert = "INSERT",
        Option = "option",
        Optional = "optional",
        OrSource = "orsource",
        OSource = "osource",
        RSource = "rsource",
        Set = "set",
        Transitional = "transitional",
        Warning = "warning",
    }

    impl Keyword {
        /// The keyword that `word` is wherever it stands (`scripts/kconfig/lexer.l`).
        pub fn everywhere(word: &[u8]) -> Option<Keyword> {
            // Names are in capitals, so this line spares most words the look-up.
            if !word.first().is_some_and(u8::is_ascii_lowercase) {
                return None;
            }
            Keyword::of(word).filter(|keyword| !keyword.is_dialect())
        }

        /// The keyword that `word` is at the start of a statement, of dialects and of older
        /// trees. Linux allows a word there only as the name of a variable.
        pub fn at_start(word: &[u8]) -> Option<Keyword> {
            Keyword::of(word).filter(|keyword| keyword.is_dialect())
        }

        /// Whether current Linux does not know it as a keyword.
        pub fn is_dialect(self) -> bool {
            self as u8 >= Keyword::Boolean as u8
        }

        /// Whether a path follows.
        pub fn is_source(self) -> bool {
            use Keyword::*;
            matches!(
                self,
                Source | RSource | OSource | OrSource | GSource | GrSource
            )
        }

        /// Whether a help text follows on the next line.
        pub fn is_help(self) -> bool {
            matches!(self, Keyword::Help | Keyword::DashedHelp)
        }
    }
}

pub use table::Keyword;
