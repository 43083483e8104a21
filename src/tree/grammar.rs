// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a tree's kconfig accepts, read from the sources of that kconfig.
//!
//! Kconfig has lost syntax over the years (`---help---`, `option env=`, `optional`, named
//! choices) and turned warnings into errors. Each fact here comes from a word or a rule in the
//! lexer and the parser. Nothing is compiled or run, and no table of versions is kept.

use super::behaviour::contains;
use crate::syntax::Keyword;

/// What kconfig accepts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Grammar {
    /// The keywords, one bit each.
    keywords: u64,
    /// Whether a keyword is one wherever it stands, so that no symbol has its name.
    pub reserved: bool,
    /// What `option` may say.
    pub options: Options,
    /// Whether a choice may have a name.
    pub named_choices: bool,
    /// Which type a choice may have.
    pub choice_type: ChoiceType,
    /// Whether `source` may stand in a choice.
    pub source_in_choice: bool,
    /// Whether a text of one word may stand without quotes.
    pub bare_text: bool,
    /// Whether `depends on` takes a condition.
    pub conditional_depends: bool,
    /// Whether there are `<`, `<=`, `>` and `>=`.
    pub order: bool,
    /// Whether an entry may have two help texts.
    pub second_help: bool,
    /// Whether a help text may be blank.
    pub blank_help: bool,
    /// Whether `menuconfig` may have no prompt.
    pub bare_menuconfig: bool,
    /// Whether a choice or a member may lack its prompt, and a member be no bool.
    pub loose_choices: bool,
    /// Where a member of a choice may have a second prompt.
    pub second_prompt: SecondPrompt,
    /// Whether a file may be sourced twice.
    pub sourced_twice: bool,
    /// Whether the last line of the first file may lack its line end.
    pub open_end: bool,
    /// Whether two symbols may say `modules`.
    pub second_modules: bool,
    /// Whether a `transitional` symbol may have more than a type and a help text.
    pub loose_transitional: bool,
}

/// What `option` may say.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Options {
    /// Any name, with or without a value; conf reads over what it does not know.
    Any,
    /// The same names without a value, and `env` with one (kconfiglib.py, `_parse_props`).
    Kconfiglib,
    /// These names, without a value: `modules`, `defconfig_list`, `allnoconfig_y`.
    Bare([bool; 3]),
}

impl Options {
    /// The names of `Bare`.
    pub const NAMES: [&'static str; 3] = ["modules", "defconfig_list", "allnoconfig_y"];
}

/// Which type a choice may have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChoiceType {
    /// None: it is a bool.
    None,
    /// `bool "text"`, which stands for a prompt.
    BoolWithPrompt,
    /// `bool` or `tristate`.
    Any,
}

/// Where a member of a choice may have a second prompt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SecondPrompt {
    /// Anywhere.
    Anywhere,
    /// In the same choice.
    SameChoice,
    /// Nowhere.
    Nowhere,
}

impl Grammar {
    /// All that this program reads: for trees that do not tell.
    pub const ALL: Grammar = Grammar {
        keywords: u64::MAX,
        reserved: false,
        options: Options::Any,
        named_choices: true,
        choice_type: ChoiceType::Any,
        source_in_choice: true,
        bare_text: true,
        conditional_depends: true,
        order: true,
        second_help: true,
        blank_help: true,
        bare_menuconfig: true,
        loose_choices: true,
        second_prompt: SecondPrompt::Anywhere,
        sourced_twice: true,
        open_end: true,
        second_modules: true,
        loose_transitional: true,
    };

    /// What kconfiglib and its forks read: nothing that only newer versions of conf have.
    pub const KCONFIGLIB: Grammar = Grammar {
        keywords: !(1 << Keyword::Transitional as u8 | 1 << Keyword::Modules as u8),
        reserved: true,
        options: Options::Kconfiglib,
        conditional_depends: false,
        ..Grammar::ALL
    };

    /// Whether kconfig knows this keyword.
    pub fn knows(&self, keyword: Keyword) -> bool {
        self.keywords & 1 << keyword as u8 != 0
    }

