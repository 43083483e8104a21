// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ends the program on SIGINT, SIGTERM and SIGHUP without leaving anything behind.
//!
//! One lock guards everything that a signal must not cut in two. A thread waits for the signal,
//! takes this lock for ever, cleans up, and lets the signal end the program. Every other thread
//! that wants the lock afterwards stops there: it starts nothing and reports nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::processes;

/// What a signal has to clean up.
#[derive(Default)]
struct Held {
    folders: BTreeSet<PathBuf>,
    /// Processes that were started in a process group of their own, by their number.
    groups: BTreeSet<u32>,
}

static HELD: Mutex<Held> = Mutex::new(Held {
    folders: BTreeSet::new(),
    groups: BTreeSet::new(),
});

/// How long a thread waits for the signal to end the program. The thread that cleans up takes a
/// few seconds at most; nobody waits for ever if it fails.
const END_LIMIT: Duration = Duration::from_secs(60);

/// Listens to signals from now on. A signal that the parent process had ignored (`nohup`) stays
/// ignored. Without resources for a listener, signals end the program as usual.
pub fn heed() {
    #[cfg(unix)]
    unix::heed();
}

/// Runs `work` from beginning to end, or not at all, whatever signal arrives.
pub fn undisturbed<T>(work: impl FnOnce() -> T) -> T {
    let _held = held();
    work()
}

/// Stops here if a signal is about to end the program, so that the exit status is the signal's.
pub fn settle() {
    if is_signalled() {
        std::thread::sleep(END_LIMIT);
        std::process::exit(2);
    }
}

/// Ends the program with status 2 after `say`, and leaves nothing behind either.
pub(super) fn end_run(say: impl FnOnce()) -> ! {
    // What is being written is finished first, and nothing new begins.
    let held = held();
    say();
    clean_up(&held);
    std::process::exit(2);
}

fn clean_up(held: &Held) {
    processes::end_all(&held.groups);
    held.folders.iter().for_each(|folder| remove(folder));
}

/// Starts a command in a process group of its own, to be awaited by [`super::wait`].
///
/// # Errors
/// When the command cannot be started.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut held = held();
    processes::adopt_orphans();
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = command.spawn()?;
    held.groups.insert(child.id());
    Ok(child)
}

/// Forgets a process that [`spawn`] started and that is over.
pub(super) fn forget(child: &Child) {
    held().groups.remove(&child.id());
}

fn held() -> MutexGuard<'static, Held> {
    let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    if is_signalled() {
        drop(held);
        settle();
        unreachable!("settle does not return once a signal has arrived");
    }
    held
}

fn is_signalled() -> bool {
    #[cfg(unix)]
    return unix::is_signalled();
    #[cfg(not(unix))]
    false
}

/// A folder in the system's folder for such things, for this user alone. Dropping the handle
/// removes the folder, and so does a signal.
pub struct TemporaryFolder {
    path: PathBuf,
}

impl TemporaryFolder {
    /// A new folder in `parent`.
    ///
    /// # Errors
    /// When `parent` takes no folder.
    pub fn new(parent: &Path) -> io::Result<TemporaryFolder> {
        let mut held = held();
        let made = tempfile::Builder::new()
            .prefix("kconfig-lint-")
            .rand_bytes(12)
            .tempdir_in(parent)?;
        let path = made.keep();
        held.folders.insert(path.clone());
        Ok(TemporaryFolder { path })
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let mut held = held();
        held.folders.remove(&self.path);
        // Processes are told apart only as long as none is meant to run.
        if held.folders.is_empty() && held.groups.is_empty() {
            processes::end_strays();
        }
        remove(&self.path);
    }
}

/// Removes a folder. Links go, not what they lead to.
fn remove(folder: &Path) {
    const TRIES: u32 = 50;
    for _ in 0..TRIES {
        match fs::remove_dir_all(folder) {
            Ok(()) => return,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            // A thread or a dying process may still be writing into the folder.
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::c_int;
    use std::fs;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, OnceLock, PoisonError};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    use super::{HELD, clean_up};

    /// Set by the signal handler itself, before any thread can see an effect of the signal.
    static SIGNALLED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

    pub(super) fn heed() {
        let signals: Vec<c_int> = [SIGINT, SIGTERM, SIGHUP]
            .into_iter()
            .filter(|signal| !is_ignored(*signal))
            .collect();
        let Ok(mut arrived) = Signals::new(&signals) else {
            return;
        };
        let flag = SIGNALLED.get_or_init(Arc::default);
        let listener = std::thread::Builder::new().name("signals".to_owned());
        let listening = listener.spawn(move || {
            if let Some(signal) = arrived.forever().next() {
                end(signal);
            }
        });
        if listening.is_err() {
            return;
        }
        for signal in signals {
            // Without the flag, the lock alone still keeps writes whole.
            let _ = signal_hook::flag::register(signal, flag.clone());
        }
    }

    pub(super) fn is_signalled() -> bool {
        SIGNALLED
            .get()
            .is_some_and(|flag| flag.load(Ordering::SeqCst))
    }

    fn end(signal: c_int) {
        if let Some(flag) = SIGNALLED.get() {
            flag.store(true, Ordering::SeqCst);
        }
        // What is being written is finished first, and nothing new begins.
        let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        clean_up(&held);
        // The parent process sees that the signal ended this program, as it would without us.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        std::process::exit(128 + signal);
    }

    /// Whether the parent process has this signal ignored. Only Linux says so in a file; elsewhere
    /// every signal is heeded.
    fn is_ignored(signal: c_int) -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }
}
