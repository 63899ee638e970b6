//! Receipts.

use std::collections::BTreeMap;

/// How many values of which entity got which operator.
pub type Counts = BTreeMap<(String, String), u64>;
