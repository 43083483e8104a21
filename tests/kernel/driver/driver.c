// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Asks a kernel tree's own kconfig: dumps its finalised symbol table, computes the
 * values that many configurations lead to, and tells which files it can parse.
 *
 * This file owns the protocol (README.md beside its folder). It decides nothing about
 * Kconfig: every value and every verdict comes from the tree's own code. It is compiled
 * and linked, at test time only, with the objects of the tree's scripts/kconfig, which
 * are GPL-2.0; neither they nor the resulting program are ever distributed with this
 * project. conf.c is included, not copied, because its functions are static.
 *
 * No command ever runs: the linker sends popen, pclose and fopen here (--wrap), where
 * commands are answered from a file and some files come from memory.
 *
 * The script that builds it defines, as the tree needs:
 *   KL_SYMBOL_INDEX   for_all_symbols takes an index (up to 6.6)
 *   KL_STRUCT_FILE    places have a struct file instead of a name (up to 6.9)
 *   KL_FINALIZE_ARG   menu_finalize takes the root menu (up to 6.8)
 */

#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* conf itself, with its three ends tied to this program. */
#define main conf_main
#define conf_parse already_parsed
#define conf_write write_reply
#define conf_write_autoconf write_nothing
static void already_parsed(const char *name);
static int write_reply(const char *name);
static int write_nothing(int overwrite);
#include "conf.c"
#undef main
#undef conf_parse
void conf_parse(const char *name);

/* ------------------------------------------------------------------ memory */

static void *need(void *memory)
{
	if (!memory) {
		fprintf(stderr, "driver: out of memory\n");
		exit(3);
	}
	return memory;
}

struct bytes {
	char *data;
	size_t len;
};

static struct bytes read_all(const char *path)
{
	struct bytes text = {0};
	size_t room = 0, got;
	FILE *in = fopen(path, "r");

	if (!in) {
		fprintf(stderr, "driver: cannot read %s\n", path);
		exit(3);
	}
	do {
		if (room - text.len < 65536) {
			room = room ? 2 * room : 1 << 17;
			text.data = need(realloc(text.data, room + 1));
		}
		got = fread(text.data + text.len, 1, room - text.len, in);
		text.len += got;
	} while (got);
	fclose(in);
	text.data[text.len] = 0;
	return text;
}

/* A map from three words to a number; nothing is ever removed. */
struct slot {
	uint64_t key[3];
	int value;
	bool used;
};

static struct slot *slots;
static size_t slot_count, slot_room;

static struct slot *slot_of(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t hash = (a * 0x9e3779b97f4a7c15u ^ b) * 0xff51afd7ed558ccdu;
	struct slot *slot;

	hash = ((hash ^ hash >> 29) + c) * 0xc4ceb9fe1a85ec53u;
	hash ^= hash >> 32;
	for (;; hash++) {
		slot = &slots[hash & (slot_room - 1)];
		if (!slot->used || (slot->key[0] == a && slot->key[1] == b && slot->key[2] == c))
			return slot;
	}
}

/* The entry of a key; value is -1 when it is new. */
static struct slot *entry(uint64_t a, uint64_t b, uint64_t c)
{
	struct slot *slot;

	if (2 * slot_count >= slot_room) {
		struct slot *old = slots;
		size_t i, room = slot_room;

		slot_room = room ? 2 * room : 1 << 16;
		slots = need(calloc(slot_room, sizeof(*slots)));
		for (i = 0; i < room; i++)
			if (old[i].used)
				*slot_of(old[i].key[0], old[i].key[1], old[i].key[2]) = old[i];
		free(old);
	}
	slot = slot_of(a, b, c);
	if (!slot->used) {
		*slot = (struct slot){ .key = { a, b, c }, .value = -1, .used = true };
		slot_count++;
	}
	return slot;
}

/* -------------------------------------------------------------------- JSON */

static FILE *proto; /* what the caller reads; stdout and stderr are messages */
static int messages = -1; /* a file in memory that collects them */

/* The length of the UTF-8 sequence at s, 0 when there is none. */
static int utf8(const unsigned char *s, const unsigned char *end)
{
	int i, len = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;

	if (s + len > end)
		return 0;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (len == 3 && ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f)))
		return 0;
	if (len == 4 && ((*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f)))
		return 0;
	return len;
}

