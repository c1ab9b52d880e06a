//! Every paginator with every argument.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [A, B, C, D, E, F, G, H])]
struct Tracker;

#[stream(source = Tracker, path = "/a", paginator = none)]
struct A {
    id: u64,
}

#[stream(source = Tracker, path = "/b", paginator = page_increment())]
struct B {
    id: u64,
}

#[stream(
    source = Tracker,
    path = "/c",
    paginator = page_increment(
        page_size = 100,
        start_page = 0,
        page_param = "p",
        page_size_header = "X-Size",
        inject_on_first_request = false,
        prefetch = 8,
    ),
)]
struct C {
    id: u64,
}

#[stream(
    source = Tracker,
    path = "/d",
    method = POST,
    body = {},
    paginator = offset_increment(page_size = 1_000, offset_body = "page.offset", page_size_body = "page.limit"),
)]
struct D {
    id: u64,
}

#[stream(
    source = Tracker,
    path = "/e",
    method = POST,
    form = {},
    paginator = cursor_token(from_header = "X-Next", token_form = "after", has_more = "meta.more"),
)]
struct E {
    id: u64,
}

#[stream(
    source = Tracker,
    path = "/f",
    paginator = cursor_token(from_last_record = user.id, token_param = "after", page_size = 10),
)]
struct F {
    user: User,
}

#[record]
struct User {
    id: u64,
}

#[stream(source = Tracker, path = "/g", paginator = link_header(page_size = 100, page_size_param = "per_page"))]
struct G {
    id: u64,
}

#[stream(source = Tracker, path = "/h", paginator = next_url("paging.next", page_size = 10, page_size_form = "n",))]
struct H {
    id: u64,
}

fn main() {}
