// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Stands in for the popen of a tree's kconfig, which is compiled with -Dpopen=… and -Dpclose=…:
 * answers commands from the file that KCONFIG_LINT_ANSWERS names, strings that each end in a NUL,
 * command and answer by turns. A command without an answer is run.
 */

#undef popen
#undef pclose

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FILE *kconfig_lint_popen(const char *command, const char *mode);
int kconfig_lint_pclose(FILE *stream);

/* do_shell closes one before it opens the next. */
static FILE *answered;

static void give_up(const char *what)
{
	fprintf(stderr, "kconfig-lint: %s\n", what);
	exit(3);
}

static char *read_answers(size_t *size)
{
	const char *path = getenv("KCONFIG_LINT_ANSWERS");
	FILE *in = path ? fopen(path, "r") : NULL;
	size_t room = 1 << 16, got;
	char *text = malloc(room);

	*size = 0;
	if (!in || !text)
		give_up("cannot read the answers to commands");
	while ((got = fread(text + *size, 1, room - *size, in)) > 0) {
		*size += got;
		if (*size == room) {
			room *= 2;
			text = realloc(text, room);
			if (!text)
				give_up("out of memory");
		}
	}
	fclose(in);
	return text;
}

static const char *answer_of(const char *command)
{
	static char *text;
	static size_t size;
	const char *at, *end, *value;

	if (!text)
		text = read_answers(&size);
	end = text + size;
	for (at = text; at < end; at = value + strlen(value) + 1) {
		value = at + strlen(at) + 1;
		if (value >= end)
			give_up("a command without an answer");
		if (!strcmp(at, command))
			return value;
	}
	return NULL;
}

FILE *kconfig_lint_popen(const char *command, const char *mode)
{
	const char *answer = answer_of(command);

	if (!answer)
		return popen(command, mode);
	answered = tmpfile();
	if (!answered || fputs(answer, answered) == EOF)
		give_up("no temporary file");
	rewind(answered);
	return answered;
}

int kconfig_lint_pclose(FILE *stream)
{
	if (stream != answered)
		return pclose(stream);
	answered = NULL;
	return fclose(stream);
}
