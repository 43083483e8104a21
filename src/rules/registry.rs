// SPDX-License-Identifier: MIT OR Apache-2.0
//! The list of all rules, and what can be read from a rule's documentation.
//!
//! `rules`, `explain`, the level options and the README's table derive from [`RULES`]; a test
//! holds that it is the folder's content. Nothing here runs a rule.

use super::Rule;
use super::{
    attribute_order, blank_lines, choice_errors, comment_mismatch, comment_space,
    config_defined_outside_kconfig, constant_condition, continuation_indent, dead_default,
    dead_imply, dead_menu, dead_prompt, dead_range, dead_select, dead_symbol, dead_visible_if,
    defconfig_overridden_value, defconfig_redundant, defconfig_unknown_symbol, depends_outlier,
    duplicate_default, duplicate_default_value, duplicate_definition, duplicate_dependency,
    duplicate_imply, duplicate_prompt, duplicate_range, duplicate_select, empty_menu,
    implied_condition, implied_dependency, imply_reachable, indentation, invalid_default,
    invalid_range, is_enabled_misuse, legacy_symbol, line_length, link_gap, link_level,
    macro_error, menuconfig_without_prompt, missing_declaration, missing_final_newline,
    missing_help, missing_path_in_text, missing_source, missing_type, negative_module_dependency,
    obsolete_syntax, optional_dependency, pointless_menuconfig, policy, prompt_whitespace,
    prompt_wording, recursive_dependency, recursive_source, redundant_default_n, renamed_symbol,
    repeated_source, select_and_depend, select_choice_member, select_outlier, select_visible,
    select_with_dependencies, short_help, spelling, symbol_name, syntax_error, trailing_whitespace,
    type_conflict, undecided, undefined_config_reference, undefined_select, undefined_symbol,
    undefined_symbol_in_text, ungrouped_attributes, unmet_dependency, unmet_imply,
    unreferenced_kconfig_file, unsorted, unterminated_block, unused_suppression, unused_symbol,
    wrong_type_select,
};

/// Every rule, sorted by name.
pub static RULES: &[&Rule] = &[
    &attribute_order::RULE,
    &blank_lines::RULE,
    &choice_errors::RULE,
    &comment_mismatch::RULE,
    &comment_space::RULE,
    &config_defined_outside_kconfig::RULE,
    &constant_condition::RULE,
    &continuation_indent::RULE,
    &dead_default::RULE,
    &dead_imply::RULE,
    &dead_menu::RULE,
    &dead_prompt::RULE,
    &dead_range::RULE,
    &dead_select::RULE,
    &dead_symbol::RULE,
    &dead_visible_if::RULE,
    &defconfig_overridden_value::RULE,
    &defconfig_redundant::RULE,
    &defconfig_unknown_symbol::RULE,
    &depends_outlier::RULE,
    &duplicate_default::RULE,
    &duplicate_default_value::RULE,
    &duplicate_definition::RULE,
    &duplicate_dependency::RULE,
    &duplicate_imply::RULE,
    &duplicate_prompt::RULE,
    &duplicate_range::RULE,
    &duplicate_select::RULE,
    &empty_menu::RULE,
    &implied_condition::RULE,
    &implied_dependency::RULE,
    &imply_reachable::RULE,
    &indentation::RULE,
    &invalid_default::RULE,
    &invalid_range::RULE,
    &is_enabled_misuse::RULE,
    &legacy_symbol::RULE,
    &line_length::RULE,
    &link_gap::RULE,
    &link_level::RULE,
    &macro_error::RULE,
    &menuconfig_without_prompt::RULE,
    &missing_declaration::RULE,
    &missing_final_newline::RULE,
    &missing_help::RULE,
    &missing_path_in_text::RULE,
    &missing_source::RULE,
    &missing_type::RULE,
    &negative_module_dependency::RULE,
    &obsolete_syntax::RULE,
    &optional_dependency::RULE,
    &pointless_menuconfig::RULE,
    &policy::RULE,
    &prompt_whitespace::RULE,
    &prompt_wording::RULE,
    &recursive_dependency::RULE,
    &recursive_source::RULE,
    &redundant_default_n::RULE,
    &renamed_symbol::RULE,
    &repeated_source::RULE,
    &select_and_depend::RULE,
    &select_choice_member::RULE,
    &select_outlier::RULE,
    &select_visible::RULE,
    &select_with_dependencies::RULE,
    &short_help::RULE,
    &spelling::RULE,
    &symbol_name::RULE,
    &syntax_error::RULE,
    &trailing_whitespace::RULE,
    &type_conflict::RULE,
    &undecided::RULE,
    &undefined_config_reference::RULE,
    &undefined_select::RULE,
    &undefined_symbol::RULE,
    &undefined_symbol_in_text::RULE,
    &ungrouped_attributes::RULE,
    &unmet_dependency::RULE,
    &unmet_imply::RULE,
    &unreferenced_kconfig_file::RULE,
    &unsorted::RULE,
    &unterminated_block::RULE,
    &unused_suppression::RULE,
    &unused_symbol::RULE,
    &wrong_type_select::RULE,
];

/// The headings of every rule's documentation, in their order.
pub const HEADINGS: [&str; 4] = ["What it does", "Why is this bad", "Example", "Use instead"];

/// The rule of this name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name).copied()
}

/// A small tree out of a rule's documentation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    /// Whether the rule has nothing to say about it; otherwise exactly this rule fires.
    pub good: bool,
    /// Its files, the root file `Kconfig` first: path and text.
    pub files: Vec<(String, String)>,
}

/// The examples of a rule: its code blocks marked `kconfig,bad` and `kconfig,good`. A line
/// `# file: path` in a block starts a further file; what stands before the first such line
/// is the root file. A line `\\ No newline at end of file` takes the line end away.
pub fn examples(rule: &Rule) -> Vec<Example> {
    let mut found = Vec::new();
    let mut lines = rule.docs.lines();
    while let Some(line) = lines.next() {
        let good = match line.trim_end() {
            "```kconfig,good" => true,
            "```kconfig,bad" => false,
            _ => continue,
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        found.push(Example {
            good,
            files: split(&block),
        });
    }
    found
}

/// As diff says it: the line before has no line end.
const NO_NEWLINE: &str = "\\ No newline at end of file";

fn split(block: &[&str]) -> Vec<(String, String)> {
    let mut files = vec![("Kconfig".to_owned(), String::new())];
    for line in block {
        if *line == NO_NEWLINE {
            let (_, text) = files.last_mut().expect("one at least");
            text.pop();
            continue;
        }
        if let Some(path) = line.strip_prefix("# file: ") {
            if path != "Kconfig" {
                files.push((path.trim().to_owned(), String::new()));
            }
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    files
}
