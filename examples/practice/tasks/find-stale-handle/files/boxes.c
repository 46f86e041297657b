/* Boxes: a small store that is driven by commands, one a line.
 *
 *     put N TEXT     fill box N, open it where it is not
 *     show N         print it
 *     move N M       box M takes what box N held, and N is closed
 *     join N M       what M holds is added to N, and M is closed
 *     close N
 *     swap N M
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOXES 8

struct box {
    size_t length;
    char *text;
};

static struct box *boxes[BOXES];

static void discard(struct box *box)
{
    if (!box)
        return;
    free(box->text);
    free(box);
}

static int put(int n, const char *text)
{
    struct box *box = malloc(sizeof *box);
    char *copy = strdup(text);
    if (!box || !copy) {
        free(box);
        free(copy);
        return -1;
    }
    box->text = copy;
    box->length = strlen(copy);
    discard(boxes[n]);
    boxes[n] = box;
    return 0;
}

static void show(int n)
{
    const struct box *box = boxes[n];
    if (!box)
        puts("(closed)");
    else
        printf("%zu: %s\n", box->length, box->text);
}

static void close_box(int n)
{
    discard(boxes[n]);
    boxes[n] = NULL;
}

static void move(int n, int m)
{
    if (n == m || !boxes[n])
        return;
    discard(boxes[m]);
    boxes[m] = boxes[n];
    boxes[n] = NULL;
}

static int join(int n, int m)
{
    struct box *into = boxes[n], *from = boxes[m];
    if (n == m || !into || !from)
        return -1;
    char *text = realloc(into->text, into->length + from->length + 1);
    if (!text)
        return -1;
    memcpy(text + into->length, from->text, from->length + 1);
    into->text = text;
    into->length += from->length;
    discard(from);
    return 0;
}

static void swap(int n, int m)
{
    struct box *held = boxes[n];
    boxes[n] = boxes[m];
    boxes[m] = held;
}

static int number(const char *text)
{
    return text && text[0] >= '0' && text[0] < '0' + BOXES && !text[1] ? text[0] - '0' : -1;
}

static int command(char *line)
{
    char *word = strtok(line, " \n");
    char *first = strtok(NULL, " \n");
    int n = number(first), m = -1;
    if (!word)
        return 0;
    if (n < 0)
        return -1;
    if (!strcmp(word, "put")) {
        char *text = strtok(NULL, "\n");
        return put(n, text ? text : "");
    }
    if (!strcmp(word, "show"))
        return show(n), 0;
    if (!strcmp(word, "close"))
        return close_box(n), 0;
    m = number(strtok(NULL, " \n"));
    if (m < 0)
        return -1;
    if (!strcmp(word, "move"))
        return move(n, m), 0;
    if (!strcmp(word, "join"))
        return join(n, m);
    if (!strcmp(word, "swap"))
        return swap(n, m), 0;
    return -1;
}

int main(void)
{
    char line[256];
    while (fgets(line, sizeof line, stdin))
        if (command(line) < 0)
            puts("?");
    for (int n = 0; n < BOXES; n++)
        close_box(n);
    return 0;
}
