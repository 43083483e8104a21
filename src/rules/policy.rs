// SPDX-License-Identifier: MIT OR Apache-2.0
//! policy: the project's own dependency rules, and the type that holds one.

use super::{Group, Rule, Stage};
use crate::diagnostic::Level;

/// The declaration.
pub static RULE: Rule = Rule {
    name: "policy",
    group: Group::Correctness,
    level: Level::Deny,
    stage: Stage::Theory,
    fixable: true,
    since: "0.1.0",
    summary: "a policy of the project is violated by some configuration",
    docs: DOCS,
};

const DOCS: &str = r#"## What it does

A policy says what must hold wherever a symbol is selected: *whoever selects
`DRM_GEM_SHMEM_HELPER` must have `MMU`*. The rule finds every select statement that is active in
a configuration in which the required expression does not hold. As with `unmet-dependency` this
is decided over all configurations of all architectures, not by comparing texts: a driver that
depends on an architecture where MMU is always on satisfies the policy.

Policies come from `[[policy]]` in `kconfig-lint.toml`:

```toml
[[policy]]
name = "shmem-needs-mmu"
selectors-of = "DRM_GEM_SHMEM_HELPER"
require = "MMU"
reason = "mmap of shmem buffers inserts page frames: no MMU, no mapping"
alternative = "where there is no MMU, select the DMA helper instead"
```

`shmem-needs-mmu` is built in, and silent in trees without these symbols. Where the target
itself states the requirement, `unmet-dependency` reports the pair and the policy does not.

## Why is this bad

Some requirements are known to the people of a subsystem and not yet written as a dependency of
the helper, or cannot be. Kconfig is silent about them: nothing warns, and the driver fails to
build or to run on the machines that lack what it needs.

## Example

The helper does not state that it needs an MMU, so Kconfig itself sees nothing wrong.

```kconfig,bad
config MMU
	bool "Memory management unit"

config DRM_GEM_SHMEM_HELPER
	bool

config DRM_PANEL_USB
	bool "USB panel"
	select DRM_GEM_SHMEM_HELPER
```

## Use instead

```kconfig,good
config MMU
	bool "Memory management unit"

config DRM_GEM_SHMEM_HELPER
	bool

config DRM_PANEL_USB
	bool "USB panel"
	depends on MMU
	select DRM_GEM_SHMEM_HELPER
```

And where all users need it, state the dependency at the helper as well.
"#;

/// A dependency rule of a project: what must hold wherever a symbol is selected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Its name in reports.
    pub name: String,
    /// The symbol whose direct select statements are checked.
    pub selectors_of: String,
    /// What must hold in every configuration in which such a select is active: a Kconfig
    /// expression.
    pub require: String,
    /// Why, for the report; empty when not given.
    pub reason: String,
    /// What to do where the requirement cannot hold; empty when not given.
    pub alternative: String,
    /// Whether it ships with this program. A built-in policy whose symbols the tree lacks is
    /// silent, one from the settings warns.
    pub builtin: bool,
}

/// The policies that ship with this program, sorted by name.
pub fn builtin() -> Vec<Policy> {
    vec![Policy {
        name: "shmem-needs-mmu".to_owned(),
        selectors_of: "DRM_GEM_SHMEM_HELPER".to_owned(),
        require: "MMU".to_owned(),
        reason: "mmap of shmem buffers inserts page frames: no MMU, no mapping".to_owned(),
        alternative: "where there is no MMU, select the DMA helper instead".to_owned(),
        builtin: true,
    }]
}
