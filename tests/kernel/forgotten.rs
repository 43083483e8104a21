// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a selector forgets: mutants that take from it exactly one term that a symbol it selects
//! states among its dependencies, as whoever writes a driver forgets it. The best fix has to give
//! the selector back its meaning. This measures the order of the candidates.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `KCONFIG_LINT_FORGOTTEN` | mutants of each kind, 12 unless set |
//! | `KCONFIG_LINT_MUTANT_SEED` | the first seed, 1 unless set |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kconfig_lint::diagnostic::Diagnostic;
use kconfig_lint::fix::Effort;
use kconfig_lint::source::{Overlay, Reader, TextRange};
use kconfig_lint::syntax::ast::{Ast, Attribute, AttributeKind, ExprId, ExprKind};
use kconfig_lint::syntax::{Notation, SyntaxTree};

use crate::fixes::Workshop;
use crate::generate::Random;
use crate::mutant_fixes::restores;
use crate::mutants::{Ground, Key, in_threads, unmet};
use crate::mutate::{Change, Mutant, name_of, written};
use crate::small_trees::number;
use crate::trees::newest;

/// How many of a hundred best fixes have to give back what was forgotten.
const ENOUGH: usize = 90;

/// Architectures on which a fix is judged too: most of what there is can be on with one of them.
const OTHERS: [&str; 3] = ["arm", "arm64", "x86"];

/// Where a term is forgotten.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Place {
    /// A `depends on` of the selector.
    Dependency,
    /// The condition of the select itself.
    Condition,
}

/// A term of a selector that the selected symbol states.
#[derive(Clone, Debug)]
struct Site {
    file: usize,
    selector: String,
    /// The selected symbols that state the term.
    targets: Vec<String>,
    /// What goes, and what stays in its place.
    range: TextRange,
    left: String,
    words: String,
}

/// What a selector says in one definition.
#[derive(Default)]
struct Selector {
    name: String,
    targets: Vec<String>,
    terms: Vec<(Place, String, Site)>,
}

#[derive(Default)]
struct Report {
    findings: usize,
    restored: usize,
    words: Vec<String>,
}

#[test]
fn the_best_fix_gives_back_what_a_selector_forgot() {
    let ground = Ground::new(newest());
    let files = ground.pool.files();
    let sites = sites(files);
    let count = number("KCONFIG_LINT_FORGOTTEN").unwrap_or(12);
    let first = number("KCONFIG_LINT_MUTANT_SEED").unwrap_or(1);
    let mut few = Vec::new();
    for (place, sites) in &sites {
        let reports = in_threads(count, |at| {
            let mut random = Random::new(first + at);
            let site = random.pick(sites);
            let report = judge(&ground, first + at, *place, site, &mut random);
            for words in &report.words {
                println!("{words}");
            }
            report
        });
        let findings: usize = reports.iter().map(|it| it.findings).sum();
        let restored: usize = reports.iter().map(|it| it.restored).sum();
        println!(
            "{place:?}: {count} of {} terms that selectors share with what they select forgotten \
             (seeds from {first}): {findings} findings about the selector, the best fix gives back \
             the meaning for {restored}",
            sites.len(),
        );
        assert!(findings > 0, "{place:?}: nothing was missed");
        if restored * 100 < findings * ENOUGH {
            few.push(format!("{place:?}: {restored} of {findings}"));
        }
    }
    assert!(few.is_empty(), "{few:?}");
}

