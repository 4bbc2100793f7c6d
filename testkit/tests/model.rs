//! Random commands on the in-memory store do what the model says.

use misp_onboarding::store::MemoryStore;
use misp_onboarding_testkit::model::Comparison;

#[test]
fn random_commands_do_what_the_model_says() {
    let regressions = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model.regressions");
    Comparison { cases: 400, regressions }.run(MemoryStore::new);
}
