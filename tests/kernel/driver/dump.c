// SPDX-License-Identifier: MIT OR Apache-2.0
/* Writes the finalised symbol table; computes no value. */

#include "kconfig.h"

#include "driver.h"

static int node_count;

static int leaf(struct symbol *sym)
{
	struct slot *slot = entry(OF_LEAF, (uintptr_t)sym, 0);
	const char *kind = "undefined";

	if (slot->value >= 0)
		return slot->value;
	if (sym_is_choice(sym))
		kind = "choice";
	else if (sym->flags & SYMBOL_CONST)
		kind = "constant";
	else if (is_defined(sym))
		kind = "symbol";
	fprintf(proto, "[\"%s\",", kind);
	json_symbol(sym);
	fputs("]\n", proto);
	return entry(OF_LEAF, (uintptr_t)sym, 0)->value = node_count++;
}

static int inner(const char *word, int type, int left, int right)
{
	struct slot *slot = entry(type, left, right);

	if (slot->value >= 0)
		return slot->value;
	if (right < 0)
		fprintf(proto, "[\"%s\",%d]\n", word, left);
	else
		fprintf(proto, "[\"%s\",%d,%d]\n", word, left, right);
	return slot->value = node_count++;
}

/* The number of an expression's node, whose line is written now unless it was before. */
static int node(const struct expr *e)
{
	int left, right, value;

	if (!e)
		return -1;
	value = entry(OF_EXPR, (uintptr_t)e, 0)->value;
	if (value >= 0)
		return value;
	switch (e->type) {
	case E_OR:
	case E_AND:
		left = node(e->left.expr);
		right = node(e->right.expr);
		value = inner(e->type == E_OR ? "or" : "and", e->type, left, right);
		break;
	case E_NOT:
		value = inner("not", e->type, node(e->left.expr), -1);
		break;
	case E_SYMBOL:
		value = leaf(e->left.sym);
		break;
	default: {
		const char *word = e->type == E_EQUAL ? "=" : e->type == E_UNEQUAL ? "!=" :
#ifndef KL_NO_ORDER
				   e->type == E_LTH ? "<" : e->type == E_LEQ ? "<=" :
				   e->type == E_GTH ? ">" : e->type == E_GEQ ? ">=" :
#endif
				   NULL;

		if (!word) {
			fprintf(stderr, "driver: unexpected expression %d\n", e->type);
			exit(3);
		}
		left = leaf(e->left.sym);
		right = leaf(e->right.sym);
		value = inner(word, e->type, left, right);
	}
	}
	return entry(OF_EXPR, (uintptr_t)e, 0)->value = value;
}

/* A reference to a node, null when there is no expression. */
static void json_node(const char *key, int value)
{
	if (value < 0)
		fprintf(proto, ",\"%s\":null", key);
	else
		fprintf(proto, ",\"%s\":%d", key, value);
}

static void json_place(const char *file, int line)
{
	fputs("\"file\":", proto);
	json_string(file);
	fprintf(proto, ",\"line\":%d", line);
}

static void write_nodes_of(struct symbol *sym)
{
	struct property *prop;

	for (prop = sym->prop; prop; prop = prop->next) {
		node(prop->visible.expr);
		if (prop->type == P_RANGE) {
			leaf(prop->expr->left.sym);
			leaf(prop->expr->right.sym);
		} else if (prop->type == P_DEFAULT) {
			node(prop->expr);
		}
	}
	node(sym->dir_dep.expr);
	node(sym->rev_dep.expr);
	node(IMPLY_OF(sym, expr, NULL));
}

