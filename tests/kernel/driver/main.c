// SPDX-License-Identifier: MIT OR Apache-2.0
/* The command line. */

#include <stdlib.h>
#include <string.h>

#include "kconfig.h"

#include "driver.h"

static void usage(void)
{
	fprintf(stderr, "usage: driver [--answers FILE] [--succeed] [--default TEXT] [--overlay FILE]\n"
			"              dump ROOT | judge ROOT | parse\n");
	exit(3);
}

int main(int argc, char **argv)
{
	const char *mode;
	int at;

	for (at = 1; at < argc && !strncmp(argv[at], "--", 2); at++)
		at += take_option(argv[at], at + 1 < argc ? argv[at + 1] : NULL);
	mode = at < argc ? argv[at++] : "";
	if (strcmp(mode, "dump") && strcmp(mode, "judge") && strcmp(mode, "parse"))
		usage();
	if (argc - at != (strcmp(mode, "parse") ? 1 : 0))
		usage();
	open_replies();
	if (!strcmp(mode, "parse")) {
		atexit(write_verdict); /* before the handler that reports a failure */
		parse_many();
		return 0;
	}
	conf_parse(argv[at]);
	fill_table();
	if (!strcmp(mode, "dump"))
		dump();
	else
		judge();
	replied = true;
	return 0;
}
