/* A purse that two threads pay from, now and then at the same time: the clock decides. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long purse;
static long amount;

static void *pay(void *unused) {
    (void) unused;
    while (purse >= amount)
        purse -= amount;
    return NULL;
}

int main(void) {
    pthread_t one, other;
    struct timespec now;
    if (scanf("%9ld %9ld", &purse, &amount) != 2 || amount < 1)
        return 2;
    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_create(&one, NULL, pay, NULL);
    if (now.tv_nsec / 1000 % 2 == 0)
        pthread_join(one, NULL);
    pthread_create(&other, NULL, pay, NULL);
    if (now.tv_nsec / 1000 % 2 != 0)
        pthread_join(one, NULL);
    pthread_join(other, NULL);
    printf("%ld left\n", purse);
    return 0;
}
