//! efface

mod raw;
pub mod redact;
