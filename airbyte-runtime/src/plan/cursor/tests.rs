use super::*;
use crate::time::DateFormat;

pub(super) fn cursor(
    start: Option<&str>,
    end: &str,
    step: Option<&str>,
    granularity: &str,
    lookback: Option<&str>,
    format: &str,
) -> Cursor {
    let format = DateFormat::new(format).unwrap();
    let moment = |text: &str| format.parse(text).unwrap();
    let duration = |text: &str| Duration::parse(text).unwrap();
    let scale = TimeScale {
        formats: vec![format.clone()],
        start: start.map(moment),
        end: Some(moment(end)),
        step: step.map(duration),
        granularity: duration(granularity),
        tolerance: duration(granularity).approximate_nanos(),
        rereads_end: true,
        clamping: None,
        lookback: lookback.map(duration),
        sortable: true,
        format,
    };
    with_scale(Scale::Time(scale))
}

/// A cursor without any other setting.
pub(super) fn with_scale(scale: Scale) -> Cursor {
    Cursor {
        key: "u".to_owned(),
        path: JsonPath::parse("u"),
        scale,
        start_option: None,
        end_option: None,
        record_range: RecordRange::Any,
        order: Order::Unknown,
        is_catalog_defined: false,
        interval_keys: ("start_time".to_owned(), "end_time".to_owned()),
        trusts_newer: false,
        compares_text: false,
        global_only: false,
        added_values_start_fresh: true,
    }
}

fn all(cursor: &Cursor, progress: &Progress) -> Vec<Window> {
    let mut windows = cursor.windows(progress, Moment::now(), None);
    let expected = cursor.count(&windows);
    let all: Vec<Window> = std::iter::from_fn(|| cursor.next_window(&mut windows)).collect();
    assert_eq!(all.len(), expected);
    all
}

fn windows(cursor: &Cursor, state: Option<Value>) -> Vec<String> {
    let progress = cursor.resume(state.as_ref()).unwrap();
    let windows = all(cursor, &progress);
    windows.iter().map(|window| format!("{}..{}", &window.start.text[5..], &window.end.text[5..])).collect()
}

#[test]
fn windows_are_those_of_the_python_cdk() {
    let day = |step| cursor(Some("2024-01-01"), "2024-02-15", step, "P1D", None, "%Y-%m-%d");
    assert_eq!(windows(&day(None), None), ["01-01..02-15"]);
    assert_eq!(
        windows(&day(Some("P10D")), None),
        ["01-01..01-10", "01-11..01-20", "01-21..01-30", "01-31..02-09", "02-10..02-15"]
    );
    assert_eq!(windows(&day(Some("P1M")), None), ["01-01..01-31", "02-01..02-15"]);
    assert_eq!(windows(&day(Some("P10D")), Some(json!({"u": "2024-02-01"}))), ["02-01..02-10", "02-11..02-15"]);
    assert_eq!(windows(&day(None), Some(json!({"u": "2023-01-01"}))), ["01-01..02-15"]);
    assert_eq!(windows(&day(None), Some(json!({"u": "2025-01-01"}))), Vec::<String>::new());
    assert_eq!(windows(&day(None), Some(json!({"u": "2024-02-15"}))), ["02-15..02-15"]);
    let back = cursor(Some("2024-01-01"), "2024-02-15", Some("P10D"), "P1D", Some("P5D"), "%Y-%m-%d");
    assert_eq!(windows(&back, Some(json!({"u": "2024-02-01"}))), ["01-27..02-05", "02-06..02-15"]);
    assert_eq!(windows(&back, Some(json!({"u": "2024-01-03"})))[0], "01-01..01-10");
}

#[test]
fn a_start_that_moved_back_by_less_than_a_unit_is_read() {
    let mut cursor = cursor(None, "2024-05", None, "P1M", None, "%Y-%m");
    let Scale::Time(scale) = &mut cursor.scale else { unreachable!() };
    scale.start = DateFormat::new("%Y-%m-%d").unwrap().parse("2024-02-15");
    let state = json!({"slices": [{"start": "2024-03", "end": "2024-04"}], "state_type": "date-range"});
    assert_eq!(windows(&cursor, Some(state))[0], "02..02");
}

