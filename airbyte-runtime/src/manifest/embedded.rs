//! Manifests within a binary: alone, or beside the structs of a source.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use airbyte_manifest::Manifest;

use super::command::load;
use super::config::{normalize, secrets, validations};
use super::front_end::ManifestFrontEnd;
use super::registry::Registry;
use super::source::{Lowered, Making, lower};
use crate::cli::{self, Invocation};
use crate::define::EmbeddedManifest;
use crate::define::any_source::AnySource;
use crate::error::{Error, Result};
use crate::http::HttpClient;
use crate::output::{Out, Output};
use crate::plan::{Plan, StreamPlan};
use crate::run::{FrontEnd, Purpose, start, user_agent};

impl EmbeddedManifest {
    /// Runs a connector that is nothing but this manifest; its name and version are those of its crate.
    ///
    /// `registry` has the classes that stand for the Python classes of custom components.
    #[must_use]
    pub fn run(self, registry: Registry) -> ExitCode {
        self.start(registry, std::env::args_os().skip(1).collect(), Out::Stdout)
    }

    /// The same with the given arguments, which do not begin with a program's name; the messages go to `out`.
    #[must_use]
    pub fn run_with(
        self,
        registry: Registry,
        arguments: impl IntoIterator<Item = OsString>,
        out: impl Write + Send + 'static,
    ) -> ExitCode {
        self.start(registry, arguments.into_iter().collect(), Out::Given(Box::new(out)))
    }

    fn start(self, registry: Registry, arguments: Vec<OsString>, out: Out) -> ExitCode {
        let arguments = cli::parse(self.name, self.version, &[], arguments);
        let front_end = move |_: &Invocation| {
            let front_end = ManifestFrontEnd {
                manifest: Arc::new(self.load()?),
                registry: Arc::new(registry),
                named: None,
                directory: None,
                user_agent: user_agent(self.name, self.version),
            };
            Ok(Box::new(front_end) as Box<dyn FrontEnd>)
        };
        start(arguments, out, Box::new(front_end))
    }

    fn load(&self) -> Result<Manifest> {
        load(self.text, self.file)
    }
}

/// The plan of a source's structs, and with it the streams of its manifest, if it has one.
///
/// # Errors
/// A manifest that cannot be lowered, and two streams of one name.
pub(crate) async fn add_streams(
    source: AnySource,
    plan: Plan,
    client: &HttpClient,
    output: &Output,
    purpose: Purpose<'_>,
) -> Result<Plan> {
    let Some(embedded) = source.manifest else { return Ok(plan) };
    let manifest = embedded.load()?;
    let registry = (source.registry)();
    let config = match &manifest.source.spec {
        // The struct stands in place of the specification, but not of what that makes of a configuration.
        Some(spec) => {
            let own = plan.config.value();
            let normalized = output.redactor().masking(own, || normalize(spec, own, &registry))?;
            if normalized.migrated.is_some() {
                tracing::info!("the manifest migrates the configuration for this run; the struct's own file stays");
            }
            for secret in secrets(spec, &normalized.config) {
                output.redactor().add(&secret);
            }
            validations(spec, &normalized.config, &registry)?;
            normalized.config
        }
        None => plan.config.value().clone(),
    };
    let making =
        Making { manifest: &manifest, config: &config, client, output, registry: &registry, directory: None, purpose };
    let lowered = lower(&making).await?;
    let own = source.definition;
    let decides = own.concurrency.is_some() || own.concurrency_from.is_some();
    let concurrency = if decides { plan.concurrency } else { lowered.concurrency };
    merge(Plan { concurrency, ..plan }, lowered, &embedded)
}

/// One plan of two: the streams of the manifest follow those of the structs.
fn merge(mut plan: Plan, lowered: Lowered, embedded: &EmbeddedManifest) -> Result<Plan> {
    let offset = plan.streams.len();
    for mut stream in lowered.streams {
        // Streams that templates make have names that only the configuration, or the API, knows.
        let twin = |own: &&Arc<StreamPlan>| same_stream(own, &stream);
        if let Some(own) = plan.streams.get(..offset).and_then(|own| own.iter().find(twin)) {
            return Err(Error::system(format!(
                "two streams are named `{}`: a struct of the source, and one of {}; give one of them another name",
                own.name, embedded.file
            )));
        }
        stream.partitions.renumber(&|number| number + offset);
        plan.streams.push(Arc::new(stream));
    }
    plan.left_out.extend(lowered.left_out);
    plan.check.extend(lowered.check.into_iter().map(|number| number + offset));
    Ok(plan)
}

fn same_stream(own: &StreamPlan, stream: &StreamPlan) -> bool {
    !stream.hidden && own.name == stream.name && own.namespace == stream.namespace
}
