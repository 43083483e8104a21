// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a new version of a file says otherwise than the old one: which symbols' statements are
//! others, if nothing else is.
//!
//! Places, help and the words of prompts do not count. Blocks, `source` and their order have to
//! be the same, and macros may stand in neither version: then elaboration goes the same way.
//! Also which statements of a file speak of which symbols, wherever a change makes one look.

use rustc_hash::FxHashMap;

use crate::source::Name;
use crate::syntax::SyntaxTree;
use crate::syntax::ast::{
    Ast, Atom, Attribute, AttributeKind, Entry, EntryId, EntryKind, ExprId, ExprKind, Prompt,
    WordId,
};

/// The symbols that two versions of a file speak of in different words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Edit {
    /// Symbols with other statements, by name.
    pub changed: Vec<Name>,
    /// Those of them that are defined otherwise: elsewhere, with another type or with other
    /// dependencies.
    pub restated: Vec<Name>,
    /// Symbols that one of these statements selects or implies, in either version.
    pub raised: Vec<Name>,
}

/// The symbols that the statements of a file define, and those that they select or imply.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    /// With the statement that defines it, or adds to what it is.
    pub defined: Vec<(Name, EntryId)>,
    /// With the statement that selects or implies it.
    pub raised: Vec<(Name, EntryId)>,
}

impl Mentions {
    /// Those of a file; `None` where a macro may name one.
    pub fn of(tree: &SyntaxTree) -> Option<Mentions> {
        let ast = tree.ast();
        let mut mentions = Mentions::default();
        for (at, entry) in ast.entries.iter().enumerate() {
            let id = EntryId(at as u32);
            if let Some(name) = defined(&entry.kind) {
                mentions.defined.push((word(ast, name)?, id));
                for target in raised(ast, entry) {
                    mentions.raised.push((word(ast, target)?, id));
                }
            }
        }
        Some(mentions)
    }
}

impl Edit {
    /// Takes in what another file says otherwise.
    pub fn add(&mut self, other: &Edit) {
        self.changed.extend(&other.changed);
        self.restated.extend(&other.restated);
        self.raised.extend(&other.raised);
    }

    /// From one version to the other; `None` where more than statements of symbols may be
    /// another.
    pub fn between(old: Version<'_>, new: Version<'_>) -> Option<Edit> {
        let (old, new) = (Shape::of(old)?, Shape::of(new)?);
        if old.skeleton != new.skeleton {
            return None;
        }
        let mut edit = Edit::default();
        let names = old.symbols.keys().chain(new.symbols.keys());
        for name in names {
            let versions = [old.symbols.get(name), new.symbols.get(name)];
            if versions[0] == versions[1] || edit.changed.contains(name) {
                continue;
            }
            if versions
                .iter()
                .any(|all| all.is_some_and(|all| all.iter().any(|it| it.in_choice)))
            {
                return None;
            }
            edit.changed.push(*name);
            let stated = versions.map(|all| all.map(|all| all.iter().map(Statement::stated)));
            let [old, new] = stated.map(|all| all.map(|all| all.collect::<Vec<_>>()));
            if old != new {
                edit.restated.push(*name);
            }
            let statements = versions.into_iter().flatten().flatten();
            edit.raised.extend(statements.flat_map(|it| &it.raised));
        }
        edit.changed.sort();
        edit.restated.sort();
        edit.raised.sort();
        edit.raised.dedup();
        Some(edit)
    }
}

/// The syntax of a file and its bytes.
pub type Version<'a> = (&'a SyntaxTree, &'a [u8]);

/// What a version says, apart from where and for whom.
struct Shape {
    /// Blocks and `source` in their order.
    skeleton: Vec<Place>,
    symbols: FxHashMap<Name, Vec<Statement>>,
}

/// Something that stands around statements, or between them.
#[derive(PartialEq, Eq)]
struct Place {
    /// The number of the block around it.
    inside: Option<usize>,
    said: Said,
}

/// A statement about a symbol.
#[derive(PartialEq, Eq)]
struct Statement {
    inside: Option<usize>,
    /// Whether a choice is around it, which may then have another member.
    in_choice: bool,
    /// How many of the skeleton stand before it.
    after: usize,
    /// Its type and what it depends on.
    stated: Said,
    /// The rest.
    said: Said,
    raised: Vec<Name>,
}