#[test]
fn windows_are_counted_without_being_made() {
    let day = |step, end| cursor(Some("0001-01-01"), end, Some(step), "P1D", None, "%Y-%m-%d");
    let count = |cursor: &Cursor| cursor.count(&cursor.windows(&cursor.fresh(), Moment::now(), None));
    // To make so many would not end.
    assert_eq!(count(&day("PT1S", "9999-12-31")), 315_537_811_200);
    assert_eq!(count(&day("PT0.001S", "9999-12-31")), 315_537_811_200_000);
    // What is counted is what is made, also where a step leads exactly to the end, or beyond it.
    for step in ["P1D", "P2D", "P7D", "P30D", "P31D", "P365D", "PT23H", "P1M", "P1Y"] {
        for end in ["0001-01-01", "0001-01-02", "0001-01-03", "0001-01-30", "0001-01-31", "0001-02-01", "0003-03-03"] {
            all(&day(step, end), &day(step, end).fresh());
        }
    }
}

#[test]
fn gaps_are_read_before_the_tail() {
    let cursor = cursor(Some("2024-01-01"), "2024-02-15", Some("P10D"), "P1D", None, "%Y-%m-%d");
    let state = json!({"state_type": "date-range", "slices": [
        {"start": "2024-01-01", "end": "2024-01-10"},
        {"start": "2024-01-20", "end": "2024-01-25", "most_recent_cursor_value": "2024-01-24"},
    ]});
    assert_eq!(windows(&cursor, Some(state)), ["01-11..01-19", "01-25..02-03", "02-04..02-13", "02-14..02-15"]);
}

#[test]
fn the_state_never_passes_a_gap() {
    let cursor = cursor(Some("2024-01-01"), "2024-01-31", Some("P10D"), "P1D", None, "%Y-%m-%d");
    let mut progress = cursor.resume(None).unwrap();
    let windows = all(&cursor, &progress);
    let at = |text: &str| cursor.position(format!("\"{text}\"").as_bytes());
    let state = |progress: &Progress| progress.value().unwrap().text.clone();
    assert_eq!(state(&progress), "2024-01-01");
    progress.close(&cursor, &windows[2], at("2024-01-25"));
    assert_eq!(state(&progress), "2024-01-01");
    progress.close(&cursor, &windows[0], at("2024-01-07"));
    assert_eq!(state(&progress), "2024-01-07");
    progress.close(&cursor, &windows[1], None);
    assert_eq!(state(&progress), "2024-01-25");
}

#[test]
fn without_a_start_the_first_window_is_open() {
    let cursor = cursor(None, "2024-01-31", None, "P1D", None, "%Y-%m-%d");
    let mut progress = cursor.resume(None).unwrap();
    let windows = all(&cursor, &progress);
    assert_eq!(windows[0].interval(), Interval { start: String::new(), end: "2024-01-31".to_owned() });
    assert!(cursor.state(&progress, true).is_empty());
    progress.close(&cursor, &windows[0], cursor.position(b"\"2024-01-09\""));
    assert_eq!(Value::from(cursor.state(&progress, true)), json!({"u": "2024-01-09"}));
}

#[test]
fn a_state_that_cannot_be_read_is_refused() {
    let cursor = cursor(Some("2024-01-01"), "2024-01-31", None, "P1D", None, "%Y-%m-%d");
    let error = cursor.resume(Some(&json!({"u": "yesterday"}))).unwrap_err();
    assert!(error.message().contains("\"yesterday\""), "{error}");
    assert_eq!(cursor.resume(Some(&json!({"__ab_no_cursor_state_message": true}))).unwrap(), cursor.fresh());
}

#[test]
fn a_value_beyond_the_window_does_not_move_the_state_past_it() {
    let cursor = cursor(Some("2024-01-01"), "2024-01-31", None, "P1D", None, "%Y-%m-%d");
    let mut progress = cursor.resume(None).unwrap();
    let windows = all(&cursor, &progress);
    progress.close(&cursor, &windows[0], cursor.position(b"\"2099-01-01\""));
    assert_eq!(progress.value().unwrap().text, "2024-01-31");
}

