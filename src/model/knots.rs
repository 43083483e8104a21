// SPDX-License-Identifier: MIT OR Apache-2.0
//! Strongly connected components of a graph of numbers: all that hang on each other.
//!
//! Every architecture of every tree is searched, and almost none has a cycle, so this graph is
//! two plain vectors and the search goes over each edge once (Tarjan's, on a stack of its own:
//! hostile trees hang deeper than a thread's). What a number stands for is the caller's affair.

use std::ops::Range;

/// A graph of the numbers from 0 on: the edges of each node in one run.
#[derive(Clone, Default)]
pub(super) struct Edges {
    /// Where the run of each node begins.
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Edges {
    /// A graph without nodes, with room for so many.
    pub(super) fn with_capacity(nodes: usize) -> Edges {
        Edges {
            starts: Vec::with_capacity(nodes),
            targets: Vec::with_capacity(nodes * 2),
        }
    }

    /// Adds the next node. The edges that follow are its.
    pub(super) fn node(&mut self) {
        self.starts.push(self.targets.len() as u32);
    }

    /// An edge from the last node to one that is there or will be.
    pub(super) fn edge(&mut self, to: usize) {
        self.targets.push(to as u32);
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The edges of a node.
    pub(super) fn of(&self, node: u32) -> &[u32] {
        let run = self.run(node);
        &self.targets[run.start as usize..run.end as usize]
    }

    fn run(&self, node: u32) -> Range<u32> {
        let end = self.starts.get(node as usize + 1);
        self.starts[node as usize]..end.map_or(self.targets.len() as u32, |end| *end)
    }

    /// The nodes that some of `starts` reach, those included.
    pub(super) fn below(&self, starts: impl IntoIterator<Item = u32>) -> Vec<bool> {
        let mut seen = vec![false; self.starts.len()];
        let mut open: Vec<u32> = starts.into_iter().collect();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut seen[node as usize], true) {
                open.extend(self.of(node));
            }
        }
        seen
    }

    /// The same nodes with every edge turned round.
    pub(super) fn reversed(&self) -> Edges {
        let nodes = self.starts.len();
        let mut starts = vec![0; nodes + 1];
        for to in &self.targets {
            starts[*to as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut targets = vec![0; self.targets.len()];
        for node in 0..nodes as u32 {
            let run = self.run(node);
            for to in &self.targets[run.start as usize..run.end as usize] {
                let slot = &mut next[*to as usize];
                targets[*slot as usize] = node;
                *slot += 1;
            }
        }
        starts.pop();
        Edges { starts, targets }
    }

    fn has_loop(&self, node: u32) -> bool {
        let run = self.run(node);
        self.targets[run.start as usize..run.end as usize].contains(&node)
    }

    /// The components that hold a cycle, each with all its nodes.
    pub(super) fn knots(&self) -> Vec<Vec<u32>> {
        let mut search = Search {
            edges: self,
            found: vec![0; self.starts.len()],
            next: 1,
            path: Vec::new(),
            waiting: Vec::new(),
            knots: Vec::new(),
        };
        for node in 0..search.found.len() as u32 {
            if search.found[node as usize] == 0 {
                search.from(node);
            }
        }
        search.knots
    }
}

/// The mark of a node whose component is complete; greater than any other.
const COMPLETE: u32 = u32::MAX;

struct Search<'a> {
    edges: &'a Edges,
    /// When each node was found, from 1 on, lowered to the oldest node that it reaches; 0 for
    /// one that was not found yet.
    found: Vec<u32>,
    next: u32,
    path: Vec<Step>,
    /// Nodes whose component is not complete, by the time they were found.
    waiting: Vec<u32>,
    knots: Vec<Vec<u32>>,
}

/// A node on the way from the root, and the edges still to be gone.
struct Step {
    node: u32,
    found: u32,
    rest: Range<u32>,
}

impl Search<'_> {
    fn from(&mut self, root: u32) {
        self.enter(root);
        while let Some(step) = self.path.last_mut() {
            match step.rest.next() {
                Some(edge) => {
                    let from = step.node as usize;
                    let to = self.edges.targets[edge as usize];
                    match self.found[to as usize] {
                        0 => self.enter(to),
                        seen => self.found[from] = self.found[from].min(seen),
                    }
                }
                None => self.leave(),
            }
        }
    }

