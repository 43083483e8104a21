// SPDX-License-Identifier: MIT OR Apache-2.0
//! The committed schemas against the types that are written: the same fields, the same ones always
//! there, the same types.
//!
//! A committed schema says more: words of an enumeration, patterns, which fields go together, and
//! what all of it means. So it is written by hand, and held here against what schemars generates.

use std::collections::{BTreeMap, BTreeSet};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

/// What two schemas of the same values have in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
struct Shape {
    types: BTreeSet<String>,
    fields: BTreeMap<String, Shape>,
    required: BTreeSet<String>,
    items: Vec<Shape>,
    /// Of a map.
    values: Vec<Shape>,
    /// Objects of several forms.
    forms: BTreeSet<Shape>,
}

impl Shape {
    /// The shape of a schema, whose references point into `root`.
    fn new(schema: &Value, root: &Value) -> Shape {
        let inside = |key: &str| schema.get(key).filter(|it| it.is_object());
        let list = |key: &str| schema[key].as_array().into_iter().flatten();
        let mut shape = Shape::default();
        if let Some(path) = schema["$ref"].as_str() {
            let target = root.pointer(path.trim_start_matches('#'));
            shape = Shape::new(target.expect("what is referred to"), root);
        }
        shape
            .types
            .extend(schema["type"].as_str().map(str::to_owned));
        shape
            .types
            .extend(list("type").filter_map(Value::as_str).map(str::to_owned));
        let constants = list("enum").chain(schema.get("const"));
        shape.types.extend(constants.map(|it| kind(it).to_owned()));
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            shape.fields.insert(name.clone(), Shape::new(field, root));
        }
        shape.required.extend(
            list("required")
                .filter_map(Value::as_str)
                .map(str::to_owned),
        );
        shape
            .items
            .extend(inside("items").map(|it| Shape::new(it, root)));
        shape
            .values
            .extend(inside("additionalProperties").map(|it| Shape::new(it, root)));
        let forms: Vec<Shape> = list("anyOf")
            .chain(list("oneOf"))
            .map(|it| Shape::new(it, root))
            .collect();
        let (objects, others): (Vec<Shape>, Vec<Shape>) = forms
            .into_iter()
            .partition(|it| it.types.contains("object"));
        for other in others {
            shape.types.extend(other.types);
            shape.forms.extend(other.forms);
        }
        match <[Shape; 1]>::try_from(objects) {
            Ok([only]) => {
                let types = std::mem::take(&mut shape.types);
                shape = only;
                shape.types.extend(types);
            }
            Err(several) => shape.forms.extend(several),
        }
        shape
    }

    /// The generated shape as the committed schema writes it. A map of which that names every key
    /// is an object there, and a field that is left out when there is no value is never null.
    fn written_as(mut self, committed: &Shape) -> Shape {
        let is_map = self.fields.is_empty() && committed.values.is_empty();
        if let ([value], true) = (&self.values[..], is_map) {
            let keys = committed.fields.keys();
            self.fields = keys.map(|key| (key.clone(), value.clone())).collect();
            self.required.clone_from(&committed.required);
            self.values.clear();
        }
        for (name, field) in &mut self.fields {
            if !self.required.contains(name) {
                field.types.remove("null");
            }
            if let Some(other) = committed.fields.get(name) {
                *field = std::mem::take(field).written_as(other);
            }
        }
        for (item, other) in self.items.iter_mut().zip(&committed.items) {
            *item = std::mem::take(item).written_as(other);
        }
        self
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[track_caller]
fn compare<T: JsonSchema>(committed: &str) {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let generated = SchemaGenerator::new(settings).into_root_schema_for::<T>();
    let generated = generated.to_value();
    let committed: Value = serde_json::from_str(committed).expect("JSON");
    let committed = Shape::new(&committed, &committed);
    let generated = Shape::new(&generated, &generated).written_as(&committed);
    assert!(
        committed == generated,
        "the committed schema says\n{committed:#?}\nbut what is written is\n{generated:#?}"
    );
}

#[test]
fn the_schema_of_the_report_is_that_of_its_types() {
    compare::<super::json::Report<'_>>(super::SCHEMA);
}

#[test]
fn the_schema_of_an_answer_is_that_of_its_types() {
    compare::<super::why::Report<'_>>(super::WHY_SCHEMA);
}

#[test]
fn the_schema_of_an_impact_is_that_of_its_types() {
    compare::<super::impact::Report<'_>>(super::IMPACT_SCHEMA);
}

#[test]
fn a_field_more_or_less_is_seen() {
    let schema = r##"{ "type": "object", "required": ["a"],
                      "properties": { "a": { "enum": ["x", null] }, "b": { "$ref": "#/$defs/n" } },
                      "$defs": { "n": { "type": "array", "items": { "type": "string" } } } }"##;
    let shape = |text: &str| {
        let value: Value = serde_json::from_str(text).expect("JSON");
        Shape::new(&value, &value)
    };
    for (from, to) in [
        ("[\"a\"]", "[]"),
        ("null", "1"),
        (
            "\"items\": { \"type\": \"string\" }",
            "\"items\": { \"type\": \"object\" }",
        ),
        ("\"b\":", "\"c\":"),
    ] {
        assert!(schema.contains(from), "{from}");
        assert_ne!(shape(schema), shape(&schema.replace(from, to)), "{from}");
    }
}
