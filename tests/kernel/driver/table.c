// SPDX-License-Identifier: MIT OR Apache-2.0
/* The symbols that have a definition, in order, and what they are called. */

#include "kconfig.h"

#include "driver.h"

struct symbol **table; /* defined symbols, in the order of first definition */
int table_len;
static int choice_count;

int choice_number(const struct symbol *sym)
{
	return entry(OF_CHOICE, (uintptr_t)sym, 0)->value;
}

bool is_defined(const struct symbol *sym)
{
	return entry(OF_SYMBOL, (uintptr_t)sym, 0)->value >= 0;
}

void fill_table(void)
{
	struct menu *menu;
	int room = 0;

	EACH_MENU(menu) {
		struct slot *slot;

		if (!menu->sym)
			continue;
		slot = entry(OF_SYMBOL, (uintptr_t)menu->sym, 0);
		if (slot->value >= 0)
			continue;
		slot->value = table_len;
		if (table_len == room) {
			room = room ? 2 * room : 4096;
			table = need(realloc(table, room * sizeof(*table)));
		}
		table[table_len++] = menu->sym;
		if (sym_is_choice(menu->sym))
			entry(OF_CHOICE, (uintptr_t)menu->sym, 0)->value = choice_count++;
	}
}

const char *type_word(const struct symbol *sym)
{
	switch (sym->type) {
	case S_BOOLEAN:
		return "bool";
	case S_TRISTATE:
		return "tristate";
	case S_INT:
		return "int";
	case S_HEX:
		return "hex";
	case S_STRING:
		return "string";
	default:
		return "unknown";
	}
}

/* A choice is called by its number, everything else by its name. */
void json_symbol(const struct symbol *sym)
{
	if (sym_is_choice(sym))
		fprintf(proto, "%d", choice_number(sym));
	else
		json_string(sym->name);
}
