// SPDX-License-Identifier: MIT OR Apache-2.0
//! A progress bar on standard error, for runs that take a while in front of a person.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that appears when it is worth it. Threads share it.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    shown: AtomicBool,
}

impl Progress {
    /// A bar, unless it is not `wanted` or nobody sits in front of standard error.
    pub(super) fn new(wanted: bool) -> Progress {
        let visible = wanted && std::io::stderr().is_terminal();
        let bar = visible.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress {
            bar,
            started: Instant::now(),
            shown: AtomicBool::new(false),
        }
    }

    /// `done` of `total` steps are done; `what` names the current one.
    pub(super) fn step(&self, done: usize, total: usize, what: &str) {
        let Some(bar) = &self.bar else {
            return;
        };
        if total < 2 || self.started.elapsed() < PATIENCE {
            return;
        }
        if !self.shown.swap(true, Ordering::Relaxed) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        bar.set_message(crate::report::safe::line(what));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
