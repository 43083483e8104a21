// SPDX-License-Identifier: MIT OR Apache-2.0
//! Takes mails out of an mbox, and the text out of mails. A text that is no mail is one without a
//! head.

/// A mail, or a text that is none.
#[derive(Default)]
pub(super) struct Mail {
    pub(super) commit: Option<String>,
    pub(super) subject: String,
    /// The text, decoded.
    pub(super) body: Vec<u8>,
    /// The number of the first line of the body.
    pub(super) first_line: u32,
}

impl Mail {
    /// The commit that `git format-patch --base` names.
    pub(super) fn base(&self) -> Option<String> {
        let mut lines = self.body.split(|byte| *byte == b'\n');
        let name = lines.find_map(|line| line.strip_prefix(b"base-commit: "))?;
        let name = std::str::from_utf8(name.trim_ascii()).ok()?;
        is_commit(name).then(|| name.to_owned())
    }
}

/// The mails in a text.
pub(super) fn split(text: &[u8]) -> Vec<Mail> {
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let is_start = |at: &usize| {
        let before = at.checked_sub(1).and_then(|at| lines.get(at));
        before.is_none_or(|line| line.trim_ascii().is_empty())
            && lines[*at].starts_with(b"From ")
            && lines.get(at + 1).is_some_and(|line| header(line).is_some())
    };
    let mut starts: Vec<usize> = (0..lines.len()).filter(is_start).collect();
    if starts.first() != Some(&0) {
        starts.insert(0, 0);
    }
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let parts = starts.iter().zip(ends);
    let mails = parts.map(|(start, end)| mail(&lines[*start..end], *start as u32 + 1));
    mails.collect()
}

/// Names of a mail's head, of which one comes first where nothing else tells that it is a mail.
const FIRST_NAMES: [&str; 8] = [
    "from",
    "subject",
    "date",
    "to",
    "message-id",
    "received",
    "return-path",
    "mime-version",
];

fn mail(lines: &[&[u8]], number: u32) -> Mail {
    let mut mail = Mail::default();
    let mut head = Head::default();
    let first = lines.first().copied().unwrap_or_default();
    if let Some(rest) = first.strip_prefix(b"From ") {
        let name = rest.split(|byte| *byte == b' ').next().unwrap_or_default();
        let name = std::str::from_utf8(name).unwrap_or_default();
        mail.commit = is_commit(name).then(|| name.to_owned());
        head = Head::read(lines, 1);
    } else if header(first).is_some_and(|(name, _)| FIRST_NAMES.contains(&name.as_str())) {
        head = Head::read(lines, 0);
    }
    mail.subject = unmarked(&decoded_words(&head.subject));
    mail.first_line = number + head.end as u32;
    let body = lines[head.end..].concat();
    let is_encoded = ["quoted-printable", "base64"].contains(&head.encoding.as_str());
    mail.body = match head.encoding.as_str() {
        "quoted-printable" => quoted_printable(&body, false),
        "base64" => base64(&body),
        _ => body,
    };
    if head.carriage_returns || is_encoded {
        // The transport's line ends, as git's mailsplit takes them.
        mail.body = without_carriage_returns(&mail.body);
    }
    mail
}

/// The head of a mail.
#[derive(Default)]
struct Head {
    subject: String,
    encoding: String,
    carriage_returns: bool,
    /// The number of its lines, with the empty one.
    end: usize,
}

impl Head {
    fn read(lines: &[&[u8]], start: usize) -> Head {
        let mut head = Head {
            end: start,
            ..Head::default()
        };
        while let Some(line) = lines.get(head.end) {
            head.end += 1;
            if line.trim_ascii().is_empty() {
                break;
            }
            head.carriage_returns |= line.ends_with(b"\r\n");
            let Some((name, mut value)) = header(line) else {
                continue;
            };
            let is_more = |line: &&&[u8]| line.starts_with(b" ") || line.starts_with(b"\t");
            while let Some(more) = lines.get(head.end).filter(is_more) {
                value.push(' ');
                value.push_str(String::from_utf8_lossy(more).trim());
                head.end += 1;
            }
            match name.as_str() {
                "subject" => head.subject = value,
                "content-transfer-encoding" => head.encoding = value.to_ascii_lowercase(),
                _ => {}
            }
        }
        head
    }
}

