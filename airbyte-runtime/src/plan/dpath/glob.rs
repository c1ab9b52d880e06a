//! Shell patterns as Python's `fnmatch.fnmatchcase` reads them.

/// A compiled pattern: `*` is any text, `?` any character, `[a-z]` and `[!a-z]` one character in or out of a set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Glob {
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    AnyText,
    One(Class),
}

#[derive(Clone, Debug, PartialEq)]
enum Class {
    Any,
    Character(char),
    Set { ranges: Vec<(char, char)>, negated: bool },
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            rest = rest.strip_prefix(first).unwrap_or_default();
            let token = match first {
                '*' => Token::AnyText,
                '?' => Token::One(Class::Any),
                '[' => match split_set(rest) {
                    Some((set, after)) => {
                        rest = after;
                        Token::One(parse_set(set))
                    }
                    // A bracket that nothing closes stands for itself.
                    None => Token::One(Class::Character('[')),
                },
                other => Token::One(Class::Character(other)),
            };
            if token != Token::AnyText || tokens.last() != Some(&Token::AnyText) {
                tokens.push(token);
            }
        }
        Self { tokens }
    }

    /// Whether the whole text matches. The time is at most the product of both lengths.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut tokens = self.tokens.as_slice();
        let mut rest = text.chars();
        // Where to go on if the current try fails: after the last `*`, one more character later.
        let mut retry: Option<(&[Token], std::str::Chars<'_>)> = None;
        loop {
            match tokens.split_first() {
                Some((Token::AnyText, after)) => {
                    tokens = after;
                    retry = Some((after, rest.clone()));
                    continue;
                }
                Some((Token::One(class), after)) => {
                    let mut ahead = rest.clone();
                    if ahead.next().is_some_and(|character| class.contains(character)) {
                        tokens = after;
                        rest = ahead;
                        continue;
                    }
                }
                None if rest.as_str().is_empty() => return true,
                None => {}
            }
            let Some((after, from)) = &mut retry else { return false };
            if from.next().is_none() {
                return false;
            }
            tokens = after;
            rest = from.clone();
        }
    }
}

impl Class {
    fn contains(&self, character: char) -> bool {
        match self {
            Self::Any => true,
            Self::Character(own) => *own == character,
            Self::Set { ranges, negated } => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&character)) != *negated
            }
        }
    }
}

/// The inside of a set and what follows it. A `]` that comes first belongs to the set.
fn split_set(text: &str) -> Option<(&str, &str)> {
    let negation = usize::from(text.starts_with('!'));
    let leading = usize::from(text.get(negation..)?.starts_with(']'));
    let start = negation + leading;
    let end = start + text.get(start..)?.find(']')?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

fn parse_set(set: &str) -> Class {
    let (negated, set) = match set.strip_prefix('!') {
        Some(set) => (true, set),
        None => (false, set),
    };
    let characters: Vec<char> = set.chars().collect();
    let mut rest = characters.as_slice();
    let mut ranges = Vec::new();
    loop {
        rest = match rest {
            // A range whose end is before its start is empty.
            [from, '-', to, after @ ..] => {
                ranges.push((*from, *to));
                after
            }
            [one, after @ ..] => {
                ranges.push((*one, *one));
                after
            }
            [] => return Class::Set { ranges, negated },
        };
    }
}
