//! efface
