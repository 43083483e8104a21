// SPDX-License-Identifier: MIT OR Apache-2.0
/* What the caller reads: JSON, and the messages of conf in it. */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"

FILE *proto; /* what the caller reads; stdout and stderr are messages */
bool replied; /* whether the caller has got what it asked for */

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

void json_bytes(const char *text, size_t len)
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

void json_string(const char *text)
{
	if (text)
		json_bytes(text, strlen(text));
	else
		fputs("null", proto);
}

/* Everything that was said since the last clear_messages(). */
void json_messages(void)
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

void clear_messages(void)
{
	fflush(stdout);
	fflush(stderr);
	if (ftruncate(messages, 0) || lseek(messages, 0, SEEK_SET))
		exit(3);
}

void write_failure(const char *why)
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

/* From here on what anybody prints is a message, and only proto reaches the caller. */
void open_replies(void)
{
	proto = fdopen(dup(1), "w");
	messages = memfd_create("messages", 0);
	if (!proto || messages < 0 || dup2(messages, 1) < 0 || dup2(messages, 2) < 0)
		exit(3);
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(proto, need(malloc(1 << 20)), _IOFBF, 1 << 20);
	atexit(at_exit);
}
