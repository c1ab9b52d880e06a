//! Whose host sees the credentials of a manifest's stream: what a record says must not decide it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;

use crate::error::Result;
use crate::plan::slice::Partition;
use crate::plan::{Retriever, Slice, StreamPlan};

/// Keys of partitions that hold what records say whoever made the partition: the parent's own partition, and the record
/// whose list is completed.
const OF_RECORDS: [&str; 2] = ["parent_slice", super::lone::PARENT_RECORD];

/// What of a stream's slices comes from records, and where those were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Provenance {
    /// The keys of partitions whose values are of parents' records.
    pub(super) keys: BTreeSet<String>,
    /// The parents' own addresses: a record may lead back to where it comes from.
    pub(super) homes: Vec<Url>,
}

impl Provenance {
    /// Adds what a parent's records say.
    pub(super) fn add(&mut self, key: &str, parent: Option<&StreamPlan>) {
        self.keys.insert(key.to_owned());
        let requester = match parent.map(|parent| &parent.retriever) {
            Some(Retriever::Http(http)) => &http.requester,
            Some(Retriever::Jobs(jobs)) => &jobs.create.requester,
            Some(Retriever::Function(_)) | None => return,
        };
        // An address that needs a value of the parent's own slice is not known here.
        let nothing = Slice { partition: Arc::default(), interval: None, job: None, record: None };
        self.homes.extend(requester.home(&nothing));
    }

    /// Adds what the parents of an inner router say.
    pub(super) fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.homes.extend(other.homes);
    }

    /// The address of a slice if its host is one that it would have without any record, or one of the parents'; otherwise
    /// the address of such a host.
    pub(super) fn home(&self, slice: &Slice, address: impl Fn(&Slice) -> Result<Url>) -> Result<Url> {
        let told = address(slice);
        let Some(known) = self.without_records(slice) else { return told };
        let mut homes = address(&known).into_iter().chain(self.homes.iter().cloned()).peekable();
        let first = homes.peek().cloned();
        match told {
            Ok(told) => {
                let is_home = homes.any(|home| home.origin() == told.origin());
                Ok(if is_home { told } else { first.unwrap_or_else(|| nowhere(told)) })
            }
            Err(error) => first.ok_or(error),
        }
    }

    /// The slice with empty texts in place of what records say; `None` if they say nothing of it.
    fn without_records(&self, slice: &Slice) -> Option<Slice> {
        let Partition { keys, extra, id } = &*slice.partition;
        let is_of_records = |key: &str| self.keys.contains(key) || OF_RECORDS.contains(&key);
        let says_something = !self.keys.is_empty()
            || !extra.is_empty()
            || slice.job.is_some()
            || keys.keys().any(|key| is_of_records(key));
        if !says_something {
            return None;
        }
        let mut known = keys.clone();
        for key in
            self.keys.iter().map(String::as_str).chain(OF_RECORDS.into_iter().filter(|key| keys.contains_key(*key)))
        {
            known.insert(key.to_owned(), keys.get(key).map_or_else(|| Value::from(""), emptied));
        }
        let partition = Partition { keys: known, extra: emptied_map(extra), id: Arc::clone(id) };
        let job = slice.job.as_ref().map(|job| Arc::new(emptied_map(job)));
        Some(Slice { partition: Arc::new(partition), job, ..slice.clone() })
    }
}

/// A value of the same form that says nothing.
fn emptied(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(emptied).collect(),
        Value::Object(map) => Value::Object(emptied_map(map)),
        _ => Value::from(""),
    }
}

fn emptied_map(map: &Map<String, Value>) -> Map<String, Value> {
    map.iter().map(|(key, value)| (key.clone(), emptied(value))).collect()
}

/// A host that cannot be, for an address that a record alone decides.
fn nowhere(mut told: Url) -> Url {
    let _ = told.set_host(Some("host.invalid"));
    told
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jinja::{Environment, Template};
    use crate::manifest::requester::Address;
    use crate::manifest::scope::of_request;
    use crate::manifest::stream::default_interval_keys;

    /// The origin of the home of an address whose `id` is a record's and whose `region` is a list's.
    fn home(base: &str, id: &Value, parent: Option<&str>) -> String {
        let environment = Environment::new(&json!({"host": "https://configured.test"}));
        let template = Template::new(&environment, base, &Arc::default()).unwrap();
        let address = Address { url_base: Some(template), url: None, path: None };
        let keys = json!({"id": id, "region": "eu", "parent_slice": {"id": id}}).as_object().cloned().unwrap();
        let extra = json!({"link": id}).as_object().cloned().unwrap();
        let partition = Partition { keys, extra, id: "".into() };
        let slice = Slice { partition: Arc::new(partition), interval: None, job: None, record: None };
        let provenance = Provenance {
            keys: BTreeSet::from(["id".to_owned()]),
            homes: parent.into_iter().map(|parent| Url::parse(parent).unwrap()).collect(),
        };
        let address = |slice: &Slice| address.base(&of_request(slice, &default_interval_keys(), None));
        provenance.home(&slice, address).unwrap().origin().ascii_serialization()
    }

    #[test]
    fn no_record_decides_whose_host_is_home() {
        let nowhere = "https://host.invalid";
        for (base, id, expected) in [
            // What the manifest and the configuration say decides.
            ("https://api.test/{{ stream_partition.id }}", "7", "https://api.test"),
            ("https://api.test{{ stream_partition.id }}", "/7", "https://api.test"),
            ("{{ config['host'] }}/{{ stream_slice.id }}", "../..//evil.test", "https://configured.test"),
            ("https://{{ stream_partition.region }}.api.test/{{ stream_partition.id }}", "7", "https://eu.api.test"),
            // What the record says would.
            ("https://api.test{{ stream_partition.id }}", "@evil.test/", "https://api.test"),
            ("https://api.test{{ stream_partition.id }}", ".evil.test/", "https://api.test"),
            ("{{ stream_partition.id }}", "https://evil.test", nowhere),
            ("{{ stream_slice['id'] }}/x", "https://evil.test", nowhere),
            ("{{ stream_slice.parent_slice.id }}", "https://evil.test", nowhere),
            ("{{ stream_slice.extra_fields.link }}", "https://evil.test", nowhere),
            ("{{ link }}", "https://evil.test", nowhere),
            ("https://{{ stream_partition.id | int }}/", "2130706433", "https://0.0.0.0"),
        ] {
            assert_eq!(home(base, &json!(id), None), expected, "{base} {id}");
        }
    }

    #[test]
    fn a_record_may_lead_back_to_where_it_comes_from() {
        let parent = Some("https://api.test/parents");
        let base = "{{ stream_partition.id }}";
        assert_eq!(home(base, &json!("https://api.test/orders/7"), parent), "https://api.test");
        for elsewhere in ["https://evil.test", "http://api.test", "https://api.test:8443", "https://api.test@evil.test"]
        {
            let home = home(base, &json!(elsewhere), parent);
            assert_eq!(home, "https://api.test", "{elsewhere}");
            assert_ne!(home, Url::parse(elsewhere).unwrap().origin().ascii_serialization());
        }
    }
}