    fn enter(&mut self, node: u32) {
        self.found[node as usize] = self.next;
        self.waiting.push(node);
        self.path.push(Step {
            node,
            found: self.next,
            rest: self.edges.run(node),
        });
        self.next += 1;
    }

    /// All below a node was seen: it closes a component, or belongs to that of an older one.
    fn leave(&mut self) {
        let Some(step) = self.path.pop() else { return };
        let oldest = self.found[step.node as usize];
        if oldest < step.found {
            if let Some(above) = self.path.last() {
                let above = &mut self.found[above.node as usize];
                *above = oldest.min(*above);
            }
            return;
        }
        let first = self.waiting.iter().rposition(|node| *node == step.node);
        let knot = self.waiting.split_off(first.unwrap_or(self.waiting.len()));
        for node in &knot {
            self.found[*node as usize] = COMPLETE;
        }
        if knot.len() > 1 || self.edges.has_loop(step.node) {
            self.knots.push(knot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knots(count: usize, edges: &[(usize, usize)]) -> Vec<Vec<u32>> {
        let mut graph = Edges::with_capacity(count);
        for node in 0..count {
            graph.node();
            let own = edges.iter().filter(|(from, _)| *from == node);
            own.for_each(|(_, to)| graph.edge(*to));
        }
        let mut knots = graph.knots();
        knots.iter_mut().for_each(|knot| knot.sort());
        knots.sort();
        knots
    }

    #[test]
    fn a_graph_without_cycles_has_no_knot() {
        assert!(knots(0, &[]).is_empty());
        assert!(knots(4, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3), (0, 3)]).is_empty());
    }

    #[test]
    fn loops_and_knots_are_found_with_all_their_nodes() {
        let edges = [
            (0, 1),
            (1, 2),
            (2, 0),
            (2, 3),
            (3, 3),
            (4, 3),
            (4, 5),
            (5, 4),
            (5, 1),
            (6, 0),
        ];
        assert_eq!(knots(7, &edges), [vec![0, 1, 2], vec![3], vec![4, 5]]);
    }

    #[test]
    fn every_graph_of_four_nodes_agrees_with_reachability() {
        for bits in 0..1u32 << 16 {
            let all = (0..16).map(|at| (at / 4, at % 4));
            let edges: Vec<(usize, usize)> =
                all.filter(|(a, b)| bits >> (a * 4 + b) & 1 == 1).collect();
            let mut reach = [[false; 4]; 4];
            edges.iter().for_each(|(a, b)| reach[*a][*b] = true);
            for via in 0..4 {
                for from in 0..4 {
                    for to in 0..4 {
                        reach[from][to] |= reach[from][via] && reach[via][to];
                    }
                }
            }
            let mut expected: Vec<Vec<u32>> = (0..4usize)
                .filter(|node| reach[*node][*node])
                .map(|node| {
                    let together = (0..4).filter(|to| reach[node][*to] && reach[*to][node]);
                    together.map(|to| to as u32).collect()
                })
                .collect();
            expected.sort();
            expected.dedup();
            assert_eq!(knots(4, &edges), expected, "{edges:?}");
        }
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let count = 300_000;
        let chain = |last: Option<usize>| {
            let mut graph = Edges::with_capacity(count);
            for node in 0..count {
                graph.node();
                let next = Some(node + 1).filter(|next| *next < count).or(last);
                next.into_iter().for_each(|next| graph.edge(next));
            }
            graph.knots()
        };
        assert!(chain(None).is_empty());
        assert_eq!(chain(Some(0))[0].len(), count);
    }
}
