//! The state folder and its key: made on first need, for its owner alone, refused when wrong.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use efface::redact::failure::{Outcome, Reason};
use efface::redact::guard::Guard;
use efface::redact::hold::{self, Cover, HoldText};
use efface::redact::io::Io;
use efface::redact::state::{State, new_key_file, rotate};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn why(state: Outcome<State>) -> Option<Reason> {
    state.err().map(|failure| failure.reason)
}

#[test]
fn a_state_is_made_once_and_kept_for_its_owner() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b/efface");
    let io = Io::real();
    let first = State::open(&io, &path, None).unwrap().key().id();
    assert_eq!(State::open(&io, &path, None).unwrap().key().id(), first);
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join("key")), 0o600);
    for entry in std::fs::read_dir(&path).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
    set_mode(&path, 0o755);
    assert_eq!(why(State::open(&io, &path, None)), Some(Reason::State));
}

#[test]
fn a_key_that_others_could_touch_or_that_is_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::real();
    let key = dir.path().join("k");
    new_key_file(&io, &key).unwrap();
    assert_eq!(mode(&key), 0o600);
    assert_eq!(new_key_file(&io, &key).unwrap_err().reason, Reason::Exists);
    let open = |key: &Path, state: &str| State::open(&io, &dir.path().join(state), Some(key));
    assert!(open(&key, "good").is_ok());
    for bits in [0o640, 0o604, 0o620, 0o660, 0o644] {
        set_mode(&key, bits);
        assert_eq!(why(open(&key, "s")), Some(Reason::Key), "{bits:o}");
    }
    set_mode(&key, 0o600);
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&key, &link).unwrap();
    assert_eq!(why(open(&link, "s")), Some(Reason::Key), "a link");
    assert_eq!(
        why(open(&dir.path().join("none"), "s")),
        Some(Reason::Key),
        "missing"
    );
    assert_eq!(why(open(dir.path(), "s")), Some(Reason::Key), "a folder");
    let text = dir.path().join("text");
    std::fs::write(&text, "efface-key-1 short\n").unwrap();
    set_mode(&text, 0o600);
    assert_eq!(why(open(&text, "s")), Some(Reason::Key), "no key in it");
}

#[test]
fn another_key_than_the_first_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::real();
    let keys: Vec<PathBuf> = ["one", "two"]
        .iter()
        .map(|name| dir.path().join(name))
        .collect();
    for key in &keys {
        new_key_file(&io, key).unwrap();
    }
    let outside = dir.path().join("outside");
    assert!(State::open(&io, &outside, Some(&keys[0])).is_ok());
    assert!(State::open(&io, &outside, Some(&keys[0])).is_ok());
    assert_eq!(
        why(State::open(&io, &outside, Some(&keys[1]))),
        Some(Reason::Key)
    );
    assert_eq!(why(State::open(&io, &outside, None)), Some(Reason::Key));
    let inside = dir.path().join("inside");
    assert!(State::open(&io, &inside, None).is_ok());
    assert_eq!(
        why(State::open(&io, &inside, Some(&keys[0]))),
        Some(Reason::Key)
    );
}

#[test]
fn rotation_keeps_the_holds_and_leaves_nothing_of_the_old_key() {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::real();
    let path = dir.path().join("state");
    let state = State::open(&io, &path, None).unwrap();
    let cover = Cover {
        client: Some("acme".into()),
        ..Cover::default()
    };
    let text = HoldText {
        id: String::new(),
        cover,
        case: None,
        reason: "r".into(),
        created: 0,
        expires: None,
    };
    hold::add(&io, &state, Path::new("/"), 0, text).unwrap();
    let (old_id, old_key) = (state.key().id(), std::fs::read(path.join("key")).unwrap());
    let state = rotate(&io, state).unwrap();
    assert_ne!(state.key().id(), old_id);
    assert_eq!(hold::list(&io, &state).unwrap().len(), 1);
    assert!(Guard::load(&io, &state, 0).is_ok());
    for entry in std::fs::read_dir(&path).unwrap() {
        let path = entry.unwrap().path();
        assert!(
            !path.to_str().unwrap().contains(&old_id.to_string()),
            "{}",
            path.display()
        );
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(memchr::memmem::find(&bytes, old_key.trim_ascii()).is_none());
        }
    }
}

#[test]
fn a_key_by_which_persons_are_held_is_not_rotated_away() {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::real();
    let state = State::open(&io, &dir.path().join("state"), None).unwrap();
    let text = HoldText {
        id: String::new(),
        cover: Cover {
            subjects: vec!["00112233445566778899aabbccddeeff".into()],
            ..Cover::default()
        },
        case: None,
        reason: "r".into(),
        created: 0,
        expires: None,
    };
    hold::add(&io, &state, Path::new("/"), 0, text).unwrap();
    let id = state.key().id();
    assert_eq!(why(rotate(&io, state)), Some(Reason::KeyInUse));
    let state = State::open(&io, &dir.path().join("state"), None).unwrap();
    assert_eq!(state.key().id(), id);
}