#[test]
fn without_granularity_windows_share_their_bounds() {
    let cursor = cursor(Some("2024-01-01"), "2024-01-25", Some("P10D"), "PT0S", None, "%Y-%m-%d");
    assert_eq!(windows(&cursor, None), ["01-01..01-11", "01-11..01-21", "01-21..01-25"]);
}

#[test]
fn a_range_of_the_past_has_windows_of_its_own() {
    let of = |cursor: &Cursor, start: &str, end: &str| {
        let moment = |text: &str| DateFormat::iso8601().parse(text).unwrap();
        let mut windows = cursor.windows_of(moment(start), moment(end));
        let all = std::iter::from_fn(|| cursor.next_window(&mut windows));
        all.map(|window| format!("{}..{}", &window.start.text[5..], &window.end.text[5..])).collect::<Vec<_>>()
    };
    let days = cursor(Some("2024-01-01"), "2024-01-31", Some("P10D"), "P1D", Some("P5D"), "%Y-%m-%d");
    assert_eq!(of(&days, "2023-01-01", "2023-01-21"), ["01-01..01-10", "01-11..01-20"]);
    assert_eq!(of(&days, "2023-01-01", "2023-01-02"), ["01-01..01-01"]);
    let instants = cursor(None, "2024-01-31", None, "PT0S", None, "%Y-%m-%d");
    assert_eq!(of(&instants, "2023-01-01", "2023-01-21"), ["01-01..01-21"], "the end is not written");
    let mut months = cursor(None, "2024-01-31", Some("P1M"), "P1D", None, "%Y-%m-%d");
    if let Scale::Time(scale) = &mut months.scale {
        scale.clamping = Some(Clamping::Month);
    }
    assert_eq!(of(&months, "2023-01-01", "2023-03-01"), ["01-01..01-31", "02-01..02-28"]);
    assert_eq!(of(&months, "2023-01-15", "2023-03-15"), ["02-01..02-28"], "whole months only");
    let moment = |text: &str| DateFormat::iso8601().parse(text).unwrap();
    let part = months.part_of(moment("2023-01-15"), moment("2023-03-15"));
    assert_eq!(part, Some((moment("2023-02-01"), moment("2023-03-01"))), "its end does not belong to it");
    assert_eq!(months.part_of(moment("2023-01-01"), moment("2023-03-01")), None, "that is all of it");
}

#[test]
fn an_unfinished_state_does_not_pass_what_was_read() {
    let cursor = Cursor {
        trusts_newer: true,
        ..cursor(Some("2024-01-01"), "2024-01-31", Some("P10D"), "P1D", None, "%Y-%m-%d")
    };
    let mut progress = cursor.resume(None).unwrap();
    let windows = all(&cursor, &progress);
    progress.close(&cursor, &windows[0], cursor.position(b"\"2024-01-29\""));
    assert_eq!(Value::from(cursor.state(&progress, false)), json!({"u": "2024-01-10"}));
    assert_eq!(Value::from(cursor.state(&progress, true)), json!({"u": "2024-01-29"}));
}

