#include "cards.h"

#include <string.h>

/* Puts `value` into its place. */
static int put(char *place, size_t room, const char *value) {
    if (strlen(value) > room)
        return -1;
    strcpy(place, value);
    return 0;
}

int card_read(struct card *card, FILE *from) {
    char line[512];
    int fields = 0;
    memset(card, 0, sizeof *card);
    while (fgets(line, sizeof line, from) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0') {
            if (fields > 0)
                break;
            continue;
        }
        char *value = strchr(line, ':');
        if (value == NULL)
            return -1;
        *value++ = '\0';
        if (strcmp(line, "name") == 0) {
            if (put(card->name, sizeof card->name, value) != 0)
                return -1;
        } else if (strcmp(line, "mail") == 0) {
            if (put(card->mail, sizeof card->mail, value) != 0)
                return -1;
        } else if (strcmp(line, "note") == 0) {
            /* Notes go on over several lines. */
            if (card->note[0] != '\0')
                strcat(card->note, " ");
            strcat(card->note, value);
        } else {
            return -1;
        }
        fields++;
    }
    if (fields == 0)
        return 0;
    return card->name[0] == '\0' ? -1 : 1;
}
