//! A message composed in a const: text in a buffer of fixed size, and the nearest name.

/// Text that is put together while compiling; what does not fit is cut off.
pub(super) struct Text {
    bytes: [u8; 1024],
    length: usize,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; 1024], length: 0 }
    }

    pub(super) const fn push(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = bytes[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    /// The template on its own line, and carets under `at..at + length`.
    pub(super) const fn excerpt(mut self, template: &str, at: usize, length: usize) -> Self {
        self = self.push("\n  ").push(template).push("\n  ");
        let mut column = 0;
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

    pub(super) const fn as_str(&self) -> &str {
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

pub(super) const fn same(a: &str, b: &str) -> bool {
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
pub(super) const fn slice(text: &str, from: usize, to: usize) -> &str {
    let (head, _) = text.as_bytes().split_at(to);
    let (_, part) = head.split_at(from);
    match core::str::from_utf8(part) {
        Ok(part) => part,
        Err(_) => panic!("a template is cut inside a character"),
    }
}

/// Whether `known` is near enough to `found` to be proposed, as its edit distance; smaller is nearer.
pub(super) const fn distance(found: &str, known: &str) -> Option<usize> {
    const LONGEST: usize = 64;
    let (a, b) = (found.as_bytes(), known.as_bytes());
    if a.len() >= LONGEST || b.len() >= LONGEST {
        return None;
    }
    let mut row = [0usize; LONGEST];
    let mut j = 0;
    while j <= b.len() {
        row[j] = j;
        j += 1;
    }
    let mut i = 0;
    while i < a.len() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut j = 0;
        while j < b.len() {
            let substitution = if a[i] == b[j] { diagonal } else { diagonal + 1 };
            diagonal = row[j + 1];
            let step = if row[j] < row[j + 1] { row[j] } else { row[j + 1] } + 1;
            row[j + 1] = if substitution < step { substitution } else { step };
            j += 1;
        }
        i += 1;
    }
    let longest = if a.len() > b.len() { a.len() } else { b.len() };
    let allowed = if longest < 5 { 1 } else { longest / 3 + 1 };
    if row[b.len()] <= allowed { Some(row[b.len()]) } else { None }
}

/// Collects names one by one and ends a message with the nearest, or with the list.
pub(super) struct Names<'n> {
    found: &'n str,
    nearest: Option<&'n str>,
    best: usize,
    list: Text,
    count: usize,
}

impl<'n> Names<'n> {
    pub(super) const fn near(found: &'n str) -> Self {
        Self { found, nearest: None, best: usize::MAX, list: Text::new(), count: 0 }
    }

    pub(super) const fn offer(mut self, known: &'n str) -> Self {
        if let Some(distance) = distance(self.found, known)
            && distance < self.best
        {
            self.best = distance;
            self.nearest = Some(known);
        }
        if self.count < 10 {
            self.list = if self.count > 0 { self.list.push(", `") } else { self.list.push("`") };
            self.list = self.list.push(known).push("`");
        }
        self.count += 1;
        self
    }

    /// Adds the `help:` line. `what` is the plural noun for the list.
    pub(super) const fn help(&self, text: Text, what: &str) -> Text {
        match self.nearest {
            Some(name) => text.push("\nhelp: did you mean `").push(name).push("`?"),
            None if self.count == 0 => text.push("\nhelp: there are no ").push(what),
            None => text.push("\nhelp: the ").push(what).push(" are ").push(self.list.as_str()),
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
