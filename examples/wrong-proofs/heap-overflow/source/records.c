/* Records as `length:text`, one a line. The length that is written there is believed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_record(const char *line) {
    const char *text = strchr(line, ':');
    if (text == NULL)
        return NULL;
    text++;
    long length = strtol(line, NULL, 10);
    if (length < 1 || length > 4096)
        return NULL;
    char *record = malloc((size_t) length);
    if (record == NULL)
        return NULL;
    for (size_t at = 0; text[at] != '\0' && text[at] != '\n'; at++)
        record[at] = text[at];
    return record;
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
