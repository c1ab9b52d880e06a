//! A job as attributes say it: its requests, and what its answers tell.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration as Wait;

use http::{HeaderName, Method};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::{Parts, http_retriever, request_plan};
use crate::config::Config;
use crate::define::inject::length;
use crate::define::job::{AsyncJob, JobMethod, Request};
use crate::define::source::SourceDef;
use crate::define::stream::StreamDef;
use crate::define::value::{Map as DefMap, Value as DefValue};
use crate::error::{Error, Result};
use crate::http::Response;
use crate::placeholder::as_text;
use crate::plan::budget::Budget;
use crate::plan::job::{JobAnswers, JobPolicy, JobRetriever, JobStatus};
use crate::plan::request::RequestPlan;
use crate::plan::{Authenticator, HttpRetriever};

/// What is downloaded, among the values of a job.
const TARGET: &str = "target";
/// The wait between polls where the attribute does not say it: at first, and after many.
const POLL_WAIT: (Wait, Wait) = (Wait::from_secs(1), Wait::from_secs(10));

/// The jobs of a stream; `create` is what begins one, and `download` reads pages.
pub(super) fn plan_job(
    source: &SourceDef,
    def: &'static StreamDef,
    job: &AsyncJob,
    create: RequestPlan,
    auth: &Arc<dyn Authenticator>,
    budget: Option<&Arc<Budget>>,
    config: &Config,
) -> Result<JobRetriever> {
    let plan = |request: &Request| -> Result<HttpRetriever> {
        let plan = request_plan(source, def, &parts(request, def), config)?;
        http_retriever(source, def, plan, Arc::clone(auth), budget, config)
    };
    let optional = |request: Option<Request>| request.as_ref().map(plan).transpose();
    let absent = |what: &str| Error::system(format!("the job has no `{what}`"));
    let by_target = Request { path: "{job.target}", ..crate::define::job::get("/") };
    let limit = job.max_concurrent.min(Semaphore::MAX_PERMITS);
    Ok(JobRetriever {
        create: http_retriever(source, def, create, Arc::clone(auth), budget, config)?,
        poll: optional(job.poll)?.ok_or_else(|| absent("poll"))?,
        targets: optional(job.targets_from)?,
        download: plan(job.download.as_ref().unwrap_or(&by_target))?,
        abort: optional(job.abort)?,
        delete: optional(job.delete)?,
        answers: Box::new(Answers::new(job)?),
        policy: JobPolicy {
            timeout: length(job.timeout),
            attempts: job.max_attempts,
            failed_wait: job.failed_retry_wait.map(length),
            poll_wait: job.poll_interval.map_or(POLL_WAIT, |interval| (length(interval), length(interval))),
            exhausted: None,
            downloads_last: false,
        },
        running: Arc::new(Semaphore::new(limit)),
        limit,
    })
}

