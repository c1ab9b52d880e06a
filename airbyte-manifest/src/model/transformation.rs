//! Changes to records.

use super::custom::Custom;
use super::declare::{choice, component, words};
use super::value::Text;
use super::variables::{ADDED, CONFIG, RECORD, REMOVED};

choice! {
    /// One change.
    Transformation {
        AddFields(AddFields),
        RemoveFields(RemoveFields),
        KeysToLower(KeysToLower),
        KeysToSnakeCase(KeysToSnakeCase),
        FlattenFields(FlattenFields),
        DpathFlattenFields(DpathFlattenFields),
        KeysReplace(KeysReplace),
        CustomTransformation(Custom),
    }
}

words! {
    /// The type that a template's value is given.
    ValueType { String = "string", Number = "number", Integer = "integer", Boolean = "boolean", }
}

component! {
    /// Sets fields.
    AddFields {
        /// The fields.
        fields: Vec<AddedFieldDefinition>;
        /// When; always where empty.
        condition: Text = Text::of(""), sees(ADDED);
    }
}

component! {
    /// One field that is set.
    AddedFieldDefinition {
        /// Its path.
        path: Vec<Text>, sees(CONFIG);
        /// Its value.
        value: Text, sees(RECORD);
        /// The value's type; as a Python literal where absent.
        value_type: Option<ValueType>;
    }
}

component! {
    /// Removes fields.
    RemoveFields {
        /// When; always where empty.
        condition: Text = Text::of(""), sees(REMOVED);
        /// Their paths.
        field_pointers: Vec<Vec<Text>>;
    }
}

component! {
    /// Writes keys in lower case.
    KeysToLower {}
}

component! {
    /// Writes keys in snake case.
    KeysToSnakeCase {}
}

component! {
    /// Lifts nested fields to the top.
    FlattenFields {
        /// Whether lists too.
        flatten_lists: bool = true;
    }
}

component! {
    /// Lifts the fields of one object to the top.
    DpathFlattenFields {
        /// The object's path.
        field_path: Vec<Text>, sees(CONFIG);
        /// Whether the object goes.
        delete_origin_value: Option<bool>;
        /// Whether it takes the record's place.
        replace_record: Option<bool>;
        /// What is put around the keys.
        key_transformation: Option<KeyTransformation>;
    }
}

component! {
    /// What is put around keys.
    KeyTransformation {
        /// Before.
        prefix: Option<Text>, sees(CONFIG);
        /// After.
        suffix: Option<Text>, sees(CONFIG);
    }
}

component! {
    /// Replaces text in keys.
    KeysReplace {
        /// The text that goes.
        old: Text, sees(RECORD);
        /// The text that comes.
        new: Text, sees(RECORD);
    }
}