static void json_bytes(const char *text, size_t len)
{
	const unsigned char *s = (const void *)text, *end = s + len;

	putc('"', proto);
	while (s < end) {
		int n = utf8(s, end);

		if (!n) {
			fputs("\\ufffd", proto);
			s++;
		} else if (n > 1) {
			fwrite(s, 1, n, proto);
			s += n;
		} else {
			if (*s == '"' || *s == '\\')
				fprintf(proto, "\\%c", *s);
			else if (*s < 0x20 || *s == 0x7f)
				fprintf(proto, "\\u%04x", *s);
			else
				putc(*s, proto);
			s++;
		}
	}
	putc('"', proto);
}

static void json_string(const char *text)
{
	if (text)
		json_bytes(text, strlen(text));
	else
		fputs("null", proto);
}

/* Everything that was said since the last clear_messages(). */
static void json_messages(void)
{
	struct stat info;
	char *text;
	ssize_t len = 0;

	fflush(stdout);
	fflush(stderr);
	if (fstat(messages, &info))
		info.st_size = 0;
	text = need(malloc(info.st_size + 1));
	if (info.st_size)
		len = pread(messages, text, info.st_size, 0);
	json_bytes(text, len > 0 ? len : 0);
	free(text);
}

static void clear_messages(void)
{
	fflush(stdout);
	fflush(stderr);
	if (ftruncate(messages, 0) || lseek(messages, 0, SEEK_SET))
		exit(3);
}

/* ------------------------------------------- commands and files from memory */

struct record {
	const char *key, *value;
	size_t value_len;
	struct record *next;
	bool recorded;
};

static struct record *answers, *seen, **seen_end = &seen, *overlay;
static const char *fallback = "";
static bool succeed;

/* NUL-terminated pairs. */
static struct record *read_records(const char *path)
{
	struct bytes text = read_all(path);
	struct record *list = NULL, **end = &list;
	char *at = text.data, *stop = text.data + text.len;

	while (at < stop) {
		struct record *new = need(calloc(1, sizeof(*new)));

		new->key = at;
		at += strlen(at) + 1;
		if (at >= stop) {
			fprintf(stderr, "driver: %s: odd number of strings\n", path);
			exit(3);
		}
		new->value = at;
		new->value_len = strlen(at);
		at += new->value_len + 1;
		*end = new;
		end = &new->next;
	}
	return list;
}

static const struct record *find(const struct record *list, const char *key)
{
	while (list && strcmp(list->key, key))
		list = list->next;
	return list;
}

/* The word that `echo` at s prints, in quotes or not; NULL when it is no such echo. */
static char *echoed(const char *s)
{
	size_t len;

	s += strspn(s, " ");
	if (strncmp(s, "echo ", 5))
		return NULL;
	s += 5 + strspn(s + 5, " ");
	if (*s == '"') {
		len = strcspn(++s, "\"");
		return s[len] ? need(strndup(s, len)) : NULL;
	}
	return need(strndup(s, strcspn(s, " ;|&")));
}

/*
 * What an unrecorded command says: `{ C; } >/dev/null 2>&1 && echo A || echo B` says A or B
 * as --succeed tells, everything else says the --default.
 */
static const char *invent(const char *command)
{
	const char *yes_part = strstr(command, " && echo "), *no_part = NULL, *next;
	char *word = NULL;

	while (yes_part && (next = strstr(yes_part + 1, " && echo ")))
		yes_part = next;
	if (yes_part)
		no_part = strstr(yes_part, " || echo ");
	if (no_part)
		word = echoed((succeed ? yes_part : no_part) + 4);
	return word ? word : fallback;
}

/* A file of these bytes. A real one: flex cannot read what fmemopen makes. */
static FILE *file_of(const char *text, size_t len)
{
	int fd = memfd_create("text", MFD_CLOEXEC);
	FILE *file;

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET)) {
		fprintf(stderr, "driver: no memory for a file\n");
		exit(3);
	}
	file = need(fdopen(fd, "r"));
	return file;
}

