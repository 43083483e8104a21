// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a tree's own scripts can print about its tools: `cc-version.sh`, `as-version.sh` and
//! `ld-version.sh` print a name and a number, and refuse what `min-tool-version.sh` calls too old.
//!
//! The scripts are read as text and never run. Only the one shape that Linux has had since 5.12 is
//! understood. Of a script of any other shape nothing is said.

use std::collections::BTreeMap;

use super::detect::read_text;
use crate::source::Reader;

/// The scripts that may have that shape.
const SCRIPTS: [&str; 3] = ["as-version.sh", "cc-version.sh", "ld-version.sh"];

/// The script that knows the least versions.
const LEAST: &str = "scripts/min-tool-version.sh";

/// A tool of which a script prints `NAME VERSION`, VERSION being 10000 times the first number of the
/// tool's version, 100 times the second, and the third.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ToolVersions {
    /// The name.
    pub name: String,
    /// The oldest version that the script accepts.
    pub least: u64,
    /// The newest.
    pub most: u64,
}

impl ToolVersions {
    /// What the script prints of a version.
    pub fn printed(&self, version: u64) -> String {
        format!("{} {version}", self.name)
    }
}

/// A version as people write it: `9.1`, and `16` where the rest is nothing.
pub fn dotted(version: u64) -> String {
    let (first, second, third) = (version / 10_000, version / 100 % 100, version % 100);
    match (second, third) {
        (0, 0) => first.to_string(),
        (_, 0) => format!("{first}.{second}"),
        _ => format!("{first}.{second}.{third}"),
    }
}

/// What people call a tool that a script names like this.
pub fn tool_name(name: &str) -> &str {
    match name {
        "BFD" => "GNU ld",
        "GNU" => "the GNU assembler",
        "LLVM" => "the assembler of Clang",
        name => name,
    }
}

/// The scripts of a tree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VersionScripts {
    /// What each script prints, by the script's name in the folder `scripts`.
    scripts: BTreeMap<&'static str, Vec<Printed>>,
    /// The least versions of each tool, by the name that min-tool-version.sh gives the tool.
    least: BTreeMap<String, Vec<Branch>>,
}

/// One tool that a script knows.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Printed {
    name: String,
    version: Version,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Version {
    /// Not below the least version of this tool.
    From(String),
    /// Always this number.
    Only(u64),
}

/// A least version, and the variable with the value for which it counts. The first that counts is
/// the one.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Branch {
    condition: Option<(String, String)>,
    version: u64,
}

impl VersionScripts {
    /// Those of the tree that `reader` holds.
    pub(super) fn find(reader: &dyn Reader) -> VersionScripts {
        let texts = SCRIPTS.into_iter().filter_map(|name| {
            let text = read_text(reader, &format!("scripts/{name}"))?;
            Some((name, printed(&text)?))
        });
        let scripts: BTreeMap<_, _> = texts.collect();
        let least = match scripts.is_empty() {
            true => None,
            false => read_text(reader, LEAST),
        };
        VersionScripts {
            scripts,
            least: least.map(|text| least_versions(&text)).unwrap_or_default(),
        }
    }

    /// The tools of which a script can print the version in this environment; `None` for a script whose
    /// text has another shape than those that this module reads.
    pub fn tools(
        &self,
        script: &str,
        environment: &BTreeMap<String, String>,
    ) -> Option<Vec<ToolVersions>> {
        let tools = self.scripts.get(script)?.iter().map(|printed| {
            let (least, most) = match &printed.version {
                Version::Only(version) => (*version, *version),
                Version::From(tool) => (self.least(tool, environment), u64::MAX),
            };
            ToolVersions {
                name: printed.name.clone(),
                least,
                most,
            }
        });
        Some(tools.collect())
    }

