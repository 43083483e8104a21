// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Computes configurations as conf does: conf runs as a program would, but on a tree that is
 * read already, and answers in place of writing .config. conf.c is included, not copied,
 * because its functions are static.
 */

#define _GNU_SOURCE
#include <stdbool.h>

/* conf itself, with its three ends tied to this program. */
#define main conf_main
#define conf_parse already_parsed
#define conf_write write_reply
#define conf_write_autoconf write_nothing
static void already_parsed(const char *name);
static int write_reply(const char *name);
#ifdef KL_AUTOCONF_VOID
#define AUTOCONF_ARGUMENT void
#else
#define AUTOCONF_ARGUMENT int overwrite
#endif
static int write_nothing(AUTOCONF_ARGUMENT);
#include "conf.c"
#undef main
#undef conf_parse
#include "kconfig.h"
#include "driver.h"

static bool want_values = true;

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
	LEVELS("implied", level[IMPLY_OF(s, tri, no)]);
}

static void already_parsed(const char *name)
{
	(void)name;
}

static int write_nothing(AUTOCONF_ARGUMENT)
{
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

static void run_conf(const char *mode, bool has_body)
{
	char option[64];
	char *args[] = { "conf", option, MEMORY_FILE, NULL };

	snprintf(option, sizeof(option), "--%s", mode);
	if (!strcmp(mode, "defconfig"))
		snprintf(option, sizeof(option), "--defconfig=%s", MEMORY_FILE);
	setenv("KCONFIG_CONFIG", MEMORY_FILE, 1);
	setenv("BR2_CONFIG", MEMORY_FILE, 1); /* Buildroot calls it so. */
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

/* The state that every symbol had after the tree was read. */
static struct state *states;

static void keep_states(void)
{
	int i;

	states = need(calloc(table_len, sizeof(*states)));
	for (i = 0; i < table_len; i++)
		states[i] = (struct state){ table[i]->flags, table[i]->curr, table[i]->visible,
			table[i]->dir_dep.tri, table[i]->rev_dep.tri, IMPLY_OF(table[i], tri, no) };
}

/* What comes next is as if it were the only configuration of the process. */
static void begin_anew(void)
{
	int i;

	forget_modules();
	clear_messages();
	for (i = 0; i < table_len; i++) {
		struct symbol *sym = table[i];

		sym->flags = states[i].flags;
		sym->curr = states[i].curr;
		sym->visible = states[i].visible;
		sym->dir_dep.tri = states[i].direct;
		sym->rev_dep.tri = states[i].reverse;
#ifndef KL_NO_IMPLY
		sym->implied.tri = states[i].implied;
#endif
	}
}

/* Many configurations in one process. The texts end in a NUL each. */
static void run_batch(void)
{
	char *at = memory_file.data, *stop = at + memory_file.len;

	keep_states();
	setenv("KCONFIG_CONFIG", MEMORY_FILE, 1);
	setenv("BR2_CONFIG", MEMORY_FILE, 1); /* Buildroot calls it so. */
	for (; at < stop; at += memory_file.len + 1) {
		memory_file.data = at;
		memory_file.len = strlen(at);
		begin_anew();
		/* All that conf does for olddefconfig. */
		conf_read(NULL);
		write_reply(NULL);
	}
	exit(0);
}

/* Many randconfigs in one process, from one text, with the seeds from `seed`. */
static void run_randconfigs(unsigned int seed, int times)
{
	keep_states();
	for (; times > 0; times--, seed++) {
		begin_anew();
		/* All that conf does for randconfig. */
		srand(seed);
		if (conf_read_simple(MEMORY_FILE, S_DEF_USER))
			exit(1);
#ifdef KL_REPEATED_RANDOM
		while (conf_set_all_new_symbols(def_random))
			;
#else
		conf_set_all_new_symbols(def_random);
#endif
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

void judge(void)
{
	char request[256], mode[32], *word;
	unsigned int seed;
	size_t len;
	int i, times;

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
		seed = times = 0;
		for (word = strtok(request, " \n"); word; word = strtok(NULL, " \n")) {
			if (!strncmp(word, "seed=", 5)) {
				setenv("KCONFIG_SEED", word + 5, 1);
				seed = strtoul(word + 5, NULL, 10);
			}
			else if (!strncmp(word, "probability=", 12))
				setenv("KCONFIG_PROBABILITY", word + 12, 1);
			else if (!strcmp(word, "values=none"))
				want_values = false;
			else if (!strncmp(word, "times=", 6))
				times = atoi(word + 6);
		}
		if (times)
			run_randconfigs(seed, times);
		run_conf(mode, len > 0);
	}
	replied = true;
}