FILE *__wrap_popen(const char *command, const char *mode);
FILE *__wrap_popen(const char *command, const char *mode)
{
	const struct record *known = find(answers, command);
	const struct record *before = find(seen, command);
	const char *answer = known ? known->value : before ? before->value : invent(command);

	(void)mode;
	if (!before) {
		struct record *new = need(calloc(1, sizeof(*new)));

		new->key = need(strdup(command));
		new->value = answer;
		new->recorded = known;
		*seen_end = new;
		seen_end = &new->next;
	}
	return file_of(answer, strlen(answer));
}

int __wrap_pclose(FILE *stream);
int __wrap_pclose(FILE *stream)
{
	return fclose(stream);
}

#define MEMORY_FILE "@memory"
static struct bytes memory_file;

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode)
{
	const struct record *over;

	if (!strcmp(path, MEMORY_FILE))
		return file_of(memory_file.data, memory_file.len);
	over = find(overlay, path);
	if (over)
		return file_of(over->value, over->value_len);
	return __real_fopen(path, mode);
}

static void json_commands(void)
{
	struct record *command;

	putc('[', proto);
	for (command = seen; command; command = command->next) {
		fputs("{\"command\":", proto);
		json_string(command->key);
		fputs(",\"answer\":", proto);
		json_string(command->value);
		fprintf(proto, ",\"recorded\":%s}%s", command->recorded ? "true" : "false",
			command->next ? "," : "");
	}
	putc(']', proto);
}

/* ------------------------------------------------- the differences of trees */

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
static struct symbol *choice_of(struct symbol *sym)
{
#ifdef SYMBOL_CHOICEVAL
	return sym_is_choice_value(sym) ? prop_get_symbol(sym_get_choice_prop(sym)) : NULL;
#else
	struct menu *choice = sym_is_choice(sym) ? NULL : sym_get_choice_menu(sym);

	return choice ? choice->sym : NULL;
#endif
}

static bool is_optional(const struct symbol *sym)
{
#ifdef SYMBOL_OPTIONAL
	return sym->flags & SYMBOL_OPTIONAL;
#else
	(void)sym;
	return false;
#endif
}

static struct menu *following(struct menu *menu)
{
	if (menu->list)
		return menu->list;
	while (menu && !menu->next)
		menu = menu->parent;
	return menu ? menu->next : NULL;
}

#define EACH_MENU(menu) for (menu = &rootmenu; menu; menu = following(menu))

/* ------------------------------------------------------------ symbol table */

enum { OF_SYMBOL = 100, OF_CHOICE, OF_EXPR, OF_LEAF };

static struct symbol **table; /* defined symbols, in the order of first definition */
static int table_len, choice_count;

static int choice_number(const struct symbol *sym)
{
	return entry(OF_CHOICE, (uintptr_t)sym, 0)->value;
}

static bool is_defined(const struct symbol *sym)
{
	return entry(OF_SYMBOL, (uintptr_t)sym, 0)->value >= 0;
}

static void fill_table(void)
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

static const char *type_word(const struct symbol *sym)
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
static void json_symbol(const struct symbol *sym)
{
	if (sym_is_choice(sym))
		fprintf(proto, "%d", choice_number(sym));
	else
		json_string(sym->name);
}

/* ------------------------------------------------------------- expressions */

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
				   e->type == E_LTH ? "<" : e->type == E_LEQ ? "<=" :
				   e->type == E_GTH ? ">" : e->type == E_GEQ ? ">=" : NULL;

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

/* ---------------------------------------------------------------- the dump */

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
	node(sym->implied.expr);
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
	json_properties(sym, "implies", P_IMPLY);
	json_node("direct", node(sym->dir_dep.expr));
	json_node("reverse", node(sym->rev_dep.expr));
	json_node("implied", node(sym->implied.expr));
	fputs("}\n", proto);
}

static void dump(void)
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
		    (sym->rev_dep.expr || sym->implied.expr))
			dump_symbol(sym, NULL, -1);
	fputs("{\"kind\":\"end\",\"commands\":", proto);
	json_commands();
	fputs(",\"messages\":", proto);
	json_messages();
	fputs("}\n", proto);
}

