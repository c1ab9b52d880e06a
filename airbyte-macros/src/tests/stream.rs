//! Messages of `#[stream]`: one mistake each, and several at once.

use super::check_errors;

#[test]
fn arguments() {
    check_errors(&[
        (
            "#[stream(source = S, path = \"/a\", paginater = none)] struct A { id: u64 }",
            &["unknown argument `paginater` for `#[stream]`\nhelp: did you mean `paginator`?"],
        ),
        (
            "#[stream(source = S, path = \"/a\", path = \"/b\")] struct A { id: u64 }",
            &["`path` is written twice\nhelp: keep one of the two"],
        ),
        (
            "#[stream(source = S, path = )] struct A { id: u64 }",
            &["`path` has no value\nhelp: write `path = \"/issues\"`\nnote: `path` is the path below the base URL"],
        ),
        (
            "#[stream(source = S, path = \"/a\", cursor)] struct A { id: u64 }",
            &[
                "`cursor` has no value\nhelp: write `cursor = datetime(updated_at)`\nnote: `cursor` is the field that orders records, and how a range of it is asked for",
            ],
        ),
        (
            "#[stream(\"/a\", source = S, path = \"/a\")] struct A { id: u64 }",
            &["expected `key = value` in `#[stream]`, found `\"/a\"`\nhelp: write the key, as in `source = MySource`"],
        ),
        (
            "#[stream(source = S path = \"/a\")] struct A { id: u64 }",
            &[
                "there is no comma between `source` and `path`\nhelp: write `, path = …`",
                "stream `A` has no `path`\nhelp: add it: `#[stream(path = \"/a\", …)]`, or `read = function` for a stream that is not HTTP",
            ],
        ),
        (
            "#[stream(source = S, path = 3)] struct A { id: u64 }",
            &["expected a text in quotes, in `path`\nhelp: write `path = \"/issues\"`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", max_retries = many)] struct A { id: u64 }",
            &["expected a whole number, in `max_retries`\nhelp: write `max_retries = 5`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", name = \" \")] struct A { id: u64 }",
            &["the stream's name is empty\nhelp: write one, or leave `name` out for the struct's name in snake_case"],
        ),
    ]);
}

#[test]
fn all_mistakes_are_reported_together() {
    check_errors(&[(
        "#[stream(pat = \"/a\", cursor = datetime(updatd_at), primary_key = gid, query = { a = b })]
         struct Task { id: u64, updated_at: String }",
        &[
            "unknown argument `pat` for `#[stream]`\nhelp: did you mean `path`?",
            "`b` is not a value\nhelp: write `\"b\"` for the text, or `config.b` for the user's value",
            "cursor field `updatd_at` is not a field of `Task`\nhelp: did you mean `updated_at`?",
            "primary key field `gid` is not a field of `Task`\nhelp: did you mean `id`?",
            "stream `Task` has no `source`\nhelp: add it: `#[stream(source = MySource, …)]`",
        ],
    )]);
}

