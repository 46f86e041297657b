/* Seal: reads a message from standard input and writes it sealed. What undoes it is not written. */
#include <stdio.h>

#define SEED SEED_OF_THE_RUN

static unsigned char box[256];

static void shuffle(void)
{
    unsigned state = SEED;
    for (int i = 0; i < 256; i++)
        box[i] = (unsigned char)i;
    for (int i = 255; i > 0; i--) {
        state = state * 1664525u + 1013904223u;
        unsigned j = (state >> 16) % (unsigned)(i + 1);
        unsigned char held = box[i];
        box[i] = box[j];
        box[j] = held;
    }
}

int main(void)
{
    unsigned char state = (unsigned char)(SEED >> 24);
    int byte;
    shuffle();
    while ((byte = getchar()) != EOF) {
        unsigned char out = box[(byte + state) & 255];
        putchar(out);
        state = (unsigned char)(state * 5 + box[out] + 7);
    }
    return 0;
}
