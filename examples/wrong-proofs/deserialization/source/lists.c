/* Lists in lists, `[ab[c]]`: how many letters do they hold? */
#include <stdio.h>
#include <string.h>

static int read_list(FILE *file) {
    char letters[8192];
    int count = 0, byte;
    memset(letters, 0, sizeof letters);
    while ((byte = fgetc(file)) != EOF && byte != ']') {
        if (byte == '[')
            count += read_list(file);
        else if (byte >= 'a' && byte <= 'z')
            letters[count++ % (int) sizeof letters] = (char) byte;
    }
    return count;
}

int main(void) {
    printf("%d letters\n", read_list(stdin));
    return 0;
}