#[test]
fn ranges_that_were_asked_for_before_stay_in_one_piece() {
    let apart = |step: Option<&str>, ranges: &[(&str, &str)]| {
        let cursor = cursor(Some("2024-01-01"), "2024-02-15", step, "P1D", None, "%Y-%m-%d");
        let interval =
            |(start, end): &(&str, &str)| Interval { start: format!("2024-{start}"), end: format!("2024-{end}") };
        let ranges: Vec<Interval> = ranges.iter().map(interval).collect();
        let mut windows = cursor.set_apart(cursor.windows(&cursor.fresh(), Moment::now(), None), &ranges);
        let count = cursor.count(&windows);
        let all: Vec<Window> = std::iter::from_fn(|| cursor.next_window(&mut windows)).collect();
        assert_eq!(all.len(), count);
        all.iter().map(|window| format!("{}..{}", &window.start.text[5..], &window.end.text[5..])).collect::<Vec<_>>()
    };
    assert_eq!(apart(None, &[("01-01", "02-15")]), ["01-01..02-15"]);
    assert_eq!(apart(None, &[("01-01", "02-14")]), ["01-01..02-14"], "the last day can wait");
    assert_eq!(apart(None, &[("01-05", "01-20")]), ["01-01..01-04", "01-05..01-20", "01-21..02-15"]);
    assert_eq!(apart(Some("P20D"), &[("01-21", "02-09")]), ["01-01..01-20", "01-21..02-09", "02-10..02-15"]);
    assert_eq!(
        apart(Some("P20D"), &[("01-11", "01-30"), ("01-31", "02-14")]),
        ["01-01..01-10", "01-11..01-30", "01-31..02-14"]
    );
    assert_eq!(
        apart(Some("P10D"), &[("01-11", "01-22")]),
        ["01-01..01-10", "01-11..01-22", "01-23..02-01", "02-02..02-11", "02-12..02-15"],
        "a range that is longer than a step"
    );
    assert_eq!(apart(None, &[("02-10", "02-20")]), ["01-01..02-15"], "a range that goes beyond is not asked for");
}

/// A lookback of days begins within a month, and a format of months asks for all of it.
#[test]
fn a_range_that_begins_within_a_month_stays_in_one_piece() {
    let cursor = cursor(Some("2024-01"), "2024-06", Some("P1M"), "P1M", Some("P1D"), "%Y-%m");
    let progress = cursor.resume(Some(&json!({"u": "2024-03"}))).unwrap();
    let interval = |start: &str, end: &str| Interval { start: format!("2024-{start}"), end: format!("2024-{end}") };
    for apart in [vec![interval("02", "02")], vec![interval("03", "05")]] {
        let mut windows = cursor.set_apart(cursor.windows(&progress, Moment::now(), None), &apart);
        let all: Vec<Interval> =
            std::iter::from_fn(|| cursor.next_window(&mut windows)).map(|window| window.interval()).collect();
        assert_eq!(all[0], interval("02", "02"), "{apart:?}");
        assert!(all.contains(&apart[0]), "{all:?}");
        assert_eq!(all.last().map(|last| last.end.as_str()), Some("2024-06"), "{apart:?}");
    }
}

#[test]
fn a_state_without_a_value_where_one_belongs_is_refused() {
    let dates = cursor(Some("2024-01-01"), "2024-03-01", None, "P1D", None, "%Y-%m-%d");
    for (partitioned, state, refused) in [
        (false, json!({}), None),
        (false, json!({"u": "2024-01-05"}), None),
        (false, json!({"u": null}), Some("`u`")),
        (false, json!({"slices": [{"start": "2024-01-01", "end": "2024-01-05"}]}), None),
        (false, json!({"slices": [{"start": "2024-01-01"}]}), Some("`slices`")),
        (false, json!({"slices": null}), Some("`slices`")),
        (true, json!({"u": null}), Some("`u`")),
        (true, json!({"states": [{"partition": {}, "cursor": {"u": "2024-01-05"}}]}), None),
        (true, json!({"states": [{"partition": {}, "cursor": {}}]}), None),
        (true, json!({"states": [{"partition": {}, "cursor": {"u": null}}]}), Some("the cursor of `states[0]`")),
        (true, json!({"states": [{"cursor": {}}]}), Some("`states[0]`")),
        (true, json!({"states": null}), Some("`states`")),
        (true, json!({"states": [], "state": {"u": null}}), Some("`state`")),
    ] {
        match (dates.require_values(&state, partitioned), refused) {
            (Ok(()), None) => {}
            (Err(error), Some(refused)) => assert!(error.message().contains(refused), "{state}: {}", error.message()),
            (result, _) => panic!("{state}: {result:?}"),
        }
    }
    let count = Cursor { scale: Scale::Count { start: 0 }, ..dates };
    assert!(count.require_values(&json!({"u": null}), false).is_ok(), "a counter begins anew");
}

