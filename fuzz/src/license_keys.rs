//! License keys. What parses reveals the same text; a generated key with one character changed, or two neighbors
//! swapped, never parses; text that is no key never reaches the store, and text that is one is looked up once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use misp_onboarding::Onboarding;
use misp_onboarding::license_key::{
    AuthenticationRecord, IMPORTED_KEY_CHARACTERS, KEY_CHARACTERS, KeyHasher, LicenseKey, LicenseKeyDigest,
    Refusal,
};
use misp_onboarding::store::{LicenseKeyRepository, MemoryStore, Store, StoreError};
use misp_onboarding_testkit::conformance::{Layer, Layered};

use crate::random::Random;
use crate::{Seed, text};

/// Checks the law for a text; its bytes are also the seed of a key that is mistyped.
pub fn check(data: &[u8]) {
    check_mistyped(data);
    if let Some(text) = text(data) {
        check_presented(text);
    }
}

fn check_presented(text: &str) {
    let store = Arc::new(Layered(Counting::default()));
    let engine = Onboarding::builder(store.clone()).build().expect("the default rules");
    let answer = engine.authenticate(text).expect("the store does not fail");
    let lookups = store.0.lookups.load(Ordering::Relaxed);
    match LicenseKey::parse(text) {
        Ok(key) => {
            assert_eq!(key.reveal(), text);
            assert!(text.ends_with(key.last4()) && key.last4().len() == 4);
            assert!([KEY_CHARACTERS, IMPORTED_KEY_CHARACTERS].contains(&text.len()));
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
            assert_eq!((answer, lookups), (Err(Refusal::Unknown), 1));
        }
        Err(malformed) => {
            assert_eq!((answer, lookups), (Err(Refusal::Malformed(malformed)), 0));
        }
    }
}

/// The first bytes say which key, the last two what is wrong with it.
fn check_mistyped(data: &[u8]) {
    let Some((seed, &[place, change])) = data.split_last_chunk::<2>() else { return };
    let key = LicenseKey::generate(&mut Random::new(seed)).expect("numbers that do not fail");
    let text = key.reveal();
    let digest = |key: &LicenseKey| key.digest(&KeyHasher::sha256());
    let again = LicenseKey::parse(text).expect("a generated key parses");
    assert_eq!(digest(&again), digest(&key));

    let place = usize::from(place) % text.len();
    let mut typed = text.as_bytes().to_vec();
    typed[place] = change;
    refused(&typed, text);
    let mut swapped = text.as_bytes().to_vec();
    swapped.swap(place, (place + 1) % text.len());
    if place + 1 < text.len() {
        refused(&swapped, text);
    }
    for length in [0, place] {
        refused(&text.as_bytes()[..length], text);
    }
    refused(&[text.as_bytes(), &[change]].concat(), text);
}

fn refused(typed: &[u8], key: &str) {
    let Ok(typed) = std::str::from_utf8(typed) else { return };
    // The length of MOSIP's keys is that of a generated key cut by four; the `_` in it tells them apart.
    assert!(typed == key || LicenseKey::parse(typed).is_err(), "{typed:?} instead of {key:?}");
}

/// An empty store that counts how often a key is looked up.
#[derive(Default)]
struct Counting {
    empty: MemoryStore,
    lookups: AtomicUsize,
}

impl Layer for Counting {
    fn below(&self) -> &dyn Store {
        &self.empty
    }

    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        self.lookups.fetch_add(1, Ordering::Relaxed);
        self.empty.find_by_digest(digest)
    }
}

/// A key of each kind, and texts that are nearly one.
pub fn seeds() -> Vec<Seed> {
    let key = LicenseKey::generate(&mut Random::new(b"seed")).expect("numbers that do not fail");
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("generated", text(key.reveal())),
        ("generated-cut", text(&key.reveal()[..KEY_CHARACTERS - 1])),
        ("imported", text(&"Ab3".repeat(IMPORTED_KEY_CHARACTERS)[..IMPORTED_KEY_CHARACTERS])),
        ("other-checksum", text(&format!("misp_{}", "0".repeat(49)))),
        ("not-ascii", text(&"é".repeat(IMPORTED_KEY_CHARACTERS / 2))),
    ]
}
