// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The tree's kconfig, and what differs between versions of it. Nothing else here knows one
 * version from another, save the form of menu_finalize in parse.c, the loop of randconfig in
 * judge.c, and values.c.
 *
 * The script that builds the driver defines, as the tree needs:
 *   KL_SYMBOL_INDEX   for_all_symbols takes an index (up to 6.6)
 *   KL_STRUCT_FILE    places have a struct file instead of a name (up to 6.9)
 *   KL_FINALIZE_ARG   menu_finalize takes the root menu (up to 6.8)
 *   KL_REPEATED_RANDOM  randconfig goes on until nothing is new (up to 6.8)
 *   KL_KEPT_VALUES    expressions keep their values (from 6.10)
 *   KL_NO_INTERNAL    there is no internal.h (up to 4.17)
 *   KL_NO_IMPLY       there is no imply (up to 4.9)
 *   KL_NO_ORDER       texts are compared by = and != only (up to 4.2)
 *   KL_AUTOCONF_VOID  conf_write_autoconf takes no argument (up to 5.2)
 */
#ifndef DRIVER_KCONFIG_H
#define DRIVER_KCONFIG_H

#include <stdlib.h>
#include <string.h>

#ifndef KL_NO_INTERNAL
#include "internal.h"
#endif
#include "lkc.h"

#ifdef KL_NO_IMPLY
#define IMPLY_OF(symbol, field, otherwise) (otherwise)
#else
#define IMPLY_OF(symbol, field, otherwise) ((symbol)->implied.field)
#endif

#ifdef KL_SYMBOL_INDEX
#define EACH_SYMBOL(sym) int i_##sym; for_all_symbols(i_##sym, sym)
#else
#define EACH_SYMBOL(sym) for_all_symbols(sym)
#endif

#ifdef KL_STRUCT_FILE
#define FILE_OF(place) ((place)->file ? (place)->file->name : NULL)
#else
#define FILE_OF(place) ((place)->filename)
#endif

/* The choice that a symbol is a member of, or NULL. */
static inline struct symbol *choice_of(struct symbol *sym)
{
#ifdef SYMBOL_CHOICEVAL
	return sym_is_choice_value(sym) ? prop_get_symbol(sym_get_choice_prop(sym)) : NULL;
#else
	struct menu *choice = sym_is_choice(sym) ? NULL : sym_get_choice_menu(sym);

	return choice ? choice->sym : NULL;
#endif
}

static inline bool is_optional(const struct symbol *sym)
{
#ifdef SYMBOL_OPTIONAL
	return sym->flags & SYMBOL_OPTIONAL;
#else
	(void)sym;
	return false;
#endif
}

static inline struct menu *following(struct menu *menu)
{
	if (menu->list)
		return menu->list;
	while (menu && !menu->next)
		menu = menu->parent;
	return menu ? menu->next : NULL;
}

#define EACH_MENU(menu) for (menu = &rootmenu; menu; menu = following(menu))

#endif