    /// The grammar of a kconfig. `lexer` is the text of lexer.l or zconf.l with the table of
    /// keywords, `parser` that of parser.y or zconf.y, `util` that of util.c.
    pub(super) fn read(lexer: &[u8], parser: &[u8], util: &[u8]) -> Grammar {
        let Some((keywords, reserved)) = keywords(lexer) else {
            return Grammar::ALL;
        };
        let rules = Rules::new(parser);
        let says = |words: &str| contains(parser, words.as_bytes());
        let is_error = |words: &str| says(&format!("zconf_error(\"{words}"));
        Grammar {
            keywords,
            reserved,
            options: if rules.holds("symbol_option_list", "T_WORD") {
                Options::Any
            } else {
                let bare = ["T_MODULES", "T_DEFCONFIG_LIST", "T_ALLNOCONFIG_Y"];
                Options::Bare(bare.map(|name| rules.follows("T_OPTION", name)))
            },
            named_choices: !rules.follows("T_CHOICE", "T_EOL"),
            choice_type: if rules.holds("choice_option", "prompt_stmt_opt") {
                ChoiceType::Any
            } else if rules.holds("choice_option", "T_BOOL") {
                ChoiceType::BoolWithPrompt
            } else {
                ChoiceType::None
            },
            source_in_choice: !rules.has("stmt_list_in_choice")
                || rules.holds("stmt_list_in_choice", "source_stmt"),
            bare_text: rules.holds("prompt", "T_WORD"),
            conditional_depends: rules.holds("depends", "if_expr"),
            order: rules.holds("expr", "T_LESS"),
            second_help: !is_error("'%s' defined with more than one help text"),
            blank_help: !is_error("'%s' defined with blank help text"),
            bare_menuconfig: !is_error("menuconfig statement without prompt"),
            loose_choices: !says("error: choice member must have a prompt"),
            second_prompt: if says("choice value must not have a prompt in another entry") {
                SecondPrompt::Nowhere
            } else if says("choice value has a prompt outside its choice group") {
                SecondPrompt::SameChoice
            } else {
                SecondPrompt::Anywhere
            },
            sourced_twice: !contains(util, b"error: repeated inclusion"),
            // Only of a sourced file does this lexer end the last line by itself.
            open_end: !contains(lexer, b"if (current_buf)"),
            second_modules: !is_error("symbol '%s' redefines option 'modules'"),
            loose_transitional: !says("transitional symbols can only have help"),
        }
    }
}

/// The keywords of a lexer, and whether each is one wherever it stands. A lexer says so with a
/// rule for each, `"config" return T_CONFIG;`; an older one looks words up in a table, whose
/// lines begin `config, T_CONFIG,` or `{ "config", T_CONFIG,`, at the start of a statement.
fn keywords(lexer: &[u8]) -> Option<(u64, bool)> {
    let text = String::from_utf8_lossy(lexer);
    let (mut rules, mut table) = (0, 0);
    for line in text.lines() {
        let line = line.trim_start();
        if let Some((words, action)) = line.split_once(|c: char| c.is_ascii_whitespace()) {
            if line.starts_with('"') && action.trim_start().starts_with("return T_") {
                for word in words.split('|') {
                    rules |= bit(word.trim_matches('"'));
                }
            }
        }
        let entry = line.trim_start_matches(['{', ' ', '\t']);
        if let Some((word, rest)) = entry.split_once(',') {
            // The words behind `option` stand in the same table, and begin no statement.
            if rest.trim_start().starts_with("T_") && !rest.contains("TF_OPTION") {
                table |= bit(word.trim_matches('"'));
            }
        }
    }
    let mut all = rules | table;
    // An old lexer has a rule for dashes, which it skips, so that `---help---` is `help`.
    let skips_dashes = text
        .lines()
        .any(|line| line.trim_start().starts_with("---"));
    if skips_dashes && all & bit("help") != 0 {
        all |= bit("---help---");
    }
    let needed = [
        Keyword::Config,
        Keyword::Menu,
        Keyword::EndMenu,
        Keyword::Depends,
    ];
    let is_whole = needed.iter().all(|keyword| all & 1 << *keyword as u8 != 0);
    is_whole.then_some((all, table == 0))
}

