//! Archived objects in the cells of a message store, as iMessage keeps what was said.

use crate::bench::Bench;
use crate::planted::traces;
use crate::plants::{JO, VALUES};

/// The files that become cells.
const BODIES: [&str; 3] = ["body.typedstream", "body-long.typedstream", "edited.plist"];

#[test]
fn what_is_archived_in_a_database_is_found_and_masked_at_its_width() {
    let bench = Bench::new();
    let store = bench.path("chat.db");
    let bodies = BODIES.map(|name| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/planted/");
        std::fs::read(format!("{folder}{name}")).unwrap()
    });
    let database = rusqlite::Connection::open(&store).unwrap();
    database
        .execute_batch("create table message (ROWID integer primary key, attributedBody blob)")
        .unwrap();
    for body in &bodies {
        database
            .execute("insert into message (attributedBody) values (?1)", [body])
            .unwrap();
    }
    drop(database);
    let found = bench.findings("chat.db");
    let jo = found.iter().filter(|one| one.starts_with(JO)).count();
    assert_eq!((found.len(), jo), (8, 3), "{found:?}");

    let ran = bench.run(&["redact", "--in-place", "chat.db"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.findings("chat.db"), [""; 0]);
    assert_eq!(traces(&bench, VALUES).as_deref().unwrap_or_default(), "");
    let database = rusqlite::Connection::open(&store).unwrap();
    let mut rows = database
        .prepare("select attributedBody from message order by ROWID")
        .unwrap();
    let masked: Vec<Vec<u8>> = rows
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (old, new) in bodies.iter().zip(&masked) {
        assert_eq!(old.len(), new.len());
        assert_ne!(old, new);
    }
}