static void json_properties(struct symbol *sym, const char *key, enum prop_type type)
{
	struct property *prop;
	const char *comma = "";

	fprintf(proto, ",\"%s\":[", key);
	for (prop = sym->prop; prop; prop = prop->next) {
		/* menuconfig makes a P_MENU of its prompt. */
		if (prop->type != type && !(type == P_PROMPT && prop->type == P_MENU))
			continue;
		fprintf(proto, "%s{", comma);
		comma = ",";
		json_place(FILE_OF(prop), prop->lineno);
		json_node("if", node(prop->visible.expr));
		switch (type) {
		case P_PROMPT:
			fputs(",\"text\":", proto);
			json_string(prop->text);
			break;
		case P_DEFAULT:
			json_node("value", node(prop->expr));
			break;
		case P_RANGE:
			json_node("low", leaf(prop->expr->left.sym));
			json_node("high", leaf(prop->expr->right.sym));
			break;
		default:
			fputs(",\"target\":", proto);
			json_symbol(prop_get_symbol(prop));
		}
		putc('}', proto);
	}
	putc(']', proto);
}

struct definition {
	int symbol, order;
	struct menu *menu;
};

static int compare_definitions(const void *left, const void *right)
{
	const struct definition *a = left, *b = right;

	return a->symbol != b->symbol ? a->symbol - b->symbol : a->order - b->order;
}

static void dump_symbol(struct symbol *sym, const struct definition *def, int index)
{
	struct symbol *choice = index < 0 ? NULL : choice_of(sym);
	const char *comma = "";

	write_nodes_of(sym);
	fputs("{\"kind\":\"symbol\",\"name\":", proto);
	json_string(sym->name);
	fprintf(proto, ",\"type\":\"%s\",\"choice\":", type_word(sym));
	if (index >= 0 && sym_is_choice(sym))
		fprintf(proto, "%d", choice_number(sym));
	else
		fputs("null", proto);
	fputs(",\"member_of\":", proto);
	if (choice)
		fprintf(proto, "%d", choice_number(choice));
	else
		fputs("null", proto);
	fprintf(proto, ",\"optional\":%s,\"modules\":%s,\"definitions\":[",
		is_optional(sym) ? "true" : "false", sym == modules_sym ? "true" : "false");
	for (; index >= 0 && def->symbol == index; def++) {
		fprintf(proto, "%s{", comma);
		comma = ",";
		json_place(FILE_OF(def->menu), def->menu->lineno);
		putc('}', proto);
	}
	putc(']', proto);
	json_properties(sym, "prompts", P_PROMPT);
	json_properties(sym, "defaults", P_DEFAULT);
	json_properties(sym, "ranges", P_RANGE);
	json_properties(sym, "selects", P_SELECT);
#ifndef KL_NO_IMPLY
	json_properties(sym, "implies", P_IMPLY);
#else
	fputs(",\"implies\":[]", proto);
#endif
	json_node("direct", node(sym->dir_dep.expr));
	json_node("reverse", node(sym->rev_dep.expr));
	json_node("implied", node(IMPLY_OF(sym, expr, NULL)));
	fputs("}\n", proto);
}

void dump(void)
{
	struct definition *definitions = NULL;
	struct symbol *sym;
	struct menu *menu;
	int count = 0, room = 0, i, at = 0;

	EACH_MENU(menu) {
		if (!menu->sym)
			continue;
		if (count + 1 >= room) {
			room = room ? 2 * room : 4096;
			definitions = need(realloc(definitions, room * sizeof(*definitions)));
		}
		definitions[count] = (struct definition){
			entry(OF_SYMBOL, (uintptr_t)menu->sym, 0)->value, count, menu };
		count++;
	}
	if (!definitions)
		definitions = need(calloc(1, sizeof(*definitions)));
	definitions[count].symbol = -1;
	qsort(definitions, count, sizeof(*definitions), compare_definitions);
	for (i = 0; i < table_len; i++) {
		dump_symbol(table[i], definitions + at, i);
		while (at < count && definitions[at].symbol == i)
			at++;
	}
	EACH_SYMBOL(sym)
		if (sym->name && !(sym->flags & SYMBOL_CONST) && !is_defined(sym) &&
		    (sym->rev_dep.expr || IMPLY_OF(sym, expr, NULL)))
			dump_symbol(sym, NULL, -1);
	fputs("{\"kind\":\"end\",\"commands\":", proto);
	json_commands();
	fputs(",\"messages\":", proto);
	json_messages();
	fputs("}\n", proto);
}
