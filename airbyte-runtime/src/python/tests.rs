use serde_json::json;

use super::{PyValue, parse_literal};
