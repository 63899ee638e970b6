//! What a word of a spoken lexicon may be; the bits of its entry.
//!
//! The build script includes this file. It must not know words or languages.

/// A number, in `number`.
pub(super) const NUMBER: u32 = 1 << 0;
/// A digit, in `number`, where digits stand around it.
pub(super) const WEAK: u32 = 1 << 1;
/// Several of the digit in `number`.
pub(super) const PLURAL: u32 = 1 << 2;
/// A hundred or a thousand, by `number` (2 or 3 zeros).
pub(super) const SCALE: u32 = 1 << 3;
/// The next digit stands `number` times.
pub(super) const TIMES: u32 = 1 << 4;
/// Spells the letter in `sign`.
pub(super) const LETTER: u32 = 1 << 5;
/// Stands for the sign in `sign`.
pub(super) const SIGN: u32 = 1 << 6;
/// Between a letter and the word that spells it.
pub(super) const AS_IN: u32 = 1 << 7;
/// Says how letters are written.
pub(super) const SPELLING: u32 = 1 << 8;
/// Joins tens and units, or a hundred and the rest.
pub(super) const AND: u32 = 1 << 9;
/// A plus before a number.
pub(super) const PLUS: u32 = 1 << 10;
/// An extension follows.
pub(super) const EXTENSION: u32 = 1 << 11;
/// Said while a value is told, and no part of it.
pub(super) const FILLER: u32 = 1 << 12;
/// Takes back what was just said.
pub(super) const REPAIR: u32 = 1 << 13;
/// Speaks of a phone.
pub(super) const PHONE: u32 = 1 << 14;
/// Speaks of a payment card.
pub(super) const CARD: u32 = 1 << 15;
/// Speaks of the security code of a card.
pub(super) const CODE: u32 = 1 << 16;
/// Speaks of a US social security number.
pub(super) const US_SSN: u32 = 1 << 17;
/// Speaks of a Canadian social insurance number.
pub(super) const CA_SIN: u32 = 1 << 18;
/// Speaks of an IP address.
pub(super) const IP: u32 = 1 << 19;
/// Speaks of an e-mail address.
pub(super) const EMAIL: u32 = 1 << 20;
/// Speaks of a number of a thing.
pub(super) const IDENTIFIER: u32 = 1 << 21;
/// Speaks of a version.
pub(super) const VERSION: u32 = 1 << 22;
/// What is counted or measured.
pub(super) const UNIT: u32 = 1 << 23;
/// No part of an address.
pub(super) const STOP: u32 = 1 << 24;
/// Stands before an "at" of place.
pub(super) const NOT_LOCAL: u32 = 1 << 25;
/// A host of mailboxes.
pub(super) const PROVIDER: u32 = 1 << 26;
/// A top-level domain.
pub(super) const TOP_LEVEL: u32 = 1 << 27;
/// A longer phrase begins with this word.
pub(super) const LEADS: u32 = 1 << 28;
/// Names a letter by its sound, not by a word that begins with it.
pub(super) const LETTER_NAME: u32 = 1 << 29;
/// A top-level domain whose dot may be missing.
pub(super) const SURE_TOP_LEVEL: u32 = 1 << 30;
/// Stands before a thing, not before an address.
pub(super) const DETERMINER: u32 = 1 << 31;

/// Words that numbers are made of.
pub(super) const IN_NUMBERS: u32 = NUMBER | PLURAL | SCALE | AND;

/// Words that begin to tell of a value, or of a thing.
pub(super) const TELLS: u32 =
    PHONE | CARD | CODE | US_SSN | CA_SIN | IP | EMAIL | IDENTIFIER | VERSION;

/// Bits of the words that wake the detector: the languages in which a run of letters is a number.
pub(super) const WAKES_NUMBER: [u8; 3] = [1, 2, 4];
/// ... and those in which it stands in an address.
pub(super) const WAKES_ADDRESS: [u8; 3] = [8, 16, 32];