/* --------------------------------------------------------------- the judge */

static bool want_values = true, replied;

static const char level[] = "nmy";

/* The selects that are active, each as its selector and its level. */
static void json_selectors(const struct expr *e, const char **comma)
{
	tristate value;

	if (e->type == E_OR) {
		json_selectors(e->left.expr, comma);
		json_selectors(e->right.expr, comma);
		return;
	}
	value = expr_calc_value((struct expr *)e);
	if (value == no)
		return;
	while (e->type == E_AND)
		e = e->left.expr;
	fprintf(proto, "%s[", *comma);
	*comma = ",";
	json_symbol(e->left.sym);
	fprintf(proto, ",\"%c\"]", level[value]);
}

static void json_unmet(void)
{
	const char *comma = "";
	int i;

	fputs(",\"unmet\":[", proto);
	for (i = 0; i < table_len; i++) {
		struct symbol *sym = table[i];
		const char *inner_comma = "";

		if (sym->type != S_BOOLEAN && sym->type != S_TRISTATE)
			continue;
		if (sym_is_choice(sym) || choice_of(sym) || sym->dir_dep.tri >= sym->rev_dep.tri)
			continue;
		fprintf(proto, "%s{\"symbol\":", comma);
		comma = ",";
		json_symbol(sym);
		fprintf(proto, ",\"direct\":\"%c\",\"selectors\":[", level[sym->dir_dep.tri]);
		json_selectors(sym->rev_dep.expr, &inner_comma);
		fputs("]}", proto);
	}
	putc(']', proto);
}

/* One character for each symbol of the table. */
#define LEVELS(key, letter) do { \
	int at_; \
	fprintf(proto, ",\"%s\":\"", key); \
	for (at_ = 0; at_ < table_len; at_++) { \
		const struct symbol *s = table[at_]; \
		putc(letter, proto); \
	} \
	putc('"', proto); \
} while (0)

static void json_values(void)
{
	int i;

	fputs(",\"values\":[", proto);
	for (i = 0; i < table_len; i++) {
		struct symbol *sym = table[i];

		if (i)
			putc(',', proto);
		if (sym->type == S_BOOLEAN || sym->type == S_TRISTATE)
			fprintf(proto, "\"%c\"", level[sym_get_tristate_value(sym)]);
		else
			json_string(sym_get_string_value(sym));
	}
	putc(']', proto);
	LEVELS("written", s->flags & SYMBOL_WRITE ? '1' : '0');
	LEVELS("visible", level[s->visible]);
	LEVELS("direct", level[s->dir_dep.tri]);
	LEVELS("reverse", level[s->rev_dep.tri]);
	LEVELS("implied", level[s->implied.tri]);
}

static void already_parsed(const char *name)
{
	(void)name;
}

static int write_nothing(int overwrite)
{
	(void)overwrite;
	return 0;
}

/* Where conf would write .config: computes every value, in the order in which conf does. */
static int write_reply(const char *name)
{
	struct menu *menu;
	int i;

	(void)name;
	EACH_MENU(menu)
		sym_calc_value(menu->sym);
	for (i = 0; i < table_len; i++)
		sym_calc_value(table[i]);
	fputs("{\"kind\":\"values\"", proto);
	if (want_values)
		json_values();
	json_unmet();
	fputs(",\"messages\":", proto);
	json_messages();
	fputs("}\n", proto);
	replied = true;
	return 0;
}

static void write_failure(const char *why)
{
	fputs("{\"kind\":\"failed\",\"why\":", proto);
	json_string(why);
	fputs(",\"messages\":", proto);
	json_messages();
	fputs("}\n", proto);
	fflush(proto);
}

/* conf leaves by exit(1) from anywhere; the caller is still told. */
static void at_exit(void)
{
	if (!replied)
		write_failure("conf gave up");
	fflush(proto);
}

/* Reads LENGTH bytes of the request into the file in memory. */
static void read_body(size_t len)
{
	free(memory_file.data);
	memory_file.data = need(malloc(len + 2));
	if (fread(memory_file.data, 1, len, stdin) != len) {
		fprintf(stderr, "driver: the request ends early\n");
		exit(3);
	}
	memory_file.data[len] = 0;
	memory_file.len = len;
}

