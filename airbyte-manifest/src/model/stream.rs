//! Streams.

use crate::node::Node;

use super::custom::Custom;
use super::declare::{choice, component, words};
use super::incremental::{IncrementalSync, StateMigration};
use super::read::{Parse, Place, Reader};
use super::record::Extractor;
use super::requester::Requester;
use super::retriever::Retriever;
use super::schema::SchemaLoader;
use super::transformation::Transformation;
use super::value::{OneOrMany, Text};
use super::variables::{CONFIG, FILE_NAME};

choice! {
    /// An item of the manifest's `streams`.
    StreamDefinition {
        DeclarativeStream(Box<DeclarativeStream>),
        ConditionalStreams(ConditionalStreams),
        StateDelegatingStream(Box<StateDelegatingStream>),
    }
}

choice! {
    /// A stream whose records are another's partitions.
    ParentStream {
        DeclarativeStream(DeclarativeStream),
        StateDelegatingStream(StateDelegatingStream),
    }
}

choice! {
    /// What the template of a dynamic stream is read as, to find its mistakes early.
    StreamTemplate {
        DeclarativeStream(Box<DeclarativeStream>),
        StateDelegatingStream(Box<StateDelegatingStream>),
    }
}

choice! {
    /// Where a file is in an answer.
    FileExtractor {
        DpathExtractor(super::record::DpathExtractor),
        CustomRecordExtractor(Custom),
    }
}

component! {
    /// A stream.
    DeclarativeStream {
        /// Its name.
        name: Text = Text::of("");
        /// What gets its records.
        retriever: Retriever;
        /// How it goes on from the last sync.
        incremental_sync: Option<IncrementalSync>;
        /// What tells its records apart; none where absent.
        primary_key: Option<PrimaryKey>;
        /// Where its schema comes from; several are put together.
        schema_loader: Option<OneOrMany<SchemaLoader>>;
        /// Changes to its records.
        transformations: Vec<Transformation> = Vec::new();
        /// Brings older states up to date.
        state_migrations: Vec<StateMigration> = Vec::new();
        /// Brings files along with its records.
        file_uploader: Option<FileUploader>;
        /// What becomes of fields that the schema does not declare: an extension, which Airbyte ignores.
        undeclared: UndeclaredFields = UndeclaredFields::Keep;
        /// How many partitions may fail before the stream does, as in `5%`: an extension, which the Python CDK ignores.
        failure_tolerance: Option<Text>;
    }
}

words! {
    /// What becomes of fields that the schema does not declare.
    UndeclaredFields { Keep = "keep", Drop = "drop", Reject = "reject", }
}

/// What tells records apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrimaryKey {
    /// One field, as text; empty text is a field without a name.
    Field(Text),
    /// Fields together.
    Fields(Vec<Text>),
    /// Paths together.
    Paths(Vec<Vec<Text>>),
}

component! {
    /// Brings files along with records.
    FileUploader {
        /// Downloads a file.
        requester: Requester;
        /// Where its address is in the record.
        download_target_extractor: Extractor;
        /// Where the file is in the answer.
        file_extractor: Option<FileExtractor>;
        /// Its name.
        filename_extractor: Option<Text>, sees(FILE_NAME);
    }
}

component! {
    /// Streams that are there if a condition holds.
    ConditionalStreams {
        /// The condition.
        condition: Text, sees(CONFIG);
        /// The streams.
        streams: Vec<DeclarativeStream>;
    }
}

component! {
    /// One stream for the first sync and another for those that go on from it.
    StateDelegatingStream {
        /// The name of both.
        name: Text;
        /// The stream where there is no state.
        full_refresh_stream: DeclarativeStream;
        /// The stream where there is.
        incremental_stream: DeclarativeStream;
        /// How long the API keeps records, as an ISO 8601 duration; an older state counts as none.
        api_retention_period: Option<Text>;
    }
}

component! {
    /// Streams that are not read at the same time.
    StreamGroup[.untagged()] {
        /// The streams.
        streams: Vec<DeclarativeStream>;
        /// What the group does.
        action: BlockSimultaneousSyncsAction;
    }
}

component! {
    /// One of a group at a time.
    BlockSimultaneousSyncsAction {}
}

impl Parse for PrimaryKey {
    fn expected() -> String {
        "text, a list of text or a list of lists of text".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        if node.as_str().is_some() {
            return Text::parse(node, place, reader).map(Self::Field);
        }
        let Some(items) = node.as_list() else {
            reader.mismatch(node, place, &Self::expected());
            return None;
        };
        if !items.is_empty() && items.iter().all(|item| item.as_list().is_some()) {
            Vec::parse(node, place, reader).map(Self::Paths)
        } else {
            Vec::parse(node, place, reader).map(Self::Fields)
        }
    }
}
