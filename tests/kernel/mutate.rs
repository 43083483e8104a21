// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mutants of a real Kconfig file: one small change each, made from a seed. Owns the changes;
//! what they do to the tree is for `mutants` to see.

use std::sync::Arc;

use kconfig_lint::source::TextRange;
use kconfig_lint::syntax::ast::{
    Ast, Attribute, AttributeKind, Entry, EntryKind, Expr, ExprId, ExprKind, Prompt, Type,
};
use kconfig_lint::syntax::{Notation, SyntaxTree};

use crate::generate::Random;

/// The kinds of change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Change {
    /// A term of a `depends on` goes.
    DropConjunct,
    /// A whole `depends on` goes.
    DropDepends,
    /// The `if` of a select goes.
    DropSelectCondition,
    /// An `if` block holds always.
    DropIf,
    /// A symbol that others select gets one dependency more.
    AddDependency,
    /// tristate becomes bool.
    TristateToBool,
    /// bool becomes tristate.
    BoolToTristate,
    /// An imply goes.
    DropImply,
    /// A select goes.
    DropSelect,
    /// A default of y becomes n, and the other way.
    SwapDefault,
    /// A prompt goes.
    DropPrompt,
    /// An imply becomes a select.
    ImplyToSelect,
    /// `&&` becomes `||`.
    AndToOr,
    /// A symbol in a dependency is negated.
    Negate,
    /// A select gets a condition.
    AddSelectCondition,
}

impl Change {
    pub(crate) const ALL: [Change; 15] = [
        Change::DropConjunct,
        Change::DropDepends,
        Change::DropSelectCondition,
        Change::DropIf,
        Change::AddDependency,
        Change::TristateToBool,
        Change::BoolToTristate,
        Change::DropImply,
        Change::DropSelect,
        Change::SwapDefault,
        Change::DropPrompt,
        Change::ImplyToSelect,
        Change::AndToOr,
        Change::Negate,
        Change::AddSelectCondition,
    ];
}

/// A changed file.
#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    pub(crate) change: Change,
    pub(crate) path: String,
    /// The symbols at whose definition the change is.
    pub(crate) symbols: Vec<String>,
    pub(crate) text: String,
    /// The changed place in words.
    pub(crate) words: String,
}

/// What is replaced, and by what.
type Edit = (TextRange, String);

/// Files to change, and the names of their symbols.
pub(crate) struct Pool {
    files: Vec<(String, Arc<[u8]>)>,
    /// Symbols that a select names.
    selected: Vec<String>,
    /// Symbols without dependencies on the machine: what new dependencies are made of.
    names: Vec<String>,
}

impl Pool {
    /// All files that can be changed, sorted by path.
    pub(crate) fn new(files: Vec<(String, Arc<[u8]>)>) -> Pool {
        let (mut selected, mut names) = (Vec::new(), Vec::new());
        for (_, text) in &files {
            let tree = SyntaxTree::parse(text, Notation::Kconfig);
            let ast = tree.ast();
            for entry in &ast.entries {
                names.extend(name_of(ast, entry));
                for attribute in ast.attributes_of(entry) {
                    if let AttributeKind::Select { target, .. } = attribute.kind {
                        let word = ast.words_of(target)[0].text;
                        selected.extend(word.map(|word| word.as_str().to_owned()));
                    }
                }
            }
        }
        for all in [&mut selected, &mut names] {
            all.sort();
            all.dedup();
        }
        Pool {
            files,
            selected,
            names,
        }
    }

    /// All files that can be changed, by their paths.
    pub(crate) fn files(&self) -> &[(String, Arc<[u8]>)] {
        &self.files
    }

    /// The mutant of a seed. The kinds of change take turns.
    pub(crate) fn mutant(&self, seed: u64) -> Mutant {
        let mut random = Random::new(seed);
        let change = Change::ALL[seed as usize % Change::ALL.len()];
        loop {
            let (path, bytes) = random.pick(&self.files);
            let Ok(text) = std::str::from_utf8(bytes) else {
                continue;
            };
            let tree = SyntaxTree::parse(bytes, Notation::Kconfig);
            let sites = self.sites(change, tree.ast(), text, &mut random);
            if sites.is_empty() {
                continue;
            }
            let (symbols, (range, new)) = random.pick(&sites).clone();
            let (start, end) = (range.start as usize, range.end as usize);
            return Mutant {
                change,
                path: path.clone(),
                symbols,
                text: format!("{}{new}{}", &text[..start], &text[end..]),
                words: format!("{change:?}: {:?} becomes {new:?}", &text[start..end]),
            };
        }
    }

    fn sites(
        &self,
        change: Change,
        ast: &Ast,
        text: &str,
        random: &mut Random,
    ) -> Vec<(Vec<String>, Edit)> {
        let mut sites = Vec::new();
        for (at, entry) in ast.entries.iter().enumerate() {
            if let (Change::DropIf, EntryKind::If(condition)) = (change, &entry.kind) {
                let inside = &ast.entries[at + 1..entry.end.0 as usize];
                let symbols: Vec<String> = inside
                    .iter()
                    .filter_map(|entry| name_of(ast, entry))
                    .collect();
                if !symbols.is_empty() {
                    sites.push((symbols, (ast.expr(*condition).range, "y".to_owned())));
                }
            }
            let Some(name) = name_of(ast, entry) else {
                continue;
            };
            for attribute in ast.attributes_of(entry) {
                let edit = match change {
                    Change::AddDependency => self.add_dependency(&name, attribute, random),
                    Change::AddSelectCondition => self.add_condition(ast, attribute, random),
                    _ => edit(change, ast, text, attribute, random),
                };
                sites.extend(edit.map(|edit| (vec![name.clone()], edit)));
            }
        }
        sites
    }