/* In the child: 0 there; in the parent the child's end is awaited and reported. */
static bool in_child(void)
{
	int status;
	pid_t child;

	clear_messages();
	fflush(proto);
	child = fork();
	if (!child) {
		replied = false;
		return true;
	}
	if (child < 0 || waitpid(child, &status, 0) != child) {
		fprintf(stderr, "driver: cannot fork\n");
		exit(3);
	}
	if (WIFSIGNALED(status))
		write_failure("conf crashed");
	return false;
}

static void run_conf(const char *mode, bool has_body)
{
	char option[64];
	char *args[] = { "conf", option, MEMORY_FILE, NULL };

	snprintf(option, sizeof(option), "--%s", mode);
	if (!strcmp(mode, "defconfig"))
		snprintf(option, sizeof(option), "--defconfig=%s", MEMORY_FILE);
	setenv("KCONFIG_CONFIG", MEMORY_FILE, 1);
	if (has_body)
		setenv("KCONFIG_ALLCONFIG", MEMORY_FILE, 1);
	exit(conf_main(3, args));
}

/* What reading and computing a configuration changes of a symbol. */
struct state {
	int flags;
	struct symbol_value curr;
	tristate visible, direct, reverse, implied;
};

/*
 * symbol.c keeps whether there are modules to itself, and learns of it whenever MODULES gets
 * another value. As a string, that symbol is n.
 */
static void forget_modules(void)
{
	int type = modules_sym ? modules_sym->type : S_UNKNOWN;

	if (!modules_sym || modules_sym->flags & SYMBOL_CONST)
		return;
	modules_sym->type = S_STRING;
	modules_sym->flags &= ~(SYMBOL_VALID | SYMBOL_DEF_USER);
	modules_sym->curr.tri = yes;
	sym_calc_value(modules_sym);
	modules_sym->type = type;
}

/*
 * Many configurations in one process: each from the state that the symbols had after the
 * tree was read, as if it were the only one. The texts end in a NUL each.
 */
static void run_batch(void)
{
	struct state *states = need(calloc(table_len, sizeof(*states)));
	char *at = memory_file.data, *stop = at + memory_file.len;
	int i;

	for (i = 0; i < table_len; i++)
		states[i] = (struct state){ table[i]->flags, table[i]->curr, table[i]->visible,
			table[i]->dir_dep.tri, table[i]->rev_dep.tri, table[i]->implied.tri };
	setenv("KCONFIG_CONFIG", MEMORY_FILE, 1);
	for (; at < stop; at += memory_file.len + 1) {
		memory_file.data = at;
		memory_file.len = strlen(at);
		forget_modules();
		clear_messages();
		for (i = 0; i < table_len; i++) {
			struct symbol *sym = table[i];

			sym->flags = states[i].flags;
			sym->curr = states[i].curr;
			sym->visible = states[i].visible;
			sym->dir_dep.tri = states[i].direct;
			sym->rev_dep.tri = states[i].reverse;
			sym->implied.tri = states[i].implied;
		}
		/* All that conf does for olddefconfig. */
		conf_read(NULL);
		write_reply(NULL);
	}
	exit(0);
}

static bool known_mode(const char *mode)
{
	static const char *const modes[] = { "olddefconfig", "defconfig", "alldefconfig",
		"allnoconfig", "allyesconfig", "allmodconfig", "randconfig", NULL };
	int i;

	for (i = 0; modes[i]; i++)
		if (!strcmp(mode, modes[i]))
			return true;
	return false;
}

