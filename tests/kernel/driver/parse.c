// SPDX-License-Identifier: MIT OR Apache-2.0
/* Tells whether conf takes a text. */

#include "kconfig.h"

#include "driver.h"

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

void write_verdict(void)
{
	if (!verdicts)
		return;
	fprintf(proto, "{\"kind\":\"verdict\",\"syntax\":%s,\"accepted\":%s,\"messages\":",
		syntax_ok ? "true" : "false", accepted ? "true" : "false");
	json_messages();
	fputs("}\n", proto);
	replied = true;
}

void parse_many(void)
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
