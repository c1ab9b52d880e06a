//! String and bytes literals as Python writes them.

use super::PyValue;

/// Reads one string with its prefix at the start of the text, and says how many bytes it takes.
///
/// `None` for what is no string, for formatted strings, for names of characters, and for lone surrogates.
pub(super) fn parse(text: &str) -> Option<(PyValue, usize)> {
    let quote_at = text.bytes().take(3).position(|byte| matches!(byte, b'\'' | b'"'))?;
    let (prefix, quoted) = text.split_at_checked(quote_at)?;
    let (is_raw, is_bytes) = match prefix.to_ascii_lowercase().as_str() {
        "" | "u" => (false, false),
        "r" => (true, false),
        "b" => (false, true),
        "br" | "rb" => (true, true),
        _ => return None,
    };
    let quote = quoted.get(..1)?;
    let triple = quote.repeat(3);
    let (open, multiline) = if quoted.starts_with(&triple) { (triple.as_str(), true) } else { (quote, false) };
    let body = quoted.get(open.len()..)?;
    let length = body_length(body, open, multiline)?;
    let content = body.get(..length)?;
    let end = quote_at + open.len() + length + open.len();
    let value = match (is_bytes, is_raw) {
        (true, _) if !content.is_ascii() => return None,
        (true, true) => PyValue::Bytes(content.as_bytes().to_vec()),
        (true, false) => PyValue::Bytes(unescape(content, true)?.chars().map(byte).collect::<Option<_>>()?),
        (false, true) => PyValue::Str(content.to_owned()),
        (false, false) if !content.contains('\\') => PyValue::Str(content.to_owned()),
        (false, false) => PyValue::Str(unescape(content, false)?),
    };
    Some((value, end))
}

/// How many bytes stand before the closing quotes.
fn body_length(body: &str, close: &str, multiline: bool) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\n' if !multiline => return None,
            _ if body.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(close.as_bytes())) => return Some(at),
            _ => {}
        }
    }
    None
}

/// Bytes are read as the first 256 characters.
fn byte(char: char) -> Option<u8> {
    u8::try_from(u32::from(char) & 0xFF).ok()
}

fn unescape(text: &str, is_bytes: bool) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let letter = after.chars().next()?;
        rest = after.get(letter.len_utf8()..)?;
        match letter {
            '\n' => {}
            '\\' | '\'' | '"' => out.push(letter),
            'a' => out.push('\x07'),
            'b' => out.push('\x08'),
            'f' => out.push('\x0C'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\x0B'),
            '0'..='7' => {
                let length = after.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                out.push(code(after.get(..length)?, 8)?);
                rest = after.get(length..)?;
            }
            'x' => rest = push_hex(rest, 2, &mut out)?,
            'u' if !is_bytes => rest = push_hex(rest, 4, &mut out)?,
            'U' if !is_bytes => rest = push_hex(rest, 8, &mut out)?,
            'N' if !is_bytes => return None,
            _ => out.extend(['\\', letter]),
        }
    }
    out.push_str(rest);
    Some(out)
}

fn push_hex<'text>(text: &'text str, length: usize, out: &mut String) -> Option<&'text str> {
    let (digits, rest) = text.split_at_checked(length)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    out.push(code(digits, 16)?);
    Some(rest)
}

fn code(digits: &str, radix: u32) -> Option<char> {
    char::from_u32(u32::from_str_radix(digits, radix).ok()?)
}