impl Statement {
    /// What of it is no property of the symbol, but the symbol itself.
    fn stated(&self) -> (Option<usize>, usize, &Said) {
        (self.inside, self.after, &self.stated)
    }
}

/// Keywords and words in their order.
type Said = Vec<Token>;

#[derive(PartialEq, Eq)]
enum Token {
    /// A keyword or an operator.
    Sign(u8),
    Word(Name, bool),
    Path(Vec<u8>),
}

impl Shape {
    fn of((tree, text): Version<'_>) -> Option<Shape> {
        if !tree.errors().is_empty() {
            return None;
        }
        let ast = tree.ast();
        let mut shape = Shape {
            skeleton: Vec::new(),
            symbols: FxHashMap::default(),
        };
        // Open blocks, each with its number in the skeleton and whether it is in a choice.
        let mut open: Vec<(u32, usize, bool)> = Vec::new();
        for (at, entry) in ast.entries.iter().enumerate() {
            while open.last().is_some_and(|(end, ..)| at as u32 >= *end) {
                open.pop();
            }
            let inside = open.last().map(|(_, number, _)| *number);
            let in_choice = open.last().is_some_and(|(.., in_choice)| *in_choice);
            let mut said = Vec::new();
            if let Some(name) = defined(&entry.kind) {
                let mut stated = vec![Token::Sign(kind_of(&entry.kind)?)];
                for attribute in ast.attributes_of(entry) {
                    let part = match attribute.kind {
                        AttributeKind::DependsOn { .. } => &mut stated,
                        AttributeKind::Type { ty, .. } | AttributeKind::TypedDefault { ty, .. } => {
                            stated.push(Token::Sign(ty as u8));
                            &mut said
                        }
                        _ => &mut said,
                    };
                    say(ast, attribute, part)?;
                }
                let mut targets = Vec::new();
                for target in raised(ast, entry) {
                    targets.push(word(ast, target)?);
                }
                let statement = Statement {
                    inside,
                    in_choice,
                    after: shape.skeleton.len(),
                    stated,
                    said,
                    raised: targets,
                };
                let all = shape.symbols.entry(word(ast, name)?).or_default();
                all.push(statement);
                continue;
            }
            match entry.kind {
                EntryKind::Comment(words) | EntryKind::MainMenu(words) if !words.has_macro => {
                    continue;
                }
                EntryKind::Menu(title) if !title.has_macro => {}
                EntryKind::If(condition) => expr(ast, condition, &mut said)?,
                EntryKind::Choice(None) | EntryKind::Insert => {}
                EntryKind::Source(source) if !source.path.has_macro => {
                    said.push(Token::Sign(u8::from(source.relative)));
                    said.push(Token::Sign(u8::from(source.optional)));
                    said.push(Token::Path(source.path.range.of(text).to_vec()));
                }
                _ => return None,
            }
            said.push(Token::Sign(kind_of(&entry.kind)?));
            attributes(ast, entry, &mut said)?;
            if entry.end.0 > at as u32 + 1 {
                let is_choice = matches!(entry.kind, EntryKind::Choice(_));
                open.push((entry.end.0, shape.skeleton.len(), in_choice || is_choice));
            }
            shape.skeleton.push(Place { inside, said });
        }
        Some(shape)
    }
}

/// The name of the symbol that a statement is about.
fn defined(kind: &EntryKind) -> Option<Atom> {
    match kind {
        EntryKind::Config(name) | EntryKind::MenuConfig(name) | EntryKind::ConfigDefault(name) => {
            Some(*name)
        }
        _ => None,
    }
}

fn kind_of(kind: &EntryKind) -> Option<u8> {
    Some(match kind {
        // A menu below it is nobody's value.
        EntryKind::Config(_) | EntryKind::MenuConfig(_) => 0,
        EntryKind::ConfigDefault(_) => 1,
        EntryKind::Choice(_) => 2,
        EntryKind::Menu(_) => 3,
        EntryKind::If(_) => 4,
        EntryKind::Source(_) => 5,
        EntryKind::Insert => 6,
        _ => return None,
    })
}

fn raised<'a>(ast: &'a Ast, entry: &Entry) -> impl Iterator<Item = Atom> + use<'a> {
    let attributes = ast.attributes_of(entry).iter();
    attributes.filter_map(|attribute| match attribute.kind {
        AttributeKind::Select { target, .. } | AttributeKind::Imply { target, .. } => Some(target),
        _ => None,
    })
}

