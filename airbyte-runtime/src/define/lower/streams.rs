//! The streams of a source: which of them are there, what each is called, and in which of two ways it is read.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ptr;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::described::{Described, Description, Listed};
use super::divide::Division;
use super::{Authenticators, concurrency, delegate, plan_stream, position, properties};
use crate::config::Config;
use crate::define::auth::Services;
use crate::define::schema::SchemaSource;
use crate::define::source::SourceDef;
use crate::define::stream::StreamDef;
use crate::error::Result;
use crate::output::Output;
use crate::plan::budget::Budget;
use crate::plan::template::{Escape, Template};
use crate::plan::{Authenticator, Plan, SchemaPlan, StreamPlan};
use crate::run::Purpose;

/// What the streams of a source have in common while they are planned.
pub(super) struct Streams<'a> {
    pub(super) source: &'a SourceDef,
    pub(super) defs: Vec<&'static StreamDef>,
    pub(super) config: Arc<Config>,
    pub(super) services: &'a Services,
    pub(super) output: &'a Output,
    budget: Option<Arc<Budget>>,
    authenticators: RefCell<Authenticators>,
    /// The schemas that are asked for, one for all parts of a divided stream.
    described: RefCell<HashMap<*const StreamDef, Arc<Described>>>,
    purpose: Purpose<'a>,
}

impl<'a> Streams<'a> {
    pub(super) fn new(
        source: &'a SourceDef,
        config: Arc<Config>,
        services: &'a Services,
        output: &'a Output,
        purpose: Purpose<'a>,
    ) -> Result<Self> {
        let defs = source.streams.iter().map(|stream| (stream.definition)()).collect();
        let budget = crate::define::budget::plan(source.budget, &config)?;
        let (authenticators, described) = (RefCell::default(), RefCell::default());
        Ok(Self { source, defs, config, services, output, budget, authenticators, described, purpose })
    }

    /// The plan, and the streams in it that are to be divided by their names. Those, and the ones that are not there, are
    /// in no catalog; they may be the parents of others all the same.
    pub(super) fn plan(&self) -> Result<(Plan, Vec<Division>)> {
        let (mut streams, mut divisions) = (Vec::with_capacity(self.defs.len()), Vec::new());
        let mut are_there = Vec::with_capacity(self.defs.len());
        for (number, def) in self.defs.iter().enumerate() {
            let is_there = def.when.map_or(Ok(true), |when| when.holds(&self.config))?;
            let name = Template::fill_required(def.name, &self.config, Escape::Nothing)?;
            let literal = name.literal_text();
            let mut stream = self.stream(def, literal.as_deref().unwrap_or(def.name))?;
            stream.hidden = !is_there || literal.is_none();
            if is_there && literal.is_none() {
                divisions.push(Division { number, def, name });
            }
            streams.push(Arc::new(stream));
            are_there.push(is_there);
        }
        let is_there = |number: &usize| are_there.get(*number).copied().unwrap_or(false);
        let named = self.source.check.iter().filter_map(|stream| position(&self.defs, (stream.definition)()));
        let mut check: Vec<_> = named.filter(is_there).collect();
        if check.is_empty() {
            check.extend((0..streams.len()).find(is_there));
        }
        let concurrency = concurrency(self.source, &self.config)?;
        let plan = Plan { streams, check, concurrency, config: Arc::clone(&self.config), left_out: Vec::new() };
        Ok((plan, divisions))
    }

    /// A stream as it is read now, under this name.
    pub(super) fn stream(&self, def: &'static StreamDef, name: &str) -> Result<StreamPlan> {
        let one_way = |def: &'static StreamDef| -> Result<StreamPlan> {
            let auth = self.authenticators.borrow_mut().of(self.source, def, &self.config, self.services)?;
            let mut stream =
                plan_stream(self.source, def, &self.defs, Arc::clone(&auth), self.budget.as_ref(), &self.config)?;
            if let Some(schema) = def.described {
                stream.schema = SchemaPlan::Loaded(self.described(schema.source(), def, &auth)?);
                // The type knows only a part of the columns.
                stream.truth.declared = None;
            }
            Ok(StreamPlan { name: name.to_owned(), ..stream })
        };
        let stream = one_way(def).and_then(|stream| match &def.full_refresh {
            None => Ok(stream),
            Some(other) => {
                let state = match self.purpose {
                    Purpose::Read(state) => state.get(name, def.namespace),
                    Purpose::Check | Purpose::Discover => None,
                };
                delegate::choose(stream, other, state, one_way)
            }
        });
        stream.map_err(|error| error.within(format!("stream `{name}`")))
    }

    /// The struct's columns and those that are described.
    fn described(
        &self,
        source: SchemaSource,
        def: &'static StreamDef,
        auth: &Arc<dyn Authenticator>,
    ) -> Result<Arc<Described>> {
        if let Some(described) = self.described.borrow().get(&ptr::from_ref(def)) {
            return Ok(Arc::clone(described));
        }
        let description = match source {
            SchemaSource::Function(function) => Description::Function(function),
            SchemaSource::Endpoint(endpoint) => {
                let (path, records) = (endpoint.path, endpoint.records);
                let budget = self.budget.as_ref();
                let stream = properties::listing(path, records, self.source, def, auth, budget, &self.config)?;
                Description::Listed { listed: Box::new(Listed::new(stream, self)), endpoint }
            }
        };
        let config = Arc::clone(&self.config);
        let described = Arc::new(Described { own: def.schema, description, config, made: OnceCell::new() });
        self.described.borrow_mut().insert(def, Arc::clone(&described));
        Ok(described)
    }
}
