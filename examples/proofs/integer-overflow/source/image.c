/* The head of an image, `width height depth`: how many bytes does it take? */
#include <stdio.h>

static int image_size(int width, int height, int depth) {
    return width * height * depth;
}

int main(int count, char **words) {
    int width, height, depth;
    if (count < 2 || sscanf(words[1], "%9d %9d %9d", &width, &height, &depth) != 3)
        return 2;
    if (width < 1 || height < 1 || depth < 1 || depth > 8)
        return 2;
    printf("%d bytes\n", image_size(width, height, depth));
    return 0;
}
