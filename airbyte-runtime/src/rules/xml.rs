//! What can be said of XML while compiling: that its elements are closed, and that values stand where they can be escaped.

use super::text::{Text, same, slice};

/// Elements that may be open at one time.
const DEEPEST: usize = 64;

/// Refuses text that is not one XML element, and placeholders in places whose values no escaping could make safe.
#[track_caller]
pub(crate) const fn require_xml(text: &str) {
    let bytes = text.as_bytes();
    let mut open = [(0usize, 0usize); DEEPEST];
    let (mut depth, mut roots, mut at) = (0usize, 0usize, 0usize);
    while at < bytes.len() {
        if bytes[at] != b'<' {
            if depth == 0 && !bytes[at].is_ascii_whitespace() {
                fail(
                    "there is text outside of the XML element",
                    "",
                    "",
                    "write one element, as in `<soap:Envelope>…</soap:Envelope>`",
                );
            }
            at += 1;
            continue;
        }
        let (section, end) = special(bytes, at);
        if let Some(name) = section {
            if find(bytes, at, end) == bytes.len() {
                fail(
                    "this XML does not close ",
                    name,
                    "",
                    "write it as in `<!-- … -->`, `<![CDATA[ … ]]>` or `<? … ?>`",
                );
            }
            let after = find(bytes, at, end) + end.len();
            if names_value(bytes, at, after) {
                fail(
                    "a placeholder stands inside of ",
                    name,
                    ", where its value cannot be escaped",
                    "put it into the text of an element, or into an attribute",
                );
            }
            at = after;
            continue;
        }
        let close = tag_end(bytes, at);
        if close == bytes.len() {
            fail("a tag of this XML is not closed", "", "", "end it with `>`, and write `&lt;` for the character `<`");
        }
        let is_end = at + 1 < close && bytes[at + 1] == b'/';
        let from = if is_end { at + 2 } else { at + 1 };
        let to = name_end(bytes, from, close);
        let name = slice(text, from, to);
        if names_value(bytes, from, to) {
            fail(
                "a placeholder stands in the name of the element `",
                name,
                "`",
                "write the name itself: values go into texts and attributes",
            );
        }
        if to == from {
            fail("an element of this XML has no name", "", "", "write `&lt;` for the character `<`");
        }
        if is_end {
            if depth == 0 {
                fail(
                    "this XML closes `",
                    name,
                    "`, which was not opened",
                    "take the end tag out, or open the element before",
                );
            }
            depth -= 1;
            let opened = slice(text, open[depth].0, open[depth].1);
            if !same(opened, name) {
                let text = Text::new()
                    .push("this XML closes `")
                    .push(name)
                    .push("` where `")
                    .push(opened)
                    .push("` is open\nhelp: write `</")
                    .push(opened)
                    .push(">`");
                panic!("{}", text.as_str());
            }
        } else {
            if depth == 0 {
                roots += 1;
            }
            if roots > 1 {
                fail("this XML has a second element behind the first: `", name, "`", "put both into one element");
            }
            if bytes[close - 1] != b'/' {
                if depth == DEEPEST {
                    fail("this XML has more than 64 elements inside of each other", "", "", "send less of it");
                }
                open[depth] = (from, to);
                depth += 1;
            }
        }
        at = close + 1;
    }
    if depth > 0 {
        let name = slice(text, open[depth - 1].0, open[depth - 1].1);
        fail("this XML does not close `", name, "`", "write an end tag, as in `</name>`");
    }
    if roots == 0 {
        fail("this is not XML", "", "", "write one element, as in `xml(\"<soap:Envelope>…</soap:Envelope>\")`");
    }
}

#[track_caller]
const fn fail(what: &str, name: &str, rest: &str, help: &str) -> ! {
    let text = Text::new().push(what).push(name).push(rest).push("\nhelp: ").push(help);
    panic!("{}", text.as_str());
}

/// What a comment, a section or an instruction is called, and how it ends.
const fn special(bytes: &[u8], at: usize) -> (Option<&'static str>, &'static [u8]) {
    if starts(bytes, at, b"<!--") {
        (Some("a comment"), b"-->")
    } else if starts(bytes, at, b"<![CDATA[") {
        (Some("a CDATA section"), b"]]>")
    } else if starts(bytes, at, b"<?") {
        (Some("an instruction"), b"?>")
    } else {
        (None, b"")
    }
}

const fn starts(bytes: &[u8], at: usize, start: &[u8]) -> bool {
    let mut same = 0;
    while same < start.len() && at + same < bytes.len() && bytes[at + same] == start[same] {
        same += 1;
    }
    same == start.len()
}

/// Where `part` stands at or after `from`, or the length.
const fn find(bytes: &[u8], from: usize, part: &[u8]) -> usize {
    let mut at = from;
    while at < bytes.len() && !starts(bytes, at, part) {
        at += 1;
    }
    at
}

/// Where the `>` of a tag is, or the length; one in quotes does not count.
const fn tag_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    let mut quote = 0;
    while at < bytes.len() {
        match bytes[at] {
            byte if byte == quote => quote = 0,
            b'"' | b'\'' if quote == 0 => quote = bytes[at],
            b'>' if quote == 0 => return at,
            // Another tag begins before this one ends.
            b'<' if quote == 0 && at > from => return bytes.len(),
            _ => {}
        }
        at += 1;
    }
    at
}

const fn name_end(bytes: &[u8], from: usize, to: usize) -> usize {
    let mut at = from;
    while at < to && !bytes[at].is_ascii_whitespace() && bytes[at] != b'/' {
        at += 1;
    }
    at
}

/// Whether a placeholder begins in `from..to`; two braces are one that stays.
const fn names_value(bytes: &[u8], from: usize, to: usize) -> bool {
    let mut at = from;
    while at < to {
        if bytes[at] == b'{' {
            if at + 1 >= bytes.len() || bytes[at + 1] != b'{' {
                return true;
            }
            at += 1;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_of_every_form_is_accepted() {
        for text in [
            "<a/>",
            "<a>{config.x}</a>",
            "<?xml version=\"1.0\"?>\n<!-- {{not a value}} -->\n<s:a xmlns:s='x>y' b=\"{config.x}\"><b /><c>d &lt; e</c><![CDATA[<z>]]></s:a>\n",
        ] {
            require_xml(text);
        }
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for (text, start) in [
            ("", "this is not XML\n"),
            ("a", "there is text outside"),
            ("<a>", "this XML does not close `a`"),
            ("<a></b>", "this XML closes `b` where `a` is open\nhelp: write `</a>`"),
            ("</a>", "this XML closes `a`, which was not opened"),
            ("<a/><b/>", "this XML has a second element behind the first: `b`"),
            ("<a><b</a>", "a tag of this XML is not closed"),
            ("<a", "a tag of this XML is not closed"),
            ("<a>1 < 2</a>", "a tag of this XML is not closed"),
            ("<a>1 < 2 > 1</a>", "an element of this XML has no name"),
            ("<a><![CDATA[{config.x}]]></a>", "a placeholder stands inside of a CDATA section"),
            ("<a><!-- {config.x} --></a>", "a placeholder stands inside of a comment"),
            ("<a><!-- x</a>", "this XML does not close a comment"),
            ("<{config.x}/>", "a placeholder stands in the name of the element"),
        ] {
            let panic = std::panic::catch_unwind(|| require_xml(text)).expect_err(text);
            let said = panic.downcast_ref::<String>().expect("a text");
            assert!(said.starts_with(start), "{text}: {said}");
        }
    }
}
