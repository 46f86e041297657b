/* Greets a guest by a template of their own. Templates of the house may also name the session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void greet(const char *template, const char *guest, const char *session) {
    printf(template, guest, session);
    putchar('\n');
}

int main(int count, char **words) {
    const char *session = getenv("SESSION");
    if (count < 2)
        return 2;
    greet(words[1], "guest", session == NULL ? "none" : session);
    return 0;
}
