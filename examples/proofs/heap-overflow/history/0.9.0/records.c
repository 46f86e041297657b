/* Records as `length:text`, one a line. Every record has room for a whole line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_record(const char *line) {
    const char *text = strchr(line, ':');
    return text == NULL ? NULL : strdup(text + 1);
}

int main(int count, char **words) {
    char line[8192];
    FILE *file = count > 1 ? fopen(words[1], "r") : stdin;
    int records = 0;
    if (file == NULL)
        return 2;
    while (fgets(line, sizeof line, file) != NULL) {
        char *record = read_record(line);
        records += record != NULL;
        free(record);
    }
    printf("%d records\n", records);
    return 0;
}
