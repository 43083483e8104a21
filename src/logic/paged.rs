// SPDX-License-Identifier: MIT OR Apache-2.0
//! A table over dense numbers of which a question usually fills a small part.
//!
//! To make one, or to empty it, costs a pointer for each page instead of a value for each number. A
//! run makes several for each finding, and a tree may have as many findings as symbols.

/// Values by number, in pages that exist once one of their values is set.
pub(super) struct Paged<T> {
    pages: Vec<Option<Page<T>>>,
}

type Page<T> = Box<[Option<T>; SIZE]>;

const SIZE: usize = 64;

impl<T: Copy> Paged<T> {
    /// An empty table for the numbers below `count`.
    pub(super) fn new(count: usize) -> Paged<T> {
        let mut pages = Vec::new();
        pages.resize_with(count.div_ceil(SIZE), || None);
        Paged { pages }
    }

    /// The value of a number.
    pub(super) fn get(&self, number: u32) -> Option<T> {
        let number = number as usize;
        self.pages[number / SIZE].as_ref()?[number % SIZE]
    }

    /// Gives a number a value.
    pub(super) fn set(&mut self, number: u32, value: T) {
        let number = number as usize;
        let page = self.pages[number / SIZE].get_or_insert_with(|| Box::new([None; SIZE]));
        page[number % SIZE] = Some(value);
    }

    /// All values with their numbers, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, T)> + '_ {
        let pages = self.pages.iter().enumerate();
        let pages = pages.filter_map(|(at, page)| Some((at * SIZE, page.as_ref()?)));
        pages.flat_map(|(first, page)| {
            let values = page.iter().enumerate();
            values.filter_map(move |(at, value)| Some(((first + at) as u32, (*value)?)))
        })
    }

    /// Takes all values away.
    pub(super) fn clear(&mut self) {
        self.pages.fill_with(|| None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_at_their_numbers() {
        let mut table = Paged::new(200);
        for number in [0, 63, 64, 199] {
            assert_eq!(table.get(number), None);
            table.set(number, number + 1);
        }
        assert_eq!(table.get(1), None);
        assert_eq!(table.get(64), Some(65));
        assert_eq!(table.get(199), Some(200));
        let all: Vec<_> = table.iter().collect();
        assert_eq!(all, [(0, 1), (63, 64), (64, 65), (199, 200)]);
        table.clear();
        assert_eq!(table.get(64), None);
    }
}