    /// The least version of a tool. Where a variable decides that nobody knows, the lowest of those
    /// that may count.
    fn least(&self, tool: &str, environment: &BTreeMap<String, String>) -> u64 {
        let mut lowest = None::<u64>;
        for branch in self.least.get(tool).into_iter().flatten() {
            let counts = match &branch.condition {
                None => Some(true),
                Some((variable, value)) => environment.get(variable).map(|known| known == value),
            };
            if counts != Some(false) {
                let known = lowest.unwrap_or(branch.version);
                lowest = Some(known.min(branch.version));
            }
            if counts == Some(true) {
                break;
            }
        }
        lowest.unwrap_or(0)
    }
}

/// Lines without the space around them, without comments and empty ones.
fn lines(script: &str) -> impl Iterator<Item = &str> {
    let lines = script.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// What has to stand in a script, each on a line of its own and in this order: its end says that
/// nothing is printed of a version below the least.
const SHAPE: [&str; 7] = [
    "set -e",
    "echo $((10000 * $1 + 100 * ",
    "cversion=$(get_canonical_version $version)",
    "min_cversion=$(get_canonical_version $min_version)",
    "if [ \"$cversion\" -lt \"$min_cversion\" ]; then",
    "exit 1",
    "echo $name $cversion",
];

/// What a version script prints; `None` when it has another shape.
fn printed(script: &str) -> Option<Vec<Printed>> {
    let mut shape = SHAPE.iter().peekable();
    for line in lines(script) {
        shape.next_if(|wanted| line.starts_with(**wanted));
    }
    if shape.next().is_some() || lines(script).last() != SHAPE.last().copied() {
        return None;
    }
    let mut all = Vec::new();
    let mut block = Block::default();
    let mut of_name = false;
    for line in lines(script) {
        if let Some(subject) = line.strip_prefix("case ") {
            of_name = subject == "\"$name\" in";
        } else if let Some(name) = line.strip_prefix("name=") {
            match is_word(name) {
                true => block.names.push(name.to_owned()),
                // It is given to the `case` below.
                false if name == "$1" => {}
                false => return None,
            }
        } else if let Some(tool) = line.strip_prefix("min_version=$($min_tool_version ") {
            block.tool = Some(tool.strip_suffix(')').filter(|tool| is_word(tool))?);
        } else if let Some(words) = line.strip_prefix("echo ") {
            all.extend(echoed(line, words)?);
        } else if ends_block(line) {
            std::mem::take(&mut block).finish(&mut all)?;
            if let Some(names) = line.strip_suffix(')').filter(|_| of_name) {
                let names = names.split('|').map(str::trim);
                block.names = names
                    .filter(|name| *name != "*")
                    .map(str::to_owned)
                    .collect();
                block.is_case = true;
            }
        }
    }
    (!all.is_empty()).then_some(all)
}

/// The lines between two branches of a script.
#[derive(Default)]
struct Block<'s> {
    names: Vec<String>,
    tool: Option<&'s str>,
    /// Whether the names are those of a `case`, which may do nothing with them.
    is_case: bool,
}

impl Block<'_> {
    /// `None` when there is a name without a least version, or the other way round.
    fn finish(self, all: &mut Vec<Printed>) -> Option<()> {
        match self.tool {
            Some(_) if self.names.is_empty() => return None,
            Some(tool) => all.extend(self.names.into_iter().map(|name| Printed {
                name,
                version: Version::From(tool.to_owned()),
            })),
            None if self.names.is_empty() => {}
            None => return None,
        }
        Some(())
    }
}

fn ends_block(line: &str) -> bool {
    let is_label = line.ends_with(')') && !line.contains(['(', '=', ' ']);
    let first = line.split([' ', ';']).next().unwrap_or_default();
    is_label || line == ";;" || matches!(first, "if" | "elif" | "else" | "fi" | "case" | "esac")
}

