//! Async jobs of a manifest: an `AsyncRetriever` lowered, and what its templates know of a job.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use airbyte_manifest::model::{
    AsyncJobStatusMap, AsyncRetriever, Extractor as ExtractorModel, Requester as RequesterModel, Text,
};

use super::lowering::Lowering;
use super::page_policy::refuse_page_actions;
use super::records::{ExtractorSource, SelectorSource};
use super::registry::unwritable;
use super::stream::Retrieval;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Response;
use crate::jinja::Parameters;
use crate::plan::HttpRetriever;
use crate::plan::decoder::{Body, Decoder};
use crate::plan::extract::Extractor;
use crate::plan::job::{JobAnswers, JobPolicy, JobRetriever, JobStatus};
use crate::python::PyValue;

const CREATION: &str = "creation_response";
const POLLING: &str = "polling_response";
pub(super) const TARGET: &str = "download_target";

/// Minutes that a job may take.
const TIMEOUT: i64 = 60;
/// Jobs that are begun for one slice.
const ATTEMPTS: u32 = 3;
/// The wait between polls: at first, and after many. The CDK's is the longer one.
const POLL_WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

impl Lowering<'_> {
    /// An `AsyncRetriever`.
    ///
    /// # Errors
    /// Components that cannot be lowered, and parts that contradict each other.
    pub(super) fn jobs(&self, model: &AsyncRetriever, retrieval: &Retrieval<'_>) -> Result<JobRetriever> {
        if model.download_target_requester.is_some() && model.download_target_extractor.is_none() {
            let error = Error::system(
                "a `download_target_requester` needs a `download_target_extractor` that finds the addresses in its answer",
            );
            return Err(self.place(error, model.at));
        }
        let keys = &retrieval.interval_keys;
        let request = |model: &RequesterModel, token_is_path| match model {
            RequesterModel::HttpRequester(model) => refuse_page_actions(model, "the requester of a job")
                .and_then(|()| self.http(model, Vec::new(), false, token_is_path, keys, &retrieval.provenance))
                .map_err(|error| self.place(error, model.at)),
            RequesterModel::CustomRequester(custom) => Err(unwritable(custom, "a CustomRequester")),
        };
        let optional = |model: &Option<RequesterModel>| model.as_ref().map(|model| request(model, false)).transpose();
        let decoder = Arc::new(self.decoder(model.download_decoder.as_ref())?);
        let pages = self.paginator(model.download_paginator.as_ref(), &decoder, keys)?;
        let (records, _) = self.selector(&SelectorSource {
            selector: &model.record_selector,
            decoder: model.download_decoder.as_ref(),
            extractor: ExtractorSource::OfDownload(model.download_extractor.as_ref()),
            transformations: retrieval.transformations,
            client_side: retrieval.client_side,
            schema: retrieval.schema,
            interval_keys: Arc::clone(keys),
        })?;
        let download = request(&model.download_requester, pages.token_is_path)?;
        let download = HttpRetriever { paginator: pages.paginator, records, ..download };
        let poll = request(&model.polling_requester, false)?;
        let (abort, delete) = (optional(&model.abort_requester)?, optional(&model.delete_requester)?);
        let about = [Some(&poll), Some(&download), abort.as_ref(), delete.as_ref()];
        let paths: Option<Vec<_>> =
            about.into_iter().flatten().map(|about| about.requester.paths_of(CREATION)).collect();
        let targets = model.download_target_extractor.as_ref();
        let targets = targets.map(|model| self.lone_extractor(model)).transpose()?;
        let answers = ManifestAnswers {
            decoder: self.decoder(model.decoder.as_ref())?,
            status: self.lone_extractor(&model.status_extractor)?,
            meanings: meanings(&model.status_mapping).map_err(|error| self.place(error, model.at))?,
            targets,
            identity: paths.map(|paths| paths.into_iter().flatten().collect()),
        };
        let own = Parameters::default();
        let minutes = model.polling_job_timeout.as_ref();
        let minutes = minutes.map(|minutes| self.int(minutes, &own, "`polling_job_timeout`")).transpose()?;
        let seconds = model.failed_retry_wait_time_in_seconds.as_ref();
        let seconds =
            seconds.map(|seconds| self.int(seconds, &own, "`failed_retry_wait_time_in_seconds`")).transpose()?;
        if seconds.is_some_and(|seconds| seconds < 0) {
            return Err(Error::system("`failed_retry_wait_time_in_seconds` must be at least 1"));
        }
        let duration =
            |count: i64, unit: u64| Duration::from_secs(u64::try_from(count).unwrap_or(0).saturating_mul(unit));
        Ok(JobRetriever {
            create: request(&model.creation_requester, false)?,
            poll,
            targets: optional(&model.download_target_requester)?,
            download,
            abort,
            delete,
            answers: Box::new(answers),
            policy: JobPolicy {
                timeout: duration(minutes.filter(|minutes| *minutes != 0).unwrap_or(TIMEOUT), 60),
                attempts: ATTEMPTS,
                failed_wait: seconds.filter(|seconds| *seconds != 0).map(|seconds| duration(seconds, 1)),
                poll_wait: POLL_WAIT,
                exhausted: Some(ErrorKind::System),
                downloads_last: true,
            },
            running: Arc::clone(&self.jobs.0),
            limit: self.jobs.1,
        })
    }

    pub(super) fn lone_extractor(&self, model: &ExtractorModel) -> Result<Box<dyn Extractor>> {
        self.extractor(model).map(|lowered| lowered.extractor)
    }
}

