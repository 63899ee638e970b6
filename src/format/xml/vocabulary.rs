//! What is known of documents by the name of their root: which elements are records, what is
//! counted, and which way a message or call went.
//!
//! Sources: the published schema and stylesheet of SMS Backup & Restore; FreeSWITCH mod_xml_cdr.
//! Names and numbers only; what kind of data they hold is nobody's business here.

use crate::view::Party;

/// A document that is known by its root.
pub(super) struct Known {
    /// The root element.
    pub(super) root: &'static [u8],
    /// Elements that are records.
    pub(super) records: &'static [&'static [u8]],
    /// The attribute of the root that counts them.
    pub(super) count: Option<&'static [u8]>,
}

const KNOWN: &[Known] = &[
    Known {
        root: b"smses",
        records: &[b"sms", b"mms"],
        count: Some(b"count"),
    },
    Known {
        root: b"calls",
        records: &[b"call"],
        count: Some(b"count"),
    },
    Known {
        root: b"cdr",
        records: &[b"cdr"],
        count: None,
    },
];

/// The document whose root is called `root`.
pub(super) fn of_root(root: &[u8]) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.root == root)
}

/// A code that says whose an element's own number is.
struct Direction {
    element: &'static [u8],
    /// The attribute with the code.
    attribute: &'static [u8],
    codes: &'static [(&'static [u8], Party)],
}

const MESSAGE: &[(&[u8], Party)] = &[
    (b"1", Party::Sender),
    (b"2", Party::Recipient),
    (b"3", Party::Recipient),
    (b"4", Party::Recipient),
    (b"5", Party::Recipient),
    (b"6", Party::Recipient),
];

/// Message boxes as Android's `Telephony.TextBasedSmsColumns` numbers them; address kinds as
/// `PduHeaders` does; call types as `CallLog.Calls` does.
const DIRECTIONS: &[Direction] = &[
    Direction {
        element: b"sms",
        attribute: b"type",
        codes: MESSAGE,
    },
    Direction {
        element: b"mms",
        attribute: b"msg_box",
        codes: MESSAGE,
    },
    Direction {
        element: b"addr",
        attribute: b"type",
        codes: &[
            (b"137", Party::Sender),
            (b"151", Party::Recipient),
            (b"130", Party::Recipient),
            (b"129", Party::Recipient),
        ],
    },
    Direction {
        element: b"call",
        attribute: b"type",
        codes: &[
            (b"1", Party::Caller),
            (b"2", Party::Callee),
            (b"3", Party::Caller),
            (b"4", Party::Caller),
            (b"5", Party::Caller),
            (b"6", Party::Caller),
        ],
    },
];

/// Attributes that name the other end of such an element.
const OTHER_END: &[&[u8]] = &[b"address", b"number", b"contact_name"];

/// Whose the attribute `name` of `element` is, with `code` giving the attributes of its tag.
pub(super) fn party<'s>(
    element: &[u8],
    name: &[u8],
    code: impl Fn(&[u8]) -> Option<&'s [u8]>,
) -> Option<Party> {
    if !OTHER_END.contains(&name) {
        return None;
    }
    let direction = DIRECTIONS.iter().find(|one| one.element == element)?;
    let code = code(direction.attribute)?;
    let said = direction.codes.iter().find(|(known, _)| *known == code)?;
    Some(said.1)
}