static void judge(void)
{
	char request[256], mode[32], *word;
	size_t len;
	int i;

	fputs("{\"kind\":\"ready\",\"symbols\":[", proto);
	for (i = 0; i < table_len; i++) {
		fputs(i ? ",[" : "[", proto);
		json_symbol(table[i]);
		fprintf(proto, ",\"%s\"]", type_word(table[i]));
	}
	fputs("],\"commands\":", proto);
	json_commands();
	fputs(",\"messages\":", proto);
	json_messages();
	fputs("}\n", proto);
	fflush(proto);
	unsetenv("KCONFIG_ALLCONFIG");
	while (fgets(request, sizeof(request), stdin)) {
		if (sscanf(request, "%31s %zu", mode, &len) != 2 || !known_mode(mode)) {
			fprintf(stderr, "driver: not a request: %s", request);
			exit(3);
		}
		read_body(len);
		if (!in_child())
			continue;
		unsetenv("KCONFIG_PROBABILITY");
		setenv("KCONFIG_SEED", "0", 1);
		if (strstr(request, " batch"))
			run_batch();
		for (word = strtok(request, " \n"); word; word = strtok(NULL, " \n")) {
			if (!strncmp(word, "seed=", 5))
				setenv("KCONFIG_SEED", word + 5, 1);
			else if (!strncmp(word, "probability=", 12))
				setenv("KCONFIG_PROBABILITY", word + 12, 1);
			else if (!strcmp(word, "values=none"))
				want_values = false;
		}
		run_conf(mode, len > 0);
	}
	replied = true;
}

/* -------------------------------------------------------------- the parser */

static bool syntax_ok;

/* conf_parse comes here when, and only when, the text had no error up to its end. */
#ifdef KL_FINALIZE_ARG
void __real_menu_finalize(struct menu *root);
void __wrap_menu_finalize(struct menu *root);
void __wrap_menu_finalize(struct menu *root)
{
	syntax_ok = true;
	__real_menu_finalize(root);
}
#else
void __real_menu_finalize(void);
void __wrap_menu_finalize(void);
void __wrap_menu_finalize(void)
{
	syntax_ok = true;
	__real_menu_finalize();
}
#endif

static bool verdicts, accepted;

static void write_verdict(void)
{
	if (!verdicts)
		return;
	fprintf(proto, "{\"kind\":\"verdict\",\"syntax\":%s,\"accepted\":%s,\"messages\":",
		syntax_ok ? "true" : "false", accepted ? "true" : "false");
	json_messages();
	fputs("}\n", proto);
	replied = true;
}

static void parse_many(void)
{
	char request[64];
	size_t len;

	while (fgets(request, sizeof(request), stdin)) {
		if (sscanf(request, "%zu", &len) != 1) {
			fprintf(stderr, "driver: not a request: %s", request);
			exit(3);
		}
		read_body(len);
		if (!in_child())
			continue;
		verdicts = true;
		conf_parse(MEMORY_FILE);
		accepted = true;
		exit(0);
	}
	replied = true;
}

/* -------------------------------------------------------------------- main */

static void usage(void)
{
	fprintf(stderr, "usage: driver [--answers FILE] [--succeed] [--default TEXT] [--overlay FILE]\n"
			"              dump ROOT | judge ROOT | parse\n");
	exit(3);
}

int main(int argc, char **argv)
{
	int at;

	for (at = 1; at < argc && !strncmp(argv[at], "--", 2); at++) {
		if (!strcmp(argv[at], "--succeed"))
			succeed = true;
		else if (at + 1 == argc)
			usage();
		else if (!strcmp(argv[at], "--answers"))
			answers = read_records(argv[++at]);
		else if (!strcmp(argv[at], "--default"))
			fallback = argv[++at];
		else if (!strcmp(argv[at], "--overlay"))
			overlay = read_records(argv[++at]);
		else
			usage();
	}
	if (at == argc || argc - at != (strcmp(argv[at], "parse") ? 2 : 1))
		usage();
	proto = fdopen(dup(1), "w");
	messages = memfd_create("messages", 0);
	if (!proto || messages < 0 || dup2(messages, 1) < 0 || dup2(messages, 2) < 0)
		return 3;
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(proto, need(malloc(1 << 20)), _IOFBF, 1 << 20);
	atexit(at_exit);
	atexit(write_verdict);
	if (!strcmp(argv[at], "parse")) {
		parse_many();
		return 0;
	}
	conf_parse(argv[at + 1]);
	fill_table();
	if (!strcmp(argv[at], "dump"))
		dump();
	else if (!strcmp(argv[at], "judge"))
		judge();
	else
		exit(3);
	replied = true;
	return 0;
}
