//! Paths into JSON as Airbyte's `field_path` has them: the rules of Python's dpath.
