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
pub(super) const ESCAPES: [Escape; 4] = [
    Escape { marker: b'%', unit: percent },
    Escape { marker: b'\\', unit: backslash },
    Escape { marker: b'&', unit: reference },
    Escape { marker: b'\n', unit: fold_of_line },
];

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

/// `%41`, and the `%u00e9` of JavaScript's `escape`.
fn percent(bytes: &[u8]) -> Option<Unit> {
    match bytes {
        [b'%', b'u' | b'U', digits @ ..] => Some(Unit::character(char::from_u32(number(digits.get(..4)?)?)?, 6)),
        [b'%', high, low, ..] => two_digits(*high, *low, 3),
        _ => None,
    }
}

fn two_digits(high: u8, low: u8, read: usize) -> Option<Unit> {
    Some(Unit::byte(u8::try_from(hex(high)? * 16 + hex(low)?).ok()?, read))
}

/// `\n`, `\"`, `\u00e9`, surrogate pairs, the `\xc3` of bytes, and the `\u{e9}` and `\0` of Rust's `Debug`.
fn backslash(bytes: &[u8]) -> Option<Unit> {
    let byte = match bytes {
        [b'\\', b'u', b'{', rest @ ..] => return braced(rest),
        [b'\\', b'u', rest @ ..] => return four_digits(rest),
        [b'\\', b'x', high, low, ..] => return two_digits(*high, *low, 4),
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

/// The names of the characters from U+00A0 to U+00FF in HTML, in this order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
    sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml \
    Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml \
    times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave \
    eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute \
    ucirc uuml yacute thorn yuml";

/// The most characters that a reference to a character has between `&` and `;`.
const LONGEST_REFERENCE: usize = 8;

/// The references to characters of HTML and XML: `&amp;`, `&#38;`, `&#x26;`, `&eacute;`.
fn reference(bytes: &[u8]) -> Option<Unit> {
    let inside = bytes.strip_prefix(b"&")?;
    let end = inside.iter().take(LONGEST_REFERENCE + 1).position(|&byte| byte == b';')?;
    let name = std::str::from_utf8(inside.get(..end)?).ok()?;
    let character = match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        _ => match name.strip_prefix('#') {
            Some(digits) => {
                let hex = digits.strip_prefix(['x', 'X']);
                let (digits, radix) = hex.map_or((digits, 10), |digits| (digits, 16));
                char::from_u32(u32::from_str_radix(digits, radix).ok()?)?
            }
            None => {
                let at = LATIN.split_ascii_whitespace().position(|latin| latin == name)?;
                char::from_u32(u32::try_from(0xA0 + at).ok()?)?
            }
        },
    };
    Some(Unit::character(character, end + 2))
}

/// A line break and the blanks after it, as they stand in a header or in base64 that was wrapped: nothing.
fn fold_of_line(bytes: &[u8]) -> Option<Unit> {
    let breaks = match bytes {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => return None,
    };
    let blanks = bytes.iter().skip(breaks).take_while(|byte| b" \t".contains(byte)).count();
    Some(Unit { read: breaks + blanks, utf8: [0; 4], len: 0 })
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
            (0, "%u00e9", Some("é")),
            (0, "50% off %zz %4", None),
            (0, "a b", None),
            (1, r#"\"\\\/\n\r\t\b\f\0\'"#, Some("\"\\/\n\r\t\u{8}\u{c}\0'")),
            (1, r"\u00e9\u00E9\u{e9}", Some("ééé")),
            (1, r"\ud83d\ude00", Some("😀")),
            (1, r"\xc3\xA9", Some("é")),
            (1, r"\\\u{1F600}", Some("\\😀")),
            (1, r"\ud83d \ud83d\ud83d \ude00 \u{} \u{1234567} \x \", None),
            (2, "a&amp;b&#38;c&#x26;d&lt;&gt;&quot;&apos;&#39;", Some("a&b&c&d<>\"''")),
            (2, "&eacute;&nbsp;&yuml;&#128512;", Some("é\u{a0}ÿ😀")),
            (2, "a & b; &; &unknown; &#xD800; &#; &amp", None),
            (3, "YWJj\nZGVm\r\n  Z2hp", Some("YWJjZGVmZ2hp")),
            (3, "one line \r", None),
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
