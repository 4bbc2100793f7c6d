//! Sequences of commands on the in-memory store, one line a command. Every answer and every event is what the model of
//! the testkit says; after each command the invariants hold of what the store contains; a refused command changes
//! nothing.

use misp_onboarding::store::{MemoryStore, Store};
use misp_onboarding_testkit::invariants::{self, Contents};
use misp_onboarding_testkit::model;

use crate::{Seed, texts};

/// Checks the law for a sequence.
pub fn check(data: &[u8]) {
    let mut before = Contents::default();
    let look = |store: &dyn Store, accepted: bool| {
        let contents = Contents::read(store).expect("the store is read");
        if accepted {
            let wrong = invariants::check(store).expect("the store is read");
            assert!(wrong.is_empty(), "{wrong:?}");
        } else {
            assert_eq!(contents, before, "a refused command changes something");
        }
        before = contents;
    };
    if let Err(difference) = model::play_lines(data, MemoryStore::new(), look) {
        panic!("{difference}");
    }
}

/// Sequences of any commands: what a line stands for follows from its bytes and is not meant to be read.
pub fn seeds() -> Vec<Seed> {
    texts(&[
        ("beginning", ""),
        ("other-approver", "!"),
        ("ten", "a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n0"),
        (
            "thirty",
            "b\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\nr\ns\nt\nu\nv\nw\nx\ny\nz\nA\nB\nC\nD",
        ),
    ])
}
