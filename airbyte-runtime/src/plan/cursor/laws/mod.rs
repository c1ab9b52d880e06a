//! The laws of cursors on random cases: windows cover the range, no state passes what was not read, and states merge in
//! any order. `docs/reliability.md` says what that proves; [`for_all`] says how to run more of it.

pub(crate) mod dice;
mod greatest;
mod merging;
mod reading;
pub(crate) mod scene;
mod windows;

use dice::for_all;

/// Cases of each law in an ordinary run.
const USUAL: u64 = 500;

#[test]
fn windows_cover_the_range() {
    for_all("windows_cover_the_range", USUAL, windows::cover_the_range);
}

#[test]
fn halves_of_a_window_are_the_window() {
    for_all("halves_of_a_window_are_the_window", USUAL, windows::halve);
}

#[test]
fn each_value_that_is_filtered_here_has_one_window() {
    for_all("each_value_that_is_filtered_here_has_one_window", USUAL, windows::filter_into_one);
}

#[test]
fn no_state_passes_what_was_filtered_here() {
    for_all("no_state_passes_what_was_filtered_here", USUAL, reading::no_state_passes_what_was_filtered_here);
}

#[test]
fn windows_of_the_calendar_leave_out_only_what_is_no_whole_unit() {
    for_all("windows_of_the_calendar_leave_out_only_what_is_no_whole_unit", USUAL, windows::keep_to_the_calendar);
}

#[test]
fn ranges_that_are_set_apart_leave_nothing_out() {
    for_all("ranges_that_are_set_apart_leave_nothing_out", USUAL, windows::set_apart);
}

#[test]
fn no_state_passes_what_was_not_read() {
    for_all("no_state_passes_what_was_not_read", USUAL, reading::no_state_passes_what_was_not_read);
}

#[test]
fn what_a_state_says_is_not_after_its_record() {
    for_all("what_a_state_says_is_not_after_its_record", USUAL, reading::text_is_not_after);
}

#[test]
fn states_of_the_python_cdk_go_on() {
    for_all("states_of_the_python_cdk_go_on", USUAL, reading::states_of_the_python_cdk_go_on);
}

#[test]
fn numbers_lose_nothing() {
    for_all("numbers_lose_nothing", USUAL, reading::numbers_lose_nothing);
}

#[test]
fn spans_merge_in_any_order() {
    for_all("spans_merge_in_any_order", USUAL, merging::in_any_order);
}

#[test]
fn spans_merge_like_a_union() {
    for_all("spans_merge_like_a_union", USUAL, merging::like_a_union);
}

#[test]
fn a_whole_read_is_one_span() {
    for_all("a_whole_read_is_one_span", USUAL, merging::to_one);
}

#[test]
fn the_greatest_value_is_that_of_all() {
    for_all("the_greatest_value_is_that_of_all", USUAL, greatest::is_that_of_all);
}
