//! A message composed in a const: text in a buffer of fixed size, and the nearest name.

/// Text that is put together while compiling; what does not fit is cut off.
pub(crate) struct Text {
    bytes: [u8; 1024],
    length: usize,
}

impl Text {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; 1024], length: 0 }
    }

    pub(crate) const fn push(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = bytes[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    /// The line of the template that holds `at..at + length`, and carets under that.
    pub(crate) const fn excerpt(mut self, template: &str, at: usize, length: usize) -> Self {
        let bytes = template.as_bytes();
        let mut start = at;
        while start > 0 && bytes[start - 1] != b'\n' {
            start -= 1;
        }
        let mut end = at;
        while end < bytes.len() && bytes[end] != b'\n' {
            end += 1;
        }
        self = self.push("\n  ").push(slice(template, start, end)).push("\n  ");
        let mut column = start;
        while column < at {
            // Continuation bytes of UTF-8 take no column of their own.
            if template.as_bytes()[column] & 0xC0 != 0x80 {
                self = self.push(" ");
            }
            column += 1;
        }
        let mut mark = 0;
        while mark < length {
            self = self.push("^");
            mark += 1;
        }
        self
    }

    pub(crate) const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.length);
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => match core::str::from_utf8(text.split_at(error.valid_up_to()).0) {
                Ok(text) => text,
                Err(_) => "",
            },
        }
    }
}

pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The bytes `from..to`, which must lie on character boundaries.
pub(crate) const fn slice(text: &str, from: usize, to: usize) -> &str {
    let (head, _) = text.as_bytes().split_at(to);
    let (_, part) = head.split_at(from);
    match core::str::from_utf8(part) {
        Ok(part) => part,
        Err(_) => panic!("a template is cut inside a character"),
    }
}

/// Whether `known` is near enough to `found` to be proposed, as its edit distance, where swapping two neighbours is one
/// edit; smaller is nearer. The macros measure alike.
pub(crate) const fn distance(found: &str, known: &str) -> Option<usize> {
    const LONGEST: usize = 64;
    let (a, b) = (found.as_bytes(), known.as_bytes());
    if a.len() >= LONGEST || b.len() >= LONGEST {
        return None;
    }
    let mut before_last = [0usize; LONGEST];
    let mut last = [0usize; LONGEST];
    let mut j = 0;
    while j <= b.len() {
        last[j] = j;
        j += 1;
    }
    let mut i = 0;
    while i < a.len() {
        let mut row = [0usize; LONGEST];
        row[0] = i + 1;
        let mut j = 0;
        while j < b.len() {
            let substitution = if a[i] == b[j] { last[j] } else { last[j] + 1 };
            let step = least(row[j], last[j + 1]) + 1;
            row[j + 1] = least(substitution, step);
            if i > 0 && j > 0 && a[i - 1] == b[j] && a[i] == b[j - 1] {
                row[j + 1] = least(row[j + 1], before_last[j - 1] + 1);
            }
            j += 1;
        }
        before_last = last;
        last = row;
        i += 1;
    }
    let longest = if a.len() > b.len() { a.len() } else { b.len() };
    let allowed = if longest < 6 { 1 } else { longest / 3 };
    if last[b.len()] <= allowed { Some(last[b.len()]) } else { None }
}

const fn least(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

/// How many names a list shows.
const SHOWN: usize = 10;

/// Collects names one by one and ends a message with the nearest, or with the list.
pub(crate) struct Names<'n> {
    found: &'n str,
    nearest: Option<&'n str>,
    best: usize,
    list: Text,
    count: usize,
}

impl<'n> Names<'n> {
    pub(crate) const fn near(found: &'n str) -> Self {
        Self { found, nearest: None, best: usize::MAX, list: Text::new(), count: 0 }
    }

    pub(crate) const fn offer(mut self, known: &'n str) -> Self {
        if let Some(distance) = distance(self.found, known)
            && distance < self.best
        {
            self.best = distance;
            self.nearest = Some(known);
        }
        if self.count < SHOWN {
            self.list = if self.count > 0 { self.list.push(", `") } else { self.list.push("`") };
            self.list = self.list.push(known).push("`");
        }
        self.count += 1;
        self
    }

    /// Adds the `help:` line. `what` is the plural noun for the list.
    pub(crate) const fn help(&self, text: Text, what: &str) -> Text {
        match self.nearest {
            Some(name) => text.push("\nhelp: did you mean `").push(name).push("`?"),
            None if self.count == 0 => text.push("\nhelp: there are no ").push(what),
            None => {
                let text = text.push("\nhelp: the ").push(what).push(" are ").push(self.list.as_str());
                if self.count > SHOWN { text.push(", …") } else { text }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, Text, distance};

    #[test]
    fn proposes_only_what_is_near() {
        assert_eq!(distance("updatd_at", "updated_at"), Some(1));
        assert_eq!(distance("tokn", "token"), Some(1));
        assert_eq!(distance("workspace", "workspace_id"), Some(3));
        assert_eq!(distance("paht", "path"), Some(1));
        assert_eq!(distance("paht", "parent"), None);
        assert_eq!(distance("id", "name"), None);
    }

    #[test]
    fn points_below_the_template_and_lists_the_names() {
        let text = Text::new().push("unknown").excerpt("/é/{config.x}", 12, 1);
        let text = Names::near("x").offer("token").offer("region").help(text, "config fields");
        let expected = "unknown\n  /é/{config.x}\n             ^\nhelp: the config fields are `token`, `region`";
        assert_eq!(text.as_str().replace(' ', ""), expected.replace(' ', ""));
        assert!(text.as_str().contains("\n             ^"));
    }
}
