//! From values to records.

use super::custom::Custom;
use super::declare::{choice, component, words};
use super::query::PropertyRetriever;
use super::rule::items;
use super::value::Text;
use super::variables::{CONFIG, RECORD_FILTER};

choice! {
    /// Where the records are in an answer.
    Extractor {
        DpathExtractor(DpathExtractor),
        CustomRecordExtractor(Custom),
        CombinedExtractor(CombinedExtractor),
    }
}

choice! {
    /// Where the records are in a downloaded file.
    DownloadExtractor {
        DpathExtractor(DpathExtractor),
        CustomRecordExtractor(Custom),
        ResponseToFileExtractor(ResponseToFileExtractor),
        CombinedExtractor(CombinedExtractor),
    }
}

choice! {
    /// Which records are kept.
    RecordFilterDefinition {
        RecordFilter(RecordFilter),
        CustomRecordFilter(Custom),
    }
}

words! {
    /// How extractors work together.
    CombineMode { Union = "union", FirstMatch = "first_match", }
}

words! {
    /// What becomes of a record in which there is nothing to expand.
    OnNoRecords { Skip = "skip", EmitParent = "emit_parent", }
}

words! {
    /// Whether values are brought into the types of the schema.
    SchemaNormalization { Default = "Default", None = "None", }
}

component! {
    /// Finds, filters and normalises records.
    RecordSelector {
        /// Finds them.
        extractor: Extractor;
        /// Keeps some.
        record_filter: Option<RecordFilterDefinition>;
        /// Brings them into the types of the schema.
        schema_normalization: Option<Normalization>;
        /// Whether they are transformed before they are filtered.
        transform_before_filtering: Option<bool>;
    }
}

/// The normalisation of a selector.
#[derive(Clone, Debug)]
pub enum Normalization {
    /// One that the language has.
    Named(SchemaNormalization),
    /// A `CustomSchemaNormalization`.
    Custom(Custom),
}

component! {
    /// Follows a path, with `*` and `**`.
    DpathExtractor {
        /// The path; empty for the whole answer.
        field_path: Vec<Text>, sees(CONFIG);
        /// Takes records out of records.
        record_expander: Option<Box<RecordExpander>>;
    }
}

component! {
    /// Several extractors.
    CombinedExtractor {
        /// The extractors.
        extractors: Vec<Extractor>, check(items::<1>);
        /// How they work together.
        mode: CombineMode = CombineMode::Union;
        /// Whether empty records are left out.
        skip_empty_records: bool = false;
    }
}

component! {
    /// Reads a CSV file that was put on the disk.
    ResponseToFileExtractor {
        /// Whether `NA` and its kind stay text.
        preserve_na_values: bool = false;
    }
}

component! {
    /// Takes records out of records.
    RecordExpander {
        /// The path of the list in a record.
        expand_records_from_field: Vec<Text>, sees(CONFIG);
        /// Whether each keeps the record it was in.
        remain_original_record: bool = false;
        /// Fields of that record that each gets.
        parent_fields: Vec<ParentFieldPath> = Vec::new();
        /// Whether each gets all its fields.
        merge_parent: bool = false;
        /// What becomes of a record without any.
        on_no_records: OnNoRecords = OnNoRecords::Skip;
        /// The path of the value that says that the list is not whole.
        truncation_indicator_path: Vec<Text> = Vec::new(), sees(CONFIG);
        /// Asks for the whole list.
        truncated_list_retriever: Option<PropertyRetriever>;
    }
}

component! {
    /// A field that passes from a record to those in it.
    ParentFieldPath {
        /// Its path in the record.
        parent_path: Vec<Text>, sees(CONFIG);
        /// Its path in those in it.
        record_path: Vec<Text>, sees(CONFIG);
    }
}

component! {
    /// Keeps the records for which a condition holds.
    RecordFilter {
        /// The condition.
        condition: Text = Text::of(""), sees(RECORD_FILTER);
    }
}

impl super::read::Parse for Normalization {
    fn expected() -> String {
        "one of `Default`, `None`, or a CustomSchemaNormalization".to_owned()
    }

    fn parse(node: &crate::node::Node, place: super::read::Place, reader: &mut super::read::Reader) -> Option<Self> {
        match node.as_map() {
            Some(_) => NormalizationComponent::parse(node, place, reader)
                .map(|NormalizationComponent::CustomSchemaNormalization(custom)| Self::Custom(custom)),
            None => SchemaNormalization::parse(node, place, reader).map(Self::Named),
        }
    }
}

choice! {
    /// A normalisation that is a component.
    NormalizationComponent {
        CustomSchemaNormalization(Custom),
    }
}