/// The one word of an atom; `None` where macros stand.
fn word(ast: &Ast, atom: Atom) -> Option<Name> {
    match ast.words_of(atom) {
        [only] => only.text,
        _ => None,
    }
}

fn attributes(ast: &Ast, entry: &Entry, said: &mut Said) -> Option<()> {
    for attribute in ast.attributes_of(entry) {
        say(ast, attribute, said)?;
    }
    Some(())
}

/// What an attribute says; `None` for those that reach beyond their symbol, and those of
/// dialects that this does not know.
fn say(ast: &Ast, attribute: &Attribute, said: &mut Said) -> Option<()> {
    match attribute.kind {
        AttributeKind::Help { .. } => return Some(()),
        AttributeKind::Type { ty, prompt } => {
            said.push(Token::Sign(20));
            said.push(Token::Sign(ty as u8));
            if let Some(prompt) = prompt {
                say_prompt(ast, prompt, said)?;
            }
        }
        AttributeKind::TypedDefault {
            ty,
            value,
            condition,
        } => {
            said.push(Token::Sign(21));
            said.push(Token::Sign(ty as u8));
            expr(ast, value, said)?;
            say_condition(ast, condition, said)?;
        }
        AttributeKind::Prompt(prompt) => say_prompt(ast, prompt, said)?,
        AttributeKind::Default { value, condition } => {
            said.push(Token::Sign(22));
            expr(ast, value, said)?;
            say_condition(ast, condition, said)?;
        }
        AttributeKind::DependsOn {
            expr: on,
            condition,
        } => {
            said.push(Token::Sign(23));
            expr(ast, on, said)?;
            say_condition(ast, condition, said)?;
        }
        AttributeKind::Select { target, condition } => {
            said.push(Token::Sign(24));
            atom(ast, target, said)?;
            say_condition(ast, condition, said)?;
        }
        AttributeKind::Imply { target, condition } => {
            said.push(Token::Sign(25));
            atom(ast, target, said)?;
            say_condition(ast, condition, said)?;
        }
        AttributeKind::Range {
            low,
            high,
            condition,
        } => {
            said.push(Token::Sign(26));
            atom(ast, low, said)?;
            atom(ast, high, said)?;
            say_condition(ast, condition, said)?;
        }
        AttributeKind::Visible(condition) => {
            said.push(Token::Sign(27));
            say_condition(ast, condition, said)?;
        }
        AttributeKind::Optional => said.push(Token::Sign(28)),
        AttributeKind::Option { .. }
        | AttributeKind::Modules
        | AttributeKind::Transitional
        | AttributeKind::Set { .. }
        | AttributeKind::Warning(_)
        | AttributeKind::Macro(_) => return None,
    }
    Some(())
}

fn say_prompt(ast: &Ast, prompt: Prompt, said: &mut Said) -> Option<()> {
    if prompt.text.has_macro {
        return None;
    }
    said.push(Token::Sign(29));
    say_condition(ast, prompt.condition, said)
}

fn say_condition(ast: &Ast, condition: Option<ExprId>, said: &mut Said) -> Option<()> {
    match condition {
        Some(condition) => expr(ast, condition, said),
        None => {
            said.push(Token::Sign(30));
            Some(())
        }
    }
}

/// An expression in prefix form; on a stack of its own, since hostile ones nest deeper than a
/// thread's.
fn expr(ast: &Ast, id: ExprId, said: &mut Said) -> Option<()> {
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        match ast.expr(id).kind {
            ExprKind::Paren(x) => open.push(x),
            ExprKind::Atom(word) => {
                said.push(Token::Sign(40));
                atom(ast, word, said)?;
            }
            ExprKind::Not(x) => {
                said.push(Token::Sign(41));
                open.push(x);
            }
            ExprKind::And(x, y) => {
                said.push(Token::Sign(42));
                open.extend([y, x]);
            }
            ExprKind::Or(x, y) => {
                said.push(Token::Sign(43));
                open.extend([y, x]);
            }
            ExprKind::Compare(op, x, y) => {
                said.push(Token::Sign(50 + op as u8));
                atom(ast, x, said)?;
                atom(ast, y, said)?;
            }
        }
    }
    Some(())
}

