// SPDX-License-Identifier: MIT OR Apache-2.0
/* Each request is answered by a child process, so that none sees what another did. */

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"

/* Forks: true in the child; in the parent false, once the child has ended. */
bool in_child(void)
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
