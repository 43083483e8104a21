// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures of a symbol's neighbourhood, for Graphviz and Mermaid.
//!
//! The values here are plain words, so that a picture needs no model. Names and conditions
//! come from the tree, so each language's own escapes are applied to all of them.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::safe;

/// Symbols around one symbol, and what connects them. Rendered sorted, whatever the order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Neighbourhood {
    /// The symbols, each name once.
    pub nodes: Vec<Node>,
    /// The connections; both ends are among the nodes.
    pub edges: Vec<Edge>,
}

/// A symbol in a picture.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// What it is: `bool`, `choice`, `undefined` …
    pub kind: String,
    /// Whether it is the one that was asked for.
    pub center: bool,
}

/// A connection in a picture.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edge {
    /// The symbol that says it.
    pub from: String,
    /// The symbol it says it of.
    pub to: String,
    /// `depends on`, `select`, `imply`, `default`, `range`, `visible if` …
    pub kind: String,
    /// Its condition, as written; `None` when there is none.
    pub condition: Option<String>,
    /// `path:line` of the statement; empty when there is no single one.
    pub place: String,
}

/// Writes a picture in the language of Graphviz.
///
/// # Errors
/// When `out` does not take it.
pub fn dot(picture: &Neighbourhood, out: &mut dyn Write) -> io::Result<()> {
    let (nodes, edges) = sorted(picture);
    let mut text = "digraph kconfig {\n    rankdir=LR;\n    node [shape=box];\n".to_owned();
    for node in nodes {
        let name = in_dot(&node.name);
        let bold = if node.center { ", penwidth=2" } else { "" };
        let kind = in_dot(&node.kind);
        let _ = writeln!(text, "    \"{name}\" [label=\"{name}\\n{kind}\"{bold}];");
    }
    for edge in edges {
        let style = match edge.kind.as_str() {
            "select" => ", style=bold",
            "imply" => ", style=dashed",
            _ => "",
        };
        let _ = writeln!(
            text,
            "    \"{}\" -> \"{}\" [label=\"{}\", tooltip=\"{}\"{style}];",
            in_dot(&edge.from),
            in_dot(&edge.to),
            in_dot(&label(edge)),
            in_dot(&edge.place)
        );
    }
    text.push_str("}\n");
    out.write_all(text.as_bytes())
}

/// Writes a picture in the language of Mermaid.
///
/// # Errors
/// When `out` does not take it.
pub fn mermaid(picture: &Neighbourhood, out: &mut dyn Write) -> io::Result<()> {
    let (nodes, edges) = sorted(picture);
    let mut text = "flowchart LR\n".to_owned();
    for (number, node) in nodes.iter().enumerate() {
        let (name, kind) = (in_mermaid(&node.name), in_mermaid(&node.kind));
        let _ = writeln!(text, "    n{number}[\"{name}<br/>{kind}\"]");
        if node.center {
            let _ = writeln!(text, "    style n{number} stroke-width:3px");
        }
    }
    let number = |name: &str| nodes.binary_search_by(|node| node.name.as_str().cmp(name));
    for edge in edges {
        let (Ok(from), Ok(to)) = (number(&edge.from), number(&edge.to)) else {
            continue;
        };
        let arrow = match edge.kind.as_str() {
            "select" => "==>",
            "imply" => "-.->",
            _ => "-->",
        };
        let label = in_mermaid(&label(edge));
        let _ = writeln!(text, "    n{from} {arrow}|\"{label}\"| n{to}");
    }
    out.write_all(text.as_bytes())
}

fn sorted(picture: &Neighbourhood) -> (Vec<&Node>, Vec<&Edge>) {
    let mut nodes: Vec<&Node> = picture.nodes.iter().collect();
    nodes.sort();
    nodes.dedup_by(|one, other| one.name == other.name);
    let mut edges: Vec<&Edge> = picture.edges.iter().collect();
    edges.sort();
    edges.dedup();
    (nodes, edges)
}

fn label(edge: &Edge) -> String {
    match &edge.condition {
        Some(condition) => format!("{} if {condition}", edge.kind),
        None => edge.kind.clone(),
    }
}

/// Text in a quoted string of Graphviz, where a backslash starts an escape such as `\N`.
fn in_dot(text: &str) -> String {
    safe::line(text).replace('\\', r"\\").replace('"', "\\\"")
}

/// Text in a quoted label of Mermaid, which knows entities with `#` and takes HTML.
fn in_mermaid(text: &str) -> String {
    let mut shown = String::new();
    for letter in safe::line(text).chars() {
        match letter {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' => {
                let _ = write!(shown, "#{};", letter as u32);
            }
            letter => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Neighbourhood {
        let node = |name: &str, kind: &str, center| Node {
            name: name.to_owned(),
            kind: kind.to_owned(),
            center,
        };
        Neighbourhood {
            nodes: vec![node("MMU", "bool", false), node("DRM", "tristate", true)],
            edges: vec![Edge {
                from: "DRM".to_owned(),
                to: "MMU".to_owned(),
                kind: "select".to_owned(),
                condition: Some(r#"A = "x\" && B < "2""#.to_owned()),
                place: "drivers/gpu/Kconfig:3".to_owned(),
            }],
        }
    }

    fn drawn(render: fn(&Neighbourhood, &mut dyn Write) -> io::Result<()>) -> String {
        let mut bytes = Vec::new();
        render(&picture(), &mut bytes).expect("a Vec takes everything");
        String::from_utf8(bytes).expect("pictures are UTF-8")
    }

    #[test]
    fn graphviz() {
        insta::assert_snapshot!(drawn(dot), @r#"
        digraph kconfig {
            rankdir=LR;
            node [shape=box];
            "DRM" [label="DRM\ntristate", penwidth=2];
            "MMU" [label="MMU\nbool"];
            "DRM" -> "MMU" [label="select if A = \"x\\\" && B < \"2\"", tooltip="drivers/gpu/Kconfig:3", style=bold];
        }
        "#);
    }

    #[test]
    fn mermaid_flowchart() {
        insta::assert_snapshot!(drawn(mermaid), @r#"
        flowchart LR
            n0["DRM<br/>tristate"]
            style n0 stroke-width:3px
            n1["MMU<br/>bool"]
            n0 ==>|"select if A = #34;x#92;#34; #38;#38; B #60; #34;2#34;"| n1
        "#);
    }
}
