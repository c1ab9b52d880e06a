//! `{{ config['id'] }}`: the placeholders of the low-code format, which a template here would take for escaped braces.

use super::{Problem, Root, is_name};

/// What a Jinja expression of the low-code format begins with, and the root that it is here; `None` for what only
/// components see.
const ROOTS: [(&str, Option<Root>); 10] = [
    ("config", Some(Root::Config)),
    ("partition", Some(Root::Partition)),
    ("stream_partition", Some(Root::Partition)),
    ("stream_slice", Some(Root::Partition)),
    ("parent", Some(Root::Parent)),
    ("interval", Some(Root::Interval)),
    ("stream_interval", Some(Root::Interval)),
    ("next_page_token", None),
    ("record", None),
    ("response", None),
];

/// The problem with the `{{` at `at`, if a Jinja expression stands behind it and not text in braces.
pub(super) fn problem(text: &str, at: usize) -> Option<Problem> {
    let inside = text.get(at + 2..)?;
    let expression = inside.trim_start();
    let length = expression.find(|c| !is_name_char(c)).unwrap_or(expression.len());
    let (root, rest) = expression.split_at_checked(length)?;
    let (_, root) = ROOTS.iter().find(|(known, _)| *known == root)?;
    // `{{ parent {{ id }} }}` is text in braces, such as a query.
    if !rest.trim_start().starts_with(['.', '[', '|', '}']) {
        return None;
    }
    let end = inside.find("}}").map_or(text.len(), |end| at + 2 + end + 2);
    Some(Problem {
        what: "`{{ … }}` is Jinja, which has no meaning".to_owned(),
        range: at..end,
        help: help(*root, rest),
    })
}

fn help(root: Option<Root>, rest: &str) -> String {
    let Some(root) = root else {
        return "help: a placeholder begins with `config`, `partition`, `parent` or `interval`, as in `{config.name}`; what an answer holds is named in `records`, `paginator` and the like".to_owned();
    };
    let path = path(rest).join(".");
    // `stream_slice` holds both the partition and the interval.
    let (root, path) = match (root, path.as_str()) {
        (Root::Interval | Root::Partition, "start_time") => (Root::Interval, "start"),
        (Root::Interval | Root::Partition, "end_time") => (Root::Interval, "end"),
        (Root::Interval, "end") => (root, "end"),
        (Root::Interval, _) => (root, "start"),
        (_, "") => (root, "name"),
        (_, path) => (root, path),
    };
    format!("help: write `{{{}.{path}}}`", root.name())
}

/// The names in `.a`, `['a']` and `["a"]`, up to anything else.
fn path(mut rest: &str) -> Vec<&str> {
    let mut names = Vec::new();
    while let Some((name, behind)) = step(rest) {
        names.push(name);
        rest = behind;
    }
    names
}

fn step(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.trim_start();
    if let Some(rest) = rest.strip_prefix('.') {
        let length = rest.find(|c| !is_name_char(c)).unwrap_or(rest.len());
        return rest.split_at_checked(length).filter(|(name, _)| is_name(name));
    }
    let (quoted, behind) = rest.strip_prefix('[')?.split_once(']')?;
    let name = quoted.trim().trim_matches(['\'', '"']);
    is_name(name).then_some((name, behind))
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn proposes_the_placeholder_that_means_the_same() {
        for (text, end, help) in [
            ("{{ config.id }}/x", 15, "help: write `{config.id}`"),
            ("{{config['id']}}", 16, "help: write `{config.id}`"),
            ("{{ config[\"a\"]['b'].c | upper }}", 32, "help: write `{config.a.b.c}`"),
            ("{{ config }}", 12, "help: write `{config.name}`"),
            ("{{config.id", 11, "help: write `{config.id}`"),
            ("{{ stream_partition.region }}", 29, "help: write `{partition.region}`"),
            ("{{ stream_slice['start_time'] }}", 32, "help: write `{interval.start}`"),
            ("{{ stream_interval.end_time }}", 30, "help: write `{interval.end}`"),
            ("{{ parent.id }}", 15, "help: write `{parent.id}`"),
        ] {
            let found = problem(text, 0).unwrap();
            assert_eq!((found.range, found.help.as_str()), (0..end, help), "{text}");
        }
        assert!(problem("{{ response.next }}", 0).unwrap().help.contains("`paginator`"));
    }

    #[test]
    fn leaves_text_in_braces_alone() {
        for text in [
            "{{}}",
            "{{braces}}",
            "{{ {config.a} }}",
            "{{ parent {{ id }} }}",
            "{{configuration.x}}",
            "{{\"config\": 1}}",
        ] {
            assert_eq!(problem(text, 0), None, "{text}");
        }
    }
}
