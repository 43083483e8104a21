// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ends a run that needs more memory than it may have, before an allocation fails.
//!
//! A failed allocation aborts a Rust program without a word of ours, and a full machine has the kernel
//! kill some process. A thread reads how much this process holds, many times a second. A single
//! allocation of more than what is left then still aborts.
//!
//! Only Linux tells in a file how much that is; elsewhere nothing is limited.

use std::fs;
use std::thread;
use std::time::Duration;

use super::signals;

/// How often it is looked at. A run fills some 50 MB in this time.
const PAUSE: Duration = Duration::from_millis(25);

/// What a process holds, in kB.
struct Held {
    resident: u64,
    /// All of its address space.
    mapped: u64,
}

/// From now on the program ends with status 2 once it holds more than `most` MB, or seven eighths of
/// the address space that the system allows it (`ulimit -v`). `complain` is told why, first.
pub fn limit_memory(most: u32, complain: impl Fn(&str) + Send + 'static) {
    let most = u64::from(most) * 1024;
    let allowed = address_space().map(|all| all - all / 8);
    if held().is_none() {
        return;
    }
    let watch = move || {
        loop {
            thread::sleep(PAUSE);
            let Some(held) = held() else { return };
            if held.resident > most {
                let most = most / 1024;
                signals::end_run(|| {
                    complain(&format!(
                        "the run needs more than {most} MB of memory and ends here: \
                         --memory allows it more"
                    ));
                });
            }
            if let Some(allowed) = allowed.filter(|allowed| held.mapped > *allowed) {
                let allowed = allowed / 1024;
                signals::end_run(|| {
                    complain(&format!(
                        "the run needs more than {allowed} MB of address space and ends here: \
                         the system allows it little more (ulimit -v)"
                    ));
                });
            }
        }
    };
    // Without resources for a thread, nothing is limited.
    let _ = thread::Builder::new()
        .name("memory".to_owned())
        .spawn(watch);
}

fn held() -> Option<Held> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = |name: &str| {
        let mut lines = status.lines();
        let rest = lines.find_map(|line| line.strip_prefix(name))?;
        rest.split_whitespace().next()?.parse().ok()
    };
    Some(Held {
        resident: kilobytes("VmRSS:")?,
        mapped: kilobytes("VmSize:")?,
    })
}

/// The address space that the system allows this process, in kB; `None` without a limit.
fn address_space() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let mut lines = limits.lines();
    let rest = lines.find_map(|line| line.strip_prefix("Max address space"))?;
    let bytes: u64 = rest.split_whitespace().next()?.parse().ok()?;
    Some(bytes / 1024)
}
