//! Whether the records are what the schema says: looked at on their way out, told when the stream ends.

use std::cell::{Cell, RefCell};

use super::checkpoint::OpenSlice;
use crate::error::{Error, Result};
use crate::json::unescape;
use crate::plan::{StreamPlan, Undeclared};
use crate::schema::{Difference, Expected, Types, joined};

/// Records at the start of a stream of which each is looked at.
const FIRST: u64 = 250;
/// Of the later ones, one in so many: a prime, so that it is not always the same place of a page. To look at a record
/// takes twice as many instructions as to read and write it, and all of it shall cost less than 3 %.
const ONE_IN: u64 = 127;
/// How many differences are told; a map whose keys are data would have one for each record.
const MAX_DIFFERENCES: usize = 50;
/// How many characters a field's name may have to be told.
const MAX_NAME: usize = 100;

/// Looks at the records of one stream.
pub(super) struct Watch {
    expected: Expected,
    undeclared: Undeclared,
    passed: Cell<u64>,
    seen: RefCell<Seen>,
    /// Why the stream is over, until somebody says so.
    refusal: RefCell<Option<Error>>,
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    records: u64,
    differences: Vec<Found>,
    /// Whether there are more than are told.
    has_more: bool,
}

/// A difference, and how often it was seen.
struct Found {
    /// The place in the schema: a path is made only for what is told.
    place: usize,
    path: String,
    /// The raw key of a field that is not declared.
    key: Option<Box<[u8]>>,
    declared: Types,
    found: Types,
    records: u64,
    last: u64,
}

impl Watch {
    /// Watches what a stream writes.
    ///
    /// # Errors
    /// An API that does not say what its records look like.
    pub(super) async fn new(stream: &StreamPlan) -> Result<Self> {
        Ok(Self {
            expected: stream.expected().await?,
            undeclared: stream.truth.undeclared,
            passed: Cell::new(0),
            seen: RefCell::default(),
            refusal: RefCell::default(),
        })
    }

    /// Whether fields that are not declared are left out.
    pub(super) fn drops(&self) -> bool {
        self.undeclared == Undeclared::Drop
    }

    /// Whether a record was refused, so that the stream is over.
    pub(super) fn has_refused(&self) -> bool {
        self.refusal.borrow().is_some()
    }

    /// Why the stream is over, for whoever says so.
    pub(super) fn take_refusal(&self) -> Option<Error> {
        self.refusal.take()
    }

    /// Copies a record without the fields that are not declared.
    pub(super) fn copy_declared(&self, record: &[u8], out: &mut Vec<u8>) {
        self.expected.copy_declared(record, out);
    }

    /// Looks at a record, if it is its turn.
    ///
    /// # Errors
    /// A field that is not declared, where the stream refuses such fields.
    pub(super) fn look(&self, record: &[u8], slice: &OpenSlice) -> Result<()> {
        let passed = self.passed.get() + 1;
        self.passed.set(passed);
        let refuses = self.undeclared == Undeclared::Reject;
        if passed > FIRST && !passed.is_multiple_of(ONE_IN) && !refuses {
            return Ok(());
        }
        let mut seen = self.seen.borrow_mut();
        seen.records += 1;
        self.expected.compare(record, &mut |at, difference, found| {
            if let (Difference::Undeclared(key), true) = (difference, refuses) {
                let refused = || refused(&field(at, key), found).with_detail(slice.describe());
                // The slice may wait for long before it ends with this, or never do.
                self.refusal.replace(Some(refused()));
                return Err(refused());
            }
            seen.note(at, difference, found);
            Ok(())
        })
    }

    /// Says what was seen, once for each place.
    pub(super) fn report(&self, stream: &str) {
        let seen = self.seen.borrow();
        for Found { path, key, declared, found, records, .. } in &seen.differences {
            let declared = match key {
                Some(_) => "not declared in the schema".to_owned(),
                None => format!("declared as {declared}"),
            };
            let place = if path.is_empty() { "the record".to_owned() } else { format!("`{path}`") };
            tracing::warn!(
                "stream `{stream}`: {place} is {declared}, and was found as {found}, in {records} of the {} records \
                 that were looked at",
                seen.records
            );
        }
        if seen.has_more {
            tracing::warn!(
                "stream `{stream}`: more than {MAX_DIFFERENCES} fields differ from the schema; the others are not told"
            );
        }
    }
}

impl Seen {
    fn note(&mut self, at: &Expected, difference: Difference<'_>, found: Types) {
        let key = match difference {
            Difference::Undeclared(key) => Some(key),
            Difference::Type => None,
        };
        let known = self.differences.iter_mut().find(|known| {
            // A new field is one difference whatever it holds; the first example is told.
            known.place == at.place && known.key.as_deref() == key && (key.is_some() || known.found == found)
        });
        if let Some(known) = known {
            known.records += u64::from(known.last != self.records);
            known.last = self.records;
            return;
        }
        if self.differences.len() >= MAX_DIFFERENCES {
            self.has_more = true;
            return;
        }
        let path = key.map_or_else(|| at.path.to_string(), |key| field(at, key));
        let (declared, key) = (at.types, key.map(Box::from));
        self.differences.push(Found { place: at.place, path, key, declared, found, records: 1, last: self.records });
    }
}

/// The path of a field that is not declared.
fn field(at: &Expected, key: &[u8]) -> String {
    let name = unescape(key);
    // A map's key may be anybody's data, a secret too, of which no part may be left: a long one is not cut.
    let told: String = match name.chars().nth(MAX_NAME) {
        None => name.chars().flat_map(char::escape_debug).collect(),
        Some(_) => format!("(a name of {} characters)", name.chars().count()),
    };
    joined(&at.path, &told)
}

fn refused(path: &str, found: Types) -> Error {
    Error::system(format!(
        "a record has the field `{path}` ({found}), which is not declared, and the stream refuses such fields; \
         declare it, or write `undeclared = keep` or `undeclared = drop`"
    ))
}
