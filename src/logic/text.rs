// SPDX-License-Identifier: MIT OR Apache-2.0
//! How kconfig reads texts as numbers: the arithmetic of comparisons and ranges.
//!
//! expr.c, `expr_parse_string` and `expr_calc_value`; symbol.c, `sym_string_valid`. The C
//! library's strtoll is followed to the letter: leading white space, a sign, a prefix.

use std::cmp::Ordering;

use super::python;
use crate::model::ValueType;
use crate::source::Name;
use crate::syntax::ast::CompareOp;
use crate::tree::{Behaviour, Engine};

/// A text read as a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reading {
    Signed(i64),
    Unsigned(u64),
    Malformed,
}

/// Whether `left op right` holds, each side read as its type wants.
pub fn compare(
    engine: Engine,
    op: CompareOp,
    left: (&str, ValueType),
    right: (&str, ValueType),
) -> bool {
    if matches!(engine, Engine::Kconfiglib | Engine::EspIdf) {
        return holds(op, python::order(engine, left, right));
    }
    let both_strings = left.1 == ValueType::String && right.1 == ValueType::String;
    let (l, r) = match both_strings {
        true => (Reading::Malformed, Reading::Malformed),
        false => (read(left.0, left.1), read(right.0, right.1)),
    };
    let order = match (l, r) {
        (Reading::Malformed, _) | (_, Reading::Malformed) => {
            left.0.as_bytes().cmp(right.0.as_bytes())
        }
        (Reading::Signed(l), Reading::Signed(r)) => l.cmp(&r),
        (l, r) => bits(l).cmp(&bits(r)),
    };
    holds(op, order)
}

/// Whether an order satisfies a relation.
pub fn holds(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Equal => order.is_eq(),
        CompareOp::Unequal => order.is_ne(),
        CompareOp::Less => order.is_lt(),
        CompareOp::LessEqual => order.is_le(),
        CompareOp::Greater => order.is_gt(),
        CompareOp::GreaterEqual => order.is_ge(),
    }
}

/// The type of a constant: y, m and n are tristate (symbol.c), all others have none.
pub fn constant_type(behaviour: &Behaviour, text: &str) -> ValueType {
    if behaviour.typed_letters && matches!(text, "y" | "m" | "n") {
        ValueType::Tristate
    } else {
        ValueType::Unknown
    }
}

fn bits(reading: Reading) -> u64 {
    match reading {
        Reading::Signed(value) => value as u64,
        Reading::Unsigned(value) => value,
        Reading::Malformed => 0,
    }
}

fn read(text: &str, ty: ValueType) -> Reading {
    let base = match ty {
        ValueType::Bool | ValueType::Tristate => {
            return Reading::Signed(match text {
                "n" => 0,
                "m" => 1,
                "y" => 2,
                _ => -1,
            });
        }
        ValueType::Int => 10,
        ValueType::Hex => 16,
        ValueType::String | ValueType::Unknown => 0,
    };
    let number = strto(text, base);
    let whole = number.rest.is_empty()
        && text
            .bytes()
            .last()
            .is_some_and(|byte| byte.is_ascii_hexdigit())
        && number.rest.len() < text.len();
    if !whole {
        return Reading::Malformed;
    }
    if ty == ValueType::Hex {
        match u64::try_from(number.magnitude) {
            Ok(value) if number.negative => Reading::Unsigned(value.wrapping_neg()),
            Ok(value) => Reading::Unsigned(value),
            Err(_) => Reading::Malformed,
        }
    } else {
        match signed(&number) {
            Some(value) => Reading::Signed(value),
            None => Reading::Malformed,
        }
    }
}

/// What strtoll gives, for clamping into a range: the number at the start, 0 without one, the
/// nearest representable number on overflow.
pub fn leading_number(text: &str, base: u32) -> i64 {
    let number = strto(text, base);
    signed(&number).unwrap_or(if number.negative { i64::MIN } else { i64::MAX })
}

/// The number that a range holds a text or a bound for.
pub fn number(engine: Engine, text: &str, base: u32) -> i64 {
    match engine {
        Engine::Conf | Engine::Minikconf => leading_number(text, base),
        Engine::Kconfiglib | Engine::EspIdf => python::int(text, base).unwrap_or(0),
    }
}

/// Whether a user may give this text to a symbol of this type.
pub fn may_write(engine: Engine, text: &str, ty: ValueType) -> bool {
    match engine {
        Engine::Conf | Engine::Minikconf => is_valid(text, ty),
        Engine::Kconfiglib | Engine::EspIdf => python::is_valid(text, ty),
    }
}

/// The text of a value that a range moves to a bound: the bound's own for a newer conf.
pub fn moved_to(behaviour: &Behaviour, bound: Name, number: i64, ty: ValueType) -> Name {
    match behaviour.is_kconfiglib() {
        true => python::bound(number, ty),
        // symbol.c, `sym_validate_range`: `%llx` knows no sign.
        false if behaviour.bound_numbers && ty == ValueType::Hex => {
            Name::new(&format!("{number:#x}"))
        }
        false if behaviour.bound_numbers => python::bound(number, ty),
        false => bound,
    }
}

/// The base in which a bound is read: its own type's for conf, that of the symbol with the range for
/// kconfiglib (kconfiglib.py, `Symbol.str_value`).
pub fn base_of_bound(engine: Engine, own: ValueType, ranged: u32) -> u32 {
    match engine {
        Engine::Conf | Engine::Minikconf => base_of(own, ranged),
        Engine::Kconfiglib | Engine::EspIdf => ranged,
    }
}

