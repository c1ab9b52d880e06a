//! Names in other cases: `GitHubIssue` as `github_issue`, `api_key` as `API Key`, and serde's `rename_all`.

use syn::Ident;
use syn::ext::IdentExt;

/// Company names that are one word in spite of their capitals, as in Airbyte's own connector names.
const ONE_WORD: &[&str] = &[
    "BambooHR",
    "BigCommerce",
    "BigQuery",
    "ClickHouse",
    "ClickUp",
    "CockroachDB",
    "DynamoDB",
    "GitHub",
    "GitLab",
    "HubSpot",
    "LinkedIn",
    "MongoDB",
    "OAuth",
    "OneDrive",
    "PagerDuty",
    "PayPal",
    "PostHog",
    "QuickBooks",
    "SendGrid",
    "SharePoint",
    "SurveyMonkey",
    "TikTok",
    "WooCommerce",
    "WordPress",
    "YouTube",
];

/// Words that titles spell in capitals.
const CAPITALS: &[&str] = &[
    "api", "aws", "csv", "db", "http", "https", "id", "ids", "ip", "json", "jwt", "pem", "sql", "ssh", "ssl", "tls",
    "uri", "url", "utc",
];

/// The text of an identifier without `r#`.
pub(crate) fn unraw(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// A type's name in `snake_case`.
pub(crate) fn snake(name: &str) -> String {
    words(name).join("_").to_lowercase()
}

/// A type's name in `kebab-case`.
pub(crate) fn kebab(name: &str) -> String {
    words(name).join("-").to_lowercase()
}

/// A type's name in words: `PokeApi` is `Poke API`.
pub(crate) fn type_title(name: &str) -> String {
    titled(words(name).into_iter())
}

/// A field's name in words: `start_date` is `Start Date`.
pub(crate) fn field_title(name: &str) -> String {
    titled(name.split('_').filter(|word| !word.is_empty()))
}

fn titled<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words
        .map(|word| match word.to_lowercase() {
            lower if lower == "ids" => "IDs".to_owned(),
            lower if CAPITALS.contains(&lower.as_str()) => lower.to_uppercase(),
            _ => capitalized(word),
        })
        .collect();
    words.join(" ")
}

/// The words of a name in `PascalCase`; a run of capitals is one word.
fn words(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = name.trim_matches('_');
    while !rest.is_empty() {
        let (word, tail) = rest.split_at(first_word(rest));
        words.push(word);
        rest = tail.trim_start_matches('_');
    }
    words
}

/// The length in bytes of the first word.
fn first_word(name: &str) -> usize {
    for brand in ONE_WORD {
        let Some(rest) = name.strip_prefix(brand) else { continue };
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if !rest.starts_with(char::is_lowercase) {
            return brand.len() + number;
        }
    }
    let chars: Vec<(usize, char)> = name.char_indices().collect();
    for window in chars.windows(2).enumerate() {
        let (at, [(_, before), (split, here)]) = window else { continue };
        let after = chars.get(at + 2).map(|(_, c)| *c);
        let end_of_capitals = before.is_uppercase() && after.is_some_and(char::is_lowercase);
        if here.is_uppercase() && (!before.is_uppercase() || end_of_capitals) || *here == '_' {
            return *split;
        }
    }
    name.len()
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What serde's `rename_all` does to names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Case {
    /// The name as it is.
    #[default]
    Same,
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    /// The style by serde's name for it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => return None,
        })
    }

    /// The JSON key of a field whose name is in `snake_case`, letter for letter as serde does it.
    pub(crate) fn field(self, name: &str) -> String {
        match self {
            Self::Same | Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
            Self::Pascal => name.split('_').map(capitalized).collect(),
            Self::Camel => uncapitalized(&Self::Pascal.field(name)),
        }
    }

    /// The JSON text of a variant whose name is in `PascalCase`, letter for letter as serde does it.
    pub(crate) fn variant(self, name: &str) -> String {
        match self {
            Self::Same | Self::Pascal => name.to_owned(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => uncapitalized(name),
            Self::Snake => {
                let mut snake = String::new();
                for (at, c) in name.char_indices() {
                    if at > 0 && c.is_uppercase() {
                        snake.push('_');
                    }
                    snake.push(c.to_ascii_lowercase());
                }
                snake
            }
            Self::ScreamingSnake => Self::Snake.variant(name).to_ascii_uppercase(),
            Self::Kebab => Self::Snake.variant(name).replace('_', "-"),
            Self::ScreamingKebab => Self::ScreamingSnake.variant(name).replace('_', "-"),
        }
    }
}

fn uncapitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::{Case, field_title, kebab, snake, type_title};

    #[test]
    fn splits_type_names() {
        for (name, expected) in [
            ("Issue", "issue"),
            ("PullRequest", "pull_request"),
            ("GitHub", "github"),
            ("GitHubIssue", "github_issue"),
            ("MyGitHub", "my_github"),
            ("GitHubby", "git_hubby"),
            ("OAuth2Client", "oauth2_client"),
            ("HTTPServer", "http_server"),
            ("V2User", "v2_user"),
            ("APIKey", "api_key"),
            ("Already_Snake", "already_snake"),
        ] {
            assert_eq!(snake(name), expected, "{name}");
        }
        assert_eq!(kebab("GoogleAds"), "google-ads");
    }

    #[test]
    fn writes_titles() {
        for (name, expected) in [("GitHub", "GitHub"), ("PokeApi", "Poke API"), ("Asana", "Asana")] {
            assert_eq!(type_title(name), expected, "{name}");
        }
        for (name, expected) in [
            ("start_date", "Start Date"),
            ("api_key", "API Key"),
            ("id", "ID"),
            ("account_ids", "Account IDs"),
            ("_odd__name", "Odd Name"),
        ] {
            assert_eq!(field_title(name), expected, "{name}");
        }
    }

    #[test]
    fn renames_as_serde_does() {
        for (style, field, variant) in [
            ("lowercase", "updated_at", "inprogress"),
            ("UPPERCASE", "UPDATED_AT", "INPROGRESS"),
            ("PascalCase", "UpdatedAt", "InProgress"),
            ("camelCase", "updatedAt", "inProgress"),
            ("snake_case", "updated_at", "in_progress"),
            ("SCREAMING_SNAKE_CASE", "UPDATED_AT", "IN_PROGRESS"),
            ("kebab-case", "updated-at", "in-progress"),
            ("SCREAMING-KEBAB-CASE", "UPDATED-AT", "IN-PROGRESS"),
        ] {
            let case = Case::parse(style).unwrap_or_default();
            assert_eq!(
                (case.field("updated_at"), case.variant("InProgress")),
                (field.to_owned(), variant.to_owned()),
                "{style}"
            );
        }
        assert_eq!(Case::parse("Title Case"), None);
    }
}
