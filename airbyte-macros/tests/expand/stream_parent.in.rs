#[stream(
    source = GitHub,
    path = "/repos/{parent.repository}/issues/{parent.number}/comments",
    parent = v2::Issue(number as issue_number),
    paginator = cursor_token(from_last_record = id, token_param = "after"),
    method = POST,
    failure_tolerance = percent(5),
    group = "comments",
    after = [Label, v2::Milestone],
    body = { filter = { author = "{parent.user}" }, raw = raw("{x}"), fixed = FIXED },
)]
struct Comment {
    #[serde(rename = "ID")]
    id: u64,
}