fn atom(ast: &Ast, atom: Atom, said: &mut Said) -> Option<()> {
    let name = word(ast, atom)?;
    let quoted = ast.word(WordId(atom.first.0)).quoted;
    said.push(Token::Word(name, quoted));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Notation;

    fn edit(old: &str, new: &str) -> Option<String> {
        let parse = |text: &str| SyntaxTree::parse(text.as_bytes(), Notation::Kconfig);
        let (old, new) = ((&parse(old), old.as_bytes()), (&parse(new), new.as_bytes()));
        let edit = Edit::between(old, new)?;
        let words = |names: &[Name]| {
            let words: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            words.join(" ")
        };
        assert!(edit.restated.iter().all(|name| edit.changed.contains(name)));
        let restated = |name: &&Name| edit.restated.contains(name);
        let changed = edit.changed.iter().map(|name| match restated(&name) {
            true => format!("{name}!"),
            false => name.to_string(),
        });
        let changed: Vec<String> = changed.collect();
        Some(format!("{}/{}", changed.join(" "), words(&edit.raised)))
    }

    const OLD: &str =
        "if A\nconfig B\n\tbool \"b\"\n\tselect C\nendif\nsource \"x\"\nconfig D\n\tbool\n";

    #[test]
    fn words_and_places_are_no_edit() {
        let new = "# more\nif A\nconfig B\n\tbool \"other\"\n\tselect C\n\thelp\n\t  Words.\n\
                   endif\n\nsource \"x\"\ncomment \"hi\"\nmenuconfig D\n\tbool\n";
        assert_eq!(edit(OLD, new).as_deref(), Some("/"));
    }

    #[test]
    fn statements_that_come_go_and_change_are_named() {
        for (from, to, expected) in [
            ("\tselect C\n", "\tselect C\n\tselect E\n", "B/C E"),
            ("\tselect C\n", "\tdepends on F\n\tselect C\n", "B!/C"),
            (
                "config D\n",
                "config E\n\tbool\n\timply G\n\nconfig D\n",
                "E!/G",
            ),
            ("config D\n\tbool\n", "", "D!/"),
            ("bool \"b\"", "tristate \"b\"", "B!/C"),
            ("select C\n", "select C if D\n", "B/C"),
        ] {
            let new = OLD.replace(from, to);
            assert_eq!(edit(OLD, &new).as_deref(), Some(expected), "{new}");
        }
    }

    #[test]
    fn a_statement_that_moves_is_another() {
        let out =
            "if A\nendif\nconfig B\n\tbool \"b\"\n\tselect C\nsource \"x\"\nconfig D\n\tbool\n";
        assert_eq!(edit(OLD, out).as_deref(), Some("B!/C"));
        let later = "if A\nendif\nsource \"x\"\nif A\nconfig B\n\tbool \"b\"\n\tselect C\nendif\n\
                     config D\n\tbool\n";
        assert_eq!(edit(OLD, later), None);
    }

    #[test]
    fn what_a_choice_has_in_it_is_more_than_a_symbol() {
        let old = "choice\nif A\nconfig B\n\tbool\nendif\nendchoice\nconfig C\n\tbool\n";
        assert_eq!(
            edit(old, &old.replace("bool\nendif", "bool \"b\"\nendif")),
            None
        );
        assert_eq!(
            edit(old, &format!("{old}\tdepends on A\n")).as_deref(),
            Some("C!/")
        );
    }

    #[test]
    fn more_than_symbols_is_no_edit() {
        for (from, to) in [
            ("if A", "if A && Z"),
            ("source \"x\"", "source \"y\""),
            ("source \"x\"", "source \"$(x)\""),
            (
                "source \"x\"",
                "choice\nconfig B\n\tbool\nendchoice\nsource \"x\"",
            ),
            ("source \"x\"", "rsource \"x\""),
            ("source \"x\"", "X := 1\nsource \"x\""),
            ("config D\n\tbool\n", "config D\n\tbool\n\tmodules\n"),
            (
                "config D\n\tbool\n",
                "config D\n\tbool\n\tdepends on $(x)\n",
            ),
            ("config D\n\tbool\n", "config D\n\tbool\n\tnonsense on A\n"),
            ("config D\n", "menu \"m\"\nendmenu\nconfig D\n"),
        ] {
            let new = OLD.replace(from, to);
            assert_ne!(new, OLD);
            assert_eq!(edit(OLD, &new), None, "{new}");
        }
    }
}
