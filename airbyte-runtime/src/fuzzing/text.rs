//! Texts that have a grammar of their own: YAML, dates, durations, arguments, catalogs, secrets in a text.

use airbyte_manifest::yaml;

use super::parts;
use crate::cli;
use crate::config::Redactor;
use crate::protocol::ConfiguredCatalog;
use crate::time::{DateFormat, Duration, Moment, check_format};

/// A document, which may say what it means as JSON once it is read.
pub(super) fn yaml(data: &[u8]) {
    let Some([text]) = parts(data) else { return };
    if let Ok(document) = yaml::read(text) {
        let written = document.root.to_json();
        let again = airbyte_manifest::Node::from_json(&written);
        assert_eq!(again.to_json(), written, "a value changes on its way through JSON");
    }
}

/// A format, a text in it, and an instant.
pub(super) fn date(data: &[u8]) {
    let Some([format, text, nanos]) = parts(data) else { return };
    let format = match format {
        "ISO 8601" => DateFormat::iso8601(),
        format => match (DateFormat::new(format), check_format(format)) {
            (Ok(format), Ok(_)) => format,
            (Err(_), Err(_)) => return,
            (made, checked) => panic!("{format:?} is {checked:?} and {made:?}"),
        },
    };
    let read = format.parse(text);
    let given = nanos.trim().parse().ok().and_then(Moment::from_epoch_nanos);
    for moment in [read, given].into_iter().flatten() {
        keep(&format, moment);
        let _ = (moment.to_utc(), moment.epoch_millis());
    }
}

/// A state holds what a format wrote, and is read and written again by every sync that follows.
fn keep(format: &DateFormat, moment: Moment) {
    let written = format.format(moment);
    let text = format.as_str().replace("%%", "");
    let has = |part: &&str| text.contains(part);
    // As in Python, a week of ISO 8601 cannot be read without the year that it belongs to.
    let is_whole = ["%Y", "%m", "%d", "%H", "%M", "%S", "%f"].iter().all(has) && !has(&"%V");
    if text.contains("%z%") {
        // Digits behind an offset may be its own: there are several ways to read them.
        return;
    }
    let Some(again) = format.parse(&written) else {
        assert!(!is_whole, "{:?} cannot read {written:?}, which it wrote", format.as_str());
        return;
    };
    // What a format leaves out is lost once, and never more.
    let rewritten = format.format(again);
    assert!(!is_whole || rewritten == written, "{:?} moves {written:?} to {rewritten:?}", format.as_str());
    let settled = format.parse(&rewritten).map(|settled| format.format(settled));
    assert_eq!(settled.as_ref(), Some(&rewritten), "{:?} moves with every sync", format.as_str());
}

/// A duration, and an instant that it is added to.
pub(super) fn duration(data: &[u8]) {
    let Some([text, nanos]) = parts(data) else { return };
    let Ok(duration) = Duration::parse(text) else { return };
    let written = duration.to_string();
    assert_eq!(Duration::parse(&written), Ok(duration), "{text:?} is written {written:?}");
    let _ = (duration.to_std(), duration.approximate_nanos());
    let now = nanos.trim().parse().ok().and_then(Moment::from_epoch_nanos);
    if let Some(now) = now {
        let (later, earlier) = (duration.add_to(now), duration.subtract_from(now));
        if duration.approximate_nanos() >= 0 {
            assert!(later.is_none_or(|later| later >= now) && earlier.is_none_or(|earlier| earlier <= now), "{text:?}");
        }
    }
}

/// The arguments of a connector, one on each line.
pub(super) fn arguments(data: &[u8]) {
    let Some([text]) = parts(data) else { return };
    let own = [("--manifest-path", "the manifest")];
    let _ = cli::parse("source", "0", &own, text.lines().map(Into::into).collect());
}

/// A configured catalog.
pub(super) fn catalog(data: &[u8]) {
    let Some([text]) = parts(data) else { return };
    let (strict, lenient) = (ConfiguredCatalog::parse(text), ConfiguredCatalog::parse_with_repeats(text));
    assert!(lenient.is_ok() || strict.is_err(), "what is refused with repeats is taken without them");
}

/// Secrets, one on each line, and a text that may hold them.
pub(super) fn redact(data: &[u8]) {
    let Some([secrets, text]) = parts(data) else { return };
    let redactor = Redactor::default();
    secrets.lines().take(32).for_each(|secret| redactor.add(secret));
    let shown = redactor.redact(text);
    for secret in secrets.lines().take(32) {
        let is_long = secret.trim().len() > 3 && secret.len() < 2_000;
        assert!(!is_long || secret.contains("**") || !shown.contains(secret), "{secret:?} is left in {shown:?}");
    }
}