/// Name, in lower case, and value of a line of a mail's head.
fn header(line: &[u8]) -> Option<(String, String)> {
    let at = line.iter().position(|byte| *byte == b':')?;
    let name = &line[..at];
    let is_name = !name.is_empty()
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let name = std::str::from_utf8(name).ok().filter(|_| is_name)?;
    let value = String::from_utf8_lossy(&line[at + 1..]);
    Some((name.to_ascii_lowercase(), value.trim().to_owned()))
}

fn is_commit(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A subject without `Re:` and `[PATCH …]`.
fn unmarked(subject: &str) -> String {
    let mut rest = subject.trim();
    loop {
        let marked = match rest.strip_prefix('[') {
            Some(inner) => inner.split_once(']').map(|(_, rest)| rest),
            None => rest.strip_prefix("Re:").or(rest.strip_prefix("re:")),
        };
        match marked {
            Some(next) => rest = next.trim_start(),
            None => return rest.to_owned(),
        }
    }
}

/// `=?UTF-8?q?…?=` as text; what is in another encoding stays as it is.
fn decoded_words(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, word, after)) = encoded_word(rest) {
        // Between two encoded words, blanks mean nothing.
        if !(before.trim().is_empty() && rest.len() < text.len()) {
            out.push_str(before);
        }
        out.push_str(&word);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn encoded_word(text: &str) -> Option<(&str, String, &str)> {
    let start = text.find("=?")?;
    let mut parts = text[start + 2..].splitn(3, '?');
    let (charset, kind, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let end = rest.find("?=")?;
    let is_known = ["utf-8", "us-ascii"].contains(&charset.to_ascii_lowercase().as_str());
    let bytes = match kind {
        "q" | "Q" => quoted_printable(&rest.as_bytes()[..end], true),
        "b" | "B" => base64(&rest.as_bytes()[..end]),
        _ => return None,
    };
    let word = String::from_utf8(bytes).ok().filter(|_| is_known)?;
    Some((&text[..start], word, &rest[end + 2..]))
}

/// `in_word`: as it stands in a subject, where `_` is a blank.
fn quoted_printable(text: &[u8], in_word: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match &text[at..] {
            [b'=', b'\r', b'\n', ..] => at += 3,
            [b'=', b'\n', ..] => at += 2,
            [b'=', high, low, ..] if digit(*high).is_some() && digit(*low).is_some() => {
                out.push(digit(*high).unwrap_or(0) << 4 | digit(*low).unwrap_or(0));
                at += 3;
            }
            [b'_', ..] if in_word => {
                out.push(b' ');
                at += 1;
            }
            [byte, ..] => {
                out.push(*byte);
                at += 1;
            }
            [] => break,
        }
    }
    out
}

fn digit(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

/// What is no letter of base64 is passed over.
fn base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

fn without_carriage_returns(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                out.extend_from_slice(line);
                out.push(b'\n');
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_lose_their_marks() {
        assert_eq!(unmarked("Re: [PATCH v2 1/3] [RFC] drm: x"), "drm: x");
        assert_eq!(
            decoded_words("=?UTF-8?q?drm=3A_a=C3=A4?= =?UTF-8?B?w6Q=?= b"),
            "drm: aää b"
        );
        assert_eq!(decoded_words("a =?latin?q?x?= b"), "a =?latin?q?x?= b");
    }

    #[test]
    fn a_series_falls_into_mails() {
        let text = b"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n\
            From: A <a@b>\nSubject: [PATCH 1/2]\n one\n\nbody\nFrom the text\n\n\
            From x Mon\nSubject: two\nContent-Transfer-Encoding: quoted-printable\n\na=3Db=\nc\n";
        let mails = split(text);
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].subject, "one");
        assert!(mails[0].commit.is_some() && mails[1].commit.is_none());
        assert_eq!((mails[0].first_line, mails[1].first_line), (6, 13));
        assert_eq!(mails[0].body, b"body\nFrom the text\n\n");
        assert_eq!(mails[1].body, b"a=bc\n");
    }

    #[test]
    fn a_text_without_a_head_is_all_body() {
        let mails = split(b"config: A\n+x\n");
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].body, b"config: A\n+x\n");
        assert_eq!(mails[0].first_line, 1);
    }
}
