/* Greets a guest by a template of their own. Templates of the house may also name the session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void greet(const char *template, const char *guest, const char *session) {
    const char *name = strstr(template, "%s");
    (void) session;
    if (name == NULL)
        printf("%s\n", template);
    else
        printf("%.*s%s%s\n", (int) (name - template), template, guest, name + 2);
}

int main(int count, char **words) {
    const char *session = getenv("SESSION");
    if (count < 2)
        return 2;
    greet(words[1], "guest", session == NULL ? "none" : session);
    return 0;
}