fn judge(ground: &Ground, seed: u64, place: Place, site: &Site, random: &mut Random) -> Report {
    let (path, text) = &ground.pool.files()[site.file];
    let readers: Vec<&String> = ground.readers[path].iter().collect();
    let architecture = random.pick(&readers).as_str();
    let text = std::str::from_utf8(text).expect("only such files have sites");
    let (start, end) = (site.range.start as usize, site.range.end as usize);
    let mutant = Mutant {
        change: match place {
            Place::Dependency => Change::DropConjunct,
            Place::Condition => Change::DropSelectCondition,
        },
        path: path.clone(),
        symbols: vec![site.selector.clone()],
        text: format!("{}{}{}", &text[..start], site.left, &text[end..]),
        words: site.words.clone(),
    };
    let overlay = Overlay::new(ground.reader.clone()).with(path, mutant.text.as_bytes());
    let below: Arc<dyn Reader> = Arc::new(overlay);
    // A dependency may leave nothing of a symbol on one architecture, if it does not on others.
    let mut names = vec![architecture];
    let others = OTHERS.into_iter().filter(|name| *name != architecture);
    names.extend(others.filter(|other| readers.iter().any(|name| name.as_str() == *other)));
    let workshop = Workshop::new(&ground.project, &names);
    let is_new = |finding: &Diagnostic| {
        let own: BTreeSet<Key> = unmet(std::slice::from_ref(finding)).into_keys().collect();
        let mut known = names.iter().map(|name| ground.known(name));
        !own.is_empty() && known.all(|known| own.is_disjoint(known))
    };
    let judged = workshop.judge(below, Some(Effort::All), &is_new);
    let mut report = Report::default();
    let states_it = |finding: &&Diagnostic| {
        let mut pairs = unmet(std::slice::from_ref(*finding)).into_keys();
        pairs.all(|(_, selectee, _)| site.targets.contains(&selectee)) && is_new(finding)
    };
    for finding in judged.outcome.findings.iter().filter(states_it) {
        let files = &judged.outcome.files;
        let Some(same) = restores(ground, architecture, &mutant, files, finding) else {
            continue;
        };
        report.findings += 1;
        report.restored += usize::from(same);
        if !same {
            let titles: Vec<&str> = finding.fixes.iter().map(|it| it.title.as_str()).collect();
            report.words.push(format!(
                "seed {seed}, {architecture}, {path}: {place:?}: {} without {}: {}: {titles:?}",
                site.selector, site.words, finding.message,
            ));
        }
    }
    report
}

/// All places where a selector states what a symbol that it selects states too.
fn sites(files: &[(String, Arc<[u8]>)]) -> BTreeMap<Place, Vec<Site>> {
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut selectors: Vec<Selector> = Vec::new();
    for (file, (_, bytes)) in files.iter().enumerate() {
        let Ok(text) = std::str::from_utf8(bytes) else {
            continue;
        };
        let tree = SyntaxTree::parse(bytes, Notation::Kconfig);
        let ast = tree.ast();
        for entry in &ast.entries {
            let Some(name) = name_of(ast, entry) else {
                continue;
            };
            let mut selector = Selector {
                name,
                ..Selector::default()
            };
            for attribute in ast.attributes_of(entry) {
                selector.read(file, ast, text, attribute);
            }
            let own = selector.terms.iter();
            let own = own.filter(|(place, ..)| *place == Place::Dependency);
            let own = own.map(|(_, term, _)| term.clone());
            needs.entry(selector.name.clone()).or_default().extend(own);
            selectors.push(selector);
        }
    }
    let mut sites: BTreeMap<Place, Vec<Site>> = BTreeMap::new();
    for selector in selectors {
        for (place, term, mut site) in selector.terms {
            let states = |target: &&String| {
                let own = needs.get(*target);
                own.is_some_and(|own| own.contains(&term))
            };
            site.targets = selector.targets.iter().filter(states).cloned().collect();
            if !site.targets.is_empty() {
                sites.entry(place).or_default().push(site);
            }
        }
    }
    sites
}

impl Selector {
    fn read(&mut self, file: usize, ast: &Ast, text: &str, attribute: &Attribute) {
        let (place, expr, whole) = match attribute.kind {
            AttributeKind::DependsOn {
                expr,
                condition: None,
            } => (Place::Dependency, expr, attribute.range),
            AttributeKind::Select { target, condition } => {
                let word = ast.words_of(target)[0].text;
                self.targets.extend(word.map(|it| it.as_str().to_owned()));
                let Some(expr) = condition else { return };
                let start = ast.range_of(target).end;
                let whole = TextRange::new(start, attribute.range.end);
                (Place::Condition, expr, whole)
            }
            _ => return,
        };
        let mut found = Vec::new();
        conjuncts(ast, text, expr, (whole, String::new()), &mut found);
        for (term, range, left) in found {
            let site = Site {
                file,
                selector: self.name.clone(),
                targets: Vec::new(),
                range,
                left,
                words: format!("{term} in {:?}", written(ast, text, expr)),
            };
            self.terms.push((place, term, site));
        }
    }
}

/// The terms of a conjunction, each with what has to be replaced to drop it, and by what.
fn conjuncts(
    ast: &Ast,
    text: &str,
    expr: ExprId,
    without: (TextRange, String),
    found: &mut Vec<(String, TextRange, String)>,
) {
    let range = ast.expr(expr).range;
    match ast.expr(expr).kind {
        ExprKind::And(x, y) => {
            let (left, right) = (written(ast, text, x), written(ast, text, y));
            conjuncts(ast, text, x, (range, right.to_owned()), found);
            conjuncts(ast, text, y, (range, left.to_owned()), found);
        }
        ExprKind::Paren(inner) => conjuncts(ast, text, inner, without, found),
        _ => found.push((written(ast, text, expr).to_owned(), without.0, without.1)),
    }
}
