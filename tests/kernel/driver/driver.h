// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Asks a kernel tree's own kconfig: dumps its finalised symbol table, computes the
 * values that many configurations lead to, and tells which files it can parse.
 *
 * This folder owns the protocol (README.md above it). It decides nothing about Kconfig:
 * every value and every verdict comes from the tree's own code. It is compiled and linked,
 * at test time only, with the objects of the tree's scripts/kconfig, which are GPL-2.0;
 * neither they nor the resulting program are ever distributed with this project.
 *
 * No command ever runs: the linker sends popen, pclose and fopen here (--wrap), where
 * commands are answered from a file and some files come from memory.
 *
 * This header names what the parts of the driver have of each other.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct expr;
struct symbol;

/* memory.c */
struct bytes {
	char *data;
	size_t len;
};

struct slot {
	uint64_t key[3];
	int value;
	bool used;
};

/* First words of keys; those of expressions are their types, which are smaller. */
enum { OF_SYMBOL = 100, OF_CHOICE, OF_EXPR, OF_LEAF };

void *need(void *memory);
struct bytes read_all(const char *path);
struct slot *entry(uint64_t a, uint64_t b, uint64_t c);

/* reply.c */
extern FILE *proto;
extern bool replied;

void open_replies(void);
void json_bytes(const char *text, size_t len);
void json_string(const char *text);
void json_messages(void);
void clear_messages(void);
void write_failure(const char *why);

/* answers.c */
#define MEMORY_FILE "@memory"

extern struct bytes memory_file;

bool take_option(const char *option, const char *value);
void json_commands(void);
void read_body(size_t len);

/* table.c */
extern struct symbol **table;
extern int table_len;

void fill_table(void);
int choice_number(const struct symbol *sym);
bool is_defined(const struct symbol *sym);
const char *type_word(const struct symbol *sym);
void json_symbol(const struct symbol *sym);

/* dump.c */
void dump(void);

/* judge.c */
void judge(void);

/* parse.c */
void parse_many(void);
void write_verdict(void);

/* requests.c */
bool in_child(void);

#endif
