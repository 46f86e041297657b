/* Songs: a list that is driven by commands, one a line.
 *
 *     add TITLE          at the end
 *     copy N             song N again, at the end; from then on the two are changed apart
 *     rename N TITLE
 *     drop N             those behind it move up
 *     print
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SONGS_MAX 32

struct song {
    char *title;
    int plays;
};

static struct song *songs[SONGS_MAX];
static int count;

static int add(const char *title)
{
    struct song *song;
    if (count == SONGS_MAX)
        return -1;
    song = calloc(1, sizeof *song);
    if (!song)
        return -1;
    song->title = strdup(title);
    if (!song->title) {
        free(song);
        return -1;
    }
    songs[count++] = song;
    return 0;
}

static int copy(int n)
{
    struct song *song;
    if (n < 0 || n >= count || count == SONGS_MAX)
        return -1;
    song = malloc(sizeof *song);
    if (!song)
        return -1;
    *song = *songs[n];
    songs[count++] = song;
    return 0;
}

static int rename_song(int n, const char *title)
{
    size_t length = strlen(title);
    if (n < 0 || n >= count)
        return -1;
    char *place = realloc(songs[n]->title, length + 1);
    if (!place)
        return -1;
    memcpy(place, title, length + 1);
    songs[n]->title = place;
    return 0;
}

static int drop(int n)
{
    if (n < 0 || n >= count)
        return -1;
    free(songs[n]->title);
    free(songs[n]);
    memmove(&songs[n], &songs[n + 1], (size_t)(count - n - 1) * sizeof songs[0]);
    count--;
    return 0;
}

static int print(void)
{
    for (int n = 0; n < count; n++)
        printf("%d %s (%d)\n", n, songs[n]->title, ++songs[n]->plays);
    return 0;
}

static int command(char *line)
{
    char *rest = strchr(line, ' ');
    char *title;
    if (!strcmp(line, "print"))
        return print();
    if (!rest)
        return -1;
    *rest++ = 0;
    if (!strcmp(line, "add"))
        return add(rest);
    int n = (int)strtol(rest, &title, 10);
    if (title == rest)
        return -1;
    if (!strcmp(line, "copy"))
        return copy(n);
    if (!strcmp(line, "drop"))
        return drop(n);
    if (!strcmp(line, "rename") && *title == ' ')
        return rename_song(n, title + 1);
    return -1;
}

int main(void)
{
    char line[128];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (command(line) < 0)
            puts("?");
    }
    while (count > 0)
        drop(count - 1);
    return 0;
}
