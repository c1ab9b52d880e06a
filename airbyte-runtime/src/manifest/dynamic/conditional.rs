//! Which streams of a manifest are there at all.

use std::sync::Arc;

use airbyte_manifest::model::{DeclarativeStream, StateDelegatingStream, StreamDefinition};

use crate::error::Result;
use crate::jinja::{Environment, Parameters, Scope, Template};

/// A stream that is there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Included<'m> {
    Declarative(&'m DeclarativeStream),
    StateDelegating(&'m StateDelegatingStream),
}

/// The streams of a manifest without those whose condition does not hold, in the order of the document.
///
/// # Errors
/// Conditions that Jinja cannot parse, that mention unknown variables, or whose macros fail.
pub(crate) fn included<'m>(
    streams: &'m [StreamDefinition],
    environment: &Arc<Environment>,
) -> Result<Vec<Included<'m>>> {
    let mut found = Vec::new();
    for stream in streams {
        match stream {
            StreamDefinition::DeclarativeStream(stream) => found.push(Included::Declarative(stream)),
            StreamDefinition::StateDelegatingStream(stream) => found.push(Included::StateDelegating(stream)),
            StreamDefinition::ConditionalStreams(group) => {
                // Conditions do not see parameters.
                let condition = Template::new(environment, group.condition.as_str(), &Parameters::default())?;
                if condition.condition(&Scope::new())? {
                    found.extend(group.streams.iter().map(Included::Declarative));
                }
            }
        }
    }
    Ok(found)
}
