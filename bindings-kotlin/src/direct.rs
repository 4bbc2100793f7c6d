//! The two calls of every request once more, through one buffer.
//!
//! UniFFI hands text and answers over in C structures by value, which cost Java's JNA several microseconds each; a call
//! with a text and an answer has eight of them. These calls take numbers alone: the engine's address, and a buffer of
//! the caller's that holds the arguments and then the answer, both in UniFFI's own serialization. The generated methods
//! `authenticate`, `authenticateAt` and `inspectCertificate` are made to call these; all others go the usual way. Kotlin
//! reads the answer as UniFFI's generated code does, so what is written here must be what UniFFI would write.
#![allow(unsafe_code, reason = "addresses that Kotlin hands over")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use misp_onboarding::Timestamp;
use misp_onboarding::partner::PartnerId;
use uniffi::{FfiConverter, Lift, Lower};
use zeroize::Zeroize;

use crate::UniFfiTag;
use crate::certificate::CertificateReport;
use crate::engine::Onboarding;
use crate::error::OnboardingError;
use crate::license_key::Verdict;
use crate::rules::Actor;
use crate::write::WriteAs;

/// How the answer begins: what follows is the value, the error, or the words of a panic.
const ANSWER: u8 = 0;
const ERROR: u8 = 1;
const PANIC: u8 = 2;

/// Answers [`Onboarding::authenticate`]: arguments are an optional instant and the presented text.
///
/// # Safety
/// `engine` is the handle, which is the address, of an [`Onboarding`] that lives until this returns; `buffer` is the address of `capacity` bytes that nobody
/// else uses until then, the first `length` of which are the arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn misp_onboarding_authenticate(
    engine: u64,
    buffer: u64,
    length: i32,
    capacity: i32,
) -> i32 {
    // SAFETY: as promised by the caller.
    unsafe {
        call(
            engine,
            buffer,
            length,
            capacity,
            |engine, arguments| {
                let at = <Option<Timestamp> as Lift<UniFfiTag>>::try_read(arguments)?;
                let mut presented = <String as Lift<UniFfiTag>>::try_read(arguments)?;
                let verdict = engine.verdict(&presented, at);
                presented.zeroize();
                Ok(verdict)
            },
            <Verdict as Lower<UniFfiTag>>::write,
        )
    }
}

/// Answers [`Onboarding::inspect_certificate`]: arguments are the actor, the partner's id and the file.
///
/// # Safety
/// As for [`misp_onboarding_authenticate`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn misp_onboarding_inspect_certificate(
    engine: u64,
    buffer: u64,
    length: i32,
    capacity: i32,
) -> i32 {
    // SAFETY: as promised by the caller.
    unsafe {
        call(
            engine,
            buffer,
            length,
            capacity,
            |engine, arguments| {
                let actor = <Actor as Lift<UniFfiTag>>::try_read(arguments)?;
                let partner = <PartnerId as Lift<UniFfiTag>>::try_read(arguments)?;
                // The file stays where it is: UniFFI would copy it one byte after the other.
                let length = usize::try_from(<i32 as Lift<UniFfiTag>>::try_read(arguments)?)?;
                uniffi::check_remaining(arguments, length)?;
                Ok(engine.inspect(actor, &partner, &arguments[..length]))
            },
            |report, to| WriteAs::<CertificateReport>::write_as(&report, to),
        )
    }
}

/// Puts the answer in place of the arguments, wiping those, and says how long it is. Where the buffer is too small
/// for it, says by a negative number how large it must be: both calls change nothing, so they can be made again.
///
/// # Safety
/// As for [`misp_onboarding_authenticate`].
unsafe fn call<T>(
    engine: u64,
    buffer: u64,
    length: i32,
    capacity: i32,
    answer: impl FnOnce(&Onboarding, &mut &[u8]) -> uniffi::Result<Result<T, OnboardingError>>,
    write: impl FnOnce(T, &mut Vec<u8>),
) -> i32 {
    let (Ok(length), Ok(capacity)) = (usize::try_from(length), usize::try_from(capacity)) else { return 0 };
    // SAFETY: the caller promises that `engine` is alive, and that the buffer is ours.
    let (engine, buffer) =
        unsafe { (&*(engine as *const Onboarding), slice::from_raw_parts_mut(buffer as *mut u8, capacity)) };
    let Some((arguments, _)) = buffer.split_at_mut_checked(length) else { return 0 };
    let mut written = Vec::with_capacity(capacity);
    let answered = catch_unwind(AssertUnwindSafe(|| {
        let value = answer(engine, &mut &*arguments)?;
        uniffi::Result::<_>::Ok(value.map(|value| {
            written.push(ANSWER);
            write(value, &mut written);
        }))
    }));
    match answered {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(error))) => write_error(error, &mut written),
        // Arguments that are none of their type are the caller's mistake, and told like any other.
        Ok(Err(unread)) => match unread.downcast::<OnboardingError>() {
            Ok(error) => write_error(error, &mut written),
            Err(unread) => write_panic(&unread.to_string(), &mut written),
        },
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
            written.clear();
            write_panic(&words.unwrap_or_else(|| "a panic without words".to_owned()), &mut written);
        }
    }
    let needed = i32::try_from(written.len()).unwrap_or(i32::MAX);
    match buffer.get_mut(..written.len()) {
        Some(place) => {
            place.copy_from_slice(&written);
            if let Some(rest) = buffer.get_mut(written.len()..length) {
                rest.zeroize();
            }
            needed
        }
        None => -needed,
    }
}

fn write_error(error: OnboardingError, written: &mut Vec<u8>) {
    written.push(ERROR);
    <OnboardingError as FfiConverter<UniFfiTag>>::write(error, written);
}

fn write_panic(words: &str, written: &mut Vec<u8>) {
    written.push(PANIC);
    <String as Lower<UniFfiTag>>::write(words.to_owned(), written);
}
