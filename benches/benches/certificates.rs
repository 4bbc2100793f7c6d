//! The engine alone, beside the one signature that it cannot do without.
#![allow(missing_docs, reason = "criterion's macros make functions without any")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to measure")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use misp_onboarding_benches::certificates::{Keys, Scenario};
use misp_onboarding_benches::contender::{Engine, Provider, Signature};

fn validation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("certificates");
    for keys in Keys::ALL {
        for scenario in [Scenario::new(keys, 1), Scenario::new(keys, 100)] {
            let engine = Engine::new(&scenario, Provider::AwsLcRs).expect("every leaf is accepted");
            let mut place = 0;
            group.bench_function(BenchmarkId::new("validate", scenario.name()), |bencher| {
                bencher.iter(|| {
                    place += 1;
                    engine.validate(place)
                });
            });
        }
        let scenario = Scenario::new(keys, 1);
        let leaf = &scenario.leaves[0].certificate;
        let signature = Signature::of(leaf, &scenario.intermediates[0], keys != Keys::P256);
        let signature = signature.expect("what the test kit makes can be read");
        group.bench_function(BenchmarkId::new("bare leaf signature", keys.name()), |bencher| {
            bencher.iter(|| signature.check(Provider::AwsLcRs));
        });
    }
    group.finish();
}

criterion_group!(benches, validation);
criterion_main!(benches);
