// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ends what a command of the tree started.
//!
//! Every command runs in a process group of its own, which one signal ends. A process that left
//! its group (`setsid`) is found on Linux all the same: the kernel hands orphans to us, so every
//! such process descends from this program.

use std::collections::BTreeSet;
use std::io;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::signals;

/// Waits for a process that [`signals::spawn`] started; `None` when the time was over first.
/// Whatever is left of its process group is ended in both cases.
///
/// # Errors
/// When the system does not tell how the process ended.
pub fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    let mut pause = Duration::from_micros(100);
    let mut is_over = has_ended(child)?;
    while !is_over && started.elapsed() < limit {
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
        is_over = has_ended(child)?;
    }
    // The group is ended before the process is reaped: until then nobody else can get its number.
    end_group(child.id());
    let _ = child.kill();
    let status = child.wait();
    signals::forget(child);
    Ok(is_over.then_some(status?))
}

/// Whether a child has ended; it is not reaped.
#[cfg(all(unix, not(any(target_os = "openbsd", target_os = "redox"))))]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(Pid::from_child(child)), options)?.is_some())
}

#[cfg(not(all(unix, not(any(target_os = "openbsd", target_os = "redox")))))]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    Ok(child.try_wait()?.is_some())
}

/// Ends every process that descends from this program, and these groups.
pub(super) fn end_all(groups: &BTreeSet<u32>) {
    groups.iter().for_each(|group| end_group(*group));
    linux::end(|_| true);
}

/// Ends the processes that commands of the tree left behind. Call this only while none of the
/// commands is meant to run.
pub(super) fn end_strays() {
    // What we start for ourselves (git) is in our own group, and no command of the tree is.
    linux::end(|is_own_group| !is_own_group);
}

/// From now on, whoever loses its parent below this program becomes a child of this program.
pub(super) fn adopt_orphans() {
    linux::adopt_orphans();
}

#[cfg(unix)]
fn end_group(group: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        // A group without processes is what is wanted.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn end_group(_: u32) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::fs;
    use std::sync::Once;
    use std::time::{Duration, Instant};

    use rustix::process::{
        Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid,
    };

    /// A process that the kernel does not let die within this time is left to the kernel.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// What `/proc/N/stat` says.
    struct Process {
        parent: i32,
        group: i32,
        is_dead: bool,
    }

    pub(super) fn adopt_orphans() {
        static ONCE: Once = Once::new();
        // A kernel without this leaves us the process groups.
        ONCE.call_once(|| {
            let _ = set_child_subreaper(Some(getpid()));
        });
    }

    /// Ends all descendants whom `chosen` takes, by whether they are in our own process group.
    pub(super) fn end(chosen: impl Fn(bool) -> bool) {
        let patience = Instant::now() + PATIENCE;
        // Again and again, because a process may start another one before its end.
        while end_once(&chosen) && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether any of them was still alive.
    fn end_once(chosen: &impl Fn(bool) -> bool) -> bool {
        let all = processes();
        let us = getpid().as_raw_nonzero().get();
        let own_group = all.get(&us).map(|process| process.group);
        let mut was_alive = false;
        for (number, process) in &all {
            let is_wanted = *number != us
                && chosen(Some(process.group) == own_group)
                && descends(*number, us, &all);
            let Some(pid) = Pid::from_raw(*number).filter(|_| is_wanted) else {
                continue;
            };
            if !process.is_dead {
                was_alive = true;
                // Whoever ended meanwhile needs no signal.
                let _ = kill_process(pid, Signal::KILL);
            } else if process.parent == us {
                let _ = waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
        was_alive
    }

    fn descends(number: i32, us: i32, all: &BTreeMap<i32, Process>) -> bool {
        let parent = |number: &i32| all.get(number).map(|process| process.parent);
        // The table is no snapshot, so it might hold a circle.
        std::iter::successors(Some(number), parent)
            .take(all.len())
            .any(|ancestor| ancestor == us)
    }

    fn processes() -> BTreeMap<i32, Process> {
        let folders = fs::read_dir("/proc").into_iter().flatten().flatten();
        let known = folders.filter_map(|folder| {
            let number = folder.file_name().to_str()?.parse().ok()?;
            let stat = fs::read(folder.path().join("stat")).ok()?;
            Some((number, process(&String::from_utf8_lossy(&stat))?))
        });
        known.collect()
    }

    /// Reads `N (name) state parent group …`; the name may hold anything, also a `)`.
    fn process(stat: &str) -> Option<Process> {
        let (_, rest) = stat.rsplit_once(')')?;
        let mut words = rest.split_ascii_whitespace();
        Some(Process {
            is_dead: matches!(words.next()?, "Z" | "X" | "x"),
            parent: words.next()?.parse().ok()?,
            group: words.next()?.parse().ok()?,
        })
    }
}

/// Elsewhere only process groups are known.
#[cfg(not(target_os = "linux"))]
mod linux {
    pub(super) fn adopt_orphans() {}

    pub(super) fn end(_: impl Fn(bool) -> bool) {}
}