    fn add_dependency(
        &self,
        name: &str,
        attribute: &Attribute,
        random: &mut Random,
    ) -> Option<Edit> {
        let is_helper = self
            .selected
            .binary_search_by(|known| known.as_str().cmp(name));
        let AttributeKind::Type { .. } = attribute.kind else {
            return None;
        };
        is_helper.ok()?;
        let end = attribute.range.end;
        let new = format!("\n\tdepends on {}", random.pick(&self.names));
        Some((TextRange::new(end, end), new))
    }

    fn add_condition(&self, ast: &Ast, attribute: &Attribute, random: &mut Random) -> Option<Edit> {
        let AttributeKind::Select {
            target,
            condition: None,
        } = attribute.kind
        else {
            return None;
        };
        let end = ast.range_of(target).end;
        let new = format!(" if {}", random.pick(&self.names));
        Some((TextRange::new(end, end), new))
    }
}

pub(crate) fn name_of(ast: &Ast, entry: &Entry) -> Option<String> {
    let (EntryKind::Config(name) | EntryKind::MenuConfig(name)) = entry.kind else {
        return None;
    };
    let word = ast.words_of(name)[0].text?;
    Some(word.as_str().to_owned())
}

fn edit(
    change: Change,
    ast: &Ast,
    text: &str,
    attribute: &Attribute,
    random: &mut Random,
) -> Option<Edit> {
    let nothing = || Some((attribute.range, String::new()));
    match (change, &attribute.kind) {
        (Change::DropConjunct | Change::AndToOr, AttributeKind::DependsOn { expr, .. }) => {
            let ands = below(ast, *expr, |expr| matches!(expr.kind, ExprKind::And(..)));
            let and = ast.expr(*random.pick(some(&ands)?));
            let ExprKind::And(x, y) = and.kind else {
                return None;
            };
            let (x, y) = (written(ast, text, x), written(ast, text, y));
            let new = match change {
                Change::AndToOr => format!("({x} || {y})"),
                _ => (*random.pick(&[x, y])).to_owned(),
            };
            Some((and.range, new))
        }
        (Change::Negate, AttributeKind::DependsOn { expr, .. }) => {
            let atoms = below(ast, *expr, |expr| matches!(expr.kind, ExprKind::Atom(_)));
            let atom = *random.pick(some(&atoms)?);
            let new = format!("!{}", written(ast, text, atom));
            Some((ast.expr(atom).range, new))
        }
        (Change::DropDepends, AttributeKind::DependsOn { .. })
        | (Change::DropImply, AttributeKind::Imply { .. })
        | (Change::DropSelect, AttributeKind::Select { .. }) => nothing(),
        (
            Change::DropSelectCondition,
            AttributeKind::Select {
                target,
                condition: Some(_),
            },
        ) => {
            let start = ast.range_of(*target).end;
            Some((TextRange::new(start, attribute.range.end), String::new()))
        }
        (
            Change::TristateToBool,
            AttributeKind::Type {
                ty: Type::Tristate, ..
            },
        ) => Some((keyword(attribute, "tristate"), "bool".to_owned())),
        (Change::BoolToTristate, AttributeKind::Type { ty: Type::Bool, .. }) => {
            Some((keyword(attribute, "bool"), "tristate".to_owned()))
        }
        (Change::ImplyToSelect, AttributeKind::Imply { .. }) => {
            Some((keyword(attribute, "imply"), "select".to_owned()))
        }
        (Change::SwapDefault, AttributeKind::Default { value, .. }) => {
            let new = match written(ast, text, *value) {
                "y" | "m" => "n",
                "n" => "y",
                _ => return None,
            };
            Some((ast.expr(*value).range, new.to_owned()))
        }
        (
            Change::DropPrompt,
            AttributeKind::Type {
                ty,
                prompt: Some(Prompt { .. }),
            },
        ) => {
            let start = keyword(attribute, ty.word()).end;
            Some((TextRange::new(start, attribute.range.end), String::new()))
        }
        _ => None,
    }
}

fn some<T>(all: &[T]) -> Option<&[T]> {
    (!all.is_empty()).then_some(all)
}

/// The keyword that an attribute starts with.
fn keyword(attribute: &Attribute, word: &str) -> TextRange {
    let start = attribute.range.start;
    TextRange::new(start, start + word.len() as u32)
}

pub(crate) fn written<'t>(ast: &Ast, text: &'t str, id: ExprId) -> &'t str {
    let range = ast.expr(id).range;
    &text[range.start as usize..range.end as usize]
}

fn below(ast: &Ast, root: ExprId, wanted: impl Fn(&Expr) -> bool) -> Vec<ExprId> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        let expr = ast.expr(id);
        if wanted(expr) {
            found.push(id);
        }
        match expr.kind {
            ExprKind::Not(x) | ExprKind::Paren(x) => open.push(x),
            ExprKind::And(x, y) | ExprKind::Or(x, y) => open.extend([x, y]),
            ExprKind::Atom(_) | ExprKind::Compare(..) => {}
        }
    }
    found
}
