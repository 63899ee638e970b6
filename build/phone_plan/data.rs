//! Reads `patterns/phone/*.toml`: what the numbering plans say, before anything is compiled.

use std::path::Path;

use serde::Deserialize;

/// The kinds of numbers in the order in which libphonenumber decides: the first that matches, but
/// fixed and mobile together are one kind.
pub(super) const KINDS: [&str; 10] = [
    "Premium",
    "TollFree",
    "SharedCost",
    "Voip",
    "Personal",
    "Pager",
    "Uan",
    "Voicemail",
    "Fixed",
    "Mobile",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub(super) version: String,
    pub(super) region: Vec<Region>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Region {
    pub(super) id: String,
    pub(super) code: u16,
    pub(super) idd: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) rewrite: Option<String>,
    pub(super) leading: Option<String>,
    pub(super) lengths: Vec<usize>,
    #[serde(default)]
    pub(super) local: Vec<usize>,
    pub(super) general: String,
    premium: Option<Kind>,
    toll_free: Option<Kind>,
    shared_cost: Option<Kind>,
    voip: Option<Kind>,
    personal: Option<Kind>,
    pager: Option<Kind>,
    uan: Option<Kind>,
    voicemail: Option<Kind>,
    fixed: Option<Kind>,
    mobile: Option<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kind {
    pub(super) lengths: Vec<usize>,
    pub(super) pattern: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fiction {
    pub(super) range: Vec<FictionRange>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FictionRange {
    pub(super) code: u16,
    pub(super) class: FictionClass,
    /// National significant numbers; `x` stands for any digit.
    pub(super) numbers: Vec<String>,
    /// Where the range is published; for the reader of the data.
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum FictionClass {
    Placeholder,
    Reserved,
}

impl Region {
    /// In the order of [`KINDS`].
    pub(super) fn kinds(&self) -> [Option<&Kind>; 10] {
        [
            self.premium.as_ref(),
            self.toll_free.as_ref(),
            self.shared_cost.as_ref(),
            self.voip.as_ref(),
            self.personal.as_ref(),
            self.pager.as_ref(),
            self.uan.as_ref(),
            self.voicemail.as_ref(),
            self.fixed.as_ref(),
            self.mobile.as_ref(),
        ]
    }

    /// Entities such as universal freephone have the id 001 and are no regions.
    pub(super) fn is_geographic(&self) -> bool {
        self.id != "001"
    }
}

pub(super) fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}
