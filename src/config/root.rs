// SPDX-License-Identifier: MIT OR Apache-2.0
//! `[[root]]` of the settings: the trees of a repository that has several.

use super::walk::{Entry, FILE_NAME, Value, Walk};
use crate::source::normalize;
use crate::tree::Kind;

/// A tree of the repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Root {
    /// Its folder, below that of the settings; empty for that folder itself.
    pub folder: String,
    /// Its root file in that folder, instead of the one that is detected.
    pub file: Option<String>,
    /// The kind of tree, instead of the one that is detected.
    pub kind: Option<Kind>,
    /// Variables of the environment that the tree sees.
    pub environment: Vec<(String, String)>,
}

impl Root {
    /// Its name in messages: the root file where the settings name one, else the folder.
    pub fn name(&self) -> String {
        match (&*self.folder, self.file.as_deref()) {
            ("", None) => ".".to_owned(),
            ("", Some(file)) => file.to_owned(),
            (folder, None) => folder.to_owned(),
            (folder, Some(file)) => format!("{folder}/{file}"),
        }
    }

    /// The settings that list it, as its folder sees them.
    pub fn settings(&self) -> String {
        let up = self.folder.split('/').filter(|part| !part.is_empty());
        let up: String = up.map(|_| "../").collect();
        format!("{up}{FILE_NAME}")
    }
}

impl Walk<'_> {
    /// A root of the settings, as one `[[root]]` says.
    pub(super) fn root(&mut self, entry: &Entry<'_, '_>) -> Option<Root> {
        self.only(entry.table, &["folder", "file", "tree", "env"]);
        let mut path = |key: &str| {
            let text = self.text_of(entry, key, false)?;
            let inside = normalize(&text);
            if inside.is_none() {
                let words = format!("`{key}` is a path below the folder of the settings");
                self.mistake(entry.place.clone(), &words);
            }
            inside
        };
        let (folder, file) = (path("folder"), path("file"));
        if folder.is_none() && file.is_none() {
            let words = "a root has a `folder`, a `file` or both";
            self.mistake(entry.place.clone(), words);
        }
        let kind = entry.table.get("tree").and_then(|kind| self.kind(kind));
        let environment = entry.table.get("env");
        Some(Root {
            folder: folder.unwrap_or_default(),
            file,
            kind,
            environment: environment.map_or_else(Vec::new, |it| self.variables(it)),
        })
    }

    fn variables(&mut self, value: &Value<'_>) -> Vec<(String, String)> {
        let variables = value.get_ref().as_table().map(|table| {
            let each = table.iter();
            each.map(|(name, value)| {
                let text = value.get_ref().as_str()?;
                Some((name.get_ref().to_string(), text.to_owned()))
            })
            .collect::<Option<Vec<_>>>()
        });
        variables.flatten().unwrap_or_else(|| {
            self.mistake(value.span(), "`env` is a table: { NAME = \"value\" }");
            Vec::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    #[test]
    fn a_root_is_a_folder_with_a_root_file_and_an_environment() {
        let text = "[[root]]\nfolder = \"boards/a\"\ntree = \"zephyr\"\nenv = { BOARD = \"x\" }\n\
                    [[root]]\nfile = \"image/Kconfig.top\"\n";
        let roots = Settings::parse(text).expect("no mistakes").roots;
        assert_eq!(roots[0].name(), "boards/a");
        assert_eq!(roots[0].kind, Some(Kind::Zephyr));
        assert_eq!(roots[0].environment, [("BOARD".to_owned(), "x".to_owned())]);
        assert_eq!(roots[1].name(), "image/Kconfig.top");
        assert_eq!(roots[0].settings(), "../../kconfig-lint.toml");
        assert_eq!(roots[1].settings(), "kconfig-lint.toml");
    }

    #[test]
    fn what_is_no_root_is_a_mistake() {
        for (text, expected) in [
            (
                "tree = \"zephyr\"",
                "a root has a `folder`, a `file` or both",
            ),
            (
                "folder = \"../x\"",
                "`folder` is a path below the folder of the settings",
            ),
            (
                "folder = \"x\"\nenv = 1",
                "`env` is a table: { NAME = \"value\" }",
            ),
            (
                "folder = \"x\"\nflie = \"y\"",
                "unknown key `flie`; did you mean `file`?",
            ),
        ] {
            let mistakes = Settings::parse(&format!("[[root]]\n{text}\n")).expect_err("a mistake");
            assert!(mistakes[0].message.starts_with(expected), "{mistakes:?}");
        }
    }
}
