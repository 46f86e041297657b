/* Shows a page of the folder `pages`, by the name on standard input. */
#include <stdio.h>
#include <string.h>

static int serve(const char *name) {
    char path[1024];
    int byte;
    if (strstr(name, "..") != NULL || name[0] == '/') {
        puts("there is no such page");
        return 1;
    }
    snprintf(path, sizeof path, "pages/%s", name);
    FILE *page = fopen(path, "r");
    if (page == NULL) {
        puts("there is no such page");
        return 1;
    }
    while ((byte = fgetc(page)) != EOF)
        putchar(byte);
    fclose(page);
    return 0;
}

int main(void) {
    char name[512];
    if (fgets(name, sizeof name, stdin) == NULL)
        return 2;
    name[strcspn(name, "\n")] = '\0';
    return serve(name);
}
