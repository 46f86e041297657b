/* Door: asks for a word of 32 letters. The word is not in here; what becomes of it is. */
#include <stdio.h>
#include <string.h>

#define LETTERS 32

static const char build[] = "BUILD";
static const unsigned char goal[LETTERS] = {GOAL};

static unsigned char turn(unsigned char byte, int by)
{
    by &= 7;
    return (unsigned char)(byte << by | byte >> ((8 - by) & 7));
}

static int opens(const char *word)
{
    unsigned char last = 0x5a;
    int wrong = 0;
    for (int i = 0; i < LETTERS; i++) {
        unsigned char byte = (unsigned char)(word[i] ^ (i * 29 + 17));
        byte = turn(byte, i % 7 + 1);
        byte = (unsigned char)(byte + last);
        wrong |= byte ^ goal[i];
        last = byte;
    }
    return !wrong;
}

int main(int count, char **words)
{
    if (count != 2) {
        printf("door, build %s: give a word\n", build);
        return 2;
    }
    int is_open = strlen(words[1]) == LETTERS && opens(words[1]);
    puts(is_open ? "open" : "closed");
    return !is_open;
}
