//! Transformations of records.