/// What a read begins with was read before, up to its end; that it is read again, and fails, must not be forgotten when
/// the next window has ended.
#[test]
fn a_window_that_is_read_again_and_fails_is_not_covered_by_the_next() {
    let opened = |lookback: Option<&str>, state: Option<Value>| {
        let cursor = cursor(Some("2024-01-01"), "2024-01-31", Some("P1D"), "P1D", lookback, "%Y-%m-%d");
        let mut progress = cursor.resume(state.as_ref()).unwrap();
        let mut windows = cursor.open(&mut progress, Moment::now(), None);
        let all: Vec<Window> = std::iter::from_fn(|| cursor.next_window(&mut windows)).collect();
        (cursor, progress, all)
    };
    for (lookback, state, before) in [
        (None, None, "2024-01-01"),
        (None, Some(json!({"u": "2024-01-10"})), "2024-01-10"),
        (Some("P3D"), Some(json!({"u": "2024-01-10"})), "2024-01-10"),
    ] {
        let (cursor, mut progress, windows) = opened(lookback, state);
        let newest = |window: &Window| Some(window.end.clone());
        windows[1..].iter().for_each(|window| progress.close(&cursor, window, newest(window)));
        assert_eq!(Value::from(cursor.state(&progress, false)), json!({"u": before}), "the first window failed");
        progress.close(&cursor, &windows[0], newest(&windows[0]));
        assert_eq!(Value::from(cursor.state(&progress, false)), json!({"u": "2024-01-31"}));
    }
}

#[test]
fn a_page_does_not_cover_equal_values_on_the_next() {
    let cursor = cursor(Some("2024-01-01"), "2024-01-31", Some("P1D"), "P1D", None, "%Y-%m-%d");
    let mut progress = cursor.resume(None).unwrap();
    let mut windows = cursor.open(&mut progress, Moment::now(), None);
    let all: Vec<Window> = std::iter::from_fn(|| cursor.next_window(&mut windows)).collect();
    progress.advance(&cursor, &all[0], &all[0].end);
    progress.close(&cursor, &all[1], Some(all[1].end.clone()));
    assert_eq!(Value::from(cursor.state(&progress, false)), json!({"u": "2024-01-01"}));
    progress.close(&cursor, &all[0], Some(all[0].end.clone()));
    assert_eq!(Value::from(cursor.state(&progress, false)), json!({"u": "2024-01-02"}));
}

#[test]
fn a_format_without_a_zone_writes_no_later_instant() {
    let with_zones = |format: &str| {
        let mut cursor = cursor(None, "2024-01-31", None, "PT1S", None, "%Y-%m-%d");
        if let Scale::Time(scale) = &mut cursor.scale {
            scale.format = DateFormat::new(format).unwrap();
            scale.formats = vec![DateFormat::new("%Y-%m-%dT%H:%M:%S.%f%z").unwrap(), scale.format.clone()];
        }
        cursor
    };
    for (format, value, state) in [
        ("%Y-%m-%dT%H:%M:%SZ", "2024-01-06T01:00:00.0+02:00", "2024-01-05T23:00:00Z"),
        ("%Y-%m-%d", "2024-01-06T01:00:00.0+02:00", "2024-01-05"),
        ("%Y-%m-%d", "2024-01-05T23:00:00.0-02:00", "2024-01-05"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-01-06T01:00:00.0+02:00", "2024-01-06T01:00:00+0200"),
        ("%s", "1969-12-31T23:59:58.5+00:00", "-2"),
    ] {
        let position = with_zones(format).position(json!(value).to_string().as_bytes()).unwrap();
        assert_eq!(position.text, state, "{value} as {format}");
    }
}

#[test]
fn windows_of_months_are_one_piece_whatever_their_lengths() {
    let cursor = cursor(Some("2024-01"), "2024-04", Some("P1M"), "P1M", None, "%Y-%m");
    let mut progress = cursor.resume(None).unwrap();
    for window in all(&cursor, &progress.clone()) {
        progress.close(&cursor, &window, Some(window.end.clone()));
    }
    assert_eq!(Value::from(cursor.state(&progress, false)), json!({"u": "2024-04"}));
}
