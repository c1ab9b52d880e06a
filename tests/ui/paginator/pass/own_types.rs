//! Types of the connector's own: a unit, a literal, a constructor, a generic, a constant, one with a built-in's name.

use airbyte_runtime::plan::{Page, PageToken, Paginator, RequestDraft};
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [A, B, C, D, E, F])]
struct Tracker;

struct ByLetter;

impl Paginator for ByLetter {
    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        if let Some(PageToken::Value(letter)) = token {
            request.set_param("letter", letter.as_str().unwrap_or_default());
        }
        Ok(())
    }

    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        Ok((page.records() > 0).then(|| PageToken::from("b")))
    }
}

struct By<const SIZE: usize> {
    offset: i64,
}

impl<const SIZE: usize> By<SIZE> {
    const fn new(offset: i64) -> Self {
        Self { offset }
    }
}

impl<const SIZE: usize> Paginator for By<SIZE> {
    fn apply(&self, _: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        request.set_param("offset", self.offset.to_string());
        Ok(())
    }

    fn next(&self, _: &Page<'_>) -> Result<Option<PageToken>> {
        Ok(None)
    }
}

#[stream(source = Tracker, path = "/a", paginator = ByLetter)]
struct A {
    id: u64,
}

#[stream(source = Tracker, path = "/b", paginator = By::<10> { offset: 0 })]
struct B {
    id: u64,
}

#[stream(source = Tracker, path = "/c", paginator = By::<{ 2 * 50 }>::new(3))]
struct C {
    id: u64,
}

const PAGES: By<1> = By::new(-1);

#[stream(source = Tracker, path = "/d", paginator = PAGES)]
struct D {
    id: u64,
}

mod paging {
    pub const fn page_increment() -> super::ByLetter {
        super::ByLetter
    }
}

#[stream(source = Tracker, path = "/e", paginator = paging::page_increment())]
struct E {
    id: u64,
}

#[stream(source = Tracker, path = "/f", paginator = { const SIZE: i64 = 5; By::<7>::new(SIZE) })]
struct F {
    id: u64,
}

fn main() {}
