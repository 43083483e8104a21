// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lossless tree: nodes over ranges of tokens, in preorder.
//!
//! It says which lines belong together and leaves out no byte. What the lines mean is in the
//! typed view ([`super::ast`]); nothing is interpreted here.

use std::ops::Range;

/// A node. Its tokens include those of its children; what no child holds (blank lines,
/// comments) is its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its tokens, by their position in the file.
    pub tokens: Range<u32>,
    /// Index past its last descendant in [`super::SyntaxTree::nodes`].
    pub end: u32,
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NodeKind {
    /// The whole file; always the first node.
    File,
    /// A statement with its attributes, and for a block all up to its closing keyword.
    Entry,
    /// The first line of an entry.
    Head,
    /// A line below an entry; a help with its text.
    Attribute,
    /// The line that closes a block.
    Close,
    /// A line that is no statement, or one that stands where it must not.
    Error,
}

/// Nodes while the file is read.
pub(super) struct Nodes {
    nodes: Vec<Node>,
    /// The entry whose attributes may still follow.
    entry: Option<usize>,
    /// The blocks that are open.
    blocks: Vec<usize>,
    /// The token past the last line that was a statement.
    settled: u32,
}

impl Nodes {
    /// A tree with the node of the file.
    pub(super) fn new() -> Nodes {
        Nodes {
            nodes: vec![Node {
                kind: NodeKind::File,
                tokens: 0..0,
                end: 1,
            }],
            entry: None,
            blocks: Vec::new(),
            settled: 0,
        }
    }

    /// The head of an entry on these tokens. Whether it opens a block is said later.
    pub(super) fn entry(&mut self, tokens: Range<u32>) {
        self.end_entry();
        self.entry = Some(self.nodes.len());
        self.push(NodeKind::Entry, tokens.clone());
        self.line(NodeKind::Head, tokens);
    }

    /// A line of the open entry, or one that belongs to nothing.
    pub(super) fn line(&mut self, kind: NodeKind, tokens: Range<u32>) {
        self.settled = tokens.end;
        self.push(kind, tokens);
    }

    /// The open entry is a block: what follows its attributes is its content.
    pub(super) fn open_block(&mut self) {
        if let Some(entry) = self.entry {
            self.blocks.push(entry);
        }
    }

    /// The innermost block ends; before this line when it has no closing keyword of its own.
    pub(super) fn close_block(&mut self, close: Option<Range<u32>>) {
        self.end_entry();
        if let Some(tokens) = close {
            self.line(NodeKind::Close, tokens);
        }
        if let Some(block) = self.blocks.pop() {
            self.finish(block);
        }
    }

    /// The end of the file, with so many tokens.
    pub(super) fn into_nodes(mut self, tokens: u32) -> Vec<Node> {
        self.end_entry();
        self.settled = tokens;
        self.finish(0);
        self.nodes
    }

    fn push(&mut self, kind: NodeKind, tokens: Range<u32>) {
        let end = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { kind, tokens, end });
    }

    fn end_entry(&mut self) {
        if let Some(entry) = self.entry.take() {
            if self.blocks.last() != Some(&entry) {
                self.finish(entry);
            }
        }
    }

    fn finish(&mut self, node: usize) {
        let end = self.nodes.len() as u32;
        self.nodes[node].end = end;
        self.nodes[node].tokens.end = self.settled.max(self.nodes[node].tokens.end);
    }
}