/// What an `echo` of a version script prints by itself: a word and a number, or nothing.
fn echoed(line: &str, words: &str) -> Option<Option<Printed>> {
    let is_known = line.starts_with("echo >&2") || line.ends_with(">&2") || {
        SHAPE
            .iter()
            .any(|known| known.starts_with("echo") && line.starts_with(known))
    };
    if is_known {
        return Some(None);
    }
    let (name, version) = words.split_once(' ')?;
    let version = version.parse().ok().filter(|_| is_word(name))?;
    Some(Some(Printed {
        name: name.to_owned(),
        version: Version::Only(version),
    }))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The least versions that min-tool-version.sh prints. A tool of which it says more than `echo` and
/// `if` with a variable is left out.
fn least_versions(script: &str) -> BTreeMap<String, Vec<Branch>> {
    let mut all = BTreeMap::new();
    let mut inside = lines(script).skip_while(|line| *line != "case \"$1\" in");
    inside.next();
    let mut tool: Option<(&str, Option<Vec<Branch>>)> = None;
    let mut condition = None;
    for line in inside {
        match (&mut tool, line) {
            (_, "esac") => break,
            (Some(_), ";;") => {
                if let Some((name, Some(branches))) = tool.take() {
                    all.insert(name.to_owned(), branches);
                }
            }
            (None, label) => {
                let name = label.strip_suffix(')').filter(|name| is_word(name));
                condition = None;
                tool = Some(match name {
                    Some(name) => (name, Some(Vec::new())),
                    None => ("", None),
                });
            }
            (Some((_, branches)), line) => {
                let known = branches.take();
                *branches = known.and_then(|known| more(known, line, &mut condition));
            }
        }
    }
    all
}

/// The branches with what a further line says; `None` where that is not understood.
fn more(
    mut branches: Vec<Branch>,
    line: &str,
    condition: &mut Option<(String, String)>,
) -> Option<Vec<Branch>> {
    if let Some(version) = line.strip_prefix("echo ") {
        branches.push(Branch {
            condition: condition.take(),
            version: canonical(version)?,
        });
        return Some(branches);
    }
    match line {
        "else" | "fi" | "then" => return Some(branches),
        _ => {}
    }
    let test = line.strip_prefix("el").unwrap_or(line);
    let test = test.strip_prefix("if [ \"$")?.strip_suffix(" ]; then")?;
    let (variable, value) = test.split_once("\" = ")?;
    let value = value.trim_matches('"');
    if !is_word(variable) || !is_word(value) {
        return None;
    }
    *condition = Some((variable.to_owned(), value.to_owned()));
    Some(branches)
}

/// `get_canonical_version` of the scripts.
fn canonical(version: &str) -> Option<u64> {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    let [first, second, third] = [parts.next()??, parts.next()??, parts.next()??];
    let [first, second, third] = [first, second, third].map(u64::from);
    (parts.next().is_none()).then_some(10_000 * first + 100 * second + third)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Overlay, WorkTree};
    use std::sync::Arc;

    const CHECK: &str = "cversion=$(get_canonical_version $version)\n\
        min_cversion=$(get_canonical_version $min_version)\n\
        if [ \"$cversion\" -lt \"$min_cversion\" ]; then\n\techo >&2 \"*** too old\"\n\texit 1\nfi\n\
        echo $name $cversion\n";
    const HEAD: &str = "#!/bin/sh\nset -e\nget_canonical_version()\n{\n\tIFS=.\n\tset -- $1\n\
        \techo $((10000 * $1 + 100 * $2 + $3))\n}\nname=$1\n";
    const COMPILERS: &str = "case \"$name\" in\nGNU)\n\tversion=$2\n\
        \tmin_version=$($min_tool_version gcc)\n\t;;\nLLVM)\n\tversion=$2\n\
        \tmin_version=$($min_tool_version llvm)\n\t;;\n*)\n\techo \"unknown\" >&2\n\texit 1\n\t;;\nesac\n";
    const LEAST_OF: &str = "set -e\ncase \"$1\" in\ngcc)\n\techo 8.1.0\n\t;;\nllvm)\n\
        \tif [ \"$SRCARCH\" = s390 ]; then\n\t\techo 15.0.0\n\
        \telif [ \"$ARCH\" = \"parisc64\" ]; then\n\t\techo 12.0.1\n\telse\n\t\techo 13.0.1\n\tfi\n\
        \t;;\n*)\n\techo unknown >&2\n\texit 1\n\t;;\nesac\n";

    fn scripts(compiler: &str, least: &str) -> VersionScripts {
        let overlay = Overlay::new(Arc::new(WorkTree::new("/nonexistent")))
            .with("scripts/cc-version.sh", compiler.as_bytes())
            .with(LEAST, least.as_bytes());
        VersionScripts::find(&overlay)
    }

    /// Each as `NAME LEAST-MOST`.
    fn tools(scripts: &VersionScripts, environment: &[(&str, &str)]) -> Option<Vec<String>> {
        let environment = environment.iter().copied();
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let tools = scripts.tools("cc-version.sh", &environment.collect())?;
        let words = tools.iter().map(|tool| {
            let most = match tool.most {
                u64::MAX => String::new(),
                most => most.to_string(),
            };
            format!("{} {}-{most}", tool.name, tool.least)
        });
        Some(words.collect())
    }

    #[test]
    fn a_script_says_which_tools_it_knows_and_from_which_version() {
        let found = scripts(&format!("{HEAD}{COMPILERS}{CHECK}"), LEAST_OF);
        let least = |environment: &[(&str, &str)]| tools(&found, environment).unwrap()[1].clone();
        let known = [("SRCARCH", "x86"), ("ARCH", "x86")];
        assert_eq!(
            tools(&found, &known).unwrap(),
            ["GNU 80100-", "LLVM 130001-"]
        );
        assert_eq!(
            least(&[("SRCARCH", "s390"), ("ARCH", "s390")]),
            "LLVM 150000-"
        );
        // The lowest that may be, where a variable is not known.
        assert_eq!(least(&[("SRCARCH", "parisc")]), "LLVM 120001-");
        assert_eq!(
            least(&[("SRCARCH", "x86"), ("ARCH", "parisc64")]),
            "LLVM 120001-"
        );
    }

    #[test]
    fn a_version_that_is_not_checked_is_fixed() {
        let fixed = format!("{HEAD}check()\n{{\n\techo LLVM 0\n\texit 0\n}}\n");
        let body = "if [ \"$1\" = GNU ]; then\n\tmin_version=$($min_tool_version gcc)\n\tname=BFD\n\
                    else\n\techo no >&2\n\texit 1\nfi\n";
        let found = scripts(&format!("{fixed}{body}{CHECK}"), LEAST_OF);
        assert_eq!(tools(&found, &[]).unwrap(), ["LLVM 0-0", "BFD 80100-"]);
    }

    #[test]
    fn a_script_of_another_shape_says_nothing() {
        let whole = format!("{HEAD}{COMPILERS}{CHECK}");
        for (from, to) in [
            ("set -e", "set -x"),
            ("-lt", "-gt"),
            ("\texit 1\nfi", "fi"),
            ("min_version=$($min_tool_version llvm)", "true"),
            ("LLVM)\n", "LLVM)\n\tname=$2\n"),
            ("esac", "esac\necho $version"),
            (
                "echo $name $cversion\n",
                "echo $name $cversion\necho $name 0\n",
            ),
            ("10000 * $1", "1000 * $1"),
        ] {
            assert!(whole.contains(from), "{from}");
            let changed = scripts(&whole.replace(from, to), LEAST_OF);
            assert_eq!(tools(&changed, &[]), None, "{from}");
        }
        assert_eq!(tools(&VersionScripts::default(), &[]), None);
    }

    #[test]
    fn a_least_version_that_is_not_understood_is_none() {
        let whole = format!("{HEAD}{COMPILERS}{CHECK}");
        for (from, to) in [
            ("\techo 8.1.0", "\techo 8.$x"),
            ("\techo 8.1.0", "\techo 8.1.0\n\techo x"),
            ("\techo 8.1.0", "\tif true; then\n\techo 8.1.0\n\tfi"),
            ("gcc)", "g*)"),
        ] {
            let found = scripts(&whole, &LEAST_OF.replace(from, to));
            let known = [("SRCARCH", "x86"), ("ARCH", "x86")];
            assert_eq!(
                tools(&found, &known).unwrap(),
                ["GNU 0-", "LLVM 130001-"],
                "{to}"
            );
        }
    }
}
