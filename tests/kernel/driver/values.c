// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * From 6.10 on, expr.c keeps the value of each expression until expr_invalidate_all() has walked
 * over all of them. A randconfig asks for that once for each choice, and more than half of its
 * time went there. The linker sends both functions here (--wrap): what has no value is not
 * visited. The values are those of expr.c.
 */

#include "kconfig.h"

#include "driver.h"

#ifdef KL_KEPT_VALUES

tristate __real_expr_calc_value(struct expr *e);
tristate __wrap_expr_calc_value(struct expr *e);
void __real_expr_invalidate_all(void);
void __wrap_expr_invalidate_all(void);

/* What was computed from outside of expr.c. A value hangs on one of these, through values only. */
static struct expr **computed;
static size_t computed_len, computed_room;
static int depth;

tristate __wrap_expr_calc_value(struct expr *e)
{
	tristate value;

	if (!e || e->val_is_valid)
		return __real_expr_calc_value(e);
	depth++;
	value = __real_expr_calc_value(e);
	depth--;
	if (computed_len == computed_room) {
		computed_room = computed_room ? 2 * computed_room : 1 << 12;
		computed = need(realloc(computed, computed_room * sizeof(*computed)));
	}
	computed[computed_len++] = e;
	return value;
}

static void forget(struct expr *e)
{
	if (!e->val_is_valid)
		return;
	e->val_is_valid = false;
	if (e->type == E_AND || e->type == E_OR || e->type == E_NOT)
		forget(e->left.expr);
	if (e->type == E_AND || e->type == E_OR)
		forget(e->right.expr);
}

void __wrap_expr_invalidate_all(void)
{
	size_t i;

	/* What is just being computed has no value yet, and may have parts with one. */
	if (depth) {
		__real_expr_invalidate_all();
		return;
	}
	for (i = 0; i < computed_len; i++)
		forget(computed[i]);
	computed_len = 0;
}

#endif