fn bit(word: &str) -> u64 {
    let keyword = Keyword::ALL.iter().find(|keyword| keyword.word() == word);
    keyword.map_or(0, |keyword| 1 << *keyword as u8)
}

/// The rules of a yacc grammar, actions and comments left out: names with the words of all
/// their alternatives.
struct Rules {
    rules: Vec<(String, Vec<String>)>,
}

impl Rules {
    fn new(parser: &[u8]) -> Rules {
        let text = String::from_utf8_lossy(parser);
        let body = text.split("\n%%").nth(1).unwrap_or_default();
        let mut rules: Vec<(String, Vec<String>)> = Vec::new();
        let words: Vec<String> = words(body);
        for (at, word) in words.iter().enumerate() {
            match (word.as_str(), words.get(at + 1).map(String::as_str)) {
                (name, Some(":")) => rules.push((name.to_owned(), Vec::new())),
                (":" | ";" | "|", _) => {}
                (word, _) => {
                    if let Some((_, words)) = rules.last_mut() {
                        words.push(word.to_owned());
                    }
                }
            }
        }
        Rules { rules }
    }

    fn has(&self, name: &str) -> bool {
        self.rules.iter().any(|(known, _)| known == name)
    }

    /// Whether an alternative of the rule holds this word.
    fn holds(&self, name: &str, word: &str) -> bool {
        let mut own = self.rules.iter().filter(|(known, _)| known == name);
        own.any(|(_, words)| words.iter().any(|own| own == word))
    }

    /// Whether `second` stands right after `first` somewhere.
    fn follows(&self, first: &str, second: &str) -> bool {
        self.rules.iter().any(|(_, words)| {
            words
                .windows(2)
                .any(|pair| pair[0] == first && pair[1] == second)
        })
    }
}

/// The words and signs of yacc rules.
fn words(body: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut depth = 0;
    let mut rest = body;
    while let Some(first) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        // A brace in a text of an action would hide the rules after it: skip texts.
        if depth > 0 && first == '"' {
            rest = after_text(&rest[1..]);
            continue;
        }
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        match first {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth > 0 => {}
            ':' | ';' | '|' => words.push(first.to_string()),
            _ if end > 0 => words.push(rest[..end].to_owned()),
            _ => {}
        }
        rest = &rest[end.max(first.len_utf8())..];
    }
    words
}

/// What follows a text in quotes whose first quote is gone.
fn after_text(text: &str) -> &str {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return &text[at + 1..],
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lexer_or_a_table_tells_the_keywords() {
        let rules = b"\"config\"\t\treturn T_CONFIG;\n\"menu\"\treturn T_MENU;\n\
            \"endmenu\"\treturn T_ENDMENU;\n\"depends\"\treturn T_DEPENDS;\n\
            \"help\"|\"---help---\"\treturn T_HELP;\n";
        let (bits, reserved) = keywords(rules).unwrap();
        assert!(reserved && bits & 1 << Keyword::DashedHelp as u8 != 0);
        assert!(bits & 1 << Keyword::Optional as u8 == 0);
        let table = b"config,\t\tT_CONFIG,\tTF_COMMAND\nmenu, T_MENU, TF_COMMAND\n\
            endmenu, T_ENDMENU, TF_COMMAND\n\t{ \"depends\",\tT_DEPENDS, TF_COMMAND },\n";
        assert!(matches!(keywords(table), Some((_, false))));
        assert_eq!(keywords(b"\"config\" return T_CONFIG;\n"), None);
    }

    #[test]
    fn actions_and_comments_are_no_part_of_a_rule() {
        let rules = Rules::new(
            b"%token T_A\n%%\na: T_X /* b: */ T_Y { f(\"}\"); T_Z; }\n | c;\nd: T_EOL;\n%%\ne: f;",
        );
        assert!(rules.holds("a", "T_Y") && rules.holds("a", "c") && rules.follows("T_X", "T_Y"));
        assert!(!rules.holds("a", "T_Z") && !rules.has("b") && rules.has("d") && !rules.has("e"));
    }
}
