//! Decoders: from the bytes of an answer to JSON values.
