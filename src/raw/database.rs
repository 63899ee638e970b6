//! SQLite's way to its files (a "VFS"), led to bytes that the program itself reads and writes.
//!
//! SQLite never opens a file here, locks none, and makes none beside another: it is lent stores of
//! bytes by a number, and asks them. What a store is made of is not known here. See
//! <https://sqlite.org/vfs.html> for what each callback owes.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::{Connection, OpenFlags, ffi};

/// Bytes that SQLite takes for a database file.
pub(crate) trait Store: Send + Sync {
    /// Length in bytes.
    fn size(&self) -> io::Result<u64>;
    /// Fills `buffer` from `at` on as far as there are bytes, and says how many there were.
    fn read(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;
    /// Whether it can be written.
    fn is_writable(&self) -> bool {
        false
    }
    /// Puts `bytes` at `at`.
    fn write(&self, _bytes: &[u8], _at: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
    /// Cuts it to `size`.
    fn truncate(&self, _size: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}

/// Where journals go: whoever changes a store throws it away when that fails.
struct Nowhere;

impl Store for Nowhere {
    fn size(&self) -> io::Result<u64> {
        Ok(0)
    }

    fn read(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
        Ok(0)
    }

    fn is_writable(&self) -> bool {
        true
    }

    fn write(&self, _: &[u8], _: u64) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

/// The name under which this way is known to SQLite.
const VFS: &CStr = c"efface";

/// What stands before the number in the name of a store.
const PREFIX: &str = "efface-store-";

/// The stores that are lent.
static LENT: Mutex<BTreeMap<u64, Arc<dyn Store>>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(1);

fn lent() -> MutexGuard<'static, BTreeMap<u64, Arc<dyn Store>>> {
    // Nothing panics while it is held; a map is whole in any case.
    LENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A store that SQLite can open by its name until this is dropped.
pub(crate) struct Lent(u64);

impl Lent {
    /// Lends `store`.
    pub(crate) fn new(store: Arc<dyn Store>) -> Lent {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        lent().insert(number, store);
        Lent(number)
    }

    /// The name to open it by; it needs no quoting.
    pub(crate) fn name(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        lent().remove(&self.0);
    }
}

/// Opens a store as a database; for writing where the store can be written.
///
/// # Errors
/// What SQLite says.
pub(crate) fn open(store: Arc<dyn Store>) -> rusqlite::Result<Connection> {
    register()?;
    let access = if store.is_writable() {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    let lent = Lent::new(store);
    // A connection stays with the thread that has it, so SQLite need not lock it.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags_and_vfs(lent.name(), flags, VFS)?;
    // SQLite opens the file only when it is needed, by a name that is lent no more then.
    connection.query_row("PRAGMA page_count", [], |_| Ok(()))?;
    Ok(connection)
}

/// Makes the way known to SQLite, once.
fn register() -> rusqlite::Result<()> {
    static REGISTERED: OnceLock<c_int> = OnceLock::new();
    let code = *REGISTERED.get_or_init(|| {
        let vfs = Box::new(ffi::sqlite3_vfs {
            iVersion: 1,
            szOsFile: size_of::<Open>() as c_int,
            mxPathname: 64,
            pNext: std::ptr::null_mut(),
            zName: VFS.as_ptr(),
            pAppData: std::ptr::null_mut(),
            xOpen: Some(open_file),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_name),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        });
        // SAFETY: the structure is leaked, so it lives as long as SQLite may use it; its name is
        // static; every callback it names follows the contract of its slot (below).
        unsafe { ffi::sqlite3_vfs_register(Box::into_raw(vfs), 0) }
    });
    if code == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }
}

/// An open file as SQLite has it: SQLite allocates it and knows the first field.
#[repr(C)]
struct Open {
    base: ffi::sqlite3_file,
    /// A boxed `Arc`, taken back by `close`.
    store: *mut Arc<dyn Store>,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    // Without shared memory and memory maps.
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(lock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// The store behind an open file.
///
/// # Safety
/// `file` must be one that `open_file` has opened and `close` has not yet closed; the reference
/// must not outlive the callback.
unsafe fn store<'f>(file: *mut ffi::sqlite3_file) -> &'f dyn Store {
    // SAFETY: by the above, `file` points to an `Open` whose `store` is a live boxed `Arc`.
    unsafe { &**(*file.cast::<Open>()).store }
}

unsafe extern "C" fn open_file(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` bytes for the file. Without methods it is not closed.
    unsafe { (*file).pMethods = std::ptr::null() };
    // A file without a name is a temporary one: there are none.
    let store = if name.is_null() {
        None
    } else if flags & ffi::SQLITE_OPEN_MAIN_JOURNAL != 0 {
        let nowhere: Arc<dyn Store> = Arc::new(Nowhere);
        Some(nowhere)
    } else {
        // SAFETY: SQLite gives a name that ends with a NUL and lives as long as the file.
        let name = unsafe { CStr::from_ptr(name) };
        let number = name
            .to_str()
            .ok()
            .and_then(|name| name.strip_prefix(PREFIX)?.parse().ok());
        number.and_then(|number: u64| lent().get(&number).cloned())
    };
    let Some(store) = store else {
        return ffi::SQLITE_CANTOPEN;
    };
    // SAFETY: `file` is ours to fill, as large as `Open`; `out_flags` is null or SQLite's.
    unsafe {
        if !out_flags.is_null() {
            *out_flags = flags;
        }
        let open = file.cast::<Open>();
        (&raw mut (*open).store).write(Box::into_raw(Box::new(store)));
        (*file).pMethods = &raw const METHODS;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file that `open_file` has opened, once; the box goes with it.
    unsafe {
        drop(Box::from_raw((*file.cast::<Open>()).store));
        (*file).pMethods = std::ptr::null();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    buffer: *mut c_void,
    len: c_int,
    at: i64,
) -> c_int {
    let len = len.max(0) as usize;
    // SAFETY: SQLite gives an open file and room for `len` bytes, which it has initialised or
    // does not read before they are; they are cleared first.
    let (store, buffer) = unsafe {
        buffer.cast::<u8>().write_bytes(0, len);
        let buffer = std::slice::from_raw_parts_mut(buffer.cast::<u8>(), len);
        (store(file), buffer)
    };
    match store.read(buffer, at.max(0).cast_unsigned()) {
        Ok(read) if read == len => ffi::SQLITE_OK,
        // The rest is zeros, as the contract asks for.
        Ok(_) => ffi::SQLITE_IOERR_SHORT_READ,
        Err(_) => ffi::SQLITE_IOERR_READ,
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    len: c_int,
    at: i64,
) -> c_int {
    // SAFETY: SQLite gives an open file and `len` bytes to write.
    let (store, bytes) = unsafe {
        let bytes = std::slice::from_raw_parts(bytes.cast::<u8>(), len.max(0) as usize);
        (store(file), bytes)
    };
    match store.write(bytes, at.max(0).cast_unsigned()) {
        Ok(()) => ffi::SQLITE_OK,
        Err(error) if error.kind() == io::ErrorKind::StorageFull => ffi::SQLITE_FULL,
        Err(_) => ffi::SQLITE_IOERR_WRITE,
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite gives an open file.
    let store = unsafe { store(file) };
    match store.truncate(size.max(0).cast_unsigned()) {
        Ok(()) => ffi::SQLITE_OK,
        Err(_) => ffi::SQLITE_IOERR_TRUNCATE,
    }
}

/// Whoever lends a store syncs it.
unsafe extern "C" fn sync(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: SQLite gives an open file.
    let answer = unsafe { store(file) }.size();
    match answer.map(i64::try_from) {
        Ok(Ok(bytes)) => {
            // SAFETY: SQLite gives room for the answer.
            unsafe { *size = bytes };
            ffi::SQLITE_OK
        }
        _ => ffi::SQLITE_IOERR_FSTAT,
    }
}

/// A store is one connection's.
unsafe extern "C" fn lock(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved(_: *mut ffi::sqlite3_file, answer: *mut c_int) -> c_int {
    // SAFETY: SQLite gives room for the answer.
    unsafe { *answer = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

/// What cannot be written does not change either: SQLite then looks for no journal.
unsafe extern "C" fn characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite gives an open file.
    if unsafe { store(file) }.is_writable() {
        0
    } else {
        ffi::SQLITE_IOCAP_IMMUTABLE
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, _: *const c_char, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

/// There is nothing beside a store.
unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    _: *const c_char,
    _: c_int,
    answer: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives room for the answer.
    unsafe { *answer = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_name(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite gives a name that ends with a NUL, and `room` bytes for the answer.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes_with_nul();
        if name.len() > room.max(0) as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(name.as_ptr().cast::<c_char>(), out, name.len());
    }
    ffi::SQLITE_OK
}

/// Chance would make two runs differ (R11); nothing that SQLite does here needs it.
unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, len: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite gives room for `len` bytes.
    unsafe { out.write_bytes(0, len.max(0) as usize) };
    len
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, _: c_int) -> c_int {
    0
}

/// The time is not told: nothing that is written may depend on it.
unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, days: *mut f64) -> c_int {
    // SAFETY: SQLite gives room for the answer.
    unsafe { *days = 0.0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn last_error(_: *mut ffi::sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
