//! Random commands do in PostgreSQL what they do in memory, and what the model says.

mod support;

use misp_onboarding_testkit::model::Comparison;

#[test]
fn random_commands_do_in_postgresql_what_they_do_in_memory() {
    // Without a server it ends here, and not as a failure of a sequence.
    support::url();
    let regressions = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model.regressions");
    Comparison { cases: 40, regressions: Some(regressions) }.run(support::guarded);
}
