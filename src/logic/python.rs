// SPDX-License-Identifier: MIT OR Apache-2.0
//! How kconfiglib reads texts as numbers: Python's `int` (kconfiglib.py, `_is_base_n`,
//! `_sym_to_num`, `expr_value`, `Symbol.str_value`).
//!
//! What conf reads instead lies in `text`.

use std::cmp::Ordering;

use crate::model::ValueType;
use crate::source::Name;
use crate::tree::Engine;

/// What `int(text, base)` gives; `None` where it raises. A number that is too great counts as the
/// nearest that there is.
pub(super) fn int(text: &str, base: u32) -> Option<i64> {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, digits, prefixed) = without_prefix(digits, base)?;
    let mut digits = digits.as_bytes();
    if prefixed && digits.first() == Some(&b'_') {
        digits = &digits[1..];
    }
    let mut sum: i128 = 0;
    let mut follows_digit = false;
    for byte in digits {
        let Some(digit) = char::from(*byte).to_digit(base) else {
            // One `_` may stand between two digits.
            if *byte != b'_' || !follows_digit {
                return None;
            }
            follows_digit = false;
            continue;
        };
        follows_digit = true;
        sum = (sum * i128::from(base) + i128::from(digit)).min(i128::from(i64::MAX));
    }
    let sum = if negative { -sum } else { sum };
    follows_digit.then(|| i64::try_from(sum).unwrap_or(i64::MAX))
}

/// The base that a number without its sign is written in, and its digits.
fn without_prefix(digits: &str, base: u32) -> Option<(u32, &str, bool)> {
    let prefixed = digits.get(..2).and_then(|prefix| match prefix {
        "0x" | "0X" => Some(16),
        "0o" | "0O" => Some(8),
        "0b" | "0B" => Some(2),
        _ => None,
    });
    match (base, prefixed) {
        (0, Some(own)) => Some((own, &digits[2..], true)),
        // A decimal number has no zeros before it, and zero has no other digits.
        (0, None) => {
            let rest = digits.trim_start_matches(['0', '_']);
            let is_plain = !digits.starts_with('0') || rest.is_empty();
            is_plain.then_some((10, digits, false))
        }
        (base, Some(own)) if base == own => Some((base, &digits[2..], true)),
        (base, _) => Some((base, digits, false)),
    }
}

/// How two sides of a comparison are ordered.
pub(super) fn order(engine: Engine, left: (&str, ValueType), right: (&str, ValueType)) -> Ordering {
    let both_strings = left.1 == ValueType::String && right.1 == ValueType::String;
    match (number(left), number(right)) {
        _ if both_strings => left.0.cmp(right.0),
        _ if engine == Engine::EspIdf => {
            fraction_order(left, right).unwrap_or_else(|| left.0.cmp(right.0))
        }
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left.0.cmp(right.0),
    }
}

/// The same of esp-idf-kconfig, which knows fractions and no m (core.py, `_sym_to_num`).
fn fraction_order(left: (&str, ValueType), right: (&str, ValueType)) -> Option<Ordering> {
    let is_module = |side: (&str, ValueType)| side.0 == "m" && side.1 == ValueType::Tristate;
    if is_module(left) || is_module(right) {
        return None;
    }
    match (number(left), number(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        (left_number, right_number) => {
            let fraction = |side: (&str, ValueType), number: Option<i64>| {
                number.map(|it| it as f64).or_else(|| float(side.0))
            };
            let (left, right) = (fraction(left, left_number)?, fraction(right, right_number)?);
            left.partial_cmp(&right)
        }
    }
}

/// What `float(text)` gives, of what both Python and Rust read.
fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let is_plain = text.bytes().all(is_number);
    text.parse().ok().filter(|_| is_plain)
}

fn number((text, ty): (&str, ValueType)) -> Option<i64> {
    match ty {
        ValueType::Bool | ValueType::Tristate => ["n", "m", "y"]
            .iter()
            .position(|letter| *letter == text)
            .map(|at| at as i64),
        ValueType::Int => int(text, 10),
        ValueType::Hex => int(text, 16),
        ValueType::String | ValueType::Unknown => int(text, 0),
    }
}

/// Whether a user may give this text (`Symbol.set_value`). An empty one counts as none.
pub(super) fn is_valid(text: &str, ty: ValueType) -> bool {
    match ty {
        ValueType::String => true,
        ValueType::Int => int(text, 10).is_some(),
        ValueType::Hex => int(text, 16).is_some_and(|number| number >= 0),
        ValueType::Bool | ValueType::Tristate => text.starts_with(['y', 'm', 'n']),
        ValueType::Unknown => false,
    }
}

/// The text that a number gets which a range moves to this bound (`str` and `hex`).
pub(super) fn bound(number: i64, ty: ValueType) -> Name {
    Name::new(&match ty {
        ValueType::Hex if number < 0 => format!("-{:#x}", number.unsigned_abs()),
        ValueType::Hex => format!("{number:#x}"),
        _ => number.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_python() {
        for (text, base, expected) in [
            ("010", 0, None),
            ("00", 0, Some(0)),
            ("0x1F", 0, Some(31)),
            ("-0x5", 0, Some(-5)),
            ("0b11", 0, Some(3)),
            ("0o17", 0, Some(15)),
            ("1_000", 0, Some(1000)),
            ("1__0", 0, None),
            ("010", 10, Some(10)),
            ("0x10", 10, None),
            ("10", 16, Some(16)),
            ("0x_10", 16, Some(16)),
            (" 7 ", 10, Some(7)),
            ("", 0, None),
            ("-", 10, None),
            ("y", 0, None),
        ] {
            assert_eq!(int(text, base), expected, "{text:?} {base}");
        }
    }

    #[test]
    fn what_is_no_number_is_compared_as_text() {
        let is_equal = |left, right| order(Engine::Kconfiglib, left, right) == Ordering::Equal;
        assert!(!is_equal(
            ("010", ValueType::Unknown),
            ("8", ValueType::Unknown)
        ));
        assert!(is_equal(("2", ValueType::Unknown), ("y", ValueType::Bool)));
        assert!(!is_equal(
            ("yes", ValueType::Unknown),
            ("y", ValueType::Bool)
        ));
        let (m, n) = (("m", ValueType::Tristate), ("n", ValueType::Tristate));
        assert!(order(Engine::Kconfiglib, m, n) == Ordering::Greater);
        // Of texts alone, m comes before n.
        assert!(order(Engine::EspIdf, m, n) == Ordering::Less);
        let fractions = (("10", ValueType::Unknown), ("9.5", ValueType::Unknown));
        assert!(order(Engine::EspIdf, fractions.0, fractions.1) == Ordering::Greater);
        assert!(order(Engine::Kconfiglib, fractions.0, fractions.1) == Ordering::Less);
        assert_eq!(bound(-16, ValueType::Hex).as_str(), "-0x10");
    }
}
