//! Text with its escapes undone, and the way back from each byte to where it came from.

/// Bytes derived from a text, with the position in the text of each.
///
/// Spaces are written as `+`, so that the two spellings of a space in a form are one.
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    /// Where each byte starts in the original text, and one more entry for the end.
    starts: Vec<usize>,
}

/// One way to undo escapes: the byte that has to occur, and what stands at the start of some bytes.
pub(super) struct Escape {
    marker: u8,
    unit: fn(&[u8]) -> Option<Unit>,
}

/// What a decoder read: some bytes of the text, and the UTF-8 that they stand for.
struct Unit {
    read: usize,
    utf8: [u8; 4],
    len: usize,
}

/// The escapes that are undone before a secret is searched for.
pub(super) const ESCAPES: [Escape; 2] =
    [Escape { marker: b'%', unit: percent }, Escape { marker: b'\\', unit: backslash }];

impl View {
    /// Undoes one layer of `escape`; nothing when there is none to undo.
    pub(super) fn decode(escape: &Escape, bytes: &[u8], outer: Option<&View>) -> Option<View> {
        if !bytes.contains(&escape.marker) {
            return None;
        }
        let mut view = View { bytes: Vec::with_capacity(bytes.len()), starts: Vec::with_capacity(bytes.len() + 1) };
        let mut position = 0;
        let mut decoded = false;
        while let Some(rest @ [first, ..]) = bytes.get(position..) {
            let start = original(outer, position);
            match (escape.unit)(rest) {
                Some(unit) => {
                    view.bytes.extend(unit.utf8.iter().take(unit.len).map(fold));
                    view.starts.extend(std::iter::repeat_n(start, unit.len));
                    position += unit.read;
                    decoded = true;
                }
                None => {
                    view.bytes.push(fold(first));
                    view.starts.push(start);
                    position += 1;
                }
            }
        }
        view.starts.push(original(outer, position));
        decoded.then_some(view)
    }
}

/// Where in the original text the byte at `position` of a view starts.
pub(super) fn original(view: Option<&View>, position: usize) -> usize {
    match view {
        None => position,
        Some(view) => view.starts.get(position).or(view.starts.last()).copied().unwrap_or(position),
    }
}

impl Unit {
    fn byte(byte: u8, read: usize) -> Self {
        Self { read, utf8: [byte, 0, 0, 0], len: 1 }
    }

    fn character(character: char, read: usize) -> Self {
        let mut utf8 = [0; 4];
        let len = character.encode_utf8(&mut utf8).len();
        Self { read, utf8, len }
    }
}

fn fold(byte: &u8) -> u8 {
    if *byte == b' ' { b'+' } else { *byte }
}

/// `%41`.
fn percent(bytes: &[u8]) -> Option<Unit> {
    let [b'%', high, low, ..] = bytes else { return None };
    Some(Unit::byte(u8::try_from(hex(*high)? * 16 + hex(*low)?).ok()?, 3))
}

/// `\n`, `\"`, `\u00e9`, surrogate pairs, and the `\u{e9}` and `\0` of Rust's `Debug`.
fn backslash(bytes: &[u8]) -> Option<Unit> {
    let byte = match bytes {
        [b'\\', b'u', b'{', rest @ ..] => return braced(rest),
        [b'\\', b'u', rest @ ..] => return four_digits(rest),
        [b'\\', quoted @ (b'"' | b'\\' | b'/' | b'\''), ..] => *quoted,
        [b'\\', b'n', ..] => b'\n',
        [b'\\', b'r', ..] => b'\r',
        [b'\\', b't', ..] => b'\t',
        [b'\\', b'b', ..] => 8,
        [b'\\', b'f', ..] => 12,
        [b'\\', b'0', ..] => 0,
        _ => return None,
    };
    Some(Unit::byte(byte, 2))
}

/// What follows `\u`: four digits, or the first half of a surrogate pair and the second.
fn four_digits(bytes: &[u8]) -> Option<Unit> {
    let first = number(bytes.get(..4)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some(Unit::character(character, 6));
    }
    let second = number(bytes.get(4..)?.strip_prefix(b"\\u")?.get(..4)?)?;
    let (Some(high), Some(low)) = (first.checked_sub(0xD800), second.checked_sub(0xDC00)) else { return None };
    let pair = (high < 0x400 && low < 0x400).then_some(0x1_0000 + high * 0x400 + low)?;
    Some(Unit::character(char::from_u32(pair)?, 12))
}

/// What follows `\u{`: up to six digits and a brace.
fn braced(bytes: &[u8]) -> Option<Unit> {
    let digits = bytes.iter().take(7).position(|&byte| byte == b'}')?;
    let character = char::from_u32(number(bytes.get(..digits).filter(|digits| !digits.is_empty())?)?)?;
    Some(Unit::character(character, digits + 4))
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, &digit| Some(number * 16 + hex(digit)?))
}

fn hex(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str, escape: usize) -> Option<String> {
        View::decode(&ESCAPES[escape], text.as_bytes(), None).map(|view| String::from_utf8(view.bytes).unwrap())
    }

    #[test]
    fn escapes_are_undone_one_layer_at_a_time() {
        let table = [
            (0, "a%2Fb%2fc", Some("a/b/c")),
            (0, "a%20b+c d", Some("a+b+c+d")),
            (0, "%252F", Some("%2F")),
            (0, "%C3%A9", Some("é")),
            (0, "50% off %zz %4", None),
            (0, "a b", None),
            (1, r#"\"\\\/\n\r\t\b\f\0\'"#, Some("\"\\/\n\r\t\u{8}\u{c}\0'")),
            (1, r"\u00e9\u00E9\u{e9}", Some("ééé")),
            (1, r"\ud83d\ude00", Some("😀")),
            (1, r"\\\u{1F600}", Some("\\😀")),
            (1, r"\ud83d \ud83d\ud83d \ude00 \u{} \u{1234567} \x \", None),
        ];
        for (escape, text, expected) in table {
            assert_eq!(decoded(text, escape).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_view_of_a_view_leads_back_to_the_text() {
        let text = r"x%5Cu00e9y";
        let first = View::decode(&ESCAPES[0], text.as_bytes(), None).unwrap();
        let second = View::decode(&ESCAPES[1], &first.bytes, Some(&first)).unwrap();
        assert_eq!(second.bytes, "xéy".as_bytes());
        let starts: Vec<usize> = (0..=second.bytes.len()).map(|at| original(Some(&second), at)).collect();
        assert_eq!(starts, [0, 1, 1, 9, 10]);
    }
}