/// The whole text as a decimal integer, as the shell's `test` reads it.
pub fn shell_integer(text: &str) -> Option<i64> {
    text.trim_matches([' ', '\t', '\n']).parse().ok()
}

/// Whether a user may give this text to a symbol of this type (symbol.c, `sym_string_valid`).
pub fn is_valid(text: &str, ty: ValueType) -> bool {
    match ty {
        ValueType::String => true,
        ValueType::Int => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && (digits.len() == 1 || !digits.starts_with('0'))
        }
        ValueType::Hex => {
            let digits = text
                .strip_prefix("0x")
                .or_else(|| text.strip_prefix("0X"))
                .unwrap_or(text);
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        ValueType::Bool | ValueType::Tristate => text.starts_with(['y', 'Y', 'm', 'M', 'n', 'N']),
        ValueType::Unknown => false,
    }
}

/// The greatest or least number that a user may give a symbol of this type.
pub fn extreme(ty: ValueType, greatest: bool) -> Name {
    Name::new(match (ty, greatest) {
        (ValueType::Hex, true) => "0x7fffffffffffffff",
        (ValueType::Hex, false) => "0x0",
        (_, true) => "9223372036854775807",
        (_, false) => "-9223372036854775808",
    })
}

/// The base in which a bound or value of this type is read (symbol.c, `sym_get_range_val`).
pub fn base_of(ty: ValueType, otherwise: u32) -> u32 {
    match ty {
        ValueType::Int => 10,
        ValueType::Hex => 16,
        _ => otherwise,
    }
}

struct Number<'t> {
    negative: bool,
    magnitude: u128,
    rest: &'t str,
}

fn signed(number: &Number<'_>) -> Option<i64> {
    let magnitude = i128::try_from(number.magnitude).ok()?;
    i64::try_from(if number.negative {
        -magnitude
    } else {
        magnitude
    })
    .ok()
}

/// The C library's strtoll and strtoull. Without digits, `rest` is the whole text.
fn strto(text: &str, base: u32) -> Number<'_> {
    let none = Number {
        negative: false,
        magnitude: 0,
        rest: text,
    };
    let start = text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    let (negative, digits) = match start.as_bytes().first() {
        Some(b'-') => (true, &start[1..]),
        Some(b'+') => (false, &start[1..]),
        _ => (false, start),
    };
    let prefixed = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
        .filter(|rest| {
            rest.bytes()
                .next()
                .is_some_and(|byte| byte.is_ascii_hexdigit())
        });
    let (base, digits) = match (base, prefixed) {
        (0 | 16, Some(rest)) => (16, rest),
        (0, None) if digits.starts_with('0') => (8, digits),
        (0, None) => (10, digits),
        (base, _) => (base, digits),
    };
    let end = digits
        .find(|digit: char| !digit.is_digit(base))
        .unwrap_or(digits.len());
    if end == 0 {
        return none;
    }
    let limit = u128::from(u64::MAX) + 1;
    let magnitude = digits[..end].chars().fold(0u128, |sum, digit| {
        (sum * u128::from(base) + u128::from(digit.to_digit(base).unwrap_or(0))).min(limit)
    });
    Number {
        negative,
        magnitude,
        rest: &digits[end..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(left: (&str, ValueType), right: (&str, ValueType)) -> bool {
        compare(Engine::Conf, CompareOp::Equal, left, right)
    }

    #[test]
    fn constants_are_read_in_base_zero() {
        assert!(equal(
            ("010", ValueType::Unknown),
            ("8", ValueType::Unknown)
        ));
        assert!(equal(("0x10", ValueType::Unknown), ("16", ValueType::Int)));
        assert!(!equal(("10", ValueType::Hex), ("10", ValueType::Int)));
    }

    #[test]
    fn tristates_are_numbers_and_strings_are_not() {
        let y = ("y", ValueType::Tristate);
        let m = ("m", ValueType::Tristate);
        assert!(compare(Engine::Conf, CompareOp::GreaterEqual, y, m));
        assert!(!equal(("m", ValueType::Tristate), ("y", ValueType::Bool)));
        assert!(!equal(("010", ValueType::String), ("8", ValueType::String)));
        assert!(compare(
            Engine::Conf,
            CompareOp::Less,
            ("abc", ValueType::Unknown),
            ("abd", ValueType::Int)
        ));
    }

    #[test]
    fn hex_makes_both_sides_unsigned() {
        let minus = ("-1", ValueType::Int);
        assert!(compare(
            Engine::Conf,
            CompareOp::Greater,
            minus,
            ("0x10", ValueType::Hex)
        ));
    }

    #[test]
    fn numbers_end_where_c_says() {
        assert_eq!(leading_number("12abc", 10), 12);
        assert_eq!(leading_number("0x1f", 16), 31);
        assert_eq!(leading_number("0x", 16), 0);
        assert_eq!(leading_number("99999999999999999999", 10), i64::MAX);
        assert_eq!(leading_number("FOO", 10), 0);
    }

    #[test]
    fn users_may_not_write_octal() {
        assert!(is_valid("0", ValueType::Int));
        assert!(!is_valid("07", ValueType::Int));
        assert!(is_valid("-3", ValueType::Int));
        assert!(is_valid("1f", ValueType::Hex));
        assert!(!is_valid("0x", ValueType::Hex));
    }
}
