// SPDX-License-Identifier: MIT OR Apache-2.0
//! JSON against a schema, for the tests of reports.

use boon::{Compiler, Schemas};
use serde_json::Value;

/// Asserts that a value fits a schema, which is given as text.
///
/// # Panics
/// When it does not; the message names each place and what the schema wants there.
#[track_caller]
pub(crate) fn assert_fits(schema: &str, value: &Value) {
    let schema = serde_json::from_str(schema).expect("JSON");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    // Nothing is fetched: the schemas refer to themselves alone.
    compiler
        .add_resource("schema.json", schema)
        .expect("a name");
    let index = compiler
        .compile("schema.json", &mut schemas)
        .expect("a schema");
    if let Err(error) = schemas.validate(value, index) {
        panic!("{error:#}");
    }
}

#[test]
fn a_schema_refuses_what_it_does_not_allow() {
    let schema = r#"{ "type": "object", "required": ["a"], "additionalProperties": false,
                      "properties": { "a": { "enum": ["x"] } } }"#;
    assert_fits(schema, &serde_json::json!({ "a": "x" }));
    for wrong in ["{}", r#"{ "a": "y" }"#, r#"{ "a": "x", "b": 1 }"#, "1"] {
        let wrong: Value = serde_json::from_str(wrong).expect("JSON");
        let refused = std::panic::catch_unwind(|| assert_fits(schema, &wrong));
        assert!(refused.is_err(), "{wrong}");
    }
}
