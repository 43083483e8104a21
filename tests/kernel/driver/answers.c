// SPDX-License-Identifier: MIT OR Apache-2.0
/* Stands in for popen and fopen: recorded answers, and files whose text is in memory. */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "driver.h"

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

struct bytes memory_file;

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

void json_commands(void)
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

/* Reads LENGTH bytes of the request into the file in memory. */
void read_body(size_t len)
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

/* Takes an option of the command line, and its value if it has one; tells whether it has. */
bool take_option(const char *option, const char *value)
{
	if (!strcmp(option, "--succeed")) {
		succeed = true;
		return false;
	}
	if (value && !strcmp(option, "--answers")) {
		answers = read_records(value);
	} else if (value && !strcmp(option, "--default")) {
		fallback = value;
	} else if (value && !strcmp(option, "--overlay")) {
		overlay = read_records(value);
	} else {
		fprintf(stderr, "driver: not an option, or no value for it: %s\n", option);
		exit(3);
	}
	return true;
}
