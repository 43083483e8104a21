// SPDX-License-Identifier: MIT OR Apache-2.0
//! The text that a maintainer expects for the patch of a finding: subject in the style of the
//! file's history, the reason in words, conf's own warning, and which commit it repairs.
//!
//! It makes a text and commits nothing. What the history says was read by others.

use std::collections::BTreeMap;

use super::safe;
use crate::diagnostic::{Data, Diagnostic};
use crate::rules::selects;
use crate::source::git::Origin;

/// Columns of a line, as the kernel's rules for patches have it.
const WIDTH: usize = 75;

/// Architectures that are named one by one.
const MOST_NAMES: usize = 6;

/// Digits of a commit's name in `Fixes:`.
const DIGITS: usize = 12;

/// How the subjects of a file's commits are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Style {
    /// What stands before the summary, `drm/solomon: ` say; may be empty.
    pub prefix: String,
    /// Whether the summary begins with a capital letter.
    pub capital: bool,
}

/// The style of subjects, the newest first: the most frequent prefix, of equally frequent ones
/// the newest.
pub fn style(subjects: &[String]) -> Style {
    let split: Vec<(&str, &str)> = subjects.iter().filter_map(|it| split(it)).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (prefix, _) in &split {
        *counts.entry(prefix).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or_default();
    let best = split.iter().find(|(prefix, _)| counts[prefix] == most);
    let prefix = best.map_or("", |(prefix, _)| prefix);
    let own = split.iter().filter(|(other, _)| *other == prefix);
    let first: Vec<char> = own.filter_map(|(_, rest)| rest.chars().next()).collect();
    let lower = first.iter().filter(|letter| letter.is_lowercase()).count();
    Style {
        prefix: prefix.to_owned(),
        capital: lower * 2 <= first.len(),
    }
}

/// Prefix and summary of a subject. A prefix is one or more words, each with a colon behind it;
/// what a revert quotes is none.
fn split(subject: &str) -> Option<(&str, &str)> {
    let mut end = 0;
    while let Some(at) = subject[end..].find(": ") {
        let word = &subject[end..end + at];
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "/_-.,+*@&{}".contains(letter);
        if word.is_empty() || !word.chars().all(plain) {
            break;
        }
        end += at + 2;
    }
    (end > 0).then(|| subject.split_at(end))
}

/// The message for a finding. `warning` is what conf prints about it, `culprit` the commit that
/// brought it, `all` how many architectures were analysed.
pub fn commit_message(
    finding: &Diagnostic,
    style: &Style,
    warning: Option<&str>,
    culprit: Option<&Origin>,
    all: usize,
) -> String {
    let subject = |mut summary: String| {
        if !style.capital {
            summary = lower(&summary);
        }
        safe::line(&format!("{}{summary}", style.prefix))
    };
    let mut parts = vec![subject(summary(finding))];
    // The body says the rest.
    let short =
        pair(finding).map(|(_, selectee, _)| format!("Meet the dependencies of {selectee}"));
    if let Some(short) = short.filter(|_| parts[0].chars().count() > WIDTH) {
        parts = vec![subject(short)];
    }
    let mut reason = reason(finding, all);
    if warning.is_some() {
        reason.push_str(" Kconfig then warns:");
    }
    parts.push(wrapped(&safe::line(&reason)));
    if let Some(warning) = warning {
        let lines: Vec<String> = warning.lines().map(quoted).collect();
        parts.push(lines.join("\n"));
    }
    parts.extend(remedy(finding).map(|words| wrapped(&safe::line(&words))));
    parts.extend(culprit.map(fixes));
    parts.join("\n\n") + "\n"
}

/// The line that names the commit a patch repairs.
fn fixes(origin: &Origin) -> String {
    let commit: String = origin.commit.chars().take(DIGITS).collect();
    safe::line(&format!("Fixes: {commit} (\"{}\")", origin.subject))
}

/// A line of conf, as it is: its indentation stays.
fn quoted(line: &str) -> String {
    let text = line.trim_start_matches(' ');
    format!("{}{}", &line[..line.len() - text.len()], safe::line(text))
}

/// What the patch does, as an imperative with a capital letter.
fn summary(finding: &Diagnostic) -> String {
    let title = finding.fixes.first().map(|fix| fix.title.as_str());
    let pair = pair(finding);
    match (title, pair) {
        (Some(title), Some((selector, ..))) if is_of_selector(title) => {
            format!("Make {selector} {title}")
        }
        (Some(title), _) => upper(title),
        (None, Some((selector, _, missing))) if !missing.is_empty() => {
            format!("Make {selector} depend on {}", joined(missing))
        }
        (None, Some((selector, selectee, _))) => {
            format!("Do not let {selector} select {selectee} against its dependencies")
        }
        (None, None) => upper(&finding.message),
    }
}

/// Whether the title of a fix says what the selector is to do.
fn is_of_selector(title: &str) -> bool {
    title.starts_with("depend on ") || title.starts_with("select ")
}

fn pair(finding: &Diagnostic) -> Option<(&str, &str, &[String])> {
    match &finding.data {
        Data::Unmet {
            selector,
            selectee,
            missing,
            ..
        }
        | Data::Policy {
            selector,
            selectee,
            missing,
            ..
        } => Some((selector, selectee, missing)),
        Data::None | Data::Cycle { .. } => None,
    }
}

/// Why it is wrong, in sentences.
fn reason(finding: &Diagnostic, all: usize) -> String {
    let on = on(&finding.architectures, all);
    match &finding.data {
        Data::Unmet {
            selector,
            selectee,
            missing,
            level,
            ..
        } if !missing.is_empty() => {
            let terms = joined(missing);
            if *level == "off" {
                format!(
                    "{selector} selects {selectee}, which depends on {terms}. A select does not \
                     look at dependencies, so {selector} can be enabled while {}{on}.",
                    denied(missing)
                )
            } else {
                format!(
                    "{selector} selects {selectee}, which depends on {terms}. Where {terms} is a \
                     module, {selector} can still be built in, and then builds {selectee} in \
                     too{on}."
                )
            }
        }
        Data::Policy {
            policy,
            selector,
            selectee,
            missing,
            ..
        } => {
            let notes = finding.notes.iter();
            let because = notes.filter_map(|note| note.strip_prefix("because: "));
            let because: String = because.map(|why| format!(" ({why})")).collect();
            format!(
                "{selector} selects {selectee}. By the policy {policy}, whatever selects \
                 {selectee} needs {}{because}. {selector} can be enabled while {}{on}.",
                joined(missing),
                denied(missing)
            )
        }
        _ => format!("{}{on}.", upper(&finding.message)),
    }
}

fn joined(missing: &[String]) -> String {
    selects::joined(missing.iter().map(String::as_str))
}

fn denied(missing: &[String]) -> String {
    let is_symbol = |term: &String| {
        term.bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
    };
    match missing {
        [one] if is_symbol(one) => format!("{one} is off"),
        some => format!("{} does not hold", joined(some)),
    }
}

/// On which architectures, as the end of a sentence.
fn on(names: &[String], all: usize) -> String {
    match names {
        [] => String::new(),
        [only] => format!(", on {only}"),
        some if some.len() == all => format!(", on all {all} architectures"),
        [some @ .., last] if some.len() < MOST_NAMES => format!(
            ", on {} and {last} ({} of {all} architectures)",
            some.join(", "),
            names.len()
        ),
        some => format!(
            ", on {} of {all} architectures, among them {} and {}",
            some.len(),
            some[0],
            some[1]
        ),
    }
}

/// What the patch does about it.
fn remedy(finding: &Diagnostic) -> Option<String> {
    let (selector, ..) = pair(finding)?;
    let title = &finding.fixes.first()?.title;
    Some(match is_of_selector(title) {
        true => format!("Let {selector} {title}."),
        false => format!("{}.", upper(title)),
    })
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// With a small first letter, unless the first word is a name such as `DRM_X`.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Applicability, Fix, Level};

    fn styled(subjects: &[&str]) -> (String, bool) {
        let owned: Vec<String> = subjects.iter().map(|it| (*it).to_owned()).collect();
        let style = style(&owned);
        (style.prefix, style.capital)
    }

    #[test]
    fn the_most_frequent_prefix_counts() {
        for (subjects, prefix, capital) in [
            (
                &["drm/solomon: Add SPI", "drm: Move", "drm/solomon: Fix it"][..],
                "drm/solomon: ",
                true,
            ),
            (
                &["net: dsa: mv88e6xxx: add a chip"],
                "net: dsa: mv88e6xxx: ",
                false,
            ),
            (&["a: one", "b: two"], "a: ", false),
            (
                &["Revert \"drm: Add\"", "Add a driver for it: the panel"],
                "",
                true,
            ),
            (&["Revert: no", "8250: Fix: it is late"], "Revert: ", false),
            (&[], "", true),
        ] {
            assert_eq!(
                styled(subjects),
                (prefix.to_owned(), capital),
                "{subjects:?}"
            );
        }
    }

    fn finding() -> Diagnostic {
        let message = "DRM_X selects HELPER, which depends on MMU".to_owned();
        let mut finding = Diagnostic::global("unmet-dependency", Level::Deny, message);
        finding.data = Data::Unmet {
            selector: "DRM_X".to_owned(),
            selectee: "HELPER".to_owned(),
            condition: None,
            missing: vec!["MMU".to_owned()],
            level: "off",
        };
        finding.architectures = ["arm", "m68k"].map(str::to_owned).to_vec();
        let fix = Fix::new("depend on MMU", Applicability::MaybeIncorrect, Vec::new());
        finding.fixes.push(fix);
        finding
    }

    #[test]
    fn a_subject_fits_into_a_line() {
        let mut finding = finding();
        let style = style(&["drm/x: Add".to_owned()]);
        finding.fixes[0].title = format!("depend on {}", ["PPC_PSERIES"; 5].join(" || "));
        let message = commit_message(&finding, &style, None, None, 21);
        assert_eq!(
            message.lines().next(),
            Some("drm/x: Meet the dependencies of HELPER")
        );
        assert!(message.contains("Let DRM_X depend on PPC_PSERIES ||"));
    }

    #[test]
    fn a_message_says_what_why_and_since_when() {
        let style = Style {
            prefix: "drm/x: ".to_owned(),
            capital: true,
        };
        let origin = Origin {
            commit: "0123456789abcdef".to_owned(),
            subject: "drm/x: Add \u{1b}[1m it".to_owned(),
            is_end: false,
        };
        let warning = "WARNING: unmet direct dependencies detected for HELPER\n  Depends on [n]: \
                       MMU [=n]\n  Selected by [y]:\n  - DRM_X [=y]\n";
        let text = commit_message(&finding(), &style, Some(warning), Some(&origin), 21);
        let expected = "drm/x: Make DRM_X depend on MMU\n\n\
            DRM_X selects HELPER, which depends on MMU. A select does not look at\n\
            dependencies, so DRM_X can be enabled while MMU is off, on arm and m68k (2\n\
            of 21 architectures). Kconfig then warns:\n\n\
            WARNING: unmet direct dependencies detected for HELPER\n\
            \x20 Depends on [n]: MMU [=n]\n\
            \x20 Selected by [y]:\n\
            \x20 - DRM_X [=y]\n\n\
            Let DRM_X depend on MMU.\n\n\
            Fixes: 0123456789ab (\"drm/x: Add \u{fffd}[1m it\")\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn small_letters_are_kept_where_a_file_has_them() {
        let style = Style {
            prefix: "net: x: ".to_owned(),
            capital: false,
        };
        let text = commit_message(&finding(), &style, None, None, 2);
        assert!(
            text.starts_with("net: x: make DRM_X depend on MMU\n\nDRM_X"),
            "{text}"
        );
        assert!(text.contains("on all 2\narchitectures."), "{text}");
    }
}
