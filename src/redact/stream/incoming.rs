//! The input of the filter: what was read of it, and whether there is more at once.
//!
//! Owns waiting. Knows nothing of records.

use std::io;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::READ;
use crate::format::HEAD_LEN;

/// The input with what was read and not yet released.
pub(super) struct Incoming<F> {
    pub(super) fd: F,
    pub(super) bytes: Vec<u8>,
    pub(super) ended: bool,
}

impl<F: AsFd> Incoming<F> {
    /// Waits for bytes and takes them.
    pub(super) fn read(&mut self) -> io::Result<()> {
        let len = self.bytes.len();
        self.bytes.reserve(READ);
        loop {
            let spare = rustix::buffer::spare_capacity(&mut self.bytes);
            match rustix::io::read(&self.fd, spare) {
                Ok(_) => {
                    self.ended = self.bytes.len() == len;
                    return Ok(());
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    self.ready(None)?;
                }
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Whether there is something to read, at once or within `limit`; the end counts.
    fn ready(&self, limit: Option<&Timespec>) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
        loop {
            match poll(&mut fds, limit) {
                Ok(ready) => return Ok(ready > 0),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    pub(super) fn pauses(&self) -> io::Result<bool> {
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        Ok(!self.ended && !self.ready(Some(&at_once))?)
    }

    /// Reads what decides the format: until the first pause behind a line, or enough.
    pub(super) fn beginning(&mut self) -> io::Result<()> {
        while !self.ended && self.bytes.len() < HEAD_LEN {
            self.read()?;
            if self.pauses()? && memchr::memchr(b'\n', &self.bytes).is_some() {
                break;
            }
        }
        Ok(())
    }
}
