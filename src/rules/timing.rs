// SPDX-License-Identifier: MIT OR Apache-2.0
//! How long each rule takes, for `--rule-timing`. Nothing is measured unless that was asked for, and nothing that a run
//! finds depends on what is measured.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static IS_ON: AtomicBool = AtomicBool::new(false);

static SPENT: Mutex<BTreeMap<&'static str, Duration>> = Mutex::new(BTreeMap::new());

/// Measures from now on.
pub fn begin() {
    IS_ON.store(true, Ordering::Relaxed);
}

/// Does the work of a rule.
pub fn measured<T>(rule: &'static str, work: impl FnOnce() -> T) -> T {
    if !IS_ON.load(Ordering::Relaxed) {
        return work();
    }
    let start = Instant::now();
    let result = work();
    let mut spent = SPENT.lock().unwrap_or_else(|it| it.into_inner());
    *spent.entry(rule).or_default() += start.elapsed();
    result
}

/// The time of each rule that did something, over all threads, the longest first.
pub fn spent() -> Vec<(&'static str, Duration)> {
    let spent = SPENT.lock().unwrap_or_else(|it| it.into_inner());
    let mut all: Vec<_> = spent.iter().map(|(rule, time)| (*rule, *time)).collect();
    all.sort_by_key(|(rule, time)| (std::cmp::Reverse(*time), *rule));
    all
}
