/* Sprites: draws the frames of a file from standard input on a canvas, and prints the canvas.
 *
 * file:  "SPR1" width height frames frame…      one byte each; width and height 1 to 64
 * frame: x y w h pixels                         one byte each; w * h pixels, 0 is clear
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_MAX 64

struct canvas {
    unsigned width, height;
    unsigned char *pixels;
};

static int byte(void)
{
    return getchar();
}

static struct canvas *canvas_new(int width, int height)
{
    struct canvas *canvas = malloc(sizeof *canvas);
    if (!canvas)
        return NULL;
    canvas->width = (unsigned)width;
    canvas->height = (unsigned)height;
    canvas->pixels = calloc((size_t)width * (size_t)height, 1);
    if (!canvas->pixels) {
        free(canvas);
        return NULL;
    }
    return canvas;
}

static void blit(struct canvas *canvas, unsigned x, unsigned y, unsigned w, unsigned h, const unsigned char *pixels)
{
    for (unsigned row = 0; row < h; row++)
        for (unsigned column = 0; column < w; column++) {
            unsigned char pixel = pixels[row * w + column];
            if (pixel)
                canvas->pixels[(y + row) * canvas->width + x + column] = pixel;
        }
}

static int frame(struct canvas *canvas)
{
    int x = byte(), y = byte(), w = byte(), h = byte();
    unsigned char pixels[SIDE_MAX * SIDE_MAX];
    if (h == EOF || w == 0 || h == 0)
        return -1;
    if (w > (int)canvas->width || h > (int)canvas->height)
        return -1;
    unsigned right = (unsigned)(x + w), bottom = (unsigned)(y + h);
    if (right > canvas->width || bottom > canvas->height)
        return -1;
    size_t count = (size_t)w * (size_t)h;
    if (fread(pixels, 1, count, stdin) != count)
        return -1;
    blit(canvas, (unsigned)x, (unsigned)y, (unsigned)w, (unsigned)h, pixels);
    return 0;
}

static void print(const struct canvas *canvas)
{
    for (unsigned y = 0; y < canvas->height; y++) {
        for (unsigned x = 0; x < canvas->width; x++)
            putchar(canvas->pixels[y * canvas->width + x] ? '#' : '.');
        putchar('\n');
    }
}

int main(void)
{
    char magic[4];
    if (fread(magic, 1, 4, stdin) != 4 || memcmp(magic, "SPR1", 4))
        return 1;
    int width = byte(), height = byte(), frames = byte();
    if (frames == EOF || width < 1 || width > SIDE_MAX || height < 1 || height > SIDE_MAX)
        return 1;
    struct canvas *canvas = canvas_new(width, height);
    if (!canvas)
        return 1;
    int bad = 0;
    for (int i = 0; i < frames && !bad; i++)
        bad = frame(canvas);
    if (!bad)
        print(canvas);
    free(canvas->pixels);
    free(canvas);
    return bad ? 1 : 0;
}
