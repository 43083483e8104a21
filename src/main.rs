// SPDX-License-Identifier: MIT OR Apache-2.0
//! The binary: everything lies in the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    kconfig_lint::cli::main(std::env::args_os())
}
