/* Notes: reads a note as records of kind, length and bytes from standard input, and prints it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE_BYTES 32
#define TAG_BYTES 12
#define TAGS_MAX 8
#define LINKS_MAX 16

struct note {
    char title[TITLE_BYTES];
    unsigned char color[3];
    unsigned links[LINKS_MAX];
    int link_count;
    char *body;
};

struct tags {
    int count;
    char names[TAGS_MAX][TAG_BYTES];
};

/* A longer title is cut, and always ends with a zero. */
static void read_title(struct note *note, const unsigned char *bytes, size_t length)
{
    size_t keep = length < TITLE_BYTES ? length : TITLE_BYTES - 1;
    memcpy(note->title, bytes, keep);
    note->title[keep] = 0;
}

static int read_color(struct note *note, const unsigned char *bytes, size_t length)
{
    if (length != sizeof note->color)
        return -1;
    memcpy(note->color, bytes, length);
    return 0;
}

/* The body replaces an earlier one. */
static int read_body(struct note *note, const unsigned char *bytes, size_t length)
{
    char *body = malloc(length + 1);
    if (!body)
        return -1;
    memcpy(body, bytes, length);
    body[length] = 0;
    free(note->body);
    note->body = body;
    return 0;
}

/* One tag a record. What does not fit in a name is cut. */
static int read_tag(struct tags *tags, const unsigned char *bytes, size_t length)
{
    size_t keep = length;
    if (keep >= TAG_BYTES)
        keep = TAG_BYTES - 1;
    if (tags->count > TAGS_MAX)
        return -1;
    memcpy(tags->names[tags->count], bytes, keep);
    tags->names[tags->count][keep] = 0;
    tags->count++;
    return 0;
}

/* Numbers of other notes, two bytes each, most significant first. */
static int read_links(struct note *note, const unsigned char *bytes, size_t length)
{
    if (length % 2 != 0)
        return -1;
    for (size_t at = 0; at + 1 < length; at += 2) {
        if (note->link_count == LINKS_MAX)
            return -1;
        note->links[note->link_count++] = bytes[at] << 8 | bytes[at + 1];
    }
    return 0;
}

static void print_note(const struct note *note, const struct tags *tags)
{
    printf("title: %s\n", note->title);
    printf("color: #%02x%02x%02x\n", note->color[0], note->color[1], note->color[2]);
    for (int i = 0; i < tags->count && i < TAGS_MAX; i++)
        printf("tag: %s\n", tags->names[i]);
    for (int i = 0; i < note->link_count; i++)
        printf("link: %u\n", note->links[i]);
    if (note->body)
        printf("body: %s\n", note->body);
}

int main(void)
{
    struct note *note = calloc(1, sizeof *note);
    struct tags *tags = calloc(1, sizeof *tags);
    unsigned char bytes[256];
    int kind, length, bad = 0;
    if (!note || !tags)
        return 1;
    while (!bad && (kind = getchar()) != EOF && (length = getchar()) != EOF) {
        if (fread(bytes, 1, (size_t)length, stdin) != (size_t)length)
            break;
        switch (kind) {
        case 't': read_title(note, bytes, (size_t)length); break;
        case 'c': bad = read_color(note, bytes, (size_t)length); break;
        case 'b': bad = read_body(note, bytes, (size_t)length); break;
        case 'g': bad = read_tag(tags, bytes, (size_t)length); break;
        case 'l': bad = read_links(note, bytes, (size_t)length); break;
        default: bad = 1;
        }
    }
    if (bad)
        fputs("not a note\n", stderr);
    else
        print_note(note, tags);
    free(note->body);
    free(note);
    free(tags);
    return bad != 0;
}
