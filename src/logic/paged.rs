// SPDX-License-Identifier: MIT OR Apache-2.0
//! A table over dense numbers of which a question usually fills a small part.
//!
//! To make one, or to empty it, costs a zero for each page instead of a value for each number. A run
//! makes several for each finding, and a tree may have as many findings as symbols.

/// Values by number, in pages that exist once one of their values is set.
pub(super) struct Paged<T> {
    /// For each page its place in `pages`, counted from 1; 0 while the page does not exist.
    places: Vec<u32>,
    pages: Vec<[Option<T>; SIZE]>,
}

const SIZE: usize = 64;

impl<T: Copy> Paged<T> {
    /// An empty table for the numbers below `count`.
    pub(super) fn new(count: usize) -> Paged<T> {
        Paged {
            places: vec![0; count.div_ceil(SIZE)],
            pages: Vec::new(),
        }
    }

    /// The value of a number.
    pub(super) fn get(&self, number: u32) -> Option<T> {
        let number = number as usize;
        let place = self.places[number / SIZE] as usize;
        self.pages.get(place.checked_sub(1)?)?[number % SIZE]
    }

    /// Gives a number a value.
    pub(super) fn set(&mut self, number: u32, value: T) {
        let number = number as usize;
        let place = &mut self.places[number / SIZE];
        if *place == 0 {
            self.pages.push([None; SIZE]);
            *place = self.pages.len() as u32;
        }
        self.pages[*place as usize - 1][number % SIZE] = Some(value);
    }

    /// All values with their numbers, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, T)> + '_ {
        let numbers = 0..(self.places.len() * SIZE) as u32;
        numbers.filter_map(|number| Some((number, self.get(number)?)))
    }

    /// Takes all values away.
    pub(super) fn clear(&mut self) {
        self.places.fill(0);
        self.pages.clear();
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
