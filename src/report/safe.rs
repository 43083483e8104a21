// SPDX-License-Identifier: MIT OR Apache-2.0
//! Text from the tree, made harmless for terminals and CI logs.
//!
//! A prompt or a path may hold an escape sequence, an override of the writing direction, or
//! a line that a CI system takes for a command (`::error::`, `##[group]`, `##vso[…]`). What
//! is shown passes through here; JSON escapes the same characters by [`needs_escape`].

/// Prose on one line: tabs and line ends become spaces, and what a terminal could act on
/// becomes U+FFFD.
pub fn line(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|letter| match letter {
            '\t' | '\n' | '\r' => ' ',
            letter if needs_escape(letter) => char::REPLACEMENT_CHARACTER,
            letter => letter,
        })
        .collect();
    break_commands(&shown, "\u{fffd}")
}

/// A path that may open a line: harmless, and never read as a workflow command.
pub fn path(path: &str) -> String {
    let shown = line(path);
    if shown.trim_start().starts_with("::") {
        format!("./{shown}")
    } else {
        shown
    }
}

/// Prose of several lines, none of which a CI system reads as a command. Each line ends with a
/// line feed.
pub fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for one in text.lines() {
        shown.push_str(&unlike_command(&line(one)));
        shown.push('\n');
    }
    shown
}

/// A diff for a person or a log. Unlike a patch for a tool, a file that holds what a terminal could
/// act on does not get its own bytes.
pub fn diff(bytes: &[u8]) -> String {
    let shown = source(bytes);
    let lines = shown.split_inclusive('\n').map(unlike_command);
    lines.collect()
}

/// The line, with the first colon replaced where GitHub would read a command: spaces before it do
/// not count there.
fn unlike_command(line: &str) -> std::borrow::Cow<'_, str> {
    let command = line.trim_start();
    match command.strip_prefix("::") {
        Some(rest) => {
            let gap = &line[..line.len() - command.len()];
            format!("{gap}\u{fffd}:{rest}").into()
        }
        None => line.into(),
    }
}

/// The text of a file, of the same length byte for byte, so that offsets stay true: what is
/// no UTF-8 and what a terminal could act on is replaced. Tabs and line ends stay.
pub fn source(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let mut letters = chunk.valid().chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\t' | '\n' => shown.push(letter),
                '\r' if letters.peek() == Some(&'\n') => shown.push(letter),
                letter if needs_escape(letter) => push_placeholder(&mut shown, letter.len_utf8()),
                letter => shown.push(letter),
            }
        }
        chunk.invalid().iter().for_each(|_| shown.push('?'));
    }
    let shown = break_commands(&shown, "?");
    debug_assert_eq!(shown.len(), bytes.len());
    shown
}

/// Whether a letter could change what a terminal or a reader sees around it: controls,
/// overrides of the writing direction, invisible letters, line separators.
pub fn needs_escape(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Offset of the `[` of each `##word[`: GitHub, Azure and TeamCity look for such commands
/// anywhere in a line.
pub fn command_brackets(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.match_indices("##").filter_map(|(at, _)| {
        let word = text[at..].trim_start_matches('#');
        let rest = word.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric());
        rest.starts_with('[').then(|| text.len() - rest.len())
    })
}

fn break_commands(text: &str, placeholder: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for bracket in command_brackets(text) {
        // `###[` holds `##` twice and one bracket.
        if bracket >= done {
            shown.push_str(&text[done..bracket]);
            shown.push_str(placeholder);
            done = bracket + 1;
        }
    }
    shown.push_str(&text[done..]);
    shown
}

fn push_placeholder(shown: &mut String, bytes: usize) {
    if bytes >= 3 {
        shown.push(char::REPLACEMENT_CHARACTER);
    }
    let left = if bytes >= 3 { bytes - 3 } else { bytes };
    shown.extend(std::iter::repeat_n('?', left));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_overrides_go() {
        assert_eq!(
            line("a\x1b[31mb\u{202e}c\td\n"),
            "a\u{fffd}[31mb\u{fffd}c d "
        );
    }

    #[test]
    fn source_keeps_its_offsets() {
        let bytes = b"\tbool \"\x1b[2J \xff \xe2\x80\xae \xc2\x9b \xf3\xa0\x80\x81\"\r\nx\ry";
        let shown = source(bytes);
        assert_eq!(shown.len(), bytes.len());
        assert_eq!(shown, "\tbool \"?[2J ? \u{fffd} ?? \u{fffd}?\"\r\nx?y");
    }

    #[test]
    fn commands_of_ci_systems_are_broken() {
        assert_eq!(line("##[group]x"), "##\u{fffd}group]x");
        assert_eq!(source(b"# ###vso[task.set] ##"), "# ###vso?task.set] ##");
        assert_eq!(path("::error::/Kconfig"), "./::error::/Kconfig");
        assert_eq!(path("drivers/Kconfig"), "drivers/Kconfig");
    }

    #[test]
    fn no_line_of_a_text_is_a_command() {
        assert_eq!(
            text("a\n ::error::b\x1b"),
            "a\n \u{fffd}:error::b\u{fffd}\n"
        );
        let hunk = b" ::error::a\n-\x1b[2J\n+\tb\n\\ No newline";
        let shown = " \u{fffd}:error::a\n-?[2J\n+\tb\n\\ No newline";
        assert_eq!(diff(hunk), shown);
    }

    #[test]
    fn ordinary_text_stays() {
        let text = "Größe „x“ — 漢字 #[a] ## b";
        assert_eq!(line(text), text);
        assert_eq!(source(text.as_bytes()), text);
    }
}
