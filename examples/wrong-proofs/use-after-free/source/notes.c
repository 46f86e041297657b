/* Notes by letter: `+a text` keeps one, `-a` drops it, `?a` shows it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *notes[26];

static void drop(int at) {
    free(notes[at]);
}

static void show(int at) {
    if (notes[at] != NULL)
        printf("%c %s", 'a' + at, notes[at]);
}

int main(void) {
    char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        int at = line[0] == '\0' ? -1 : line[1] - 'a';
        if (at < 0 || at >= 26)
            continue;
        if (line[0] == '+' && notes[at] == NULL)
            notes[at] = strdup(line + 2);
        else if (line[0] == '-' && notes[at] != NULL)
            drop(at);
        else if (line[0] == '?')
            show(at);
    }
    return 0;
}
