//! The process of the test itself.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pratiko_metrics::{ProcessMetrics, Registry};

fn registry() -> Registry {
    let registry = Registry::new();
    assert_eq!(registry.register(ProcessMetrics::new()), Ok(()));
    registry
}

fn value(registry: &Registry, name: &str) -> f64 {
    registry.value(name, &[]).unwrap_or(f64::NAN)
}

#[test]
fn every_value_is_one_that_a_process_can_have() {
    let registry = registry();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let started = value(&registry, "process_start_time_seconds");
    assert!((now - 3600.0..now + 2.0).contains(&started), "{started} at {now}");
    let resident = value(&registry, "process_resident_memory_bytes");
    assert!((1e5..1e10).contains(&resident), "{resident}");
    assert!(value(&registry, "process_virtual_memory_bytes") > resident);
    assert!(value(&registry, "process_virtual_memory_max_bytes") > resident);
    let descriptors = value(&registry, "process_open_fds");
    assert!((3.0..value(&registry, "process_max_fds")).contains(&descriptors), "{descriptors}");
    assert_eq!(registry.read().len(), 8);
}

#[test]
fn processor_time_grows_by_less_than_a_second_at_a_time() {
    let registry = registry();
    let before = value(&registry, "process_cpu_seconds_total");
    let started = Instant::now();
    let mut used = 0.0;
    while used == 0.0 && started.elapsed() < Duration::from_secs(60) {
        used = value(&registry, "process_cpu_seconds_total") - before;
    }
    assert!(used > 0.0 && used < 0.9, "{used}");
}

#[test]
fn threads_are_those_that_are_there_now() {
    const THREADS: usize = 40;
    let registry = registry();
    let all_there = std::sync::Barrier::new(THREADS + 1);
    let counted = std::sync::Barrier::new(THREADS + 1);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                all_there.wait();
                counted.wait();
            });
        }
        all_there.wait();
        let threads = value(&registry, "process_threads");
        counted.wait();
        // Other tests have some too.
        assert!((41.0..100.0).contains(&threads), "{threads}");
    });
}
