/* Contact cards, one field a line: `name:Ada`, `mail:ada@example.org`, `note:met in Turin`. */
#include <stdio.h>

struct card {
    char name[32];
    char mail[48];
    char note[80];
};

/* Reads one card, up to an empty line or the end: 1 where there was one, 0 where there was none, -1 where it is
   refused. A card has a name; a field that is not known refuses it. */
int card_read(struct card *card, FILE *from);
