/* Looks a name up with a program of the system, by way of a shell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int lookup(const char *name) {
    char command[1024];
    if (strlen(name) > 512)
        return 2;
    snprintf(command, sizeof command, "printf 'looked up %%s\\n' %s", name);
    return system(command) == 0 ? 0 : 1;
}

int main(int count, char **words) {
    return count < 2 ? 2 : lookup(words[1]);
}