/// What a request says, with the headers that all requests of the stream have.
pub(super) fn parts(request: &Request, def: &StreamDef) -> Parts {
    let method = match request.method {
        JobMethod::Get => Method::GET,
        JobMethod::Post => Method::POST,
        JobMethod::Put => Method::PUT,
        JobMethod::Patch => Method::PATCH,
        JobMethod::Delete => Method::DELETE,
    };
    let shared =
        def.headers.iter().filter(|(name, _)| !request.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
    let headers = shared.chain(request.headers).copied().collect();
    Parts {
        method,
        path: request.path,
        next_path: None,
        query: request.query,
        headers,
        body: request.body,
        base_url: None,
    }
}

/// Reads values at dotted paths.
struct Answers {
    keep: Vec<(String, Vec<String>)>,
    keep_headers: Vec<(String, HeaderName)>,
    status: Vec<String>,
    meanings: HashMap<&'static str, JobStatus>,
    /// Whether a status without a meaning is that of a job that runs.
    others_run: bool,
    targets: Option<Vec<String>>,
    resume: bool,
}

impl Answers {
    fn new(job: &AsyncJob) -> Result<Self> {
        let keep_headers = texts(job.keep_headers).map(|(name, header)| {
            let header = HeaderName::try_from(header)
                .map_err(|_| Error::system(format!("the job keeps `{header}`, which is not a legal header name")))?;
            Ok((name.to_owned(), header))
        });
        let lists = [
            (job.completed, JobStatus::Completed),
            (job.running.unwrap_or_default(), JobStatus::Running),
            (job.failed, JobStatus::Failed),
            (job.timed_out, JobStatus::TimedOut),
            (job.skipped, JobStatus::Skipped),
        ];
        Ok(Self {
            keep: texts(job.keep).map(|(name, path)| (name.to_owned(), segments(path))).collect(),
            keep_headers: keep_headers.collect::<Result<_>>()?,
            status: segments(job.status),
            meanings: lists
                .into_iter()
                .flat_map(|(words, meaning)| words.iter().map(move |word| (*word, meaning)))
                .collect(),
            others_run: job.running.is_none(),
            targets: job.targets.map(segments),
            resume: job.resume,
        })
    }
}

fn texts(map: DefMap) -> impl Iterator<Item = (&'static str, &'static str)> {
    map.iter().filter_map(|(name, value)| match value {
        DefValue::Template(text) | DefValue::Raw(text) => Some((*name, *text)),
        _ => None,
    })
}

fn segments(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

impl JobAnswers for Answers {
    fn learn(&self, known: &mut Map<String, Value>, response: &Response, _created: bool) -> Result<()> {
        for (name, header) in &self.keep_headers {
            if let Some(value) = response.headers.get(header).and_then(|value| value.to_str().ok()) {
                known.insert(name.clone(), value.into());
            }
        }
        if self.keep.is_empty() {
            return Ok(());
        }
        let answer = parse(response)?;
        for (name, path) in &self.keep {
            // What a poll does not say is as it was.
            if let Some(value) = all_at(&answer, path).first().filter(|value| !value.is_null()) {
                known.insert(name.clone(), (*value).clone());
            }
        }
        Ok(())
    }

    fn status(&self, response: &Response) -> Result<JobStatus> {
        let answer = parse(response)?;
        let status = all_at(&answer, &self.status).first().copied().filter(|status| !status.is_null());
        let Some(status) = status else {
            return Err(Error::system(format!("the answer to a poll has no `{}`", self.status.join("."))));
        };
        let word = as_text(status);
        match self.meanings.get(&*word) {
            Some(meaning) => Ok(*meaning),
            None if self.others_run => Ok(JobStatus::Running),
            None => Err(Error::system(format!(
                "the API says that a job is `{word}`, which none of the job's statuses is; add it to `running`, `completed`, `failed`, `timed_out` or `skipped`"
            ))),
        }
    }

    fn targets(&self, response: &Response) -> Result<Vec<Value>> {
        let Some(path) = &self.targets else { return Ok(Vec::new()) };
        let answer = parse(response)?;
        let mut targets = Vec::new();
        for found in all_at(&answer, path) {
            match found {
                Value::Array(items) => targets.extend(items.iter().cloned()),
                Value::Null => {}
                single => targets.push(single.clone()),
            }
        }
        Ok(targets)
    }

    fn has_targets(&self) -> bool {
        self.targets.is_some()
    }

    fn target_name(&self) -> &'static str {
        TARGET
    }

    fn identity(&self, known: &Map<String, Value>) -> Option<Map<String, Value>> {
        self.resume.then(|| known.clone())
    }
}

fn parse(response: &Response) -> Result<Value> {
    serde_json::from_slice(&response.body)
        .map_err(|error| Error::system("the API's answer about a job is not JSON").with_source(error))
}

/// The values at a path, in which `*` stands for every element.
fn all_at<'v>(value: &'v Value, path: &[String]) -> Vec<&'v Value> {
    path.iter().fold(vec![value], |found, key| {
        let inside = found.into_iter().flat_map(|value| -> Vec<&'v Value> {
            match (value, key.as_str()) {
                (Value::Array(items), "*") => items.iter().collect(),
                (Value::Object(entries), "*") => entries.values().collect(),
                (value, key) => value.get(key).into_iter().collect(),
            }
        });
        inside.collect()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_at_paths() {
        let answer = json!({"files": [{"url": "a"}, {"url": "b"}, {}], "by": {"x": 1, "y": 2}, "status": "done"});
        let at = |path: &str| all_at(&answer, &segments(path)).into_iter().cloned().collect::<Vec<_>>();
        assert_eq!(at("files.*.url"), [json!("a"), json!("b")]);
        assert_eq!(at("by.*"), [json!(1), json!(2)]);
        assert_eq!(at("status"), [json!("done")]);
        assert!(at("status.deeper").is_empty());
    }
}
