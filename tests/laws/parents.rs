//! A parent is read once for all its children, and no shape of family makes a read stand still.

use airbyte_runtime::Connector;

use super::family::{Atlas, CITIES, COUNTRIES, PARENTS, RIVERS, atlas, config, counts};
use super::reading::{Reading, read};

/// Reads streams against a fresh atlas; nothing may be asked for twice.
fn read_once(streams: &[&str], concurrency: u32) -> Reading {
    let api = atlas();
    let reading = read(&Connector::<Atlas>::new(config(&api, concurrency)), streams);
    assert!(reading.error.is_none(), "{streams:?} at {concurrency}: {:?}", reading.error);
    let twice: Vec<_> = counts(&api).into_iter().filter(|(_, count)| *count > 1).collect();
    assert!(twice.is_empty(), "{streams:?} at {concurrency}: asked for twice: {twice:?}");
    reading
}

fn count(reading: &Reading, stream: &str) -> u64 {
    let ids = reading.ids(stream);
    assert!(ids.is_sorted_by(|a, b| a < b), "`{stream}` repeats records");
    ids.len() as u64
}

#[test]
fn a_parent_is_read_once_for_itself_and_all_its_children() {
    for concurrency in [1, 2, 32] {
        let reading = read_once(&["country", "city", "river"], concurrency);
        assert_eq!(count(&reading, "country"), COUNTRIES);
        assert_eq!(count(&reading, "city"), COUNTRIES * CITIES);
        assert_eq!(count(&reading, "river"), COUNTRIES * RIVERS);
    }
}

#[test]
fn a_parent_that_nobody_selected_is_read_once_and_silently() {
    let reading = read_once(&["river", "city"], 4);
    assert_eq!(count(&reading, "city"), COUNTRIES * CITIES);
    assert_eq!(count(&reading, "country"), 0);
    assert!(reading.statuses("country").is_empty());
}

#[test]
fn several_levels_share_every_parent() {
    for streams in [vec!["street"], vec!["street", "country"], vec!["street", "city", "country"]] {
        let reading = read_once(&streams, 3);
        assert_eq!(count(&reading, "street"), COUNTRIES * CITIES);
    }
}

#[test]
fn a_diamond_reads_its_top_once() {
    for concurrency in [1, 2, 32] {
        for streams in [vec!["bridge"], vec!["bridge", "river", "city", "street", "country"]] {
            let reading = read_once(&streams, concurrency);
            assert_eq!(count(&reading, "bridge"), COUNTRIES * (CITIES + RIVERS));
        }
    }
}

/// Each parent feeds both children, and each child listens to both parents: none may wait for the other.
#[test]
fn children_of_two_parents_in_opposite_order_do_not_wait_for_each_other() {
    for concurrency in [1, 2, 10] {
        for streams in [vec!["left", "right"], vec!["right", "left", "second", "first"], vec!["first", "left", "right"]]
        {
            let reading = read_once(&streams, concurrency);
            assert_eq!(count(&reading, "left"), 2 * PARENTS);
            assert_eq!(count(&reading, "right"), 2 * PARENTS);
        }
    }
}
