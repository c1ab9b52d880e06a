//! Tests of the whole; see `README.md` for which kind of test lives where.
