// SPDX-License-Identifier: MIT OR Apache-2.0
/* Memory, files in it, and one table from keys to numbers. */

#include <stdlib.h>
#include <string.h>

#include "driver.h"

void *need(void *memory)
{
	if (!memory) {
		fprintf(stderr, "driver: out of memory\n");
		exit(3);
	}
	return memory;
}

struct bytes read_all(const char *path)
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
struct slot *entry(uint64_t a, uint64_t b, uint64_t c)
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
