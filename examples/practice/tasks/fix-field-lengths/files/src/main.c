/* Prints each card of standard input in a line. */
#include "cards.h"

int main(void) {
    struct card card;
    int read;
    while ((read = card_read(&card, stdin)) == 1)
        printf("%s <%s> %s\n", card.name, card.mail, card.note);
    if (read < 0) {
        puts("refused");
        return 1;
    }
    return 0;
}