/// What the words for a job's status mean.
fn meanings(model: &AsyncJobStatusMap) -> Result<HashMap<String, JobStatus>> {
    let groups: [(&[Text], JobStatus); 5] = [
        (&model.running, JobStatus::Running),
        (&model.completed, JobStatus::Completed),
        (&model.failed, JobStatus::Failed),
        (&model.timeout, JobStatus::TimedOut),
        (&model.skipped, JobStatus::Skipped),
    ];
    let mut meanings = HashMap::new();
    for (words, meaning) in groups {
        for word in words {
            if meanings.insert(word.text.clone(), meaning).is_some() {
                return Err(Error::system(format!(
                    "the status `{}` stands twice in the `status_mapping`; keep one of its meanings",
                    word.text
                )));
            }
        }
    }
    Ok(meanings)
}

/// Reads answers about jobs as the CDK does.
struct ManifestAnswers {
    decoder: Decoder,
    status: Box<dyn Extractor>,
    meanings: HashMap<String, JobStatus>,
    targets: Option<Box<dyn Extractor>>,
    /// The paths of the values in the answer of a creation that later requests need; `None` if they may need all of it.
    identity: Option<Vec<Vec<String>>>,
}

impl JobAnswers for ManifestAnswers {
    fn learn(&self, known: &mut Map<String, Value>, response: &Response, created: bool) -> Result<()> {
        let mut answer: Map<String, Value> = serde_json::from_slice(&response.body)
            .map_err(|error| Error::system("the API's answer about a job is not a JSON object").with_source(error))?;
        let headers = || {
            let text = |value: &http::HeaderValue| Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned());
            let headers = &response.headers;
            Value::Object(headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect())
        };
        answer.entry("headers").or_insert_with(headers);
        let request = || Map::from_iter([("url".to_owned(), Value::from(response.url.as_str()))]).into();
        answer.entry("request").or_insert_with(request);
        known.insert(if created { CREATION } else { POLLING }.to_owned(), answer.into());
        Ok(())
    }

    fn status(&self, response: &Response) -> Result<JobStatus> {
        let status = self.extracted(&*self.status, response)?.into_iter().next().unwrap_or(Value::Null);
        let word = PyValue::from_json(&status).to_text();
        self.meanings.get(&word).copied().ok_or_else(|| {
            let mut known: Vec<&str> = self.meanings.keys().map(String::as_str).collect();
            known.sort_unstable();
            Error::system(format!("the API says that a job is `{word}`, which the `status_mapping` does not know"))
                .with_detail(format!("it knows {}", known.join(", ")))
        })
    }

    fn targets(&self, response: &Response) -> Result<Vec<Value>> {
        self.targets.as_deref().map_or_else(|| Ok(Vec::new()), |targets| self.extracted(targets, response))
    }

    fn has_targets(&self) -> bool {
        self.targets.is_some()
    }

    fn target_name(&self) -> &'static str {
        TARGET
    }

    fn identity(&self, known: &Map<String, Value>) -> Option<Map<String, Value>> {
        let answer = known.get(CREATION)?;
        let mut kept = Map::new();
        for path in self.identity.as_ref()? {
            keep(answer, path, &mut kept);
        }
        Some(Map::from_iter([(CREATION.to_owned(), kept.into())]))
    }
}

impl ManifestAnswers {
    fn extracted(&self, extractor: &dyn Extractor, response: &Response) -> Result<Vec<Value>> {
        let content_type = response.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let mut values = Vec::new();
        extractor.extract(&|sink| self.decoder.decode(Body::new(&response.body, content_type), sink), &mut |part| {
            for value in part.records {
                values.push(value.into_record()?);
            }
            Ok(())
        })?;
        Ok(values)
    }
}

/// Copies the value at a path, with the objects that it lies in; the names of headers match in any case.
fn keep(from: &Value, path: &[String], to: &mut Map<String, Value>) {
    let (Some((first, rest)), Value::Object(object)) = (path.split_first(), from) else { return };
    let found = object.get_key_value(first.as_str());
    let found = found.or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(first)));
    let Some((key, value)) = found else { return };
    match (rest.is_empty(), value, to.entry(key.as_str()).or_insert_with(|| Value::Object(Map::new()))) {
        (false, Value::Object(_), Value::Object(inner)) => keep(value, rest, inner),
        (_, value, slot) => *slot = value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_later_requests_need_is_kept() {
        let answer = json!({
            "id": 7, "secret": "x", "links": {"status": "/jobs/7", "upload": "y"}, "headers": {"location": "/l", "etag": "z"},
        });
        let mut kept = Map::new();
        for path in [&["id"][..], &["links", "status"], &["headers", "Location"], &["absent"], &["id", "deeper"]] {
            let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
            keep(&answer, &path, &mut kept);
        }
        assert_eq!(
            Value::Object(kept),
            json!({"id": 7, "links": {"status": "/jobs/7"}, "headers": {"location": "/l"}})
        );
    }
}
