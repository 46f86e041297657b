/* Window: keeps one line of text for a stranger, who edits it and looks at parts of it; commands on standard input.
 *
 *     set TEXT           the line, at most 63 bytes
 *     upper FROM COUNT   makes a part of it upper case
 *     show FROM COUNT    prints a part of it
 *
 * The key of the house (environment variable WINDOW_KEY) is for other users.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 64

static struct {
    char key[LINE_BYTES];
    char owner[16];
    char line[LINE_BYTES];
} memory;

static void set(const char *text)
{
    size_t length = strlen(text);
    if (length >= LINE_BYTES)
        length = LINE_BYTES - 1;
    memset(memory.line, 0, LINE_BYTES);
    memcpy(memory.line, text, length);
}

/* A part lies on the line. */
static int part(long from, long count)
{
    return from >= 0 && count >= 0 && from <= LINE_BYTES && count <= LINE_BYTES - from;
}

static int upper(long from, long count)
{
    if (!part(from, count))
        return -1;
    for (long i = from; i < from + count; i++)
        memory.line[i] = (char)toupper((unsigned char)memory.line[i]);
    return 0;
}

static int show(long from, long count)
{
    if (from < 0 || count < 0 || count > LINE_BYTES || from > LINE_BYTES)
        return -1;
    if (from + count > LINE_BYTES)
        count = LINE_BYTES - from;
    for (long i = from; i < from + count; i++)
        if (memory.line[i])
            putchar(memory.line[i]);
    putchar('\n');
    return 0;
}

static int command(char *text)
{
    char *rest = strchr(text, ' ');
    char *end;
    if (!rest)
        return -1;
    *rest++ = 0;
    if (!strcmp(text, "set"))
        return set(rest), 0;
    long from = strtol(rest, &end, 10);
    if (end == rest || *end != ' ')
        return -1;
    long count = strtol(end, &end, 10);
    if (*end)
        return -1;
    if (!strcmp(text, "upper"))
        return upper(from, count);
    if (!strcmp(text, "show"))
        return show(from, count);
    return -1;
}

int main(void)
{
    char text[256];
    const char *key = getenv("WINDOW_KEY");
    if (key)
        strncpy(memory.key, key, LINE_BYTES - 1);
    strcpy(memory.owner, "somebody else");
    while (fgets(text, sizeof text, stdin)) {
        text[strcspn(text, "\n")] = 0;
        if (command(text) < 0)
            puts("refused");
    }
    return 0;
}