#[test]
fn shapes() {
    check_errors(&[
        (
            "#[stream(source = S, path = \"/a\")] enum A { B }",
            &["stream `A` is an enum\nhelp: the fields of a stream are its columns: write `struct A { id: u64 }`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", primary_key = id)] struct A(u64);",
            &[
                "stream `A` is a tuple struct\nhelp: the fields of a stream are its columns: write `struct A { id: u64 }`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\")] union A { a: u64 }",
            &["stream `A` is a union\nhelp: the fields of a stream are its columns: write `struct A { id: u64 }`"],
        ),
        (
            "#[stream(source = S, path = \"/a\")] struct A;",
            &[
                "stream `A` is a struct without fields\nhelp: the fields of a stream are its columns: write `struct A { id: u64 }`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\")] struct A {}",
            &["stream `A` has no fields\nhelp: add one for each column, as in `id: u64`"],
        ),
        (
            "#[stream(source = S, path = \"/a\")] struct A<'a, T> { id: &'a T }",
            &[
                "stream `A` has a lifetime, and its schema would not be known\nhelp: own the data, as in `String` in place of `&str`",
                "stream `A` has a type parameter, and its schema would not be known\nhelp: name the type of each column",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\")] fn a() {}",
            &["`#[stream]` stands on something that is not a struct\nhelp: write it above a `struct`"],
        ),
    ]);
}

#[test]
fn keys_that_exclude_each_other() {
    check_errors(&[
        (
            "#[stream(source = S, read = f, path = \"/a\", auth = none)] struct A { id: u64 }",
            &[
                "`read` and `path` exclude each other\nhelp: a stream with `read` makes its own requests: keep one of the two",
                "`read` and `auth` exclude each other\nhelp: a stream with `read` makes its own requests: keep one of the two",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", method = POST, form = {}, body = {})] struct A { id: u64 }",
            &["`body` and `form` exclude each other\nhelp: a request carries JSON or a form: keep one of the two"],
        ),
        (
            "#[stream(source = S, path = \"/a\", body = { a = 1 })] struct A { id: u64 }",
            &["a GET request carries no body\nhelp: add `method = POST`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", method = \"GET\", body = graphql(Q))] struct A { id: u64 }",
            &["a GET request carries no body\nhelp: write `method = POST`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", method = DELETE)] struct A { id: u64 }",
            &["`DELETE` is not a method for reading\nhelp: the methods are `GET`, `POST`, `PUT`, `PATCH`"],
        ),
    ]);
}

#[test]
fn templates() {
    check_errors(&[
        (
            "#[stream(source = S, path = \"/a/{config.region/b\")] struct A { id: u64 }",
            &["unclosed `{` in stream path\n  /a/{config.region/b\n     ^\nhelp: close the placeholder, as in `{config.name}`, or write `{{` for a brace"],
        ),
        (
            "#[stream(source = S, path = \"/a/{confg.x}\", auth = api_key(header = \"A\", value = \"Token {cofig.key}\"))] struct A { id: u64 }",
            &[
                "unknown root `confg` in stream path\n  /a/{confg.x}\n      ^^^^^\nhelp: did you mean `config`?",
                "unknown root `cofig` in authentication\n  Token {cofig.key}\n         ^^^^^\nhelp: did you mean `config`?",
            ],
        ),
        (
            "#[stream(source = S, path = \"/{{ config['x'] }}/a\", query = { q = \"{{braces}}\" }, auth = bearer(\"{{ config.key }}\"))] struct A { id: u64 }",
            &[
                "`{{ … }}` is Jinja, which has no meaning in stream path\n  /{{ config['x'] }}/a\n   ^^^^^^^^^^^^^^^^^\nhelp: write `{config.x}`",
                "`{{ … }}` is Jinja, which has no meaning in authentication\n  {{ config.key }}\n  ^^^^^^^^^^^^^^^^\nhelp: write `{config.key}`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/p/{parent.gid}/t\", query = { r = partition.region, s = \"{interval.start}\" })]
             struct A { created: String }",
            &[
                "stream path uses `{parent.gid}`, but the stream has no parent\n  /p/{parent.gid}/t\n      ^^^^^^^^^^\nhelp: add `parent = <Stream>` to `#[stream(…)]`",
                "query uses `{partition.region}`, but the stream has no partition\nhelp: add `partition = list(region = [\"a\", \"b\"])` to `#[stream(…)]`",
                "query uses `{interval.start}`, but the stream has no cursor\nhelp: add `cursor = datetime(created)` to `#[stream(…)]`",
            ],
        ),
    ]);
}

#[test]
fn fields() {
    check_errors(&[
        (
            "#[stream(source = S, path = \"/a\", primary_key = \"id\")] struct A { id: u64 }",
            &["a primary key is a field, not a text\nhelp: write `primary_key = id`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", primary_key = ())] struct A { id: u64 }",
            &["`primary_key` names no field\nhelp: write `primary_key = id`, or leave it out when records have no key"],
        ),
        (
            "#[stream(source = S, path = \"/a\", primary_key = (id, id))] struct A { id: u64 }",
            &["`id` stands twice in the primary key\nhelp: keep one of the two"],
        ),
        ("#[stream(source = S, path = \"/a\", primary_key = other)] struct A { #[serde(flatten)] rest: B }", &[]),
        (
            "#[stream(source = S, path = \"/a\", paginator = cursor_token(from_last_record = idd.x))] struct A { id: u64 }",
            &["`idd` is not a field of `A`\nhelp: did you mean `id`?"],
        ),
    ]);
}

#[test]
fn cursors() {
    check_errors(&[
        (
            "#[stream(source = S, path = \"/a\", cursor = updated_at)] struct A { updated_at: String }",
            &[
                "the cursor does not say what kind of field `updated_at` is\nhelp: write `cursor = datetime(updated_at)`, or `integer(updated_at)` for a number that grows",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", cursor = updatd_at)] struct A { updated_at: String }",
            &["cursor field `updatd_at` is not a field of `A`\nhelp: did you mean `updated_at`?"],
        ),
        (
            "#[stream(source = S, path = \"/a\", cursor = datetime(start = \"2020-01-01\"))] struct A { id: u64, changed: String }",
            &["cursor `datetime` does not say which field orders records\nhelp: write `datetime(changed)`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", cursor = datetime(\"updated_at\"))] struct A { updated_at: String }",
            &["a cursor is a field of the record, not a text\nhelp: write `datetime(updated_at)`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", cursor = datetime(meta.at))] struct A { meta: M, updated_at: String }",
            &[
                "cursor field `meta.at` is inside another\nhelp: a cursor is a field of the record itself, as in `datetime(updated_at)`",
            ],
        ),
    ]);
}

#[test]
fn components() {
    check_errors(&[
        (
            "#[stream(source = S, path = \"/a\", paginator = page_increment(page_size = 1, inject_on_first_request, page_size = 2))] struct A { id: u64 }",
            &[
                "argument `inject_on_first_request` of `page_increment` has no value\nhelp: write `inject_on_first_request = true`",
                "argument `page_size` of `page_increment` is written twice\nhelp: keep one of the two",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", paginator = next_url(page_size = 1, \"next\"))] struct A { id: u64 }",
            &[
                "an argument of `next_url` without a name stands behind one with a name\nhelp: move it to the front, or write `name = …`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", paginator = page_increment(page_size = ))] struct A { id: u64 }",
            &["argument `page_size` of `page_increment` has no value\nhelp: write `page_size = …`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", error_handler = [])] struct A { id: u64 }",
            &[
                "`error_handler` has no rules\nhelp: write one, as in `[status(404) => ignore]`, or leave `error_handler` out",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", error_handler = [status(404)])] struct A { id: u64 }",
            &["this rule does not say what to do\nhelp: write `status(404) => ignore`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", records = \"\")] struct A { id: u64 }",
            &["`records` is empty\nhelp: leave `records` out when the page itself is the list"],
        ),
    ]);
}

#[test]
fn maps() {
    check_errors(&[
        (
            "#[stream(source = S, path = \"/a\", query = { a = 1, a = 2 })] struct A { id: u64 }",
            &[
                "key `a` is written twice\nhelp: keep one of the two; several values are a list, as in `a = [\"a\", \"b\"]`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", query = { a: 1 })] struct A { id: u64 }",
            &["a value stands behind `=`, not `:`\nhelp: write `a = …`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", query = { page-size = 1 })] struct A { id: u64 }",
            &["a key with a `-` needs quotes\nhelp: write `\"page-…\" = …`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", query = { a = { b = 1 } }, headers = { \"X Y\" = [\"a\"] })] struct A { id: u64 }",
            &[
                "query parameter `a` is a map, which cannot be sent\nhelp: write one key for each value, as in `\"a[name]\" = \"…\"`",
                "header `X Y` is a list, which cannot be sent\nhelp: write one text, as in `X Y = \"a, b\"`",
                "`X Y` is not a legal header name\nhelp: a header name holds letters, digits and `-`, as in `\"X-Api-Key\"`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", method = POST, body = graphql())] struct A { id: u64 }",
            &["`graphql` has no query\nhelp: write `graphql(\"query { … }\")`, or name a constant"],
        ),
        (
            "#[stream(source = S, path = \"/a\", method = POST, body = grapql(Q))] struct A { id: u64 }",
            &[
                "`grapql` is not a body\nhelp: write `{ key = value }` for JSON, `graphql(\"query { … }\")`, `xml(\"<Envelope>…</Envelope>\")` or `text(\"…\")`",
            ],
        ),
    ]);
}

#[test]
fn partitions() {
    check_errors(&[
        (
            "#[stream(source = S, path = \"/a\", parent = Project)] struct A { id: u64 }",
            &[
                "nothing of parent `Project` is used\nhelp: put `{parent.id}` into the path, or name the fields, as in `parent = Project(id)`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", parent = Project(id, key as id))] struct A { id: u64 }",
            &["two fields of the parent are named `id`\nhelp: give one another name, as in `key as id_2`"],
        ),
        (
            "#[stream(source = S, path = \"/{parent.id}\", parent = Project(key as id))] struct A { id: u64 }",
            &["`key` is named `id`, and `{parent.id}` needs that name\nhelp: write `key as parent_key`"],
        ),
        (
            "#[stream(source = S, path = \"/{parent.id}\", parent = Project, partition = list(id = [1, 2]))] struct A { id: u64 }",
            &[
                "the partition and the parent both have a key `id`\nhelp: give one another name, as in `parent = Project(id as parent_id)`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", partition = [list(a = [1]), list(a = [2])])] struct A { id: u64 }",
            &["two partitions are named `a`\nhelp: give each a name of its own"],
        ),
        (
            "#[stream(source = S, path = \"/a\", partition = list(config.regions))] struct A { id: u64 }",
            &[
                "partition `list` does not name its value\nhelp: write `list(regions = config.regions)`, and `{partition.regions}` stands for the value",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", partition = list(region = \"eu\"))] struct A { id: u64 }",
            &[
                "partition `region` has no list of values\nhelp: write `list(region = [\"a\", \"b\"])`, or `list(region = config.regions)` for a list that the user fills in",
            ],
        ),
        (
            "#[stream(source = S, path = \"/{parent.id}\", partition = Mine, parent = Project)] struct A { id: u64 }",
            &[
                "a partition router of your own cannot be combined with a parent\nhelp: let the router read the parent, or use `list(…)`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", partition = [Mine, list(a = [1])])] struct A { id: u64 }",
            &[
                "a partition router of your own cannot be combined with another partition\nhelp: let its `partitions` yield the combinations, and name all keys in `PartitionKeys::KEYS`",
            ],
        ),
    ]);
}

#[test]
fn authentication_by_variant() {
    check_errors(&[
        (
            "#[stream(source = S, path = \"/a\", auth = match token { _ => none })] struct A { id: u64 }",
            &["`match` chooses by a config field\nhelp: write `match config.credentials { … }`"],
        ),
        (
            "#[stream(source = S, path = \"/a\", auth = match config.c { C::A { t } if t => none, C::B { x: Some(y) } => none, 3 => none })] struct A { id: u64 }",
            &[
                "a guard cannot stand here: only the variant decides\nhelp: remove the `if`, or use `with(function)`",
                "a pattern inside a pattern cannot stand here\nhelp: bind the field to a name, as in `Type::Variant { field }`",
                "this pattern is not a variant\nhelp: write `Type::Variant { field }`, `Type::Variant(value)`, `Type::Variant` or `_`",
            ],
        ),
        (
            "#[stream(source = S, path = \"/a\", auth = match config.c { C::A(a) => bearer(a) })] struct A { id: u64 }",
            &["`a` is all of the variant's fields\nhelp: name one of them, as in `a.token`"],
        ),
    ]);
}
