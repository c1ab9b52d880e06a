//! Cursors, durations and formats.

use crate::diagnostic::Diagnostic;
use crate::node::{Map, Node};

use super::duration::is_duration;
use super::format::fault;
use super::jinja::is_template;

/// The findings about cursors, durations and formats.
pub(super) fn findings(root: &Node) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    super::components(root, &mut |name, node| {
        let Some(map) = node.as_map() else { return };
        let (durations, formats): (&[&str], &[&str]) = match name {
            "DatetimeBasedCursor" => {
                step_and_granularity(map, node, &mut findings);
                (&["step", "cursor_granularity", "lookback_window"], &["datetime_format", "cursor_datetime_formats"])
            }
            "MinMaxDatetime" => (&[], &["datetime_format"]),
            "OAuthAuthenticator" => (&[], &["token_expiry_date_format"]),
            "StateDelegatingStream" => (&["api_retention_period"], &[]),
            "RequestWindowSplitting" => (&["min_split_window"], &[]),
            "SessionTokenAuthenticator" => (&["expiration_duration"], &[]),
            "RateLimitedMultipleTokenAuthenticator" => (&["max_wait_time"], &[]),
            "FixedWindowCallRatePolicy" => (&["period"], &[]),
            "MovingWindowCallRatePolicy" => {
                for rate in map.get("rates").and_then(Node::as_list).unwrap_or_default() {
                    duration(rate.get("interval"), "Rate", "interval", &mut findings);
                }
                (&[], &[])
            }
            _ => (&[], &[]),
        };
        for field in durations {
            duration(map.get(field), name, field, &mut findings);
        }
        for field in formats {
            format(map.get(field), name, field, &mut findings);
        }
    });
    findings
}

fn step_and_granularity(map: &Map, node: &Node, findings: &mut Vec<Diagnostic>) {
    // Empty text counts as absent.
    let set = |field| map.entry(field).filter(|entry| entry.value.as_str().is_some_and(|text| !text.is_empty()));
    let (given, missing) = match (set("step"), set("cursor_granularity")) {
        (Some(step), None) => (step, "cursor_granularity"),
        (None, Some(granularity)) => (granularity, "step"),
        _ => return,
    };
    let at = if given.at.line == 0 { node.at } else { given.at };
    let message = format!("DatetimeBasedCursor has `{}` without `{missing}`, the stream cannot be built", given.key);
    findings.push(Diagnostic::error(at, message).with_help(format!("set `{missing}` too, or neither")));
}

fn duration(value: Option<&Node>, component: &str, field: &str, findings: &mut Vec<Diagnostic>) {
    let Some((node, text)) = value.and_then(|node| Some((node, node.as_str()?))) else { return };
    if text.is_empty() || is_template(text) || is_duration(text) {
        return;
    }
    let message = format!("{component}.{field} is `{text}`, no ISO 8601 duration");
    findings.push(Diagnostic::error(node.at, message).with_help("write it as `P1D`, `PT1H` or `P1M`"));
}

fn format(value: Option<&Node>, component: &str, field: &str, findings: &mut Vec<Diagnostic>) {
    let Some(node) = value else { return };
    if let Some(items) = node.as_list() {
        for item in items {
            format(Some(item), component, field, findings);
        }
        return;
    }
    let Some(text) = node.as_str().filter(|text| !text.is_empty() && !is_template(text)) else { return };
    if let Some(fault) = fault(text) {
        findings.push(Diagnostic::warning(node.at, format!("{component}.{field} is `{text}`: {fault}")));
    }
}
