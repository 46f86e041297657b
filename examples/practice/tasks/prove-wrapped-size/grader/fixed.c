/* Tiles: reads a grid of tiles from standard input and prints how many of each kind it holds.
 *
 * All numbers have four bytes, least significant first:
 *     "TILE" check rows columns tile_bytes data…
 * `check` is the Adler-32 of all that follows it. A grid has at most 4096 rows; a tile has 1, 2 or 4 bytes,
 * and its first byte is its kind. Data may end early: the rest of the grid is kind 0.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (64 * 1024)
#define HEAD_BYTES 20
#define ROWS_MAX 4096
#define GRID_BYTES_MAX (1u << 20)

struct grid {
    uint32_t rows, columns, tile_bytes;
    unsigned char *tiles;
};

static uint32_t number(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t adler32(const unsigned char *bytes, size_t length)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < length; i++) {
        a = (a + bytes[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

/* The memory of a grid, within bounds. */
static unsigned char *reserve(const struct grid *grid)
{
    uint64_t size = (uint64_t)grid->rows * grid->columns * grid->tile_bytes;
    if (size == 0 || size > GRID_BYTES_MAX)
        return NULL;
    return calloc(size, 1);
}

static void fill(struct grid *grid, const unsigned char *data, size_t length)
{
    size_t line = (size_t)grid->columns * grid->tile_bytes;
    for (uint32_t row = 0; row < grid->rows && length > 0; row++) {
        size_t part = length < line ? length : line;
        memcpy(grid->tiles + row * line, data, part);
        data += part;
        length -= part;
    }
}

static void count(const struct grid *grid)
{
    unsigned long kinds[256] = {0};
    size_t tiles = (size_t)grid->rows * grid->columns;
    for (size_t i = 0; i < tiles; i++)
        kinds[grid->tiles[i * grid->tile_bytes]]++;
    for (int kind = 0; kind < 256; kind++)
        if (kinds[kind])
            printf("%d: %lu\n", kind, kinds[kind]);
}

int main(void)
{
    static unsigned char file[FILE_BYTES_MAX];
    struct grid grid;
    size_t length = fread(file, 1, sizeof file, stdin);
    if (length < HEAD_BYTES || memcmp(file, "TILE", 4))
        return 1;
    if (number(file + 4) != adler32(file + 8, length - 8))
        return 1;
    grid.rows = number(file + 8);
    grid.columns = number(file + 12);
    grid.tile_bytes = number(file + 16);
    if (grid.rows > ROWS_MAX || (grid.tile_bytes != 1 && grid.tile_bytes != 2 && grid.tile_bytes != 4))
        return 1;
    grid.tiles = reserve(&grid);
    if (!grid.tiles)
        return 1;
    fill(&grid, file + HEAD_BYTES, length - HEAD_BYTES);
    count(&grid);
    free(grid.tiles);
    return 0;
}
