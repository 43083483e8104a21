// SPDX-License-Identifier: MIT OR Apache-2.0
//! Settings: levels and policies of `kconfig-lint.toml` and the command line.
